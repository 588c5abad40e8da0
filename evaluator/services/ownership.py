"""Who a database belongs to: a lock that the kernel lets go of when its process ends, however it ends.

One file per database, locked for as long as a run uses it. A sweep that gets the lock knows that nobody lives who could
miss the database; a file that is missing says nothing, so that what has none goes by age.
"""

from __future__ import annotations

import fcntl
import hashlib
import time
from collections.abc import Iterator, Set
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Literal

from evaluator.cache import cache_root

Owner = Literal["lives", "ended", "unknown"]
MACHINE_ID = Path("/etc/machine-id")
BOOT_ID = Path("/proc/sys/kernel/random/boot_id")


@dataclass
class Ownership:
    """Held for as long as a run uses its database."""

    cleared: bool = True

    def leave_to_the_sweep(self) -> None:
        """The database could not be dropped: its lock file stays, unlocked, for the next sweep to find."""
        self.cleared = False


@contextmanager
def owned(name: str) -> Iterator[Ownership]:
    """Own the database `name`, which nobody has yet; after an exception it is left to the sweep."""
    path = _file_of(name)
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    ownership = Ownership()
    with path.open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield ownership
        if ownership.cleared:
            path.unlink(missing_ok=True)


@contextmanager
def claimed(name: str) -> Iterator[Owner]:
    """How it stands with the owner of `name`; where it has ended, the database is ours to clear in this block."""
    path = _file_of(name)
    try:
        lock = path.open("r+")
    except FileNotFoundError:
        yield "unknown"
        return
    with lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield "lives"
            return
        yield "ended"


def forget(name: str) -> None:
    """Remove the lock file of a database that was dropped."""
    _file_of(name).unlink(missing_ok=True)


def forget_ended(older_than_seconds: float, *, but: Set[str]) -> None:
    """Remove lock files that nobody holds, except of databases that are there: killed between dropping one and this."""
    for path in _file_of("x").parent.glob("*.lock"):
        name = path.name.removesuffix(".lock")
        with suppress(OSError):  # gone meanwhile
            if name not in but and time.time() - path.stat().st_mtime > older_than_seconds:
                with claimed(name) as owner:
                    if owner == "ended":
                        path.unlink()


@cache
def place() -> str:
    """Eight digits for this machine and cache: a server may have runs of several, and only here lie our locks."""
    source = MACHINE_ID if MACHINE_ID.exists() else BOOT_ID
    return hashlib.sha256(f"{source.read_text()} {cache_root()}".encode()).hexdigest()[:8]


def _file_of(name: str) -> Path:
    return cache_root() / "owners" / f"{name}.lock"
