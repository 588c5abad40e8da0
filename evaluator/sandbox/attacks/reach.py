"""Reaching what is not one's own over a socket: the host, the network, Docker, other runs."""

from __future__ import annotations

from evaluator.sandbox.attacks.arena import Arena, Listener
from evaluator.sandbox.attacks.attack import Attack, NotStopped
from evaluator.sandbox.attacks.leaks import probed


def visited(name: str, claim: str, tried: str, stopped_by: str, *traps: str) -> Attack:
    """A probe whose word is not enough: the services that were to be reached say themselves who came."""

    def attempt(arena: Arena) -> str:
        found = arena.probed(name)
        listeners: list[Listener | None] = [getattr(arena, trap) for trap in traps]
        came = sum(listener.visits for listener in listeners if listener is not None)
        if found or came:
            raise NotStopped(f"reached {', '.join(found[:5]) or 'a service of the host'}; {came} visits noted")
        return "refused; nobody came"

    return Attack(name, claim, tried, stopped_by, attempt, quick=True)


ATTACKS = (
    visited(
        "host-loopback",
        "Services on the host's loopback are out of reach.",
        "connecting to a service of the host at 127.0.0.1, localhost and ::1",
        "a network namespace with `lo` only",
        "host4",
        "host6",
    ),
    visited(
        "host-addresses",
        "Services on the host's other addresses, and on Docker's gateways, are out of reach.",
        "connecting to a service of the host at each of them",
        "a network namespace with `lo` only; no Docker network",
        "host4",
    ),
    probed(
        "network",
        "There is no way out: no interface but `lo`, no route.",
        "listing interfaces, asking for routes to public, private and metadata addresses",
        "a network namespace with `lo` only",
    ),
    visited(
        "abstract-sockets",
        "Abstract sockets of the host are out of reach and not listed.",
        "connecting to a planted one",
        "a network namespace",
        "abstract",
    ),
    visited(
        "host-sockets",
        "Sockets of the host's services are out of reach.",
        "connecting to a planted one, to the system bus and to PostgreSQL",
        "a mount namespace",
        "service",
    ),
    probed(
        "docker",
        "Docker is out of reach.",
        "connecting to its sockets, and to its ports on every address",
        "its socket is not mounted; no network",
    ),
    probed(
        "other-run",
        "A backend of another run is out of reach.",
        "connecting to the port of one that runs beside it",
        "a network namespace for each run",
    ),
    probed(
        "proxy-and-database",
        "A run that was given no database and no package index reaches neither.",
        "connecting to ports 3128 and 5432",
        "the bridge listens where the launch says so",
    ),
)
