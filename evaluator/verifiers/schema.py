"""Whether the database itself keeps the data together, as far as the text tells; a run reads the real schema.

K1  columns that refer to rows of another table are foreign keys
K2  what may be there only once is kept apart by unique constraints
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from evaluator.tasks import Constraint
from evaluator.verdict import Finding
from evaluator.verifiers.backend import BackendCode, finding
from evaluator.verifiers.expressions import last_name
from evaluator.verifiers.words import words
from evaluator.verifiers.written_sql import CreatedTable, created_tables, written_texts

_FOREIGN_CALLS = words(
    "ForeignKey ForeignKeyConstraint OneToOneField ManyToManyField belongsTo belongsToMany hasMany hasOne",
    "foreign references BelongsTo BelongsToMany",
)
_FOREIGN_FIELDS = words("references foreignKey foreign_key db_constraint")
_UNIQUE_CALLS = words("UniqueConstraint unique Unique unique_together uniqueIndex")
_UNIQUE_FIELDS = words("unique unique_together uniqueKeys primary_key primaryKey")
_FOREIGN_SQL = re.compile(r"\breferences\s+[\"'`\[]?\w", re.IGNORECASE)
_UNIQUE_SQL = re.compile(r"\bunique\b", re.IGNORECASE)
_REFERRING = re.compile(r"[\"'`]?\b(\w+_id|author|owner)\b[\"'`]?\s+\w*(int|uuid|text|char|serial)", re.IGNORECASE)
_UNIQUE_INDEX = re.compile(r"create\s+unique\s+index", re.IGNORECASE)


def verify_schema(backend: BackendCode, constraint: Constraint) -> Iterator[Finding]:
    """Findings on the schema that the text declares: all uncertain, for only the running database has it for sure."""
    created = created_tables(backend.program)
    place = _place(backend, created)
    if place is None:
        yield finding(
            constraint,
            "K1",
            "",
            0,
            "The text shows no schema: no mapped class and no CREATE TABLE.",
            "uncertain",
            mend="Keep the data in tables, with foreign keys and unique constraints.",
        )
        return
    if not _declares(backend, created, _FOREIGN_CALLS, _FOREIGN_FIELDS, _FOREIGN_SQL):
        yield finding(
            constraint,
            "K1",
            *(_referring_place(created) or place),
            "No foreign key is declared in any table or mapped class.",
            "uncertain",
            mend="Declare each column that refers to a row of another table as a foreign key.",
        )
    if not _declares(backend, created, _UNIQUE_CALLS, _UNIQUE_FIELDS - {"primary_key", "primaryKey"}, _UNIQUE_SQL):
        yield finding(
            constraint,
            "K2",
            *place,
            "No unique constraint is declared in any table or mapped class.",
            "uncertain",
            mend="Declare what may be there only once as unique: addresses, user names, slugs, pairs of link tables.",
        )


def _place(backend: BackendCode, created: tuple[CreatedTable, ...]) -> tuple[str, int] | None:
    """Where the schema begins in the text; None where there is none."""
    if backend.data.mapped:
        return backend.data.mapped[0].path, backend.data.mapped[0].line
    return (created[0].path, created[0].line) if created else None


def _referring_place(created: tuple[CreatedTable, ...]) -> tuple[str, int] | None:
    return next(((table.path, table.line) for table in created if _REFERRING.search(table.text)), None)


def _declares(
    backend: BackendCode,
    created: tuple[CreatedTable, ...],
    calls: frozenset[str],
    fields: frozenset[str],
    written: re.Pattern[str],
) -> bool:
    if any(written.search(table.text) for table in created):
        return True
    for source in backend.program.sources.values():
        if fields & source.attributes.keys() or any(last_name(guarded.call.of) in calls for guarded in source.calls):
            return True
    return written is _UNIQUE_SQL and _has_unique_index(backend)


def _has_unique_index(backend: BackendCode) -> bool:
    return any(_UNIQUE_INDEX.search(text) for _, _, text in written_texts(backend.program))
