"""Clears what an evaluator left behind that was killed in the middle: nothing of a run outlives it for long.

Everything a run makes hangs on a lock that the kernel lets go of when its process ends: the slot (processes of its user
id, folder, control groups, containers), the database, the environment being built. What is locked belongs to a living
evaluator and is never touched.
"""

from __future__ import annotations

import shutil
import socket
import tempfile
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, fields
from pathlib import Path

from evaluator.cache import cache_root, remove_tree
from evaluator.errors import MachineryFailed
from evaluator.sandbox.limits import clear_group
from evaluator.sandbox.slots import abandoned_slots

# A folder with a socket in it that nobody listens on any more; younger ones may not listen yet.
SOCKET_FOLDERS = {"amend-proxy-*": "proxy.sock", "amend-relay-*": "service.sock", "amend-trap-*": "service.sock"}
HALF_MADE_SECONDS = 3_600.0
YOUNG_SECONDS = 60.0


@dataclass(frozen=True)
class Swept:
    """What was cleared, by name. `failed` says what could not be looked at, and why."""

    processes: tuple[str, ...] = ()
    folders: tuple[str, ...] = ()
    control_groups: tuple[str, ...] = ()
    containers: tuple[str, ...] = ()
    databases: tuple[str, ...] = ()
    installs: tuple[str, ...] = ()
    failed: tuple[str, ...] = ()

    def __str__(self) -> str:
        """One line: “processes: 2, databases: 1”, or “nothing was left behind”."""
        told = [
            f"{field.name.replace('_', ' ')}: {len(found)}"
            for field in fields(self)
            if (found := getattr(self, field.name))
        ]
        return ", ".join(told) or "nothing was left behind"


def sweep(*, now: float | None = None) -> Swept:
    """Clear what killed evaluators of this machine left behind. `now` is `time.time()` unless given."""
    now = time.time() if now is None else now
    failed: list[str] = []
    containers = _containers(failed)
    processes, folders, groups = _slots()
    folders += [*_socket_folders(now), *_half_made_tools(now), *_traps(now)]
    return Swept(
        processes=tuple(processes),
        folders=tuple(folders),
        control_groups=tuple(groups),
        containers=tuple(containers),
        databases=tuple(_databases(failed)),
        installs=tuple(_installs()),
        failed=tuple(failed),
    )


def _slots() -> tuple[list[str], list[str], list[str]]:
    """Processes, folders and control groups of slots that nobody holds."""
    processes, folders, groups = [], [], []
    for slot in abandoned_slots():
        if running := slot.processes():
            slot.kill_all()
            processes += running
        if clear_group(slot.name):
            groups.append(slot.name)
        if slot.folder.is_dir():
            shutil.rmtree(slot.folder, ignore_errors=True)
            folders.append(str(slot.folder))
    return processes, folders, groups


def _containers(failed: list[str]) -> list[str]:
    from evaluator.sandbox.container_left_behind import remove_left_behind

    try:
        return remove_left_behind()
    except MachineryFailed:  # no Docker here, so no containers
        return []
    except Exception as error:  # whatever a daemon in trouble answers must not keep the rest from being swept
        failed.append(f"containers: {error}")
        return []


def _databases(failed: list[str]) -> list[str]:
    from evaluator.services import postgres

    if not postgres.was_used():
        return []
    try:
        return postgres.sweep()
    except MachineryFailed as error:
        failed.append(f"databases: {error}")
        return []


def _installs() -> list[str]:
    from evaluator.environments import sweep_unfinished

    return sweep_unfinished()


def _socket_folders(now: float) -> Iterator[str]:
    """Folders of proxies and relays whose process has gone."""
    for pattern, name in SOCKET_FOLDERS.items():
        for folder in Path(tempfile.gettempdir()).glob(pattern):
            with suppress(OSError):  # somebody else's, or gone meanwhile
                if now - folder.stat().st_mtime > YOUNG_SECONDS and not _listens(folder / name):
                    remove_tree(folder)
                    yield str(folder)


def _listens(path: Path) -> bool:
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as trial:
        trial.settimeout(2)
        try:
            trial.connect(str(path))
        except (ConnectionRefusedError, FileNotFoundError):
            return False
        except OSError:  # busy, or not ours to ask
            return True
    return True


def _traps(now: float) -> Iterator[str]:
    """What a check lays out in shared memory, for a few minutes at most."""
    for path in Path("/dev/shm").glob("amend-trap-*"):
        with suppress(OSError):
            if now - path.stat().st_mtime > HALF_MADE_SECONDS:
                path.unlink()
                yield str(path)


def _half_made_tools(now: float) -> Iterator[str]:
    """What `atomic_folder` was filling; no copy takes an hour."""
    for folder in (cache_root() / "tools").glob(".*"):
        with suppress(OSError):
            if now - folder.stat().st_mtime > HALF_MADE_SECONDS:
                remove_tree(folder)
                yield str(folder)
