"""The drawing of a session is bounded, well formed and says in words what it shows."""

from __future__ import annotations

from xml.etree import ElementTree

from annotations.effort import Stretch
from annotations.timeline import RunMark, SessionClock, clock_text, draw_timeline


def test_a_night_away_is_drawn_short_and_keeps_its_length_in_words() -> None:
    clock = SessionClock([Stretch("editing", 60, 60), Stretch("away", 8 * 3600, 0), Stretch("reading", 30, 30)])
    assert clock.times == [0, 60, 90, 120]
    assert "away, 8:00:00" in draw_timeline(clock, [], [], [])


def test_a_hundred_thousand_entries_draw_no_more_than_the_width_of_the_drawing() -> None:
    clock = SessionClock([Stretch("editing" if n % 2 else "reading", 0.2, 0.2) for n in range(100_000)])
    svg = draw_timeline(clock, clock.times, [], clock.times)
    ElementTree.fromstring(svg)
    assert len(svg) < 150_000


def test_runs_are_told_in_words_and_a_void_one_does_not_count() -> None:
    runs = [RunMark("<As generated>", 0, 231, 312, False), RunMark("Run 1", 60, None, None, True)]
    svg = draw_timeline(SessionClock([Stretch("editing", 120, 120)]), [60.0], runs, [])
    assert "&lt;As generated&gt;: 231 of 312" in svg
    assert "Run 1: void, our side failed; does not count" in svg
    assert "style=" not in svg


def test_an_empty_session_can_be_drawn() -> None:
    ElementTree.fromstring(draw_timeline(SessionClock([]), [], [], []))
    assert (clock_text(1122), clock_text(3723)) == ("18:42", "1:02:03")
