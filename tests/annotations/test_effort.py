"""Effort is what a study reports, so its sums must close, whatever order events come in and whatever clocks do."""

from __future__ import annotations

import datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from annotations.effort import curve, measure_effort

Log = list[dict[str, Any]]
START = 1_760_000_000_000


def log(*events: dict[str, Any]) -> Log:
    """Number events from 1 and put them on the clocks of one page, `after` seconds (default 1) after the one before."""
    now = 0
    numbered = []
    for seq, event in enumerate(events, 1):
        now += round(event.get("after", 1) * 1000)
        further = {key: value for key, value in event.items() if key != "after"}
        numbered.append({"seq": seq, "at": START + now, "mono": now, "page": "page-1", **further})
    return numbered


def event(kind: str, **further: object) -> dict[str, Any]:
    return {"kind": kind, **further}


def insert(text: str, *, user: str = "input.type", path: str = "app.py", **further: object) -> dict[str, Any]:
    """An edit at the start of a file; no test of effort looks at how long the file is."""
    return {"kind": "edit", "path": path, "changes": [[0, *text.split("\n")], 9], "user": user, **further}


KINDS = st.one_of(
    st.sampled_from(["opened", "focus", "blur", "visible", "hidden", "paused", "resumed", "scrolled"]).map(event),
    st.just(insert("x")),
    st.sampled_from(["yes", "away"]).map(lambda answer: event("still_working", answer=answer)),
    st.sampled_from([1, 2]).flatmap(
        lambda run: st.sampled_from([event("checks.requested", run=run), event("run.seen", run=run)])
    ),
)


@st.composite
def logs(draw: st.DrawFn, most: int = 25) -> Log:
    events = draw(st.lists(KINDS, max_size=most))
    numbered = log(*({**one, "after": draw(st.integers(0, 400_000)) / 1000} for one in events))
    for one in numbered:  # another page, and a wall clock somebody sets
        one["page"] = draw(st.sampled_from(["page-1", "page-1", "page-2"]))
        one["at"] += draw(st.sampled_from([0, 0, 0, -600_000]))
    return numbered


@given(logs(), st.floats(0, 1_000))
def test_the_parts_of_active_time_and_the_parts_of_wall_time_add_up(events: Log, limit: float) -> None:
    effort = measure_effort(events, idle_limit_seconds=limit)
    parts = effort.reading_seconds + effort.editing_seconds + effort.waiting_seconds
    assert parts == pytest.approx(effort.active_seconds)
    assert effort.active_seconds + effort.away_seconds == pytest.approx(effort.wall_seconds)
    assert min(effort.reading_seconds, effort.editing_seconds, effort.waiting_seconds, effort.away_seconds) >= 0


@given(logs(), st.lists(st.floats(0, 1_000), min_size=2, max_size=6).map(sorted))
def test_active_time_never_falls_as_the_idle_limit_rises(events: Log, limits: list[float]) -> None:
    seconds = [active for _, active in curve(events, limits)]
    assert seconds == sorted(seconds)
    assert seconds[0] == measure_effort(events, idle_limit_seconds=limits[0]).active_seconds


@given(logs(), st.data())
def test_two_parts_of_a_log_that_share_an_event_have_the_wall_time_and_typing_of_the_whole(
    events: Log, data: st.DataObject
) -> None:
    cut = data.draw(st.integers(0, max(len(events) - 1, 0)))
    whole, first, second = (measure_effort(part) for part in (events, events[: cut + 1], events[cut:]))
    assert first.wall_seconds + second.wall_seconds == pytest.approx(whole.wall_seconds)
    assert first.clock_jumps + second.clock_jumps == whole.clock_jumps
    shared = measure_effort(events[cut : cut + 1])
    assert first.edits + second.edits - shared.edits == whole.edits


@given(st.lists(st.integers(0, 300), min_size=1, max_size=20), st.data())
def test_active_time_adds_up_over_two_parts_where_nothing_is_pending_at_the_cut(
    gaps: list[int], data: st.DataObject
) -> None:
    events = log(*(event("scrolled", after=gap) for gap in gaps))
    cut = data.draw(st.integers(0, len(events) - 1))
    first, second = measure_effort(events[: cut + 1]), measure_effort(events[cut:])
    assert first.active_seconds + second.active_seconds == pytest.approx(measure_effort(events).active_seconds)


@given(logs(), logs())
def test_effort_does_not_depend_on_what_was_measured_before(events: Log, others: Log) -> None:
    before = measure_effort(events)
    measure_effort(others)
    assert measure_effort(events) == before


def test_an_empty_log_costs_nothing() -> None:
    effort = measure_effort([])
    assert effort.wall_seconds == effort.active_seconds == effort.edits == 0
    assert effort.time_to_first_edit_seconds is None


def test_a_gap_of_exactly_the_idle_limit_is_active_and_a_longer_one_is_away_as_a_whole() -> None:
    events = log(event("focus"), event("scrolled", after=120), event("scrolled", after=120.001))
    effort = measure_effort(events)
    assert effort.reading_seconds == 120
    assert effort.away_seconds == pytest.approx(120.001)


def test_a_gap_that_ends_in_an_edit_or_lies_within_five_seconds_of_one_is_editing() -> None:
    events = log(
        event("focus"),
        event("scrolled", after=20),  # reading
        insert("x", after=30),  # editing: ends in an edit
        event("scrolled", after=4),  # editing: within 5 s after it
        event("scrolled", after=4),  # reading: ends 8 s after it
        event("scrolled", after=2),  # reading: starts 6 s before the next
        event("scrolled", after=3),  # editing: starts 4 s before the next
        insert("x", after=1),  # editing
    )
    effort = measure_effort(events)
    assert (effort.editing_seconds, effort.reading_seconds) == (38, 26)


def test_between_asking_for_checks_and_seeing_them_is_waiting_unless_the_person_edits() -> None:
    events = log(
        event("checks.requested", run=7),
        event("scrolled", after=10),
        event("run.seen", run=6, after=10),  # an older one
        insert("x", after=20),
        event("run.seen", run=7, after=40),
        event("scrolled", after=60),
    )
    effort = measure_effort(events)
    assert (effort.waiting_seconds, effort.editing_seconds, effort.reading_seconds) == (60, 20, 60)


def test_time_declared_as_a_pause_or_with_the_page_hidden_is_away_however_short() -> None:
    events = log(
        event("paused", reason="call"),
        event("scrolled", after=3),
        event("resumed", reason="", after=4),
        event("hidden", after=5),
        event("visible", after=6),
        event("blur", after=7),
        event("focus", after=8),  # another window is not away: documentation is read there
    )
    effort = measure_effort(events)
    assert (effort.away_seconds, effort.reading_seconds, effort.breaks_declared) == (13, 20, 1)


def test_a_pause_ends_at_the_latest_when_a_page_is_opened_again() -> None:
    """A browser that was killed during a pause never says “resumed”: whoever opens the session again works on it."""
    events = log(event("paused", reason="call"), event("opened", client="b", after=30), event("scrolled", after=20))
    effort = measure_effort(events)
    assert (effort.away_seconds, effort.active_seconds) == (30, 20)


def test_waiting_for_some_checks_only_is_waiting_too() -> None:
    events = log(event("some.requested", run=7), event("run.seen", run=7, after=5), event("scrolled", after=10))
    effort = measure_effort(events)
    assert (effort.waiting_seconds, effort.reading_seconds, effort.checks_requested) == (5, 10, 0)


def test_waiting_ends_where_the_person_stops_the_run() -> None:
    events = log(event("checks.requested", run=7), event("run.stopped", run=7, after=5), event("scrolled", after=10))
    effort = measure_effort(events)
    assert (effort.waiting_seconds, effort.reading_seconds, effort.checks_requested) == (5, 10, 1)


def test_who_says_they_are_still_working_gets_the_idle_limit_and_who_says_away_gets_nothing() -> None:
    yes = measure_effort(log(event("focus"), event("still_working", answer="yes", after=130)))
    away = measure_effort(log(event("focus"), event("still_working", answer="away", after=100)))
    assert (yes.active_seconds, yes.away_seconds) == (120, 10)
    assert (away.active_seconds, away.away_seconds) == (0, 100)


def test_monotonic_clocks_of_two_pages_are_never_compared() -> None:
    events = log(event("focus", after=50), event("opened", client="c", after=10))
    events[1] |= {"page": "page-2", "mono": 3}
    assert measure_effort(events).wall_seconds == 10


def test_a_wall_clock_that_is_set_does_not_matter_within_a_page_and_is_counted_between_pages() -> None:
    events = log(event("focus"), event("scrolled", after=5), event("opened", client="c", after=5))
    events[1]["at"] += 3_600_000
    events[2]["page"] = "page-2"
    effort = measure_effort(events)
    assert (effort.wall_seconds, effort.clock_jumps) == (5, 1)


def test_the_time_after_the_last_event_counts_up_to_the_closing() -> None:
    events = log(event("focus"))
    closed_at = datetime.datetime.fromtimestamp(events[0]["at"] / 1000 + 30, datetime.UTC)
    assert measure_effort(events, closed_at=closed_at).reading_seconds == 30


def test_typing_is_counted_by_what_the_editor_said_the_person_did() -> None:
    effort = measure_effort(
        log(
            event("focus"),
            insert("x", after=9),
            insert("😀", user="input.type.compose"),
            insert("()"),  # a bracket that closed itself: two characters
            insert("a\nb", user="input.paste"),
            {"kind": "edit", "path": "app.py", "changes": [2, [3], 4], "user": "delete.backward"},
            insert("typed by program", user=""),
            event("checks.requested", run=1),
            event("checks.requested", run=2),
        )
    )
    assert (effort.edits, effort.keystrokes, effort.pastes) == (6, 2, 1)
    assert (effort.characters_inserted, effort.characters_deleted) == (1 + 2 + 2 + 3 + 16, 3)
    assert (effort.checks_requested, effort.time_to_first_edit_seconds) == (2, 9)


def test_a_renamed_file_is_one_file_and_a_file_deleted_and_created_anew_are_two() -> None:
    effort = measure_effort(
        log(
            insert("x", path="a.py"),
            event("file.renamed", path="a.py", to="b.py"),
            insert("x", path="b.py"),
            event("file.deleted", path="b.py"),
            event("file.created", path="a.py", text=""),
            insert("x", path="a.py"),
            event("file.opened", path="only-read.py"),
        )
    )
    assert effort.files_touched == 2


def test_pauses_count_gaps_in_which_the_person_was_there_by_their_least_length() -> None:
    events = log(event("focus"), event("scrolled", after=1.5), event("hidden", after=40), event("visible", after=50))
    counts = {pause.at_least_seconds: (pause.count, pause.seconds) for pause in measure_effort(events).pauses}
    assert (counts[1], counts[2], counts[30], counts[120]) == ((2, 41.5), (1, 40), (1, 40), (0, 0))
