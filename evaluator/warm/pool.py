"""A pool of sandboxes that are started ahead, each for one run, in the process that evaluates."""

from __future__ import annotations

import atexit
import os
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, replace
from functools import partial

from evaluator.errors import MachineryFailed
from evaluator.sandbox.base import LaunchSpec, Running
from evaluator.sandbox.bubblewrap import BubblewrapSandbox, HeldSandbox
from evaluator.warm.python import warmed
from evaluator.warm.zygote import READY

MOST_WAITING = 2
IDLE_SECONDS = 600.0
QUIET_SECONDS = 0.3
READY_SECONDS = 30.0
POLL_SECONDS = 0.02


def prewarming_wanted() -> bool:
    """Whether the setting `AMEND_PREWARM` leaves it switched on; `0` switches it off."""
    return os.environ.get("AMEND_PREWARM", "1") != "0"


@dataclass
class _Waiting:
    key: str
    held: HeldSandbox
    stack: ExitStack
    since: float


class WarmSandboxes:
    """bubblewrap, with up to `most` sandboxes that wait for code of the kind that was launched last.

    After a run of a server has ended, and when nothing runs, a sandbox like its own is started: same environment,
    limits and services, nothing of any backend in it. The next launch of that kind takes it, and no other ever does.
    With `beside_running`, that is done `quiet_seconds` after each launch already, whatever runs.
    What waits longer than `idle_seconds` is ended. Use it as a context, or leave it to the end of the process.
    """

    name = "bubblewrap"
    image = None

    def __init__(
        self,
        *,
        most: int = MOST_WAITING,
        idle_seconds: float = IDLE_SECONDS,
        quiet_seconds: float = QUIET_SECONDS,
        beside_running: bool = False,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._sandbox = BubblewrapSandbox()
        self._most = most
        self._idle_seconds = idle_seconds
        self._quiet_seconds = quiet_seconds
        self._beside_running = beside_running
        self._clock = clock
        self._change = threading.Condition()
        self._waiting: list[_Waiting] = []
        self._wanted: LaunchSpec | None = None
        self._under_way = self._launches = 0
        self._closed = False
        self._keeper: threading.Thread | None = None
        self._owner = os.getpid()
        atexit.register(self.close)

    @contextmanager
    def launch(self, spec: LaunchSpec) -> Iterator[Running]:
        """See `Sandbox.launch`; a sandbox that waits for this kind of launch is taken, else one is started."""
        with self._change:
            self._under_way += 1
            self._launches += 1
            place = self._take(_kind(spec))
            if self._beside_running:
                self._want(spec)
                self._change.notify_all()
        try:
            with ExitStack() as stack:
                if place is not None:
                    stack.enter_context(place.stack)
                    place.held.begin(spec.files, spec.postgres)
                    yield place.held
                else:
                    yield stack.enter_context(self._sandbox.launch(spec))
        finally:
            with self._change:
                self._under_way -= 1
                if spec.port is not None:
                    self._want(spec)
                self._change.notify_all()

    def self_test(self) -> float:
        """See `Sandbox.self_test`."""
        return self._sandbox.self_test()

    def waiting_for(self, spec: LaunchSpec) -> bool:
        """Whether a sandbox is ready for such a launch."""
        with self._change:
            return any(place.key == _kind(spec) and place.held.alive() for place in self._waiting)

    def waiting(self) -> int:
        """How many sandboxes are ready, of whatever kind."""
        with self._change:
            return sum(place.held.alive() for place in self._waiting)

    def prepare(self, spec: LaunchSpec) -> None:
        """Have a sandbox for such a launch soon: started in the background as soon as nothing runs."""
        with self._change:
            self._want(spec)
            self._change.notify_all()

    def close(self) -> None:
        """End whatever waits. Nothing is started ahead any more."""
        if os.getpid() != self._owner:  # a forked child that inherited our exit handlers
            return
        with self._change:
            self._closed = True
            left, self._waiting = self._waiting, []
            self._change.notify_all()
        for place in left:
            place.stack.close()
        if self._keeper is not None and self._keeper is not threading.current_thread():
            self._keeper.join(10)
        atexit.unregister(self.close)

    def __enter__(self) -> WarmSandboxes:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _take(self, key: str) -> _Waiting | None:
        for place in self._waiting:
            if place.key == key and place.held.alive():
                self._waiting.remove(place)
                return place
        return None

    def _want(self, spec: LaunchSpec) -> None:
        if self._closed or not prewarming_wanted():
            return
        self._wanted = replace(spec, files={})
        if self._keeper is None:
            self._keeper = threading.Thread(target=self._keep, name="warm-sandboxes", daemon=True)
            self._keeper.start()

    def _keep(self) -> None:
        """Start what is wanted when it is quiet, end what is idle, until closed."""
        while True:
            with self._change:
                while not self._closed and not self._idle() and (self._wanted is None or self._must_wait()):
                    self._change.wait(self._seconds_to_idle())
                if self._closed:
                    return
                ended = self._idle()
                self._waiting = [place for place in self._waiting if place not in ended]
                # Whoever asks for the next run at once, as a batch does, must not find us in the way.
                disturbed = partial(self._disturbed_since, self._launches)
                if self._wanted is not None and self._change.wait_for(disturbed, self._quiet_seconds):
                    wanted = None
                else:
                    wanted, self._wanted = self._wanted, None
                if self._closed:
                    wanted = None
                if wanted is not None and len(self._waiting) >= self._most:
                    ended.append(self._waiting.pop(0))
            for place in ended:
                place.stack.close()
            if wanted is not None and not self.waiting_for(wanted):
                self._start(wanted)

    def _must_wait(self) -> bool:
        return self._under_way > 0 and not self._beside_running

    def _disturbed_since(self, launches: int) -> bool:
        return self._closed or self._must_wait() or self._launches > launches

    def _start(self, spec: LaunchSpec) -> None:
        with ExitStack() as stack, suppress(MachineryFailed, OSError):  # then the next launch is a cold one, and tells
            ahead, command = warmed(spec) or (spec, ())
            held = stack.enter_context(self._sandbox.hold(ahead, command))
            if command and not self._until_ready(held):
                return
            with self._change:
                if not self._closed:
                    self._waiting.append(_Waiting(_kind(spec), held, stack.pop_all(), self._clock()))

    def _until_ready(self, held: HeldSandbox) -> bool:
        deadline = time.monotonic() + READY_SECONDS
        while time.monotonic() < deadline and not self._closed and held.alive():
            if held.is_waited_for(READY):
                return True
            time.sleep(POLL_SECONDS)
        return False

    def _idle(self) -> list[_Waiting]:
        """What waits too long, or has ended by itself."""
        over = self._clock() - self._idle_seconds
        return [place for place in self._waiting if place.since <= over or not place.held.alive()]

    def _seconds_to_idle(self) -> float | None:
        since = min((place.since for place in self._waiting), default=None)
        return None if since is None else max(0.0, since + self._idle_seconds - self._clock())


def _kind(spec: LaunchSpec) -> str:
    """What two launches must have in common for one to use a sandbox that was started for the other."""
    fields = (spec.argv, sorted(spec.environment.items()), spec.mounts, spec.port, spec.proxy, spec.kept, spec.limits)
    socket = spec.postgres and (spec.postgres.socket, spec.postgres.name)
    return repr((*fields, socket))
