"""A sandbox that notes how long it took to launch; what it wraps does the work."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from evaluator.sandbox import LaunchSpec, Running, Sandbox
from evaluator.sandbox.base import Image


@dataclass
class Stopwatch:
    """Wraps a sandbox. `launch_seconds` is what the last launch took."""

    sandbox: Sandbox
    launch_seconds: float = 0.0

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
            yield running

    def self_test(self) -> float:
        """See `Sandbox.self_test`."""
        return self.sandbox.self_test()
