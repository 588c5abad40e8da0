"""Times are measured on moments, entries without what was typed: they must come out as on the entries themselves."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from annotations import log_json
from annotations.effort import stretches
from annotations.events import KINDS
from annotations.incidents import incidents
from annotations.moments import Moment, decode_moments

EXAMPLES: dict[Any, Any] = {str: "a.py", int: 7, list: [1, [0, "x", "half an emoji: \ud83d"]], (int, float): 2.5}


@st.composite
def logs(draw: st.DrawFn) -> list[dict[str, Any]]:
    """Entries of every kind, with whatever such an entry has, on two pages and with clocks that jump."""
    events, wall, mono = [], 1_000_000, 1_000_000
    for seq in range(1, draw(st.integers(1, 25)) + 1):
        wall += draw(st.sampled_from([0, 1, 4_999, 5_000, 130_000, -90_000, 3_600_000]))
        mono += draw(st.sampled_from([0, 1, 4_999, 5_000, 130_000]))
        kind = draw(st.sampled_from(sorted(KINDS)))
        more = {key: EXAMPLES[expected] for key, expected in KINDS[kind].items()}
        if kind == "still_working":
            more["answer"] = draw(st.sampled_from(["yes", "away"]))
        if "text" in more or "changes" in more:
            more |= {"text": "\ud83d"} if draw(st.booleans()) and "text" in more else {}
        events.append({"seq": seq, "at": wall, "mono": mono, "page": draw(st.sampled_from("pq")), "kind": kind, **more})
    return events


@given(logs(), st.sampled_from([2.0, 5.0, 120.0]))
def test_times_and_incidents_of_moments_are_those_of_the_entries(events: list[dict[str, Any]], idle: float) -> None:
    moments = decode_moments(log_json.encode(events))
    assert stretches(moments, idle_limit_seconds=idle) == stretches(events, idle_limit_seconds=idle)
    wrong, broken = [events[0]["seq"]], (events[-1]["seq"], "does not fit")
    of_moments = incidents(moments, idle_limit_seconds=idle, mismatches=wrong, broken=broken)
    assert of_moments == incidents(events, idle_limit_seconds=idle, mismatches=wrong, broken=broken)


def test_a_moment_has_all_that_an_entry_has_but_what_was_typed_and_what_nobody_reads() -> None:
    typed = {"text", "changes", "user", "digest"}
    unread = {"client", "head", "line", "query_length", "files", "places", "what", "columns", "check", "cause"}
    unread |= {"exchange", "reason", "count"}
    assert {key for keys in KINDS.values() for key in keys} - typed - unread <= Moment.__annotations__.keys()
    (moment,) = decode_moments(b'[{"seq":1,"at":2,"mono":3,"page":"p","kind":"edit","path":"a","changes":[[0,"x"]]}]')
    assert dict(moment) == {"seq": 1, "at": 2, "mono": 3, "page": "p", "kind": "edit", "path": "a"}


def test_an_entry_that_carries_a_key_of_another_type_is_read_whole() -> None:
    events = [{"seq": 1, "at": 2, "mono": 3, "page": "p", "kind": "focus", "path": 5}]
    assert decode_moments(log_json.encode(events)) == events
