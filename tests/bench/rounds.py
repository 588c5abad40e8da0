"""Repeats a measurement in rounds over everything that is measured, so that a busy minute hits no row alone."""

from __future__ import annotations

import math
import statistics
import time
from collections.abc import Iterable, Iterator


def rounds(most: int, limit_seconds: float) -> Iterator[int]:
    """The numbers of the rounds, from 0: at least one, and no more than `most` or than the time allows."""
    started = time.monotonic()
    for number in range(most):
        passed = time.monotonic() - started
        if number and passed + passed / number > limit_seconds:
            return
        yield number


def middle(values: Iterable[float]) -> float:
    """The median."""
    return float(statistics.median(values))


def p95(values: Iterable[float]) -> float:
    """The 95th percentile by rank: a value that was measured. Of fewer than twenty it is the largest."""
    ordered = sorted(values)
    return ordered[math.ceil(0.95 * len(ordered)) - 1]


def seconds(values: Iterable[float]) -> str:
    """`median / p95` of seconds, for a cell."""
    values = list(values)
    return f"{middle(values):.2f} / {p95(values):.2f}"
