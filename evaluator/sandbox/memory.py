"""How much memory a sandbox used at most, where no control group keeps the account: sampled from its processes."""

from __future__ import annotations

import threading
from contextlib import suppress
from pathlib import Path

from evaluator.sandbox.base import PeakMemory
from evaluator.sandbox.supervisor import children_of

SAMPLE_SECONDS = 0.25


class ProcessesMemory:
    """Adds up, four times a second, what each living process below `ancestor` had at most; keeps the largest sum."""

    def __init__(self, ancestor: int) -> None:
        self._ancestor = ancestor
        self._most = 0
        self._over = threading.Event()
        threading.Thread(target=self._watch, name="sandbox-memory", daemon=True).start()

    def peak(self) -> PeakMemory:
        """The largest sum so far."""
        self._sample()
        return PeakMemory(self._most, "processes") if self._most else PeakMemory(None, "")

    def stop(self) -> None:
        self._over.set()

    def _watch(self) -> None:
        while not self._over.wait(SAMPLE_SECONDS) and self._sample():
            pass

    def _sample(self) -> int:
        """The sum at this moment, in bytes; 0 where nothing lives."""
        total = 0
        waiting = [self._ancestor]
        while waiting:
            pid = waiting.pop()
            total += _high_water(pid)
            waiting += children_of(pid)
        self._most = max(self._most, total)
        return total


def _high_water(pid: int) -> int:
    """The most bytes that a process had in memory (VmHWM), 0 where it is gone."""
    with suppress(OSError):
        for line in Path(f"/proc/{pid}/status").read_text().splitlines():
            if line.startswith("VmHWM:"):
                return int(line.split()[1]) * 1024
    return 0
