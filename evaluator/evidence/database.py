"""What a run shows of the database that a task demands.

D3  what the backend said it stored is in the demanded database
D4  no rows are in another database
"""

from __future__ import annotations

from collections.abc import Iterator

from evaluator.evidence.gathering import Evidence
from evaluator.evidence.places import NOWHERE, Place, Places
from evaluator.evidence.tables import StoredTables, listed, printable
from evaluator.tasks import CONSTRAINTS, Constraint
from evaluator.verdict import Certainty, Finding

# So many writes that a database with fewer rows than FEW_ROWS cannot hold them one by one.
MANY_WRITES = 20
FEW_ROWS = 5


def database_in_run(evidence: Evidence, constraint: Constraint, places: Places) -> Iterator[Finding]:
    """Findings on where a run stored its data; none where nothing was written, or not all could be read."""
    stored, complete = evidence.stored_in(constraint.value)
    rows = sum(one.rows for one in stored)
    title = CONSTRAINTS[constraint.value].title
    if evidence.writes and complete and not rows:
        where = "no table of it holds a row" if stored else "no file of it was written"
        if stored and (names := [table.name for one in stored for table in one.own_tables]):
            where += f" ({listed(names)})"
        yield _finding(
            constraint,
            "D3",
            NOWHERE,
            f"The run wrote {evidence.writes} times with success, but {title} stayed empty: {where}.",
            f"Store what requests write in {title}, not in memory or in files, and commit it.",
        )
    elif evidence.writes >= MANY_WRITES and complete and rows < FEW_ROWS:
        yield _finding(
            constraint,
            "D3",
            NOWHERE,
            f"The run wrote {evidence.writes} times with success, but {title} holds {rows} rows only.",
            f"Store every user, article and comment in a row of its own in {title}.",
            "uncertain",
        )
    if constraint.value != "sqlite":
        for file in evidence.files:
            if file.rows:
                yield _other_database(constraint, title, file, places.of_file(file.path))


def _other_database(constraint: Constraint, title: str, file: StoredTables, place: Place) -> Finding:
    tables = [table.name for table in file.own_tables if table.rows]
    return _finding(
        constraint,
        "D4",
        place,
        f"The run wrote the SQLite file “{printable(file.path)}” with {file.rows} rows ({listed(tables)}) although the "
        f"task demands {title}.",
        f"Store these rows in {title} and remove the file.",
    )


def is_stored_in(evidence: Evidence, database: str) -> bool:
    """Whether a run certainly opened this database by default and stored through it."""
    rows = sum(one.rows for one in evidence.stored_in(database)[0])
    return bool(evidence.writes) and rows >= FEW_ROWS


def _finding(
    constraint: Constraint, rule: str, place: Place, message: str, mend: str, certainty: Certainty = "certain"
) -> Finding:
    return Finding(constraint.kind, constraint.value, rule, *place, message, certainty, mend, "run")
