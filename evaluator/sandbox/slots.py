"""Places for runs: each holds a number, a private folder, and when we are root a user id that no other run has.

A slot is taken by a lock that ends with its process, so that whoever takes it next can clear what a killed evaluator
left behind: its folder, its control groups, its processes.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from evaluator.cache import cache_root
from evaluator.errors import SandboxUnavailable

FIRST_USER_ID = 200_000
SLOTS = 1_000
# User ids belong to the machine and not to a cache: two evaluators of root must never share one.
ROOTS_SLOTS = Path("/run/amend/slots")
LONGEST_FOLDER = 90
IN_ORDER = "in order"  # what the lock file says when nothing was left behind


@dataclass
class Slot:
    """A place for one run: `name` is unique on the machine, `folder` is empty, private to us and gone afterwards.

    `user_id` is whom the run runs as; None where we are not root and it runs as ourselves. Whoever saw the last of its
    processes go sets `emptied`, which saves looking for them again.
    """

    name: str
    folder: Path
    user_id: int | None
    emptied: bool = False

    def popen_options(self) -> dict[str, Any]:
        """Arguments of `subprocess` that become this user, without any group of ours."""
        return as_user(self.user_id)

    def own(self, path: str | os.PathLike[str]) -> None:
        """Give a new file or folder to this user."""
        if self.user_id is not None:
            os.chown(path, self.user_id, self.user_id)

    def kill_all(self) -> None:
        """Kill whatever still runs under a user id that is ours alone."""
        if self.user_id is not None:
            command = ["/bin/bash", "-c", "kill -KILL -1"]
            subprocess.run(command, env={}, stderr=subprocess.DEVNULL, check=False, **self.popen_options())

    def processes(self) -> list[str]:
        """The numbers of the living processes with that user id."""
        return [] if self.user_id is None else [pid for pid in os.listdir("/proc") if _is_of(self.user_id, pid)]


def _is_of(user_id: int, pid: str) -> bool:
    """From its status: the owner of its folder in /proc is root for a process that has made itself opaque."""
    try:
        with open(f"/proc/{pid}/status") as file:
            words = {line.split(":")[0]: line.split()[1:] for line in file if line.startswith(("Uid", "State"))}
    except OSError:  # it ended while we looked, or is no process
        return False
    return str(user_id) in words["Uid"] and words["State"][0] not in "ZX"


def as_user(user_id: int | None) -> dict[str, Any]:
    """Arguments of `subprocess` that become this user; none for None."""
    return {} if user_id is None else {"user": user_id, "group": user_id, "extra_groups": []}


def nobodys_id() -> int | None:
    """A user id that no run ever has: for trying out what an unprivileged user can do."""
    return FIRST_USER_ID + SLOTS if os.geteuid() == 0 else None


@contextmanager
def take_slot() -> Iterator[Slot]:
    """Hold a free slot; lock files make it unique over all processes of the machine.

    Raises SandboxUnavailable where a thousand runs are under way.
    """
    for number in range(SLOTS):
        with _held(number) as lock:
            if lock is None:
                continue
            left_in_order = lock.read() == IN_ORDER
            folder = _empty_folder(slots_folder() / f"{number}.d")
            _note(lock, str(folder))
            slot = _slot(number, folder)
            if not left_in_order:
                slot.kill_all()
            try:
                yield slot
            finally:
                if not slot.emptied:
                    slot.kill_all()
                shutil.rmtree(folder, ignore_errors=True)
                _note(lock, IN_ORDER)
            return
    raise SandboxUnavailable(f"All {SLOTS} sandbox slots of this machine are taken; wait for a run to end.")


def abandoned_slots() -> Iterator[Slot]:
    """Slots that nobody holds, one after the other, each held by us while the caller looks at it."""
    for lock_file in sorted(slots_folder().glob("*")):
        if not lock_file.name.isdigit() or int(lock_file.name) >= SLOTS:
            continue
        with _held(int(lock_file.name)) as lock:
            if lock is not None:
                noted = lock.read().removeprefix(IN_ORDER)
                yield _slot(int(lock_file.name), Path(noted or f"{lock_file}.d"))


def slots_folder() -> Path:
    """Where the locks lie, made where it is missing."""
    slots = ROOTS_SLOTS if os.geteuid() == 0 else cache_root() / "slots"
    slots.mkdir(mode=0o700, parents=True, exist_ok=True)
    return slots


def _slot(number: int, folder: Path) -> Slot:
    place = hashlib.sha256(str(slots_folder()).encode()).hexdigest()[:8]
    return Slot(f"amend-{place}-{number}", folder, FIRST_USER_ID + number if os.geteuid() == 0 else None)


@contextmanager
def _held(number: int) -> Iterator[IO[str] | None]:
    """The lock file of a slot, ours while the block runs; None where another has it."""
    with (slots_folder() / str(number)).open("a+") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield None
            return
        lock.seek(0)
        yield lock


def _note(lock: IO[str], note: str) -> None:
    """Write down which folder this slot uses, for whoever clears up after us, or that nothing is left to clear."""
    lock.truncate(0)
    lock.write(note)
    lock.flush()


def _empty_folder(path: Path) -> Path:
    """The folder made anew; elsewhere where its path is too long for the socket in it."""
    if len(str(path)) > LONGEST_FOLDER:
        return Path(tempfile.mkdtemp(prefix="amend-"))
    shutil.rmtree(path, ignore_errors=True)
    path.mkdir(mode=0o700)
    return path
