"""sqlfluff: statements of SQL in strings that do not parse, or do not mean what they seem to. https://docs.sqlfluff.com/"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from importlib.resources import files

from evaluator.tools.base import OURS, PYTHON_TOOLS, Command, Inspected, Place, Printed
from evaluator.tools.columns import Columns
from evaluator.tools.printed import entries, json_of, number, relative, tool_finding
from evaluator.tools.sql_strings import Statement, statements_in
from evaluator.verdict import Severity, ToolFinding

PROGRAM = files(__package__).joinpath("inside", "sql_lint.py").read_bytes()
# Statements that do not parse; ambiguous, contradictory and unused parts. Nothing of layout, capitals or naming.
RULES = "PRS,AL04,AL08,AM01,AM03,AM08,RF01,ST03,ST10,CV05"
DIALECTS = {"postgres": "postgres", "sqlite": "sqlite"}
MOST_STATEMENTS = 400


class Sqlfluff:
    name = "sqlfluff"
    package = "sqlfluff"
    place = Place.PYTHON_TOOLS
    by_file = True
    seconds = 60
    rules = RULES.encode() + PROGRAM

    def wanted(self, inspected: Inspected) -> Sequence[str]:
        return [path for path in inspected.project.python if statements_in(inspected.files[path])]

    def why_not(self, inspected: Inspected) -> str:
        return "no SQL in the strings of Python files"

    def command(self, paths: Sequence[str], inspected: Inspected) -> Command:
        statements = [
            {"path": path, "number": number, "sql": statement.sql}
            for path in paths
            for number, statement in enumerate(statements_in(inspected.files[path]))
        ]
        dialect = DIALECTS.get(inspected.task.value_of("database") or "", "ansi")
        content = json.dumps({"dialect": dialect, "rules": RULES, "statements": statements[:MOST_STATEMENTS]}).encode()
        program = (f"{PYTHON_TOOLS}/bin/python", "-I", "-B", f"/app/{OURS}/sql_lint.py", f"/app/{OURS}/statements.json")
        return Command(program, {f"{OURS}/sql_lint.py": PROGRAM, f"{OURS}/statements.json": content})

    def read(self, printed: Printed, inspected: Inspected) -> Iterator[ToolFinding]:
        columns = Columns(inspected.files)
        for entry in entries(json_of(printed)):
            path, place = relative(entry.get("path")), number(entry.get("number"))
            found = statements_in(inspected.files.get(path, b""))
            if place >= len(found):
                continue
            line, column = _place_in_host(
                found[place], number(entry.get("line")), number(entry.get("column")), columns, path
            )
            rule = str(entry.get("rule"))
            severity: Severity = "warning" if rule == "PRS" else "note"
            yield tool_finding(path, line, column, rule, severity, entry.get("message"))


def _place_in_host(statement: Statement, line: int, column: int, columns: Columns, path: str) -> tuple[int, int]:
    """Line and column in the file that holds the string; the string's own line where its text is not as written."""
    if not statement.as_written or line < 1:
        return statement.line, columns.after_bytes(path, statement.line, statement.column)
    if line == 1:
        before = statement.column + statement.opening
        return statement.line, columns.after_bytes(path, statement.line, before) + column - 1
    return statement.line + line - 1, column
