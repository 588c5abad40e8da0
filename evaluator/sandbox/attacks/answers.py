"""Answers that attack whoever asks: slow ones, endless ones, ones that grow when they are unpacked."""

from __future__ import annotations

import resource
import time

from evaluator.contract.client import NoAnswer
from evaluator.sandbox.attacks.arena import STARTED_SECONDS, Arena, Told, free_port
from evaluator.sandbox.attacks.asking import SECONDS, ask
from evaluator.sandbox.attacks.attack import Attack, NotStopped, NotTried

MOST_GROWTH = 64 * 1024 * 1024
LATE_SECONDS = 1.0


def answered(name: str, claim: str, tried: str, stopped_by: str) -> Attack:
    """An answer that our client must turn away: in time, and without taking much memory."""

    def attempt(arena: Arena) -> str:
        told = _server(arena)
        memory, started = _own_memory(), time.monotonic()
        try:
            response = arena.asker(told.running.transport, f"/{name}")
        except NoAnswer as error:
            seconds = time.monotonic() - started
            told.wait_for(lambda: any(line.get("tried") == name for line in told.lines()))
            if seconds > SECONDS + LATE_SECONDS:
                raise NotStopped(f"turned away after {seconds:.1f} s; the limit is {SECONDS} s") from None
            if (growth := _own_memory() - memory) > MOST_GROWTH:
                raise NotStopped(f"{growth // 2**20} MB of our memory taken") from None
            return str(error)
        raise NotStopped(f"taken as an answer: status {response.status}, {len(response.body):,} bytes")

    return Attack(name, claim, tried, stopped_by, attempt)


def redirect(arena: Arena) -> str:
    told = _server(arena)
    before = arena.host4.visits
    response = arena.asker(told.running.transport, "/redirect-to-host")
    time.sleep(0.05)
    if arena.host4.visits > before:
        raise NotStopped("a service of the host was called")
    if response.status != 302:
        raise NotStopped(f"the answer was taken as status {response.status}")
    return "status 302 is the answer; nobody called the host's service"


def _server(arena: Arena) -> Told:
    """The one server whose paths are the attacks, for as long as the arena stands."""

    def start() -> Told:
        target = f"http://127.0.0.1:{arena.host4.socket.getsockname()[1]}/"
        port = free_port()
        told: Told = arena.keep(arena.hostile("servers", "serve", {"port": port, "redirect_to": target}, port=port))
        deadline = time.monotonic() + STARTED_SECONDS
        while time.monotonic() < deadline:
            try:
                if ask(told.running.transport, "/ready").body == b"ready":
                    return told
            except NoAnswer:
                time.sleep(0.02)
        raise NotTried(f"its server did not start: {told.running.log()[-300:]}")

    told: Told = arena.once("server of answers", start)
    return told


def _own_memory() -> int:
    """The most bytes that we had in memory so far."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


ATTACKS = (
    answered(
        "slow-headers",
        "An answer whose header comes byte by byte is given up at the deadline.",
        "a header at ten bytes a second",
        "one deadline for the whole request",
    ),
    answered(
        "slow-body",
        "An answer whose body comes byte by byte is given up at the deadline.",
        "a body at ten bytes a second",
        "one deadline for the whole request",
    ),
    answered(
        "silence",
        "A server that takes a request and never answers is given up at the deadline.",
        "no answer at all",
        "one deadline for the whole request",
    ),
    answered(
        "endless-body",
        "A body without end is given up at the limit of bytes.",
        "a body that goes on",
        "a limit of bytes on the wire",
    ),
    answered(
        "endless-chunks",
        "Chunks without end are given up at the limit of bytes.",
        "chunks of 64 KB that go on",
        "a limit of bytes on the wire",
    ),
    answered(
        "chunk-extensions",
        "What surrounds chunks counts as bytes too.",
        "4,000 bytes of extension for each byte of body",
        "a limit of bytes on the wire",
    ),
    answered(
        "endless-trailers",
        "Trailers without end are given up at the limit of bytes.",
        "trailers that go on",
        "a limit of bytes on the wire",
    ),
    answered(
        "decompression-bomb",
        "A small body that unpacks to a large one is not unpacked.",
        "100 KB that unpack to 100 MB",
        "a limit of bytes once unpacked",
    ),
    answered(
        "huge-header",
        "A header larger than the limit is not read to its end.",
        "one header line of 10 MB",
        "a limit of bytes of the header",
    ),
    answered(
        "many-headers",
        "Many small header lines are one large header.",
        "200,000 header lines",
        "a limit of bytes of the header",
    ),
    answered(
        "endless-interim-answers",
        "Interim answers do not put off the deadline.",
        "“100 Continue” without end",
        "one deadline for the whole request",
    ),
    answered(
        "impossible-length",
        "A body that is announced larger than the limit is not read.",
        "a Content-Length of twenty digits",
        "a limit of bytes on the wire",
    ),
    Attack(
        "redirect-to-host",
        "A redirect is an answer and is never followed.",
        "302 to a service of the host",
        "a client that follows nothing and speaks to one socket",
        redirect,
    ),
)
