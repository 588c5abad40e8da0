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
from typing import Any

from evaluator.cache import cache_root
from evaluator.errors import SandboxUnavailable

FIRST_USER_ID = 200_000
SLOTS = 1_000
# User ids belong to the machine and not to a cache: two evaluators of root must never share one.
ROOTS_SLOTS = Path("/run/amend/slots")
LONGEST_FOLDER = 90


@dataclass(frozen=True)
class Slot:
    """A place for one run: `name` is unique on the machine, `folder` is empty, private to us and gone afterwards.

    `user_id` is whom the run runs as; None where we are not root and it runs as ourselves.
    """

    name: str
    folder: Path
    user_id: int | None

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
    root = os.geteuid() == 0
    slots = ROOTS_SLOTS if root else cache_root() / "slots"
    slots.mkdir(mode=0o700, parents=True, exist_ok=True)
    place = hashlib.sha256(str(slots).encode()).hexdigest()[:8]
    for number in range(SLOTS):
        with (slots / str(number)).open("a") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                continue
            folder = _empty_folder(slots / f"{number}.d")
            slot = Slot(f"amend-{place}-{number}", folder, FIRST_USER_ID + number if root else None)
            slot.kill_all()
            try:
                yield slot
            finally:
                slot.kill_all()
                shutil.rmtree(folder, ignore_errors=True)
            return
    raise SandboxUnavailable(f"All {SLOTS} sandbox slots of this machine are taken; wait for a run to end.")


def _empty_folder(path: Path) -> Path:
    """The folder made anew; elsewhere where its path is too long for the socket in it."""
    if len(str(path)) > LONGEST_FOLDER:
        return Path(tempfile.mkdtemp(prefix="amend-"))
    shutil.rmtree(path, ignore_errors=True)
    path.mkdir(mode=0o700)
    return path
