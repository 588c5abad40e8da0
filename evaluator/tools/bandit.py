"""bandit: holes in security that the text shows. https://bandit.readthedocs.io/en/latest/plugins/"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from evaluator.tools.base import PYTHON, Command, Inspected, Place, Printed
from evaluator.tools.columns import Columns
from evaluator.tools.printed import entries, json_of, number, relative, tool_finding
from evaluator.verdict import Severity, ToolFinding

# Without B101 (assert), B104 (all interfaces: a generated backend may), and what only says that a module is imported.
LEFT_OUT = "B101,B104,B403,B404,B405,B406,B407,B408,B409,B410,B411,B412,B413,B415"


class Bandit:
    name = "bandit"
    package = "bandit"
    place = Place.PYTHON_TOOLS
    by_file = True
    seconds = 30
    rules = LEFT_OUT.encode()

    def wanted(self, inspected: Inspected) -> Sequence[str]:
        return inspected.project.python

    def why_not(self, inspected: Inspected) -> str:
        return "no Python files"

    def command(self, paths: Sequence[str], inspected: Inspected) -> Command:
        """Files by name, so that no `.bandit` of the backend is looked for; `--ignore-nosec` reads no exceptions."""
        options = ("--format", "json", "--quiet", "--exit-zero", "--ignore-nosec", "--skip", LEFT_OUT, "--number", "1")
        return Command((*PYTHON, "bandit", *options, *(f"/app/{path}" for path in paths)))

    def read(self, printed: Printed, inspected: Inspected) -> Iterator[ToolFinding]:
        columns = Columns(inspected.files)
        for entry in entries(json_of(printed), "results"):
            path, line = relative(entry.get("filename")), number(entry.get("line_number"))
            column = columns.after_bytes(path, line, number(entry.get("col_offset")))
            severity: Severity = "note" if entry.get("issue_severity") == "LOW" else "warning"
            rule = f"{entry.get('test_id')} {entry.get('test_name')}"
            yield tool_finding(path, line, column, rule, severity, entry.get("issue_text"))
