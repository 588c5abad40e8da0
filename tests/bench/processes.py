"""What processes cost: peak memory and processor time, read from /proc while they live."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

POLL_SECONDS = 0.1
TICKS = os.sysconf("SC_CLK_TCK")
MEGABYTE = 1024


@dataclass
class Costs:
    """Per process id: command line, parent, peak memory (kilobytes, VmHWM) and processor seconds as last seen."""

    root: int
    commands: dict[int, str] = field(default_factory=dict)
    parents: dict[int, int] = field(default_factory=dict)
    peak_kilobytes: dict[int, int] = field(default_factory=dict)
    processor_seconds: dict[int, float] = field(default_factory=dict)
    proportional_kilobytes: int = 0

    def evaluators(self) -> list[int]:
        """Our own processes: the first, and its children that run the package `evaluator`.

        A grandchild bears the command of its parent, and shares its memory, until it becomes another program.
        """
        return [
            pid
            for pid, command in self.commands.items()
            if pid == self.root or (self.parents[pid] == self.root and "-m\0evaluator" in command)
        ]

    def evaluator_megabytes(self) -> float:
        """The sum of the peaks of our own processes: memory that they share is counted for each of them."""
        return sum(self.peak_kilobytes[pid] for pid in self.evaluators()) / MEGABYTE

    def shared_once_megabytes(self) -> float:
        """The most that our own processes took at one time, with shared memory counted once (PSS)."""
        return self.proportional_kilobytes / MEGABYTE

    def evaluator_seconds(self) -> float:
        return sum(self.processor_seconds[pid] for pid in self.evaluators())

    def other_seconds(self) -> float:
        """Of everything that our processes have started: bridges, installers, backends."""
        return sum(self.processor_seconds.values()) - self.evaluator_seconds()


@contextmanager
def watch_costs(root: int) -> Iterator[Costs]:
    """Watch a process and all its descendants until the end of the block; what lives shorter than a poll is missed."""
    costs = Costs(root)
    over = threading.Event()

    def watch() -> None:
        while not over.wait(POLL_SECONDS):
            for pid in _descendants(root):
                _look_at(pid, costs)
            together = sum(map(_proportional_kilobytes, costs.evaluators()))
            costs.proportional_kilobytes = max(costs.proportional_kilobytes, together)

    thread = threading.Thread(target=watch, daemon=True)
    thread.start()
    try:
        yield costs
    finally:
        over.set()
        thread.join()


def _descendants(root: int) -> list[int]:
    found = [root]
    for pid in found:
        try:
            for children in Path(f"/proc/{pid}/task").glob("*/children"):
                found += [int(child) for child in children.read_text().split()]
        except OSError:  # it has ended meanwhile
            continue
    return found


def _look_at(pid: int, costs: Costs) -> None:
    try:
        process = Path(f"/proc/{pid}")
        status = (process / "status").read_text()
        counted = (process / "stat").read_text().rpartition(")")[2].split()
        command = (process / "cmdline").read_text()
    except OSError:
        return
    peak = next((line.split()[1] for line in status.splitlines() if line.startswith("VmHWM:")), None)
    if peak is None:  # a zombie
        return
    costs.parents[pid] = int(counted[1])
    costs.commands[pid] = command
    costs.peak_kilobytes[pid] = int(peak)
    costs.processor_seconds[pid] = (int(counted[11]) + int(counted[12])) / TICKS


def processor_seconds(pid: int) -> float:
    """What a process has used so far; raises OSError where it has ended."""
    counted = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(counted[11]) + int(counted[12])) / TICKS


def _proportional_kilobytes(pid: int) -> int:
    try:
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    except OSError:
        return 0
    return next((int(line.split()[1]) for line in lines if line.startswith("Pss:")), 0)
