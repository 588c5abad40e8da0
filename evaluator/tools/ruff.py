"""ruff: names that are not defined, broken format strings, likely bugs. https://docs.astral.sh/ruff/rules/"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from evaluator.tools.base import PYTHON_TOOLS, Command, Inspected, Place, Printed
from evaluator.tools.columns import Columns
from evaluator.tools.printed import entries, json_of, number, relative, tool_finding
from evaluator.verdict import Severity, ToolFinding

# Pyflakes, syntax errors, bugbear, async, pylint's errors, and what else announces a failure; nothing of style.
SELECTED = "F,E9,B,ASYNC,PLE,PLW0120,PLW0127,PLW0129,PLW0133,RUF006,RET503,DTZ,SIM115,W605"
LEFT_OUT = "B008,B904,F401,F841,DTZ003,DTZ005"  # FastAPI's defaults, causes of exceptions, unused names, UTC
ERRORS = ("F5", "F6", "F7", "F82", "E9", "PLE", "invalid-syntax")


class Ruff:
    name = "ruff"
    package = "ruff"
    place = Place.PYTHON_TOOLS
    by_file = True
    seconds = 20
    rules = f"{SELECTED}\n{LEFT_OUT}".encode()

    def wanted(self, inspected: Inspected) -> Sequence[str]:
        return inspected.project.python

    def why_not(self, inspected: Inspected) -> str:
        return "no Python files"

    def command(self, paths: Sequence[str], inspected: Inspected) -> Command:
        """`--isolated` reads no configuration of the backend, `--ignore-noqa` none of its exceptions."""
        options = ("--isolated", "--no-cache", "--ignore-noqa", "--exit-zero", "--no-respect-gitignore", "--quiet")
        chosen = ("--select", SELECTED, "--ignore", LEFT_OUT, "--target-version", "py311", "--output-format", "json")
        program = f"{PYTHON_TOOLS}/bin/ruff"
        return Command((program, "check", *options, *chosen, "--", *(f"/app/{path}" for path in paths)))

    def read(self, printed: Printed, inspected: Inspected) -> Iterator[ToolFinding]:
        columns = Columns(inspected.files)
        for entry in entries(json_of(printed)):
            path, rule = relative(entry.get("filename")), str(entry.get("code") or "invalid-syntax")
            place = entry.get("location")
            place = place if isinstance(place, dict) else {}
            line = number(place.get("row"))
            column = columns.after_characters(path, line, number(place.get("column")) - 1)
            severity: Severity = "error" if rule.startswith(ERRORS) else "warning"
            yield tool_finding(path, line, column, rule, severity, entry.get("message"))
