"""pylint: errors that follow names and classes across files. https://pylint.readthedocs.io/en/stable/user_guide/messages/"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from importlib.resources import files

from evaluator.tools.base import OURS, PYTHON_TOOLS, Command, Inspected, Place, Printed
from evaluator.tools.columns import Columns
from evaluator.tools.import_root import import_root
from evaluator.tools.printed import entries, json_of, number, relative, tool_finding
from evaluator.verdict import Severity, ToolFinding

RULES = files(__package__).joinpath("inside", "pylintrc").read_bytes()
PROGRAM = files(__package__).joinpath("inside", "pylint_run.py").read_bytes()
SEVERITIES: dict[str, Severity] = {"fatal": "error", "error": "error", "warning": "warning"}
MOST_BITS = 63  # pylint's exit status is a sum of bits, 32 for bad usage


class Pylint:
    name = "pylint"
    package = "pylint"
    place = Place.PYTHON_TOOLS
    by_file = False
    seconds = 60
    rules = RULES + PROGRAM

    def wanted(self, inspected: Inspected) -> Sequence[str]:
        return inspected.project.python

    def why_not(self, inspected: Inspected) -> str:
        return "no Python files"

    def command(self, paths: Sequence[str], inspected: Inspected) -> Command:
        """Our own rcfile, so that none of the backend's is looked for; `-I` keeps its files out of the imports."""
        python = (f"{PYTHON_TOOLS}/bin/python", "-I", "-B")
        program = (*python, f"/app/{OURS}/pylint_run.py", f"--rcfile=/app/{OURS}/pylintrc")
        roots = f"--source-roots=/app/{import_root(inspected.project)}"
        ours = {f"{OURS}/pylintrc": RULES, f"{OURS}/pylint_run.py": PROGRAM}
        return Command((*program, roots, *(f"/app/{path}" for path in paths)), ours)

    def read(self, printed: Printed, inspected: Inspected) -> Iterator[ToolFinding]:
        columns = Columns(inspected.files)
        usual = tuple(status for status in range(MOST_BITS + 1) if not status & 32)
        for entry in entries(json_of(printed, accept=usual), "messages"):
            path, line = relative(entry.get("absolutePath") or entry.get("path")), number(entry.get("line"))
            rule = f"{entry.get('messageId')} {entry.get('symbol')}"
            column = columns.after_bytes(path, line, number(entry.get("column")))
            severity = SEVERITIES.get(str(entry.get("type")), "note")
            yield tool_finding(path, line, column, rule, severity, entry.get("message"))
