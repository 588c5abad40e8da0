"""Looking at sandboxed processes from outside, in /proc: nothing that they print is needed for it."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

PAGE = os.sysconf("SC_PAGE_SIZE")
TICKS = os.sysconf("SC_CLK_TCK")


def processes_with(mark: str) -> list[int]:
    """Living processes of this machine whose command line has the mark; ourselves left out."""
    found = []
    for name in os.listdir("/proc"):
        if name.isdigit() and int(name) != os.getpid():
            with suppress(OSError):  # it ended while we looked
                if mark.encode() in Path(f"/proc/{name}/cmdline").read_bytes() and lives(int(name)):
                    found.append(int(name))
    return found


def started_at(pid: int) -> str:
    """When a process started, in ticks since the machine did; empty where it has ended."""
    with suppress(OSError, IndexError):
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[19]
    return ""


def lives(pid: int) -> bool:
    """Whether a process is there and no zombie."""
    with suppress(OSError):
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] not in "ZX"
    return False


@dataclass
class Watched:
    """The most that was seen at one moment: bytes in memory and number of processes; and processor seconds in all."""

    memory: int = 0
    processes: int = 0
    processor_seconds: float = 0.0


@contextmanager
def watched(processes: Callable[[], list[int]]) -> Iterator[Watched]:
    """Look at the processes every few milliseconds while the block runs."""
    seen = Watched()
    over = threading.Event()
    spent: dict[int, float] = {}

    def look() -> None:
        while not over.wait(0.02):
            pids = processes()
            seen.processes = max(seen.processes, len(pids))
            seen.memory = max(seen.memory, sum(_resident(pid) for pid in pids))
            for pid in pids:
                spent[pid] = max(spent.get(pid, 0.0), _processor_seconds(pid))
            seen.processor_seconds = sum(spent.values())

    watcher = threading.Thread(target=look, name="watched", daemon=True)
    watcher.start()
    try:
        yield seen
    finally:
        over.set()
        watcher.join(5)


def _resident(pid: int) -> int:
    """Bytes that a process has for itself in memory."""
    with suppress(OSError, ValueError):
        _, resident, shared = Path(f"/proc/{pid}/statm").read_text().split()[:3]
        return (int(resident) - int(shared)) * PAGE
    return 0


def _processor_seconds(pid: int) -> float:
    with suppress(OSError, ValueError, IndexError):
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / TICKS
    return 0.0
