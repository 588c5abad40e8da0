"""Ending an evaluation from outside, from any thread."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

STOPPED = "the run was stopped"


class Stop:
    """Asked once, it ends the backend that runs now, or the one that is launched next; the verdict is void then."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._kill: Callable[[str], None] | None = None
        self.asked = False

    def ask(self) -> None:
        """End the run; asking again changes nothing."""
        with self._lock:
            self.asked, kill = True, self._kill
        if kill is not None:
            kill(STOPPED)

    @contextmanager
    def ends(self, kill: Callable[[str], None]) -> Iterator[None]:
        """While the block lasts, `kill` is called when somebody asks; at once where somebody asked before."""
        with self._lock:
            self._kill, asked = kill, self.asked
        if asked:
            kill(STOPPED)
        try:
            yield
        finally:
            with self._lock:
                self._kill = None
