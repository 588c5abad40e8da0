"""SQLAlchemy's own validation: mappers are configured and foreign keys followed, inside the sandbox.

This imports the backend's code, with its own environment and without a database.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from importlib.resources import files
from pathlib import PurePosixPath

from evaluator.tools.base import OURS, Command, Inspected, Place, Printed
from evaluator.tools.import_root import import_root
from evaluator.tools.printed import entries, json_of, number, relative, tool_finding
from evaluator.verdict import Severity, ToolFinding

PROGRAM = files(__package__).joinpath("inside", "sqlalchemy_mappers.py").read_bytes()
MAPS = re.compile(
    rb"__tablename__|declarative_base|DeclarativeBase|mapped_column|\bdb\.Model\b|map_imperatively|SQLModel|\bTable\("
)
SEVERITIES: dict[str, Severity] = {"error": "error", "warning": "warning"}
MOST_MODULES = 200


class SqlalchemyMappers:
    name = "sqlalchemy"
    package = "sqlalchemy"
    place = Place.BACKEND
    by_file = False
    seconds = 40
    rules = PROGRAM

    def wanted(self, inspected: Inspected) -> Sequence[str]:
        if self.package not in inspected.packages:
            return []
        return [path for path in inspected.project.python if _is_module(path) and MAPS.search(inspected.files[path])]

    def why_not(self, inspected: Inspected) -> str:
        installed = self.package in inspected.packages
        return "no file declares mapped classes or tables" if installed else "no SQLAlchemy is installed"

    def command(self, paths: Sequence[str], inspected: Inspected) -> Command:
        root = import_root(inspected.project)
        own = sorted(path for path in paths if path.startswith(root))[:MOST_MODULES]
        modules = [_module(path.removeprefix(root)) for path in own]
        order = json.dumps({"root": f"/app/{root}", "modules": [module for module in modules if module]})
        program = ("/env/bin/python", "-B", f"/app/{OURS}/sqlalchemy_mappers.py", order)
        return Command(program, {f"{OURS}/sqlalchemy_mappers.py": PROGRAM})

    def read(self, printed: Printed, inspected: Inspected) -> Iterator[ToolFinding]:
        for entry in entries(json_of(printed, accept=(0,))):
            severity = SEVERITIES.get(str(entry.get("severity")), "note")
            path, line = relative(entry.get("path")), number(entry.get("line"))
            yield tool_finding(path, line, 0, entry.get("rule"), severity, entry.get("message"))


def _is_module(path: str) -> bool:
    pure = PurePosixPath(path)
    return all(part.isidentifier() for part in (*pure.parts[:-1], pure.stem))


def _module(path: str) -> str:
    return path.removesuffix(".py").removesuffix("/__init__").replace("/", ".")
