"""While a run is worked on: its lease renewed, its progress told, from a thread of its own.

The evaluator reports hundreds of checks within a second, from inside its event loop; what a page needs is the latest
figure a few times a second, and a lease needs renewing even while nothing is reported (an install may take minutes).
"""

from __future__ import annotations

import datetime
import threading
import time
from collections.abc import Collection, Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict

from django.db import InterfaceError, OperationalError, connection
from django.utils import timezone

from evaluator.evaluate import Progress
from evaluator.stopping import Stop
from runs import live
from runs.models import Run, RunState

LEASE = datetime.timedelta(seconds=60)
RENEW_SECONDS = 1.0  # how soon a worker sees that its run was stopped or taken away
TELL_SECONDS = 0.12
URGENT_SECONDS = 0.01  # between two pieces of news that somebody waits for


class Heartbeat:
    """The latest progress of a run, written and published by the thread of `beating`.

    `first` are the checks that somebody waits for: what became of each is told by its id, and at once.
    """

    def __init__(self, run: Run, first: Collection[str] = ()) -> None:
        self.run = run
        self._first = frozenset(first)
        self._answered: dict[str, str] = {}
        self._latest: Progress | None = None
        self._news = threading.Event()
        self._urgent = threading.Event()
        self._ended = threading.Event()
        self.stop = Stop()

    def tell(self, progress: Progress) -> None:
        """Note the latest progress; returns at once, from any thread."""
        awaited = progress.check in self._first
        if awaited:
            self._answered = {**self._answered, progress.check: progress.outcome}
        self._latest = progress
        self._news.set()
        if awaited:
            self._urgent.set()

    def beat(self) -> None:
        """Pass on the latest progress and renew the lease; where it is no longer ours, the evaluation ends."""
        self._urgent.clear()
        self.publish()
        held = Run.objects.filter(pk=self.run.pk, lease_token=self.run.lease_token, state=RunState.RUNNING)
        if not held.update(progress=self.run.progress, lease_expires_at=timezone.now() + LEASE):
            self.stop.ask()

    def publish(self) -> None:
        """Tell open pages of the latest progress, and leave the row for the next beat."""
        if self.stop.asked:
            return
        if self._latest is not None:
            self.run.progress = asdict(self._latest) | {"first": len(self._first), "answered": self._answered}
        live.publish(self.run)

    def go_on(self) -> None:
        """Beat until `end`, at once for news but not more often than every TELL_SECONDS; publish what is awaited."""
        try:
            while not self._ended.is_set():
                self._news.wait(timeout=RENEW_SECONDS)
                self._news.clear()
                if not self._ended.is_set():
                    # A database that is away for a moment: the next beat renews the lease, which outlives many.
                    with suppress(OperationalError, InterfaceError):
                        self.beat()
                    self._publish_what_is_awaited()
        finally:
            connection.close()

    def end(self) -> None:
        self._ended.set()
        self._news.set()
        self._urgent.set()

    def _publish_what_is_awaited(self) -> None:
        """Until the next beat is due."""
        due = time.monotonic() + TELL_SECONDS
        while not self._ended.is_set() and (rest := due - time.monotonic()) > 0:
            if self._urgent.wait(timeout=rest):
                self._urgent.clear()
                self.publish()
                self._ended.wait(timeout=URGENT_SECONDS)


@contextmanager
def beating(run: Run, first: Collection[str] = ()) -> Iterator[Heartbeat]:
    """A heartbeat for the time of the block; it has stopped when the block is left."""
    heartbeat = Heartbeat(run, first)
    thread = threading.Thread(target=heartbeat.go_on, name=f"heartbeat of {run}", daemon=True)
    thread.start()
    try:
        yield heartbeat
    finally:
        heartbeat.end()
        thread.join()
