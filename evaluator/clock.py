"""Where the time of one evaluation goes."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager

# `evidence` and `ready_again` (from the order to the next healthy answer) are parts of `restart`; `verify` goes on
# beside the others, and so does `tools`, where tools are asked for.
STAGES = ("prepare", "start", "contract", "evidence", "restart", "ready_again", "verify")


class Clock:
    """Seconds per stage, and in total since it was made."""

    def __init__(self) -> None:
        self._started = time.monotonic()
        self._seconds = dict.fromkeys(STAGES, 0.0)
        self._notes: dict[str, float] = {}

    @contextmanager
    def measure(self, stage: str) -> Iterator[None]:
        """Add the seconds of the block to a stage; stages may overlap."""
        before = time.monotonic()
        try:
            yield
        finally:
            self.add(stage, time.monotonic() - before)

    def add(self, stage: str, seconds: float) -> None:
        """Add seconds that were measured elsewhere to a stage."""
        self._seconds[stage] = self._seconds.get(stage, 0.0) + seconds

    def note(self, moment: str) -> None:
        """Remember when this happened, in seconds since the beginning."""
        self._notes[moment] = time.monotonic() - self._started

    def timings(self) -> dict[str, float]:
        """All stages, the noted moments, and `total`."""
        total = time.monotonic() - self._started
        return {
            name: round(seconds, 3)
            for name, seconds in (*self._seconds.items(), *self._notes.items(), ("total", total))
        }
