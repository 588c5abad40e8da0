"""What went wrong while recording is told, and what did not is not."""

from __future__ import annotations

from typing import Any

from annotations.incidents import Incident, incidents


def event(seq: int, kind: str, at: int, *, mono: int | None = None, page: str = "p1", **more: Any) -> dict[str, Any]:
    return {"seq": seq, "at": at, "mono": at if mono is None else mono, "page": page, "kind": kind, **more}


def found(*events: dict[str, Any], **more: Any) -> list[tuple[str, int]]:
    return [(one.kind, one.seq) for one in incidents(events, idle_limit_seconds=120, **more)]


def test_an_ordinary_session_over_two_page_loads_has_no_incident() -> None:
    assert (
        found(
            event(1, "opened", 0),
            event(2, "edit", 60_000),
            event(3, "hidden", 61_000),
            event(4, "opened", 70_000, mono=0, page="p2"),
            event(5, "edit", 75_000, mono=5_000, page="p2"),
        )
        == []
    )


def test_a_silence_over_the_idle_limit_is_a_gap_with_its_reason() -> None:
    (gap,) = incidents(
        [event(1, "opened", 0), event(2, "hidden", 1000), event(3, "visible", 601_000)], idle_limit_seconds=120
    )
    assert gap == Incident("gap", 3, 601_000, 600.0, "10.0 min without an entry: the page was out of sight.")


def test_a_wall_clock_that_moves_against_the_page_s_own_is_a_jump_whichever_way() -> None:
    assert found(event(1, "opened", 0), event(2, "edit", 3_600_000, mono=1_000)) == [("clock_jump", 2)]
    assert found(event(1, "opened", 9_000_000, mono=0), event(2, "edit", 1_000, mono=1_000)) == [("clock_jump", 2)]
    assert found(event(1, "opened", 0), event(2, "edit", 2_500, mono=1_000)) == []


def test_the_page_s_own_word_about_a_jump_is_told_once() -> None:
    assert found(
        event(1, "edit", 0),
        event(2, "clock.jumped", 3_600_000, mono=1_000, seconds=3599.0),
        event(3, "edit", 3_601_000, mono=2_000),
    ) == [("clock_jump", 2)]


def test_a_page_that_ended_without_hiding_was_killed() -> None:
    assert found(event(1, "opened", 0), event(2, "opened", 5_000, mono=0, page="p2")) == [("abrupt_end", 2)]


def test_take_overs_entries_set_aside_refused_edits_and_differing_hashes_are_told() -> None:
    assert found(
        event(1, "opened", 0),
        event(2, "took_over", 10, **{"from": "c0"}),
        event(3, "stranded", 20, entries=4),
        event(4, "edit.refused", 30, path="a.py", length=3_000_000),
        event(5, "hash", 40, digest="x"),
        mismatches=[5],
        broken=(6, "Event 6: no."),
    ) == [("take_over", 2), ("stranded", 3), ("refused_edit", 4), ("hash_mismatch", 5), ("broken", 6)]
