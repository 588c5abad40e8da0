"""Databases made before a run asks for them, by a process that evaluates again and again."""

from __future__ import annotations

import atexit
import os
import threading
import time
from collections.abc import Callable
from contextlib import AbstractContextManager, ExitStack, suppress
from dataclasses import dataclass

from evaluator.errors import EngineUnavailable
from evaluator.sandbox.base import DatabaseAccess

STALE_SECONDS = 1_200.0  # well before a sweep of another machine could take an old one for left behind


@dataclass
class _Ready:
    access: DatabaseAccess
    owner: ExitStack
    since: float


class Stock:
    """Up to `count` databases that `make` made, each handed out once; empty until somebody asks to keep some."""

    def __init__(self, make: Callable[[], AbstractContextManager[DatabaseAccess]]) -> None:
        self._make = make
        self._count = 0
        self._ready: list[_Ready] = []
        self._lock = threading.Lock()
        self._filling = threading.Lock()
        self._process = 0
        self._tidied_at_exit = False

    def keep(self, count: int) -> None:
        """Have this many ready from now on; the first are made in the background."""
        with self._lock:
            if self._process != os.getpid():  # what a process before our fork has is not ours
                self._ready, self._process, self._tidied_at_exit = [], os.getpid(), False
            self._count = count
        self.refill()

    @property
    def ready(self) -> int:
        """How many wait."""
        return len(self._ready) if self._process == os.getpid() else 0

    def take(self) -> tuple[DatabaseAccess, ExitStack] | None:
        """A ready database with what drops it; None where none is."""
        with self._lock:
            if self._process != os.getpid():
                return None
            fresh = [ready for ready in self._ready if time.monotonic() - ready.since < STALE_SECONDS]
            stale = [ready for ready in self._ready if ready not in fresh]
            taken = fresh.pop() if fresh else None
            self._ready = fresh
        for ready in stale:
            ready.owner.close()
        return (taken.access, taken.owner) if taken is not None else None

    def refill(self) -> None:
        """Make what is missing, in the background."""
        if self._count and self._process == os.getpid():
            threading.Thread(target=self._fill, name="database-stock", daemon=True).start()

    def clear(self, process: int | None = None) -> None:
        """Drop what is ready, and keep none from now on; with `process`, only there."""
        if process not in (None, os.getpid()):  # a forked child that inherited our exit handlers
            return
        with self._lock:
            self._count = 0
        with self._filling, self._lock:
            left, self._ready = self._ready, []
        for ready in left:
            with suppress(EngineUnavailable):  # then the sweep drops it
                ready.owner.close()

    def _fill(self) -> None:
        with self._filling, suppress(EngineUnavailable):  # the next run finds that out for itself
            while len(self._ready) < self._count:
                with ExitStack() as owner:
                    access = owner.enter_context(self._make())
                    with self._lock:
                        self._ready.append(_Ready(access, owner.pop_all(), time.monotonic()))
                if not self._tidied_at_exit:  # only now: exit handlers run backwards, and the server's must come later
                    atexit.register(self.clear, os.getpid())
                    self._tidied_at_exit = True
