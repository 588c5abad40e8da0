"""The size of a change is a distance: nothing changed is 0, and it never counts more than writing everything anew."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from annotations.effort import changed_lines, code_hter

FILES = st.dictionaries(
    st.sampled_from(["a.py", "b/c.py", "d.py"]),
    st.lists(st.sampled_from(["x = 1", "y = x + 1", "", "return x"]), max_size=6).map(
        lambda lines: "".join(line + "\n" for line in lines).encode()
    ),
    max_size=3,
)


@given(FILES)
def test_files_that_nobody_changed_are_at_distance_0(files: dict[str, bytes]) -> None:
    assert changed_lines(files, dict(files)) == 0
    assert code_hter(files, dict(files)) == 0


@given(FILES, FILES)
def test_changed_lines_are_the_same_both_ways_and_never_more_than_all_lines(
    generated: dict[str, bytes], repaired: dict[str, bytes]
) -> None:
    lines = sum(content.count(b"\n") for content in [*generated.values(), *repaired.values()])
    assert 0 <= changed_lines(generated, repaired) <= lines


def test_a_replaced_line_counts_once_and_its_words_are_told_apart() -> None:
    before, after = {"a.py": b"x = 1\ny = 2\n"}, {"a.py": b"x = 1\ny = 3 + 4\n"}
    assert changed_lines(before, after) == 1
    # Repaired: x = 1 y = 3 + 4, eight words; 2 became 3, "+" and 4 came in.
    assert code_hter(before, after) == pytest.approx(3 / 8)


def test_a_file_moved_unchanged_counts_nothing() -> None:
    before, after = {"a.py": b"x\ny\n", "keep": b"k\n"}, {"b/a.py": b"x\ny\n", "keep": b"k\n"}
    assert changed_lines(before, after) == 0
    assert code_hter(before, after) == 0


def test_files_that_are_not_text_count_nothing() -> None:
    assert changed_lines({"logo.png": b"\0\n1"}, {"logo.png": b"\0\n2\n3"}) == 0


def test_deleting_everything_is_finite() -> None:
    assert code_hter({"a.py": b"x = 1\n"}, {}) == 3


def test_hostile_files_are_measured_in_bounded_time() -> None:
    before = {"a": b"x\n" * 10_000, "b": b"x " * 200_000}
    after = {"a": b"x\ny\n" * 5_000, "b": b"x y " * 100_000}
    start = time.perf_counter()
    assert changed_lines(before, after) > 0
    assert code_hter(before, after) > 0
    assert time.perf_counter() - start < 5
