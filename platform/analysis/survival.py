"""Time to repair where some sessions ended without one: Kaplan–Meier and the restricted mean.

A session that ended unrepaired is censored: its repair would have taken at least that long. Leaving it out, or taking
its time for a repair time, makes repair look cheaper than it is. Sources: Kaplan and Meier 1958; Royston and Parmar
2013.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby, pairwise


@dataclass(frozen=True)
class Duration:
    """How long one session took, and whether it ended in a repair (otherwise it is censored)."""

    minutes: float
    repaired: bool


@dataclass(frozen=True)
class Step:
    """One time at which sessions ended. `unrepaired` is the estimated share still unrepaired just after it, 0 to 1."""

    minutes: float
    at_risk: int
    repaired: int
    censored: int
    unrepaired: float


def kaplan_meier(durations: Sequence[Duration]) -> list[Step]:
    """The Kaplan–Meier estimate, one step for each time; repairs at a time come before censorings at the same time."""
    steps = []
    at_risk, unrepaired = len(durations), 1.0
    for minutes, group in groupby(sorted(durations, key=_minutes), key=_minutes):
        ended = list(group)
        repaired = sum(duration.repaired for duration in ended)
        unrepaired *= 1 - repaired / at_risk
        steps.append(Step(minutes, at_risk, repaired, len(ended) - repaired, unrepaired))
        at_risk -= len(ended)
    return steps


def restricted_mean(durations: Sequence[Duration], horizon_minutes: float) -> float:
    """Mean minutes to repair, where a repair later than the horizon counts as the horizon: the area under the curve.

    The curve is known up to the longest duration only; a horizon beyond it takes the last value as it is.
    """
    edges = [(0.0, 1.0)]
    edges += [(step.minutes, step.unrepaired) for step in kaplan_meier(durations) if step.minutes < horizon_minutes]
    ends = [*edges, (horizon_minutes, 0.0)]
    return sum(share * (later - start) for (start, share), (later, _) in pairwise(ends))


def _minutes(duration: Duration) -> float:
    return duration.minutes
