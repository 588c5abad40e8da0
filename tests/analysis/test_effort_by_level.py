"""The team lead's first table: no number where there are too few sessions, no session silently gone."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from analysis.effort_by_level import effort_by_level
from analysis.records import SessionRecord

Make = Callable[..., SessionRecord]


def test_each_level_has_its_counts_mean_median_and_an_interval_around_the_mean(session: Make) -> None:
    easy = [session(level=0, minutes=minutes) for minutes in (2, 4, 6, 8, 30)]
    hard = [session(level=3, minutes=minutes) for minutes in (20, 30, 40, 50, 60, 70)]
    first, second = effort_by_level([*hard, *easy])
    assert (first.level, first.sessions, first.repaired, first.too_few) == (0, 5, 5, False)
    assert (first.mean_active_minutes, first.median_active_minutes) == (10, 6)
    assert first.mean_interval is not None
    assert 2 <= first.mean_interval.low < 10 < first.mean_interval.high <= 30
    assert (second.level, second.mean_active_minutes) == (3, 45)
    assert second.pass_rate_before == pytest.approx(0.6)
    assert (second.mean_edits, second.mean_checks_requested) == (200, 5)


def test_fewer_than_five_sessions_give_counts_and_no_number(session: Make) -> None:
    (level,) = effort_by_level([session() for _ in range(4)])
    assert (level.sessions, level.too_few) == (4, True)
    assert level.mean_active_minutes is None
    assert level.mean_interval is None
    assert level.restricted_mean_minutes is None
    assert level.pass_rate_after is None


def test_excluded_sessions_are_counted_apart_and_move_no_number(session: Make) -> None:
    counted = [session(minutes=10) for _ in range(5)]
    excluded = session(minutes=500, outcome="excluded", censored=False)
    (without,), (level,) = effort_by_level(counted), effort_by_level([*counted, excluded])
    assert (level.sessions, level.excluded) == (5, 1)
    assert level.mean_active_minutes == without.mean_active_minutes == 10


def test_a_censored_session_marks_the_mean_as_a_lower_bound_and_raises_the_restricted_mean(session: Make) -> None:
    repaired = [session(minutes=minutes) for minutes in (10, 20, 30, 40, 50)]
    (whole,) = effort_by_level(repaired)
    (level,) = effort_by_level([*repaired[:2], session(minutes=30, repaired=False), *repaired[3:]])
    assert not whole.mean_is_a_lower_bound
    assert level.mean_is_a_lower_bound
    assert (level.repaired, level.censored) == (4, 1)
    assert level.mean_active_minutes == whole.mean_active_minutes
    assert whole.restricted_mean_minutes is not None
    assert level.restricted_mean_minutes is not None
    assert level.restricted_mean_minutes > whole.restricted_mean_minutes


def test_restricted_means_of_all_levels_have_one_horizon(session: Make) -> None:
    levels = effort_by_level([session(level=n % 2, minutes=10 + n * (n % 2)) for n in range(12)])
    assert {level.horizon_minutes for level in levels} == {10}


def test_the_same_sessions_always_give_the_same_intervals(session: Make) -> None:
    records = [session(minutes=minutes) for minutes in range(1, 20)]
    assert effort_by_level(records) == effort_by_level(records)


def test_no_sessions_give_no_rows() -> None:
    assert effort_by_level([]) == []
