"""A tool that crashes, hangs, floods or is missing is reported and stops nothing; what was said before is kept."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest

from evaluator.errors import BadInput, MachineryFailed
from evaluator.sandbox import Sandbox
from evaluator.tools import MOST_FINDINGS, inspect, tools_named
from evaluator.tools.base import PYTHON_TOOLS, Command, Inspected, Place, Printed, Tool
from evaluator.tools.kept import KeptFindings
from evaluator.tools.printed import entries, json_of, relative, tool_finding
from evaluator.tools.ruff import Ruff
from evaluator.verdict import ToolFinding, ToolReport
from tests.evaluator.tools.conftest import FLASK

pytestmark = pytest.mark.sandbox
FILES = {"a.py": b"print(missing)\n", "b.py": b"print(1)\n"}


@dataclass
class Program:
    """A tool that is a program of a line."""

    code: str
    name: str = "program"
    package: str = "ruff"
    place: Place = Place.PYTHON_TOOLS
    by_file: bool = True
    seconds: int = 20
    rules: bytes = b""

    def wanted(self, inspected: Inspected) -> Sequence[str]:
        return inspected.project.python

    def why_not(self, inspected: Inspected) -> str:
        return ""

    def command(self, paths: Sequence[str], inspected: Inspected) -> Command:
        return Command((f"{PYTHON_TOOLS}/bin/python", "-I", "-c", self.code, *paths))

    def read(self, printed: Printed, inspected: Inspected) -> Iterable[ToolFinding]:
        for entry in entries(json_of(printed)):
            yield tool_finding(relative(entry.get("path")), entry.get("line"), 0, "R1", "note", entry.get("message"))


def reports(sandbox: Sandbox, folder: Path, *tools: Tool, files: dict[str, bytes] = FILES) -> dict[str, ToolReport]:
    found = inspect(files, FLASK, sandbox=sandbox, tools=tools, kept=KeptFindings(folder))
    return {report.tool: report for report in found}


@pytest.mark.parametrize(
    ("code", "state", "told"),
    [
        ("raise SystemExit('broken inside')", "crashed", "broken inside"),
        ("import os; os.kill(os.getpid(), 11)", "crashed", "signal 11"),
        ("print('not JSON')", "crashed", "gave no findings"),
        ("print('[' * 100_000)", "crashed", "gave no findings"),
        ("print('{}')", "crashed", "another document"),
        ("while True: print('x' * 1_000_000)", "crashed", "more than its limit"),
        ("import os, signal; signal.pause()", "timed-out", "was ended after 1 s"),
        ("while True: pass", "timed-out", "was ended after 1 s"),
        ("import os; os.kill(os.getppid(), 9)", "crashed", "before it said anything"),
    ],
)
def test_trouble_of_one_tool_is_told_and_stops_no_other(
    sandbox: Sandbox, tmp_path: Path, code: str, state: str, told: str
) -> None:
    found = reports(sandbox, tmp_path, Ruff(), Program(code, seconds=1 if state == "timed-out" else 20))
    assert found["program"].state == state
    assert told in found["program"].message
    if "getppid" not in code:  # who ends our own program ends all of that sandbox, and only that
        assert [one.rule for one in found["ruff"].findings] == ["F821"]


def test_what_a_tool_leaves_behind_with_its_output_open_is_not_waited_for(sandbox: Sandbox, tmp_path: Path) -> None:
    said = "[{'path': 'a.py', 'line': 1, 'message': 'x' * 300_000}]"  # more than a pipe holds
    code = f"import json, os, time\nif not os.fork():\n os.setsid(); time.sleep(60)\nprint(json.dumps({said}))"
    report = reports(sandbox, tmp_path, Program(code, by_file=False))["program"]
    assert (report.state, len(report.findings)) == ("finished", 1), report.message
    assert report.seconds < 20


def test_tools_that_cannot_be_installed_are_told(
    sandbox: Sandbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise MachineryFailed("The package index could not be used.")

    monkeypatch.setattr("evaluator.tools.installed.prepare_environment", fail)
    report = reports(sandbox, tmp_path, Ruff())["ruff"]
    assert (report.state, report.message) == ("crashed", "The package index could not be used.")


def test_only_changed_files_are_looked_at_again(sandbox: Sandbox, tmp_path: Path) -> None:
    told = Program("import sys, json; print(json.dumps([{'path': p, 'line': 1, 'message': p} for p in sys.argv[1:]]))")
    echo = "import sys, json; print(json.dumps([{'path': sys.argv[1], 'line': 1, 'message': ' '.join(sys.argv[1:])}]))"
    first = reports(sandbox, tmp_path, told)["program"]
    assert [one.message for one in first.findings] == ["a.py", "b.py"]
    told.code = echo
    changed = FILES | {"b.py": b"print(2)\n"}
    second = reports(sandbox, tmp_path, told, files=changed)["program"]
    assert [one.message for one in second.findings] == ["a.py", "b.py"]
    assert second.seconds > 0
    third = reports(sandbox, tmp_path, told, files=changed)["program"]
    assert third.findings == second.findings
    assert (third.seconds, third.message) == (0.0, "nothing changed since the last run")


def test_a_tool_that_looks_at_all_files_is_asked_again_when_one_changed(sandbox: Sandbox, tmp_path: Path) -> None:
    code = "import sys, json; print(json.dumps([{'path': 'a.py', 'message': open('b.py').read()}]))"
    whole = Program(code, by_file=False)
    assert reports(sandbox, tmp_path, whole)["program"].findings[0].message == "print(1)"
    changed = FILES | {"b.py": b"print(2)\n"}
    assert reports(sandbox, tmp_path, whole, files=changed)["program"].findings[0].message == "print(2)"


def test_what_went_wrong_is_not_kept(sandbox: Sandbox, tmp_path: Path) -> None:
    program = Program("raise SystemExit(3)")
    assert reports(sandbox, tmp_path, program)["program"].state == "crashed"
    program.code = "print('[]')"
    assert reports(sandbox, tmp_path, program)["program"].state == "finished"


def test_findings_of_one_backend_are_never_taken_for_those_of_another(sandbox: Sandbox, tmp_path: Path) -> None:
    code = "import json; print(json.dumps([{'path': 'a.py', 'line': 1, 'message': 'planted'}]))"
    assert reports(sandbox, tmp_path, Program(code))["program"].findings
    other = FILES | {"c.py": b""}
    assert not reports(sandbox, tmp_path, Program("print('[]')"), files=other)["program"].findings


def test_a_flood_of_findings_is_cut_and_errors_stay(sandbox: Sandbox, tmp_path: Path) -> None:
    code = "import json; print(json.dumps([{'path': 'a.py', 'line': n, 'message': 'm'} for n in range(1, 2000)]))"
    report = reports(sandbox, tmp_path, Program(code))["program"]
    assert len(report.findings) == MOST_FINDINGS
    assert report.message == f"{MOST_FINDINGS} of 1999 findings are shown"


def test_a_place_outside_of_the_backend_is_no_finding(sandbox: Sandbox, tmp_path: Path) -> None:
    paths = "('/etc/passwd', 'x.py', '../a', 'a.py')"
    code = f"import json; print(json.dumps([{{'path': p, 'line': -5, 'message': 'm'}} for p in {paths}]))"
    report = reports(sandbox, tmp_path, Program(code))["program"]
    assert {(one.path, one.line) for one in report.findings} <= {("", 0), ("a.py", 0)}


def test_an_unknown_tool_is_named_with_those_there_are() -> None:
    with pytest.raises(BadInput, match=r"no tool “rufff”.*ruff, pylint"):
        tools_named("ruff,rufff")
