"""Bounds a sandbox as a whole where no control group does: a thread that adds up and ends what took too much.

Later than the kernel, by a fraction of a second, and with the same end. Resource limits bound each process meanwhile.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from evaluator.sandbox.base import Limits
from evaluator.sandbox.supervisor import children_of

CALM_SECONDS = 0.05
BUSY_SECONDS = 0.01
# What a container's file systems have, too.
MOST_FILES = 65_536
WRITABLE = ("app", "tmp", "dev/shm")
PAGE = os.sysconf("SC_PAGE_SIZE")


def watch_sum(ancestor: int, limits: Limits, kill: Callable[[str], None], ended: threading.Event) -> None:
    """Watch everything below the process `ancestor` from a thread, until `ended`."""

    def watch() -> None:
        pause = CALM_SECONDS
        while not ended.wait(pause):
            pids = processes_below(ancestor)
            used = sum(_own_bytes(pid) for pid in pids)
            pause = BUSY_SECONDS if used > limits.memory // 4 else CALM_SECONDS
            if used > limits.memory and sum(_true_bytes(pid) for pid in pids) > limits.memory:
                kill("used more memory than its limit")
            elif _files_made(pids) > MOST_FILES:
                kill("made more files than its limit")

    threading.Thread(target=watch, name="sandbox-sum", daemon=True).start()


def processes_below(ancestor: int) -> list[int]:
    """The process and all that come from it."""
    found, waiting = [], [ancestor]
    while waiting:
        pid = waiting.pop()
        found.append(pid)
        waiting += children_of(pid)
    return found


def _own_bytes(pid: int) -> int:
    """Bytes in memory that belong to no file: quick, and counts what forks share once for each of them."""
    with suppress(OSError, ValueError):
        _, resident, shared = Path(f"/proc/{pid}/statm").read_text().split()[:3]
        return (int(resident) - int(shared)) * PAGE
    return 0


def _true_bytes(pid: int) -> int:
    """The same with what is shared divided among those who share it: exact, and slow."""
    with suppress(OSError, ValueError):
        for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
            if line.startswith("Pss_Anon:"):
                return int(line.split()[1]) * 1024
    return _own_bytes(pid)


def _files_made(pids: list[int]) -> int:
    """Files and folders in the fullest of the sandbox's own file systems, seen through the last of its processes."""
    for pid in reversed(pids):
        made = []
        for place in WRITABLE:
            with suppress(OSError):  # it ended
                path = f"/proc/{pid}/root/{place}"
                if os.stat(path).st_dev != _host_device(place):
                    status = os.statvfs(path)
                    made.append(status.f_files - status.f_ffree)
        if made:
            return max(made)
    return 0


def _host_device(place: str) -> int:
    """Until a sandbox has made its own view of the files it sees the machine's, of which it says nothing."""
    with suppress(OSError):
        return os.stat(f"/{place}").st_dev
    return -1
