"""Bootstrap intervals: how much a figure would move with other sessions of the same kind.

Percentile bootstrap (Efron and Tibshirani 1993, chapter 13), seeded, so the same sessions always give the same numbers.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeVar

T = TypeVar("T")

RESAMPLES = 2_000
SEED = 20_261_124
FEWEST = 5


@dataclass(frozen=True)
class Interval:
    """From `low` to `high`, in the unit of the figure."""

    low: float
    high: float


def resampled(
    sample: Sequence[T], figure: Callable[[Sequence[T]], float], *, resamples: int = RESAMPLES, seed: int = SEED
) -> list[float]:
    """The figure over `resamples` samples drawn with replacement, in rising order. `sample` must not be empty."""
    source = random.Random(seed)
    return sorted(figure(source.choices(sample, k=len(sample))) for _ in range(resamples))


def interval(figures: Sequence[float], share: float = 0.95) -> Interval:
    """The middle `share` of figures in rising order."""
    tail = (1 - share) / 2
    last = len(figures) - 1
    return Interval(figures[round(tail * last)], figures[round((1 - tail) * last)])
