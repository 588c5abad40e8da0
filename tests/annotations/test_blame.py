"""A line is credited to the state in which it came, and debited to the one from which it was gone."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from annotations.blame import last_changes
from annotations.diffs import split_lines

texts = st.lists(st.lists(st.sampled_from("abc"), max_size=8).map("\n".join), min_size=1, max_size=5)


def test_lines_are_credited_to_the_state_in_which_they_came() -> None:
    came, gone = last_changes(["a\nb\nc\n", "a\nB\nc\n", "a\nB\nc\nd\n"])
    assert came == [0, 1, 0, 2]
    assert gone == [0, 1, 0]


@given(texts)
def test_every_line_has_one_origin_and_what_stands_from_the_start_was_never_gone(states: list[str]) -> None:
    came, gone = last_changes(states)
    first, last = split_lines(states[0]), split_lines(states[-1])
    assert (len(came), len(gone)) == (len(last), len(first))
    assert all(0 <= step < len(states) for step in [*came, *gone])
    kept_after = [line for line, step in zip(last, came, strict=True) if step == 0]
    kept_before = [line for line, step in zip(first, gone, strict=True) if step == 0]
    assert kept_after == kept_before
