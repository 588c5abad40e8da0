"""Whom a backend runs as: when we are root, an unprivileged user id that no other run holds; otherwise ourselves."""

from __future__ import annotations

import fcntl
import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from evaluator.cache import cache_root
from evaluator.errors import SandboxUnavailable

FIRST_USER_ID = 200_000
SLOTS = 1_000


@dataclass(frozen=True)
class Slot:
    """A user id for one run; None where we are not root and run as ourselves."""

    user_id: int | None

    def popen_options(self) -> dict[str, Any]:
        """Arguments of `subprocess` that become this user, without any group of ours."""
        if self.user_id is None:
            return {}
        return {"user": self.user_id, "group": self.user_id, "extra_groups": []}

    def own(self, path: str | os.PathLike[str]) -> None:
        """Give a new file or folder to this user."""
        if self.user_id is not None:
            os.chown(path, self.user_id, self.user_id)

    def kill_all(self) -> None:
        """Kill whatever still runs under a user id that is ours alone."""
        if self.user_id is not None:
            command = ["/bin/bash", "-c", "kill -KILL -1"]
            subprocess.run(command, env={}, stderr=subprocess.DEVNULL, check=False, **self.popen_options())


@contextmanager
def take_slot() -> Iterator[Slot]:
    """Hold a free slot; lock files make it unique over all processes of the machine.

    Raises SandboxUnavailable where a thousand runs are under way.
    """
    if os.geteuid() != 0:
        yield Slot(None)
        return
    folder = cache_root() / "slots"
    folder.mkdir(mode=0o700, exist_ok=True)
    for number in range(SLOTS):
        with (folder / str(number)).open("a") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                continue
            slot = Slot(FIRST_USER_ID + number)
            slot.kill_all()
            try:
                yield slot
            finally:
                slot.kill_all()
            return
    raise SandboxUnavailable(f"All {SLOTS} sandbox slots of this machine are taken; wait for a run to end.")
