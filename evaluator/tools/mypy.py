"""mypy: calls, names and attributes that do not fit, without the backend's packages. https://mypy.readthedocs.io/"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from importlib.resources import files
from pathlib import PurePosixPath

from evaluator.tools.base import OURS, PYTHON, Command, Inspected, Place, Printed, Unreadable
from evaluator.tools.columns import Columns
from evaluator.tools.import_root import import_root
from evaluator.tools.printed import complaint, json_lines_of, number, relative, tool_finding
from evaluator.verdict import Severity, ToolFinding

RULES = files(__package__).joinpath("inside", "mypy.ini").read_bytes()
ERRORS = frozenset({"syntax", "name-defined", "attr-defined", "call-arg", "used-before-def", "unused-coroutine"})


class Mypy:
    name = "mypy"
    package = "mypy"
    place = Place.PYTHON_TOOLS
    by_file = False
    seconds = 60
    rules = RULES

    def wanted(self, inspected: Inspected) -> Sequence[str]:
        """Files that can be modules: mypy gives up at a name that no import can hold."""
        return [path for path in inspected.project.python if _is_module(path)]

    def why_not(self, inspected: Inspected) -> str:
        return "no Python files that can be imported"

    def command(self, paths: Sequence[str], inspected: Inspected) -> Command:
        """Our own configuration file, the only one that is read: a plug-in of the backend's is never loaded."""
        options = ("--config-file", f"/app/{OURS}/mypy.ini", "--output", "json")
        rules = RULES.replace(b"mypy_path = /app", f"mypy_path = /app/{import_root(inspected.project)}".encode())
        return Command((*PYTHON, "mypy", *options, "--", *paths), {f"{OURS}/mypy.ini": rules})

    def read(self, printed: Printed, inspected: Inspected) -> Iterator[ToolFinding]:
        columns = Columns(inspected.files)
        documents = list(json_lines_of(printed))
        if printed.status not in (0, 1) and not documents:
            raise Unreadable(complaint(printed))
        for entry in documents:
            path, line, code = relative(entry.get("file")), number(entry.get("line")), str(entry.get("code") or "mypy")
            # mypy 2.4 counts something else than bytes or characters where a line holds more than ASCII.
            column = columns.on_ascii_line(path, line, number(entry.get("column")))
            yield tool_finding(path, line, column, code, _severity(entry.get("severity"), code), entry.get("message"))


def _severity(said: object, code: str) -> Severity:
    if said != "error":
        return "note"
    return "error" if code in ERRORS else "warning"


def _is_module(path: str) -> bool:
    pure = PurePosixPath(path)
    return all(part.isidentifier() for part in (*pure.parts[:-1], pure.stem))
