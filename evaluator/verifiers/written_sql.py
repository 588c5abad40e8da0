"""The statements that a program's text shows, wherever they stand: arguments of calls, constants, files of SQL."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from evaluator.verifiers.expressions import Join, Text
from evaluator.verifiers.program import Program
from evaluator.verifiers.project import is_production

_CREATE_TABLE = re.compile(
    r"create\s+table\s+(?:if\s+not\s+exists\s+)?[\"'`\[]?(?:\w+[\"'`\]]?\.[\"'`\[]?)?(?P<name>\w+)", re.IGNORECASE
)
_MOST_TABLES = 500


@dataclass(frozen=True, slots=True)
class CreatedTable:
    """A CREATE TABLE: where it stands, and its text up to the next one."""

    path: str
    line: int
    name: str
    text: str


def created_tables(program: Program) -> tuple[CreatedTable, ...]:
    """Every table that a statement in production code or in a file of SQL makes, each name once per file."""
    found: dict[tuple[str, str], CreatedTable] = {}
    for path, line, text in written_texts(program):
        matches = list(_CREATE_TABLE.finditer(text))
        ends = [*(match.start() for match in matches[1:]), len(text)]
        for match, end in zip(matches, ends, strict=False):
            name = match["name"].lower()
            body = text[match.start() : end]
            place = line + (text.count("\n", 0, match.start()) if path.endswith(".sql") else 0)
            found.setdefault((path, name), CreatedTable(path, place, name, body))
        if len(found) > _MOST_TABLES:
            break
    return tuple(found.values())


def written_texts(program: Program) -> Iterator[tuple[str, int, str]]:
    """Every string that is written where it is handed to a call or given to a name."""
    for path, source in program.sources.items():
        handed = ((one, guarded.call.line) for guarded in source.calls for one in guarded.call.arguments[:2])
        given = ((value.expression, value.line) for values in source.bindings.values() for value in values)
        for expression, line in (*handed, *given):
            if isinstance(expression, (Text, Join)):
                yield from ((path, line, text.value) for text in program.texts(path, expression)[:1])
    for path in program.project.files:
        if path.endswith(".sql") and is_production(path):
            yield path, 1, program.project.text(path)
