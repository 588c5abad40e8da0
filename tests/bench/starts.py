"""Table: from launch to the first healthy answer, in a sandbox started now and in one that waited."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import ExitStack

from evaluator.batch import Backend
from evaluator.health import wait_until_healthy
from evaluator.sandbox import Sandbox, choose_sandbox
from tests.bench.corpus import working_backends
from tests.bench.prewarmed import prewarmed, specification_of
from tests.bench.rounds import middle, rounds, seconds
from tests.bench.table import Table

MOST_ROUNDS = 5
LIMIT_SECONDS = 90.0


def starts() -> Iterator[Table]:
    """One backend of each framework, the one with the most constraints: it imports the most."""
    chosen: dict[str, Backend] = {}
    for backend in sorted(working_backends(), key=lambda backend: backend.task.level):
        chosen[backend.task.framework.title] = backend
    cold: dict[str, list[float]] = {name: [] for name in chosen}
    warm: dict[str, list[float]] = {name: [] for name in chosen}
    for _ in rounds(MOST_ROUNDS, LIMIT_SECONDS):
        for name, backend in chosen.items():
            cold[name].append(_start(backend, choose_sandbox()))
            with prewarmed(backend) as sandbox:
                warm[name].append(_start(backend, sandbox))
    count = min(map(len, cold.values()))
    table = Table(
        "Cold start and pre-warmed start",
        f"Seconds from launch to the first healthy answer, median / 95th percentile of {count}, in turns. Pre-warmed: "
        "the sandbox waits, with the frameworks imported, before the code arrives; each serves one run.",
        ("framework", "backend", "cold", "pre-warmed", "pre-warmed / cold"),
    )
    for name, backend in sorted(chosen.items()):
        ratio = middle(warm[name]) / middle(cold[name])
        table.add(name, backend.name, seconds(cold[name]), seconds(warm[name]), f"{ratio:.2f}")
    yield table


def _start(backend: Backend, sandbox: Sandbox) -> float:
    with ExitStack() as stack:
        spec = specification_of(backend, stack, sandbox)
        launched = time.monotonic()
        running = stack.enter_context(sandbox.launch(spec))
        why_not = wait_until_healthy(running, backend.task)
        assert not why_not, f"{backend.name}: {why_not}"
        return time.monotonic() - launched
