"""What the SQL of a run shows of the ORM that a task demands, where that can be told.

O3  the run reads and writes its data in statements that the demanded ORM makes

An ORM has a hand of its own. SQLAlchemy breaks the line before FROM and leaves a space there; Sequelize quotes every
table and ends with a semicolon. PostgreSQL only: nobody sees the SQL that goes to a SQLite file.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from evaluator.evidence.gathering import Evidence
from evaluator.evidence.places import Places
from evaluator.evidence.tables import printable
from evaluator.tasks import CONSTRAINTS, Constraint
from evaluator.verdict import Certainty, Finding
from evaluator.verifiers.sql import reads_or_writes_data

SHOWN_CHARACTERS = 70
_TABLE_AFTER = re.compile(r"\b(?:from|into|update|join)\s+(?:only\s+)?(\"?[\w.$]+)", re.IGNORECASE)
_SQLALCHEMY_BREAK = " \nFROM "
_UNQUALIFIED = re.compile(
    r"\s*(?:UPDATE|DELETE)\b.*\bWHERE\s+\(?\w+\s*(?:=|<|>|IN\b|LIKE\b)", re.IGNORECASE | re.DOTALL
)
_IN_LOWER_CASE = re.compile(r"\s*(?:insert into|update|delete from|select)\b")
_FOREIGN_TABLE = re.compile(r"migrat|alembic|session|pg_|information_schema", re.IGNORECASE)


def orm_in_run(evidence: Evidence, constraint: Constraint, places: Places) -> Iterator[Finding]:
    """A finding where statements of the run were certainly not made by the demanded ORM."""
    written = [text for text in _of_data(evidence) if _is_by_hand(text, constraint.value)]
    if not written or evidence.sent is None:
        return
    title = CONSTRAINTS[constraint.value].title
    shown = printable(" ".join(written[0].split())[:SHOWN_CHARACTERS])
    none_made = evidence.sent.complete and not is_made_by_orm(evidence, constraint)
    message = f"The run sent SQL that {title} does not make, in {len(written)} forms, such as “{shown}”"
    message += f"; none that it makes was sent, so data go past {title}." if none_made else "."
    mend = f"Find where it is sent, and say it as a query of {title} on mapped classes."
    certainty: Certainty = "certain" if none_made else "uncertain"
    yield Finding(
        constraint.kind, constraint.value, "O3", *places.of_statement(written[0]), message, certainty, mend, "run"
    )


def is_made_by_orm(evidence: Evidence, constraint: Constraint) -> bool:
    """Whether the run sent statements on data that the demanded ORM certainly made."""
    made = _MADE[constraint.value]
    return any(made(text) for text in _of_data(evidence))


def _of_data(evidence: Evidence) -> Iterator[str]:
    """The statements that read or write rows of the backend's own tables."""
    for text in evidence.sent.texts if evidence.sent is not None else ():
        tables = _TABLE_AFTER.findall(text)
        if reads_or_writes_data(text, "execute") and tables and not _FOREIGN_TABLE.search(tables[0]):
            yield text


def _is_by_hand(text: str, orm: str) -> bool:
    """Whether no version of the ORM writes a statement like this; what may be either is nobody's."""
    if orm == "sequelize":
        return not any(table.startswith('"') for table in _TABLE_AFTER.findall(text))
    if _by_sqlalchemy(text):
        return False
    selects = text.lstrip()[:6].upper() == "SELECT"
    return selects or bool(_IN_LOWER_CASE.match(text)) or bool(_UNQUALIFIED.match(text))


def _by_sqlalchemy(text: str) -> bool:
    return _SQLALCHEMY_BREAK in text


def _by_sequelize(text: str) -> bool:
    return bool(re.search(r'\b(FROM|INTO|UPDATE) "\w+"( AS "\w+"| \(| SET )', text)) and text.rstrip("\0").endswith(";")


_MADE: dict[str, Callable[[str], bool]] = {"sqlalchemy": _by_sqlalchemy, "sequelize": _by_sequelize}
