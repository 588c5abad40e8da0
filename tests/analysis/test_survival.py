"""Censored sessions must lengthen the estimate, never drop out of it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis.survival import Duration, kaplan_meier, restricted_mean

DURATIONS = st.lists(st.builds(Duration, st.integers(1, 60).map(float), st.booleans()), min_size=1, max_size=30)


def test_the_estimate_is_that_of_an_example_computed_by_hand() -> None:
    # Six sessions: repaired at 3, 5, 5 and 9, censored at 5 and 7. At 5 the repairs come before the censoring.
    durations = [Duration(m, r) for m, r in [(5, True), (3, True), (7, False), (5, False), (9, True), (5, True)]]
    steps = [(s.minutes, s.at_risk, s.repaired, s.censored, round(s.unrepaired, 6)) for s in kaplan_meier(durations)]
    assert steps == [
        (3, 6, 1, 0, round(5 / 6, 6)),
        (5, 5, 2, 1, 0.5),  # 5/6 × 3/5
        (7, 2, 0, 1, 0.5),
        (9, 1, 1, 0, 0.0),
    ]
    # Area: 3 × 1 + 2 × 5/6 + 4 × 1/2
    assert restricted_mean(durations, 9) == pytest.approx(3 + 5 / 3 + 2)
    assert restricted_mean(durations, 4) == pytest.approx(3 + 5 / 6)


@given(DURATIONS)
def test_without_censoring_the_restricted_mean_is_the_ordinary_mean(durations: list[Duration]) -> None:
    repaired = [Duration(duration.minutes, True) for duration in durations]
    mean = sum(duration.minutes for duration in durations) / len(durations)
    assert restricted_mean(repaired, 60) == pytest.approx(mean)


@given(DURATIONS, st.integers(1, 60))
def test_taking_a_repair_back_never_shortens_the_estimate(durations: list[Duration], horizon: int) -> None:
    latest = max(range(len(durations)), key=lambda index: durations[index].minutes)
    censored = [Duration(d.minutes, d.repaired and i != latest) for i, d in enumerate(durations)]
    assert restricted_mean(censored, horizon) >= restricted_mean(durations, horizon) - 1e-9


@given(DURATIONS)
def test_the_share_unrepaired_never_rises_and_everybody_is_counted_once(durations: list[Duration]) -> None:
    steps = kaplan_meier(durations)
    shares = [1.0, *(step.unrepaired for step in steps)]
    assert shares == sorted(shares, reverse=True)
    assert sum(step.repaired + step.censored for step in steps) == len(durations)
