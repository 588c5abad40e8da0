"""Every hostile mode is stopped in every sandbox; and in one that is none, the same list sees it get through."""

from __future__ import annotations

import atexit
import dataclasses
import gzip
import http.client
import os
import shutil
import socket
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from evaluator import environments
from evaluator.contract.client import NoAnswer, Response, Transport
from evaluator.sandbox import DatabaseAccess, LaunchSpec, Running, limits
from evaluator.sandbox.attacks import ALL_ATTACKS, GROUPS, Attack, NotStopped, NotTried, Result, installs
from evaluator.sandbox.attacks.arena import Arena
from evaluator.sandbox.attacks.check import check
from evaluator.sandbox.bubblewrap import BubblewrapSandbox
from evaluator.sandbox.slots import take_slot
from evaluator.services import postgres
from tests.evaluator.conftest import sandbox_or_skip
from tests.evaluator.plain_sandbox import PlainSandbox

pytestmark = [pytest.mark.sandbox, pytest.mark.engines]
NAMES = [attack.name for attack in ALL_ATTACKS]
# Without any sandbox these are stopped all the same, by what is said here.
STOPPED_ANYWAY = {
    "disk-flood-dev": "the rights of the folder",
    "disk-flood-root": "the rights of the folder",
    "kernel-settings": "the rights of the files",
    "kernel-secrets": "the rights of the files",
    "the-machine": "an unprivileged user",
    "processor-flood": "the kernel's fair share, on a busy machine",
    "proxy-and-database": "nothing listens there on most machines",
    "docker": "the rights of its socket",
}
Results = dict[str, Result]


@pytest.fixture(scope="module", params=["bubblewrap", "container"])
def results(request: pytest.FixtureRequest) -> Results:
    """The whole list, once for each sandbox."""
    with Arena(sandbox_or_skip(request.param)) as arena:
        return {result.attack: result for result in check(arena, ALL_ATTACKS)}


@pytest.mark.parametrize("name", NAMES)
def test_it_is_stopped(results: Results, name: str) -> None:
    assert results[name].outcome == "stopped", results[name].seen
    assert results[name].seen


@pytest.fixture(scope="module")
def without_groups() -> Iterator[Results]:
    """What a machine sees that grants no control group: floods, and what must end with a run."""
    attacks = [attack for name in ("Floods", "Survival") for attack in GROUPS[name]]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(limits, "_parents", lambda: ())
        with Arena(sandbox_or_skip("bubblewrap")) as arena:
            yield {result.attack: result for result in check(arena, attacks)}


@pytest.mark.parametrize("name", [attack.name for group in ("Floods", "Survival") for attack in GROUPS[group]])
def test_it_is_stopped_where_no_control_group_is_granted(without_groups: Results, name: str) -> None:
    assert without_groups[name].outcome == "stopped", without_groups[name].seen


class StartedAhead:
    """bubblewrap, each sandbox up before its program arrives, as the pre-warmed ones are."""

    name = "bubblewrap"
    image = None

    @contextmanager
    def launch(self, spec: LaunchSpec) -> Iterator[Running]:
        with BubblewrapSandbox().hold(replace(spec, files={})) as held:
            held.begin(spec.files, spec.postgres)
            yield held


def test_a_sandbox_that_was_started_ahead_holds_as_well() -> None:
    sandbox_or_skip("bubblewrap")
    attacks = [attack for group in ("Leaks", "Reach", "Kernel", "Survival") for attack in GROUPS[group]]
    with Arena(StartedAhead()) as arena:
        found = {result.attack: result for result in check(arena, attacks)}
    assert {name: result for name, result in found.items() if result.outcome != "stopped"} == {}


def test_it_is_said_what_bounds_a_sandbox(monkeypatch: pytest.MonkeyPatch) -> None:
    assert limits.limits_in_force("container").startswith("Docker's control groups")
    monkeypatch.setattr(limits, "_parents", lambda: (Path("/sys/fs/cgroup/x"),))
    assert limits.limits_in_force("bubblewrap").startswith("control groups v")
    monkeypatch.setattr(limits, "_parents", lambda: ())
    assert "no control group is granted here" in limits.limits_in_force("bubblewrap")


def test_there_are_no_two_attacks_of_one_name_and_each_makes_a_claim() -> None:
    assert len(set(NAMES)) == len(NAMES) >= 24
    for attack in ALL_ATTACKS:
        assert attack.claim.endswith(".") and attack.tried and attack.stopped_by


def test_the_page_has_every_mode_with_what_stops_it() -> None:
    page = (Path(__file__).parents[2] / "docs/sandbox.md").read_text()
    written = page.partition("<!-- hostile modes")[2].partition("<!-- end of hostile modes")[0]
    rows = [f"| {attack.name} | {attack.claim} | {attack.stopped_by} |" for attack in ALL_ATTACKS]
    assert [line for line in written.splitlines() if line.startswith("| ") and "**" not in line][1:] == rows


# --- Controls: the list must be able to fail --------------------------------------------------------------------------


@pytest.fixture(scope="module")
def without_sandbox() -> Iterator[Results]:
    """Everything but databases, against a child process and a trusting client."""
    attacks = [attack for name, group in GROUPS.items() if name not in ("Databases", "Installs") for attack in group]
    with take_slot() as slot, Arena(PlainSandbox(slot), inodes=3_000, asker=trusting_ask) as arena:
        found = {result.attack: result for result in check(arena, attacks)}
        slot.kill_all()
        yield found


def test_without_a_sandbox_most_attacks_get_through(without_sandbox: Results) -> None:
    stopped = {name: result.seen for name, result in without_sandbox.items() if result.outcome == "stopped"}
    assert set(stopped) <= set(STOPPED_ANYWAY), stopped
    not_tried = {name: result.seen for name, result in without_sandbox.items() if result.outcome == "not tried"}
    assert set(not_tried) <= {"bridge-killed"}, "it has no bridge"


@pytest.fixture(scope="module")
def cache_of_our_own() -> Iterator[str]:
    """Open to PostgreSQL's account, as pytest's own folders are not; its cluster stops when this process ends."""
    folder = tempfile.mkdtemp(prefix="amend-test-")
    os.chmod(folder, 0o755)
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    yield folder


def test_with_a_database_role_that_may_everything_the_server_is_taken(
    monkeypatch: pytest.MonkeyPatch, cache_of_our_own: str
) -> None:
    # A cluster of our own: what a superuser does in it must not reach the runs of others.
    sandbox = sandbox_or_skip("bubblewrap")
    monkeypatch.setenv("AMEND_CACHE", cache_of_our_own)
    monkeypatch.setattr(postgres, "_engine", None)
    attacks = [attack for attack in GROUPS["Databases"] if not attack.alone]
    with Arena(sandbox, database=superuser_database) as arena:
        found = {result.attack: result for result in check(arena, attacks)}
    stopped = {name for name, result in found.items() if result.outcome == "stopped"}
    # The bridge knows one user, the server checks the password, and nonsense has nothing to do with rights.
    kept = {"other-runs-role", "superuser", "wrong-password", "broken-protocol", "memory-of-the-server"}
    assert stopped == kept, found
    assert "not tried" not in {result.outcome for result in found.values()}, found


def test_an_attack_that_breaks_before_it_tries_is_an_error_and_not_a_success() -> None:
    def breaks(arena: Arena) -> str:
        raise RuntimeError("no such program")

    def never_tries(arena: Arena) -> str:
        with arena.hostile("floods", "no-such-mode") as told:
            told.wait_until_tried()
        return "stopped"

    with take_slot() as slot, Arena(PlainSandbox(slot)) as arena:
        attacks = [
            Attack(name, "It is so.", "x", "x", attempt) for name, attempt in (("a", breaks), ("b", never_tries))
        ]
        first, second = check(arena, attacks)
    assert (first.outcome, first.seen) == ("not tried", "RuntimeError: no such program")
    assert second.outcome == "not tried"
    assert "KeyError: 'no-such-mode'" in second.seen


def test_a_probe_that_broke_is_not_tried() -> None:
    with take_slot() as slot, Arena(PlainSandbox(slot)) as arena:
        arena.once(
            "probes", lambda: [{"probe": "network", "broken": "OSError: x"}, {"probe": "docker", "found": ["y"]}]
        )
        with pytest.raises(NotTried, match="OSError: x"):
            arena.probed("network")
        with pytest.raises(NotTried, match="did not run"):
            arena.probed("keyring")
        docker = next(attack for attack in ALL_ATTACKS if attack.name == "docker")
        with pytest.raises(NotStopped, match="found y"):
            docker.attempt(arena)


def trusting_ask(transport: Transport, target: str) -> Response:
    """What people write: every single wait is bounded, and nothing else. Gives up after four seconds, for our sake."""
    connection = http.client.HTTPConnection(transport.host, transport.port, timeout=3)
    began = time.monotonic()
    try:
        connection.request("GET", target)
        with socket.socket(fileno=socket.dup(connection.sock.fileno())) as raw:
            content = b""
            raw.settimeout(3)
            while time.monotonic() - began < 4 and len(content) < 24 * 2**20:
                part = raw.recv(65536)
                if not part:
                    break
                content += part
                if b"\r\nContent-Length: 0\r\n\r\n" in content or content.endswith(b"ready"):
                    break
    except OSError as error:
        raise NoAnswer(str(error)) from None
    finally:
        connection.close()
    head, _, body = content.partition(b"\r\n\r\n")
    if time.monotonic() - began >= 3:
        raise NoAnswer("it took too long")
    fields = dict(line.split(b": ", 1) for line in head.split(b"\r\n")[1:] if b": " in line)
    if b"Location" in fields:
        address = urlsplit(fields[b"Location"].decode())
        assert address.hostname and address.port
        socket.create_connection((address.hostname, address.port)).close()
    if fields.get(b"Content-Encoding") == b"gzip":
        body = gzip.decompress(body)
    return Response(int(head.split()[1]), {}, body, 0.0)


@contextmanager
def superuser_database() -> Iterator[DatabaseAccess]:
    with postgres.fresh_database() as access:
        with postgres._administer(postgres.running_engine()) as connection:
            connection.execute(f'ALTER ROLE "{access.role}" SUPERUSER CONNECTION LIMIT -1')
        yield access


def installing(name: str) -> Attack:
    return next(attack for attack in GROUPS["Installs"] if attack.name == name)


@pytest.fixture
def arena() -> Iterator[Arena]:
    with Arena(sandbox_or_skip("bubblewrap")) as arena:
        yield arena


def test_an_install_that_is_not_looked_through_shows_a_run_the_host(
    arena: Arena, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(environments, "take_over", lambda root, mounted: None)
    with pytest.raises(NotStopped, match="a run would be shown /"):
        installing("postinstall-link-to-the-host").attempt(arena)


def test_a_proxy_that_knows_hosts_but_no_ports_lets_an_install_reach_the_host(
    arena: Arena, monkeypatch: pytest.MonkeyPatch
) -> None:
    port = arena.host4.socket.getsockname()[1]
    sources = dataclasses.replace(environments.package_sources(), hosts=frozenset({f"127.0.0.1:{port}"}))
    monkeypatch.setattr(environments, "package_sources", lambda: sources)
    with pytest.raises(NotStopped, match="a service of the host was called"):
        installing("setup-py-reach").attempt(arena)


def test_an_install_that_nobody_watches_fills_the_disk(arena: Arena, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(installs, "FLOOD_BOUND", 2**40)
    monkeypatch.setattr(installs, "FLOOD_MEGABYTES", 96)
    with pytest.raises(NotStopped, match="the install is taken as good"):
        installing("setup-py-disk-flood").attempt(arena)
