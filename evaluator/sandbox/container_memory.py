"""How much memory a container used at most: the kernel's own account of its control group, which ends with it."""

from __future__ import annotations

import threading
from contextlib import suppress
from pathlib import Path

from evaluator.sandbox.base import PeakMemory
from evaluator.sandbox.limits import CGROUPS

SAMPLE_SECONDS = 0.25


class ContainerMemory:
    """Reads the account of the group that process `first` is in, four times a second and whenever it is asked."""

    def __init__(self, first: int) -> None:
        self._file = _account_of(first)
        self._most: int | None = None
        self._over = threading.Event()
        threading.Thread(target=self._watch, name="container-memory", daemon=True).start()

    def peak(self) -> PeakMemory:
        """What the kernel last said; it stays readable when the container has ended."""
        self._read()
        return PeakMemory(None, "") if self._most is None else PeakMemory(self._most, "cgroup")

    def stop(self) -> None:
        """Read no more."""
        self._over.set()

    def _watch(self) -> None:
        while self._read() and not self._over.wait(SAMPLE_SECONDS):
            pass

    def _read(self) -> bool:
        with suppress(OSError, ValueError):
            if self._file is not None:
                self._most = int(self._file.read_text())
                return True
        return False


def _account_of(process: int) -> Path | None:
    """The file that holds the most bytes its control group ever used; None where none is shown to us."""
    with suppress(OSError, ValueError):
        for line in Path(f"/proc/{process}/cgroup").read_text().splitlines():
            _, controllers, path = line.split(":", 2)
            if controllers in ("", "memory"):
                name = "memory.max_usage_in_bytes" if controllers else "memory.peak"
                file = CGROUPS / controllers / path.lstrip("/") / name
                if file.exists():
                    return file
    return None
