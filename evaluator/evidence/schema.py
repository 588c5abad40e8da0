"""What a run shows of the keys in the real schema, after the backend made it.

K1  columns that refer to rows of another table are foreign keys
K2  what must be there once is kept apart by the database: addresses, names, slugs, and the pairs of link tables
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

from evaluator.evidence.gathering import Evidence
from evaluator.evidence.places import NOWHERE, Places
from evaluator.evidence.tables import StoredTables, Table, listed, names, printable
from evaluator.tasks import Constraint
from evaluator.verdict import Certainty, Finding

_REFERRING = re.compile(r"^(?P<of>\w+?)(?:_?id|_?uuid|_?fk)$", re.IGNORECASE)
_ONCE = re.compile(r"^(email|e_mail|email_address|username|user_name|slug)$", re.IGNORECASE)
# What a column refers to by a part that somebody plays, not by a table's name.
_PARTS_OF_USERS = names("author user owner follower following followed followee creator writer sender liker favoriter")
_USERS = names("user account person author profile member")


def schema_in_run(evidence: Evidence, constraint: Constraint, places: Places) -> Iterator[Finding]:
    """Findings on the tables that the run really had; none where they could not be read."""
    for stored in _schemas(evidence):
        tables = stored.own_tables
        known = {_singular(table.name) for table in tables}
        for table in tables:
            found = (
                *_without_foreign_key(constraint, stored, table, known),
                *_without_unique_key(constraint, stored, table),
                *_without_unique_pair(constraint, stored, table, known),
            )
            path, line = places.of_table(table.name) if found else NOWHERE
            yield from (replace(one, path=path, line=line) for one in found)


def is_schema_known(evidence: Evidence) -> bool:
    """Whether the real schema was read, so that doubts of the text are settled."""
    return any(stored.own_tables for stored in _schemas(evidence))


def confirmed_absence(finding: Finding, evidence: Evidence) -> Finding:
    """The finding that the text shows no schema, made certain where the run left no table in any database either.

    Neither alone is enough: a schema may be made by what the text does not show, and SQLite's `:memory:` has tables
    that no run leaves.
    """
    if finding.rule != "K1" or finding.path or not evidence.left_no_table:
        return finding
    message = "The text shows no schema, and the run left no table in any database: no key holds the data together."
    return replace(finding, message=message, certainty="certain", seen="run")


def _schemas(evidence: Evidence) -> tuple[StoredTables, ...]:
    stored = (*evidence.stored_in("postgres")[0], *evidence.stored_in("sqlite")[0])
    return tuple(one for one in stored if one.own_tables)


# K1


def _without_foreign_key(
    constraint: Constraint, stored: StoredTables, table: Table, known: set[str]
) -> Iterator[Finding]:
    referring = {column for key in table.foreign for column in key.columns}
    for column in table.columns:
        if column in referring:
            continue
        target, certainty = _target(column, table, known)
        if target:
            yield _finding(
                constraint,
                "K1",
                f"“{printable(column)}” of the table “{printable(table.name)}”{_place(stored)} refers to "
                f"“{printable(target)}”, but no foreign key holds it.",
                f"Declare it as a foreign key of “{printable(target)}”, with what becomes of it when that row goes.",
                certainty,
            )


def _target(column: str, table: Table, known: set[str]) -> tuple[str, Certainty]:
    """What a column refers to by its name; certain where there is a table of that name."""
    found = _REFERRING.match(column)
    if found is None or column.lower() in ("id", "uuid"):
        return "", "uncertain"
    of = _singular(found["of"].rstrip("_"))
    if of in known and of != _singular(table.name):
        return of, "certain"
    users = sorted(known & _USERS)
    if of in _PARTS_OF_USERS and users:
        return users[-1], "certain"
    return "", "uncertain"


# K2


def _without_unique_key(constraint: Constraint, stored: StoredTables, table: Table) -> Iterator[Finding]:
    alone = {key[0].lower() for key in table.unique if len(key) == 1}
    for column in table.columns:
        if _ONCE.match(column) and column.lower() not in alone and not table.foreign:
            yield _finding(
                constraint,
                "K2",
                f"“{printable(column)}” of the table “{printable(table.name)}”{_place(stored)} may hold the same value "
                f"twice: no unique constraint keeps it apart.",
                "Declare it unique in the schema, so that two requests at one moment cannot both store it.",
                "certain" if _is_of_users(table) or column.lower() == "slug" else "uncertain",
            )


def _without_unique_pair(
    constraint: Constraint, stored: StoredTables, table: Table, known: set[str]
) -> Iterator[Finding]:
    """A table that links two others holds each pair once."""
    links = [column for column in table.columns if _target(column, table, known)[0] or _is_foreign(table, column)]
    others = [column for column in table.columns if column not in links and not _is_circumstance(column)]
    if len(links) != 2 or others or any(set(key) == set(links) for key in table.unique):
        return
    yield _finding(
        constraint,
        "K2",
        f"The table “{printable(table.name)}”{_place(stored)} links {listed(links)}, but may hold a pair twice.",
        "Make the two columns its primary key, or declare them unique together.",
    )


def _is_of_users(table: Table) -> bool:
    return _singular(table.name) in _USERS


def _is_foreign(table: Table, column: str) -> bool:
    return any(key.columns == (column,) for key in table.foreign)


def _is_circumstance(column: str) -> bool:
    """Columns that a link may have beside its two ends."""
    return bool(re.fullmatch(r"id|uuid|created_?at|updated_?at|created|updated|position", column, re.IGNORECASE))


def _singular(name: str) -> str:
    """The bare word of a table's or column's name: `app_users` and `Users` are both `user`."""
    word = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name).lower().rpartition("_")[2]
    if word.endswith("ies"):
        return word[:-3] + "y"
    return word[:-1] if word.endswith("s") and not word.endswith("ss") else word


def _place(stored: StoredTables) -> str:
    return f" in “{printable(stored.path)}”" if stored.path else ""


def _finding(constraint: Constraint, rule: str, message: str, mend: str, certainty: Certainty = "certain") -> Finding:
    return Finding(constraint.kind, constraint.value, rule, "", 0, message, certainty, mend, "run")
