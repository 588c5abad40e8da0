"""The benchmark measures; what it makes of the figures is tested here."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.bench.__main__ import BEGIN, END, write_between_the_marks
from tests.bench.processes import watch_costs
from tests.bench.rounds import p95, rounds, seconds
from tests.bench.table import Table


def test_a_percentile_is_a_value_that_was_measured() -> None:
    assert p95([3.0, 1.0, 2.0]) == 3.0
    assert p95(float(n) for n in range(1, 101)) == 95.0
    assert seconds([1.0, 2.0, 9.0]) == "2.00 / 9.00"


def test_rounds_end_before_one_more_would_pass_the_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    passed = iter([0.0, 0.0, 10.0, 20.0, 30.0])
    monkeypatch.setattr("tests.bench.rounds.time.monotonic", lambda: next(passed))
    assert list(rounds(9, 35.0)) == [0, 1, 2]


def test_the_first_round_is_made_whatever_the_limit() -> None:
    assert list(rounds(5, -1.0)) == [0]


def test_a_table_is_markdown_with_its_conditions_and_what_it_comes_to() -> None:
    table = Table("Title", "Conditions.", ("a", "b"), note="In all: 3.")
    table.add(1, "two")
    assert table.markdown() == "### Title\n\nConditions.\n\n| a | b |\n| --- | --- |\n| 1 | two |\n\nIn all: 3."
    with pytest.raises(ValueError, match="1 cells for 2 columns"):
        table.add(1)


def test_only_what_stands_between_the_marks_is_replaced(tmp_path: Path) -> None:
    file = tmp_path / "page.md"
    file.write_text(f"before\n{BEGIN}\nold\n{END}\nafter\n")
    write_between_the_marks(file, "new")
    assert file.read_text() == f"before\n{BEGIN}\n\nnew\n\n{END}\nafter\n"
    file.write_text("no marks")
    with pytest.raises(SystemExit, match="lacks the marks"):
        write_between_the_marks(file, "new")


def test_costs_of_a_process_and_of_what_it_started_are_told_apart() -> None:
    """The child burns processor time until its parent has gone; the parent takes 40 MB and waits."""
    child = "import os\nparent = os.getppid()\nwhile os.getppid() == parent: pass"
    parent = (
        "import subprocess, sys, time\n"
        f"kept = bytearray(40 * 2**20); child = subprocess.Popen([sys.executable, '-c', {child!r}])\n"
        "sys.stdin.readline()"
    )
    process = subprocess.Popen([sys.executable, "-c", parent], stdin=subprocess.PIPE)
    with watch_costs(process.pid) as costs:
        while costs.other_seconds() < 0.2:
            assert process.poll() is None
        process.communicate(b"\n")
    assert costs.evaluators() == [process.pid]
    assert 40 < costs.evaluator_megabytes() < 200
    assert 40 < costs.shared_once_megabytes() <= costs.evaluator_megabytes()
    assert costs.evaluator_seconds() < costs.other_seconds()
