"""Dependencies whose installation is the attack: a `setup.py`, and an npm `postinstall` script."""

from __future__ import annotations

import json
import os
import secrets
import stat
import tempfile
import threading
import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from evaluator.cache import remove_tree
from evaluator.environments import Environment, InstallBounds, install
from evaluator.errors import MachineryFailed
from evaluator.package_sources import package_sources
from evaluator.runtimes import RUNTIMES
from evaluator.sandbox.attacks.arena import Arena, host_addresses
from evaluator.sandbox.attacks.attack import Attack, NotStopped, NotTried
from evaluator.sandbox.attacks.looking import processes_with
from evaluator.sandbox.base import MEGABYTE

PACKAGES = Path(__file__).with_name("packages")
TITLES = {"uv": "setup-py", "node": "postinstall"}
FLOOD_MEGABYTES = 1_200
FLOOD_BOUND = 64 * MEGABYTE
# Ten looks a second, and what is written between two of them.
FLOOD_TOLERATED = 700 * MEGABYTE
MOST_SECONDS = 150.0


@dataclass(frozen=True)
class Installed:
    """An install that was an attack: what we made of it, what it told, and how long it took."""

    environment: Environment
    told: list[dict[str, Any]]
    seconds: float
    mark: str
    left: list[int]


def looking(kind: str, mode: str, name: str, claim: str, tried: str, stopped_by: str) -> Attack:
    """What one install finds out; all modes of a kind share one install."""
    modes = ["look_around", "reach_out", "write_elsewhere", "leave_a_daemon"]

    def attempt(arena: Arena) -> str:
        before = arena.host4.visits
        done: Installed = arena.once(f"install {kind}", lambda: _installed(arena, kind, modes))
        found = _found(done, mode)
        if mode == "reach_out" and arena.host4.visits > before:
            raise NotStopped("a service of the host was called")
        if mode == "leave_a_daemon" and done.left:
            raise NotStopped(f"{len(done.left)} processes are still there")
        if found:
            raise NotStopped(f"found {', '.join(found[:4])}")
        return "no process is left" if mode == "leave_a_daemon" else "nothing found"

    return Attack(f"{TITLES[kind]}-{name}", claim, tried, stopped_by, attempt)


def disk_flood(arena: Arena) -> str:
    """Judged by the files themselves, while they are written."""
    done = _installed(arena, "uv", ["fill_the_disk"], bounds=InstallBounds(bytes=FLOOD_BOUND))
    if "wrote more than" not in done.environment.failed:
        raise NotStopped(f"it was not ended: {done.environment.failed or 'the install is taken as good'}")
    written = max((line["flood_bytes"] for line in done.told if "flood_bytes" in line), default=0)
    if written > FLOOD_BOUND + FLOOD_TOLERATED:
        raise NotStopped(f"{written // MEGABYTE} MB were written")
    if done.environment.path.exists():
        raise NotStopped("what it wrote is still there")
    return f"ended after {written // MEGABYTE} MB, {done.seconds:.1f} s; nothing is left"


def traps_for_readers(arena: Arena) -> str:
    """Whatever we read of an environment afterwards must not leave it."""
    target = arena.folder / "secret.txt"
    before = target.stat()
    done = _installed(arena, "uv", ["lay_traps"])
    _found(done, "lay_traps")
    if done.environment.failed:
        return f"refused: {done.environment.failed[:100]}"
    after = target.stat()
    if (before.st_mode, before.st_uid) != (after.st_mode, after.st_uid):
        raise NotStopped("the rights of a file of the host were changed through a link")
    odd = [
        name for name in done.environment.resolved if not name.isprintable() or not name.isascii() or name == "linked"
    ]
    if odd:
        raise NotStopped(f"taken as a package: {odd[0]!r}")
    kinds = _kinds(done.environment.path)
    if kinds & {"pipe", "secret rights", "foreign owner"}:
        raise NotStopped(f"kept in the environment: {', '.join(sorted(kinds))}")
    return "links are never followed; pipes, secret rights and odd names are gone"


def deep_folders(arena: Arena) -> str:
    done = _installed(arena, "uv", ["dig_deep"])
    _found(done, "dig_deep")
    if not done.environment.failed:
        raise NotStopped("it was taken as an environment")
    if done.environment.path.exists():
        raise NotStopped("what it made is still there")
    return f"refused: {done.environment.failed[-60:]}"


def link_to_the_host(arena: Arena) -> str:
    """Judged by what a run would be shown."""
    done = _installed(arena, "node", ["link_to_the_host"])
    _found(done, "link_to_the_host")
    shown = [mount.source.resolve() for mount in RUNTIMES["node"](arena.sandbox.image).mounts(done.environment.path)]
    inside = all(path.is_relative_to(done.environment.path.resolve()) for path in shown)
    if not done.environment.failed and not inside:
        raise NotStopped(f"a run would be shown {shown[0]}")
    return f"refused: {done.environment.failed[-60:]}" if done.environment.failed else "the folder is a folder again"


def hostile_record(mode: str, name: str, claim: str, tried: str) -> Attack:
    """The record of npm that we read, made by the install itself."""

    def attempt(arena: Arena) -> str:
        ended: list[Installed | Exception] = []

        def try_it() -> None:
            try:
                ended.append(_installed(arena, "node", [mode]))
            except Exception as error:
                ended.append(error)

        # In a thread: whoever waits at a pipe waits for ever.
        trying = threading.Thread(target=try_it, name="hostile-record", daemon=True)
        trying.start()
        trying.join(MOST_SECONDS)
        if not ended:
            raise NotStopped(f"reading it has not come to an end after {MOST_SECONDS:.0f} s")
        done = ended[0]
        if isinstance(done, MachineryFailed):
            raise NotTried(str(done))
        if isinstance(done, Exception):
            raise NotStopped(f"reading it ended in {type(done).__name__}: {done}")
        _found(done, mode)
        return f"{len(done.environment.resolved)} packages read, {done.seconds:.1f} s in all"

    return Attack(f"postinstall-{name}", claim, tried, "bounded reading that follows and waits for nothing", attempt)


def _installed(arena: Arena, kind: str, modes: list[str], bounds: InstallBounds | None = None) -> Installed:
    """Install the hostile package in a cache of its own, which ends with the arena."""
    mark = f"amend-attack-{secrets.token_hex(8)}"
    cache = Path(tempfile.mkdtemp(prefix="environments-", dir=arena.folder))
    cache.chmod(0o755)
    arena.later(lambda: remove_tree(cache))
    folder = cache / mark
    runtime = RUNTIMES[kind](arena.sandbox.image)
    files = _files(kind, _given(arena, modes, mark))
    started = time.monotonic()
    with _Sizes(cache) as sizes:
        wanted = runtime.dependency_files(files)
        environment = install(runtime, wanted, mark, folder, None, arena.sandbox, bounds or InstallBounds(seconds=60))
    seconds = time.monotonic() - started
    told = [*_told(environment.path), {"flood_bytes": sizes.most}]
    left = processes_with(mark)
    return Installed(environment, told, seconds, mark, left)


def _given(arena: Arena, modes: list[str], mark: str) -> dict[str, Any]:
    given = arena.given_to_probes(other_port=9)
    hosts = sorted({host.rpartition(":")[0] or host for host in package_sources().hosts})
    names = ("secret", "planted", "places", "port", "writable_traps")
    runtime_mounts = [mount.target for mount in (*arena.tools, *RUNTIMES["node"](arena.sandbox.image).tools())]
    return {name: given[name] for name in names} | {
        "modes": modes,
        "mark": mark,
        "addresses": host_addresses(),
        "index_hosts": hosts,
        "megabytes": FLOOD_MEGABYTES,
        "open_folder": str(arena.folder),
        "mounted": [*runtime_mounts, "/opt/amend/uv", "/etc/ssl/certs", "/env", "/app"],
    }


def _files(kind: str, given: dict[str, Any]) -> dict[str, bytes]:
    text = json.dumps(given).encode()
    if kind == "uv":
        local = {
            f"hostile/{path.name}": path.read_bytes() for path in (PACKAGES / "python").iterdir() if path.is_file()
        }
        return local | {"requirements.txt": b"./hostile\n", "hostile/given.json": text}
    package = {"name": "hostile", "version": "1.0.0", "scripts": {"postinstall": "node attack.js"}}
    script = (PACKAGES / "node" / "attack.js").read_bytes()
    return {"package.json": json.dumps(package).encode(), "attack.js": script, "given.json": text}


def _told(path: Path) -> list[dict[str, Any]]:
    """What it told, from a file that it may have made into anything."""
    with suppress(OSError, ValueError):
        fd = os.open(path / "told.jsonl", os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
        with os.fdopen(fd, "rb") as file:
            return [json.loads(line) for line in file.read(MEGABYTE).splitlines()]
    return []


def _found(done: Installed, mode: str) -> list[str]:
    """What a mode found. Raises NotTried where it broke or never ran; a refused install leaves no word of it."""
    if done.environment.failed and not any("mode" in line for line in done.told):
        if (
            "Dependencies could not be installed: it made" in done.environment.failed
            or "not a folder" in done.environment.failed
        ):
            return []
        raise NotTried(f"the install failed: {done.environment.failed[-300:]}")
    line = next((line for line in done.told if line.get("mode") == mode), None)
    if line is None:
        raise NotTried(f"the install did not come to it: {done.environment.log[-200:]}")
    if "broken" in line:
        raise NotTried(f"it broke: {line['broken']}")
    return [str(found) for found in line["found"]]


def _kinds(root: Path) -> set[str]:
    """What in an environment is more than folders, files and links of ours."""
    found = set()
    for folder, folders, names in os.walk(root):
        for name in (*folders, *names):
            status = os.lstat(os.path.join(folder, name))
            if stat.S_ISFIFO(status.st_mode):
                found.add("pipe")
            if not stat.S_ISLNK(status.st_mode) and status.st_mode & 0o6000:
                found.add("secret rights")
            if status.st_uid != os.geteuid():
                found.add("foreign owner")
    return found


class _Sizes:
    """The most bytes of a flood that were seen below a folder at one moment."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.most = 0
        self._over = threading.Event()
        self._watcher = threading.Thread(target=self._watch, name="sizes", daemon=True)

    def __enter__(self) -> _Sizes:
        self._watcher.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._watcher.join(5)

    def _watch(self) -> None:
        while not self._over.wait(0.05):
            size = 0
            for path in self.folder.glob(".*/root/flood-*"):
                with suppress(OSError):
                    size += path.lstat().st_blocks * 512
            self.most = max(self.most, size)


def _of_kind(kind: str, what: str) -> tuple[Attack, ...]:
    return (
        looking(
            kind,
            "look_around",
            "leaks",
            f"{what} sees neither files nor variables of the host.",
            "planted files, closed places, variables of every process",
            "the same sandbox as for a run",
        ),
        looking(
            kind,
            "reach_out",
            "reach",
            f"{what} reaches the package index, and nothing else.",
            "the host directly; through the proxy the host under many names, other hosts, other ports of the index",
            "a network namespace; a proxy that knows hosts and ports",
        ),
        looking(
            kind,
            "write_elsewhere",
            "writes",
            f"{what} writes to its own folder only, and poisons no other environment.",
            "files in /usr, /etc, the cache, folders open to everybody",
            "read-only mounts; a cache of its own",
        ),
        looking(
            kind,
            "leave_a_daemon",
            "daemon",
            f"{what} leaves no process.",
            "a daemon that goes on when the install has ended",
            "the end of the sandbox",
        ),
    )


ATTACKS = (
    *_of_kind("uv", "A setup.py"),
    Attack(
        "setup-py-disk-flood",
        "An install that fills the disk is ended, and nothing of it is left.",
        f"{FLOOD_MEGABYTES:,} MB, where {FLOOD_BOUND // MEGABYTE} MB are allowed",
        "a watcher that looks ten times a second",
        disk_flood,
    ),
    Attack(
        "setup-py-traps",
        "Whoever reads an environment afterwards is led nowhere by what an install put there.",
        "links to the host, a pipe, set-user-id, closed folders, odd names",
        "taking over without following; names that an index would have",
        traps_for_readers,
    ),
    Attack(
        "setup-py-deep-folders",
        "Folders nested beyond all paths can be refused and removed.",
        "1,500 folders in one another",
        "a bound of depth; removal without recursion",
        deep_folders,
    ),
    *_of_kind("node", "A postinstall script"),
    Attack(
        "postinstall-link-to-the-host",
        "A run is not shown a folder of the host that an install put a link to.",
        "node_modules replaced by a link",
        "what is mounted must be a folder of the environment's own",
        link_to_the_host,
    ),
    hostile_record(
        "pipe_as_record",
        "pipe-as-record",
        "A record of packages that is a pipe keeps nobody waiting.",
        ".package-lock.json as a pipe",
    ),
    hostile_record(
        "huge_record",
        "huge-record",
        "A huge record of packages is not read into memory.",
        "a .package-lock.json of 500 MB",
    ),
    hostile_record(
        "deep_record",
        "deep-record",
        "A record of packages nested beyond all measure does not break its reader.",
        "100,000 lists in one another",
    ),
)
