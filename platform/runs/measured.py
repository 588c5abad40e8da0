"""What was measured beside the verdict, in the units in which people read it. Nothing of it decides a check."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from evaluator.n_plus_one import growing
from evaluator.verdict import Latency, Measures, measures_from_json
from runs.models import Run

SOURCES_OF_MEMORY = {
    "cgroup": "all of the sandbox, as the kernel counts it",
    "processes": "sampled sum of its processes",
}


@dataclass(frozen=True)
class Cost:
    """The SQL statements of one request. `grows`: the longest answer of a list that was found to grow."""

    title: str
    operation: str
    statements: int
    items: int
    grows: bool


@dataclass(frozen=True)
class Measured:
    """The measures of a run; None where one could not be taken. `latencies` and `costs`: the dearest first."""

    ready_seconds: float | None
    requests: int
    serving_seconds: float
    peak_megabytes: float | None
    memory_source: str
    latencies: Sequence[Latency]
    costs: Sequence[Cost]
    limits: str


def measured(run: Run) -> Measured | None:
    """What a run measured; None for one that stored nothing."""
    if not run.measures:
        return None
    measures = measures_of(run)
    peak = measures.peak_memory_bytes
    longest = [growth.long for growth in growing(measures.statements)]
    return Measured(
        ready_seconds=measures.ready_seconds,
        requests=measures.requests,
        serving_seconds=measures.serving_seconds,
        peak_megabytes=peak / 2**20 if peak is not None else None,
        memory_source=SOURCES_OF_MEMORY.get(measures.peak_memory_source, ""),
        latencies=sorted(measures.latencies, key=lambda latency: -latency.p95_seconds),
        costs=[
            Cost(counted.title, counted.operation, counted.statements, counted.items, counted in longest)
            for counted in sorted(measures.statements, key=lambda counted: -counted.statements)
        ],
        limits=_limits(run.environment),
    )


def measures_of(run: Run) -> Measures:
    """The stored measures of a run as the evaluator's record; an empty one where nothing was stored."""
    return measures_from_json(run.measures)


def _limits(environment: Mapping[str, Any]) -> str:
    """What holds the backend's memory and processes, as the sandbox says it; older runs do not."""
    limits = environment.get("limits", "")
    if isinstance(limits, Mapping):
        return ", ".join(f"{name}: {by}" for name, by in limits.items())
    return str(limits)
