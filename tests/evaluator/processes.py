"""Which processes are there, for tests of what outlives what."""

from __future__ import annotations

from pathlib import Path


def descendants(pid: int) -> list[int]:
    """The living descendants of a process, as the kernel lists them."""
    found = []
    for task in Path(f"/proc/{pid}/task").glob("*/children"):
        for child in task.read_text().split():
            found += [int(child), *descendants(int(child))]
    return found


def lives(pid: int) -> bool:
    """Whether the process runs; one that has ended and was not waited for does not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False
