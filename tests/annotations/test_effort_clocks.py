"""Clocks that nobody set on purpose, or somebody did: no time is negative, none counts twice, and all sums close.

A page's own clock begins anew with every page; the wall clock may be moved at any moment, by years.
"""

from __future__ import annotations

import datetime
from itertools import groupby
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from annotations.effort import Effort, curve, measure_effort, stretches
from tests.annotations.test_effort import KINDS, START

Log = list[dict[str, Any]]
YEAR = 365 * 24 * 3600 * 1000
LAST_MOMENT = 253_402_300_799_999  # what ingest takes at most (annotations/events.py)
JUMPS = st.one_of(st.integers(-40 * YEAR, 40 * YEAR), st.integers(-200_000, 200_000))


@st.composite
def lived(draw: st.DrawFn) -> Log:
    """Pages one after the other, each with a clock of its own, on a wall clock that is right."""
    events: Log = []
    now = 0
    for page in range(draw(st.integers(1, 4))):
        loaded = now
        for _ in range(draw(st.integers(1, 6))):
            now += draw(st.integers(0, 400_000))
            one = {"seq": len(events) + 1, "at": START + now, "mono": now - loaded, "page": f"page-{page}"}
            events.append(one | draw(KINDS))
    return events


def moved(events: Log, since: int, by: int) -> Log:
    """The same log, where somebody moved the wall clock before the entry at `since`."""
    return [event | {"at": event["at"] + by * (index >= since)} for index, event in enumerate(events)]


def sums_close(effort: Effort) -> bool:
    parts = (effort.reading_seconds, effort.editing_seconds, effort.waiting_seconds)
    return (
        min(*parts, effort.away_seconds, effort.wall_seconds) >= 0
        and sum(parts) == pytest.approx(effort.active_seconds)
        and effort.active_seconds + effort.away_seconds == pytest.approx(effort.wall_seconds)
        and 0 <= (effort.time_to_first_edit_seconds or 0) <= effort.wall_seconds * (1 + 1e-9)
        and all(pause.seconds <= effort.wall_seconds * (1 + 1e-9) for pause in effort.pauses)
    )


@given(lived(), st.data(), st.floats(0, 1_000))
def test_whatever_the_clocks_say_no_time_is_negative_and_the_sums_close(
    events: Log, data: st.DataObject, limit: float
) -> None:
    """Each entry with any time ingest takes: a hostile browser, or a machine whose clocks are broken."""
    for event in events:
        event["at"] = data.draw(st.one_of(st.just(event["at"]), st.integers(0, LAST_MOMENT)))
        event["mono"] = data.draw(st.one_of(st.just(event["mono"]), st.integers(0, 2**53 - 1)))
    moments = st.integers(0, LAST_MOMENT // 1000).map(
        lambda second: datetime.datetime.fromtimestamp(second, datetime.UTC)
    )
    closed_at = data.draw(st.none() | moments)
    effort = measure_effort(events, idle_limit_seconds=limit, closed_at=closed_at)
    assert sums_close(effort)
    parts = stretches(events, idle_limit_seconds=limit, closed_at=closed_at)
    assert all(0 <= part.active_seconds <= part.seconds for part in parts)
    assert sum(part.seconds for part in parts) == pytest.approx(effort.wall_seconds)
    assert sum(part.active_seconds for part in parts) == pytest.approx(effort.active_seconds)
    assert curve(events, [limit], closed_at=closed_at) == [(limit, pytest.approx(effort.active_seconds))]


@given(lived())
def test_clocks_that_are_right_measure_the_time_that_passed(events: Log) -> None:
    effort = measure_effort(events)
    assert effort.wall_seconds == pytest.approx((events[-1]["at"] - events[0]["at"]) / 1000)
    assert effort.clock_jumps == 0


@given(lived(), JUMPS, st.data())
def test_a_wall_clock_that_jumps_by_years_while_a_page_is_open_moves_no_second(
    events: Log, by: int, data: st.DataObject
) -> None:
    within = [index for index in range(1, len(events)) if events[index]["page"] == events[index - 1]["page"]]
    since = data.draw(st.sampled_from([0, *within]))
    assert measure_effort(moved(events, since, by)) == measure_effort(events)


@given(lived(), JUMPS, st.data())
def test_a_wall_clock_that_jumps_between_two_pages_changes_that_gap_alone(
    events: Log, by: int, data: st.DataObject
) -> None:
    """Nothing tells a jump from time that passed there. Set back, it counts less or nothing, and never once more."""
    firsts = [index for index in range(1, len(events)) if events[index]["page"] != events[index - 1]["page"]]
    if not firsts:
        return
    since = data.draw(st.sampled_from(firsts))
    gap = (events[since]["at"] - events[since - 1]["at"]) / 1000
    before, after = measure_effort(events), measure_effort(moved(events, since, by))
    assert after.wall_seconds - before.wall_seconds == pytest.approx(max(gap + by / 1000, 0) - gap)
    assert after.active_seconds - before.active_seconds <= 120 + 1e-6  # at most one gap of the idle limit
    assert after.clock_jumps == (gap + by / 1000 < 0)
    assert sums_close(after)


@given(lived(), st.lists(st.integers(1, 40 * YEAR), min_size=6, max_size=6))
def test_clocks_of_pages_that_run_backwards_across_each_other_count_each_page_once(
    events: Log, starts: list[int]
) -> None:
    """A page that is opened later may have a clock that is behind, or far ahead: only differences within it count."""
    shifted: Log = []
    for number, (_, page) in enumerate(groupby(events, key=lambda event: str(event["page"]))):
        shifted += [event | {"mono": event["mono"] + starts[number]} for event in page]
    assert measure_effort(shifted) == measure_effort(events)
