"""A failure counts as announced where a tool pointed at its place or named what was missing, and nowhere else."""

from __future__ import annotations

import math

import pytest

from evaluator.announced import Share, announcements, names_in, new_findings, wilson
from evaluator.verdict import Cause, Severity, ToolFinding, ToolReport, ToolState

FILES = {
    "app.py": b"import x\n\n@route\ndef show(id):\n    item = find(id)\n    def inner():\n        return 1\n"
    b"    return item.nme\n\nTABLE = {}\n"
}


def found(line: int, severity: Severity = "warning", message: str = "m", path: str = "app.py") -> ToolFinding:
    return ToolFinding(path, line, 0, "R1", severity, message)


def report(*findings: ToolFinding, state: ToolState = "finished", tool: str = "mypy") -> ToolReport:
    return ToolReport(tool, "1", state, 0.1, "", findings)


def cause(line: int, log: str = "", path: str = "app.py") -> Cause:
    return Cause("GET /x: failed", ("a",), 0, path, line, log)


@pytest.mark.parametrize(
    ("line", "announced"),
    [(8, True), (3, True), (5, True), (1, False), (10, False)],
)
def test_a_finding_in_the_same_function_announces(line: int, announced: bool) -> None:
    assert bool(announcements(cause(8), [report(found(line))], FILES)) is announced


def test_the_innermost_function_counts() -> None:
    assert not announcements(cause(7), [report(found(5))], FILES)
    assert announcements(cause(7), [report(found(6))], FILES)


@pytest.mark.parametrize(("line", "announced"), [(13, True), (7, True), (14, False), (6, False)])
def test_outside_of_functions_three_lines_count(line: int, announced: bool) -> None:
    assert bool(announcements(cause(10), [report(found(line))], FILES)) is announced


def test_notes_other_files_and_unfinished_tools_announce_nothing() -> None:
    assert not announcements(cause(8), [report(found(8, "note"))], FILES)
    assert not announcements(cause(8), [report(found(8, path="other.py"))], FILES)
    assert not announcements(cause(8), [report(found(8), state="crashed")], FILES)


def test_an_error_that_names_what_the_exception_names_announces_from_anywhere() -> None:
    log = "  File \"/app/app.py\", line 8, in show\nAttributeError: 'Item' object has no attribute 'nme'"
    named = found(99, "error", 'Class "Item" has no "nme" member', "models.py")
    assert announcements(cause(8, log), [report(named)], FILES) == (("mypy", named),)
    assert not announcements(cause(8, log), [report(found(99, "warning", "nme", "models.py"))], FILES)
    assert not announcements(cause(8, log), [report(found(99, "error", "nmes", "models.py"))], FILES)


@pytest.mark.parametrize(
    ("exception", "names"),
    [
        ("NameError: name 'missing' is not defined", {"missing"}),
        ("ImportError: cannot import name 'Markup' from 'flask'", {"Markup"}),
        ("ModuleNotFoundError: No module named 'app.services.users'", {"users"}),
        ("TypeError: Store.add() missing 1 required positional argument: 'b'", {"add", "b"}),
        ("ReferenceError: total is not defined", {"total"}),
        ("TypeError: db.articles.findAl is not a function", {"findAl"}),
        ("Error: Cannot find module './services/user.js'", {"user"}),
        ("KeyError: 'email'", set()),
        ("ValueError: invalid literal for int() with base 10: 'x'", set()),
    ],
)
def test_names_are_those_of_code_and_never_of_data(exception: str, names: set[str]) -> None:
    assert names_in(exception) == names


def test_a_cause_without_a_place_is_not_decided() -> None:
    assert not announcements(cause(0, path=""), [report(found(8))], FILES)


def test_only_what_the_original_does_not_have_is_new() -> None:
    before = [report(found(3, message="line 3 is odd"))]
    moved = [report(found(9, message="line 9 is odd"))]
    assert not new_findings(before, moved)
    twice = [report(found(9, message="line 9 is odd"), found(12, message="line 12 is odd"))]
    assert len(new_findings(before, twice)) == 1
    assert not new_findings(before, [report(found(3, "note", "new"))])


def test_a_tool_that_did_not_finish_on_the_original_announces_nothing() -> None:
    assert not new_findings([report(state="timed-out")], [report(found(1))])


def test_wilsons_interval_is_that_of_the_textbook() -> None:
    low, high = wilson(15, 20)  # 0.75: 0.531 to 0.888
    assert math.isclose(low, 0.5313, abs_tol=5e-4)
    assert math.isclose(high, 0.8881, abs_tol=5e-4)
    assert wilson(0, 0) == (0.0, 1.0)
    assert wilson(0, 10)[0] == 0.0
    assert wilson(10, 10)[1] == 1.0


def test_below_five_there_is_no_share() -> None:
    assert str(Share(1, 4)) == "1 of 4 (too few)"
    assert str(Share(1, 5)) == "1 of 5 (20%, 95 % interval 4% to 62%)"
