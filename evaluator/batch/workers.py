"""Hands the backends of a batch to its workers and takes their verdicts.

Each worker is a process, not a thread: it has its own interpreter lock, can be interrupted in the middle of a run, and
takes only its own run with it when it dies. The process that hands out the work imports nothing of the evaluation, so
that it costs little memory beside them.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
from collections import deque
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass

from evaluator.batch.backends import Backend
from evaluator.batch.record import Judged, Record
from evaluator.batch.settings import Settings
from evaluator.errors import MachineryFailed

ATTEMPTS = 2
GOODBYE_SECONDS = 15.0
# For glibc. One arena for all threads of a worker, which come and go with every run; and what is large is given back
# when it is freed, as by default it is only until the first large piece was freed. Together some 5 MB per worker.
MEMORY_SETTINGS = {
    "MALLOC_ARENA_MAX": "1",
    "MALLOC_MMAP_THRESHOLD_": "65536",
    "MALLOC_TRIM_THRESHOLD_": "65536",
}
WORKER = ("-m", "evaluator.batch.worker")


@dataclass
class _Order:
    """A backend that waits to be judged: how often it was tried, and why the last worker was lost over it."""

    backend: Backend
    attempts: int = 0
    lost: str = ""


def judge_all(
    backends: Sequence[Backend],
    settings: Settings,
    record: Record,
    *,
    workers: int,
    tell: Callable[[Judged], None],
) -> None:
    """Judge the backends, `workers` at a time, and keep each verdict in the open record; `tell` hears of each.

    A void run is tried once more after all others, then kept as void. KeyboardInterrupt ends the workers, which undo
    what they have started, and travels; what was judged is kept.
    """
    _Batch(backends, settings, record, tell).run(workers)


class _Batch:
    def __init__(
        self,
        backends: Sequence[Backend],
        settings: Settings,
        record: Record,
        tell: Callable[[Judged], None],
    ) -> None:
        self._waiting = deque(_Order(backend) for backend in backends)
        self._settings = settings
        self._record = record
        self._tell = tell
        self._lock = threading.Lock()
        self._idle = threading.Condition(self._lock)
        self._under_way = 0
        self._processes: list[subprocess.Popen[bytes]] = []
        self._stopped = False
        self._fault: BaseException | None = None

    def run(self, workers: int) -> None:
        threads = [
            threading.Thread(target=self._serve, name=f"worker-{number}", daemon=True)
            for number in range(max(1, min(workers, len(self._waiting))))
        ]
        try:
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
        finally:
            self._stop()
        if self._fault is not None:
            raise self._fault

    def _serve(self) -> None:
        """One worker after another, for as long as there is something to judge."""
        worker: subprocess.Popen[bytes] | None = None
        try:
            while (order := self._next()) is not None:
                if worker is None:
                    worker = self._start_worker()
                line = self._ask(worker, order)
                if line is None:
                    order.lost = f"The evaluator's own process ended with status {worker.wait()}."
                    worker = None
                self._take(order, line)
        except BaseException as error:  # a bug of ours, or a full disk: it travels from the thread that asked
            self._fault = self._fault or error
            self._stopped = True
        finally:
            with self._idle:
                self._idle.notify_all()
            if worker is not None:
                _close(worker)

    def _next(self) -> _Order | None:
        """The next backend; waits while another worker's run may still come back to be tried again."""
        with self._idle:
            while not self._stopped:
                if self._waiting:
                    self._under_way += 1
                    return self._waiting.popleft()
                if not self._under_way:
                    break
                self._idle.wait()
            return None

    def _take(self, order: _Order, line: bytes | None) -> None:
        """Keep a verdict, or put the backend back where it is void for the first time."""
        with self._idle:
            self._under_way -= 1
            order.attempts += 1
            if self._stopped and line is None:
                return
            if line is None:
                self._take_back(order)
            else:
                judged = Judged.read(line, self._record.part)
                if judged.outcome == "void" and order.attempts < ATTEMPTS:
                    self._waiting.append(order)
                else:
                    self._tell(self._record.keep(judged, line))
            self._idle.notify_all()

    def _take_back(self, order: _Order) -> None:
        """A worker died: try again; the second time another one writes a void verdict instead of judging."""
        if order.attempts > ATTEMPTS:
            raise MachineryFailed(f"No worker of the batch stays alive. {order.lost}")
        if order.attempts < ATTEMPTS:
            order.lost = ""
        self._waiting.append(order)

    def _ask(self, worker: subprocess.Popen[bytes], order: _Order) -> bytes | None:
        """The line of JSON that the worker answers; None where it dies."""
        assert worker.stdin is not None and worker.stdout is not None
        message = {
            "folder": str(order.backend.folder),
            "task": order.backend.task.id,
            "settings": vars(self._settings),
            "lost": order.lost,
        }
        try:
            worker.stdin.write(json.dumps(message).encode() + b"\n")
            worker.stdin.flush()
            line = worker.stdout.readline()
        except (OSError, ValueError):
            return None
        return line.rstrip(b"\n") if line.endswith(b"\n") else None

    def _start_worker(self) -> subprocess.Popen[bytes]:
        worker = subprocess.Popen(
            [sys.executable, *WORKER],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env={**os.environ, **MEMORY_SETTINGS},
            start_new_session=True,  # Ctrl-C reaches us alone, and we tell the workers
        )
        with self._lock:
            self._processes.append(worker)
        return worker

    def _stop(self) -> None:
        """End the workers: the end of their input interrupts what they do, and they clean up after it."""
        with self._idle:
            self._stopped = True
            self._idle.notify_all()
            running = [worker for worker in self._processes if worker.poll() is None]
        for worker in running:
            _close(worker)
        try:
            for worker in running:
                with suppress(subprocess.TimeoutExpired):
                    worker.wait(GOODBYE_SECONDS)
        finally:
            for worker in running:
                worker.kill()
                worker.wait()


def _close(worker: subprocess.Popen[bytes]) -> None:
    with suppress(OSError, ValueError):
        assert worker.stdin is not None
        worker.stdin.close()
