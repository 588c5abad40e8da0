"""A patch is applied exactly where it says, or not at all: a tolerant one would seed another fault than was read."""

from __future__ import annotations

from difflib import unified_diff

import pytest

from evaluator.errors import BadInput
from evaluator.faults.patches import apply_patch, changed_lines

BEFORE = "one\ntwo\nthree\nfour\nfive\nsix\nseven\neight\nnine\nten\n"


def diff(before: str, after: str, name: str = "a.py") -> str:
    lines = unified_diff(before.splitlines(True), after.splitlines(True), f"a/{name}", f"b/{name}", n=1)
    return "".join(lines)


@pytest.mark.parametrize(
    "after",
    [
        BEFORE.replace("five", "5"),
        BEFORE.replace("one\n", ""),
        BEFORE.replace("ten\n", ""),
        BEFORE.replace("one\n", "zero\none\n"),
        BEFORE + "eleven\n",
        BEFORE.replace("two\n", "2\n2½\n").replace("nine\n", ""),
    ],
)
def test_a_patch_makes_what_it_was_made_from(after: str) -> None:
    files = {"a.py": BEFORE.encode(), "b.py": b"\x00\xff"}
    assert apply_patch(files, diff(BEFORE, after)) == {"a.py": after.encode(), "b.py": b"\x00\xff"}
    assert files["a.py"] == BEFORE.encode()


def test_only_line_feeds_end_a_line() -> None:
    before = "a = '\u2028\x0b'\nb = 1\n"
    after = before.replace("b = 1", "b = 2")
    patch = "--- a/a.py\n+++ b/a.py\n@@ -1,2 +1,2 @@\n a = '\u2028\x0b'\n-b = 1\n+b = 2\n"
    assert apply_patch({"a.py": before.encode()}, patch) == {"a.py": after.encode()}


def test_a_patch_may_add_a_file_and_take_one_away() -> None:
    patch = (
        "--- /dev/null\n+++ b/new.py\n@@ -0,0 +1,2 @@\n+x = 1\n+y = 2\n"
        "--- a/old.py\n+++ /dev/null\n@@ -1 +0,0 @@\n-z = 3\n"
    )
    assert apply_patch({"old.py": b"z = 3\n"}, patch) == {"new.py": b"x = 1\ny = 2\n"}
    assert changed_lines(patch) == 3


def test_a_replaced_line_counts_once() -> None:
    assert changed_lines(diff(BEFORE, BEFORE.replace("two", "2").replace("eight", "8"))) == 2


@pytest.mark.parametrize(
    ("files", "sentence"),
    [
        ({"a.py": BEFORE.replace("four", "IV")}, "Line 4 of “a.py”"),
        ({"a.py": "zero\n" + BEFORE}, "Line 4 of “a.py”"),
        ({"a.py": "one\ntwo\n"}, "is not what the patch expects"),
        ({"b.py": BEFORE}, "“a.py”, which is not there"),
    ],
)
def test_a_patch_that_does_not_fit_exactly_is_refused(files: dict[str, str], sentence: str) -> None:
    patch = diff(BEFORE, BEFORE.replace("five", "5"))
    with pytest.raises(BadInput, match=sentence):
        apply_patch({name: text.encode() for name, text in files.items()}, patch)


@pytest.mark.parametrize("patch", ["", "not a patch\n", "--- a/a.py\n+++ b/a.py\n@@ -1,2 +1,2 @@\n one\n"])
def test_what_is_no_patch_is_refused(patch: str) -> None:
    with pytest.raises(BadInput):
        apply_patch({"a.py": BEFORE.encode()}, patch)


def test_a_file_that_is_there_is_not_added() -> None:
    with pytest.raises(BadInput, match="already there"):
        apply_patch({"a.py": b""}, "--- /dev/null\n+++ b/a.py\n@@ -0,0 +1 @@\n+x\n")
