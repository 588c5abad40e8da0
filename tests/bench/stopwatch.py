"""A sandbox that notes how long it took to launch, and its program to start again; what it wraps does the work."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, cast

from evaluator.contract.client import Transport
from evaluator.sandbox import LaunchSpec, Running, Sandbox
from evaluator.sandbox.base import Image


@dataclass
class Stopwatch:
    """Wraps a sandbox. `launch_seconds` is what the last launch took, `restart_seconds` the restart until it served."""

    sandbox: Sandbox
    launch_seconds: float = 0.0
    restart_seconds: float = 0.0

    @property
    def name(self) -> str:
        return self.sandbox.name

    @property
    def image(self) -> Image | None:
        return self.sandbox.image

    @contextmanager
    def launch(self, spec: LaunchSpec) -> Iterator[Running]:
        """See `Sandbox.launch`."""
        asked = time.monotonic()
        with self.sandbox.launch(spec) as running:
            self.launch_seconds = time.monotonic() - asked
            yield cast(Running, _Watched(running, self))

    def self_test(self) -> float:
        """See `Sandbox.self_test`."""
        return self.sandbox.self_test()


class _Watched:
    """The running program. Whoever waits for its health asks for the way to it each time; the last ends the wait."""

    def __init__(self, running: Running, stopwatch: Stopwatch) -> None:
        self._running = running
        self._stopwatch = stopwatch
        self._restarted: float | None = None

    @property
    def transport(self) -> Transport:
        if self._restarted is not None:
            self._stopwatch.restart_seconds = time.monotonic() - self._restarted
        return self._running.transport

    def restart(self) -> None:
        self._restarted = time.monotonic()
        self._running.restart()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._running, name)
