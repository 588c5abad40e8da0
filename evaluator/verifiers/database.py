"""The database a task demands, from the calls that open one and the statements and queries sent.

D1  production code opens the demanded database, and stores through it
D2  no other database of the benchmark is reachable in production code
"""

from __future__ import annotations

from collections.abc import Iterator

from evaluator.tasks import CONSTRAINTS, Constraint
from evaluator.verdict import Certainty, Finding
from evaluator.verifiers.backend import BackendCode, finding
from evaluator.verifiers.openings import Opening

TITLES = {constraint.value: constraint.title for constraint in CONSTRAINTS.values() if constraint.kind == "database"}
HOW_TO_OPEN = {
    "postgres": "host postgres, port 5432, user “user”, password “password”, the database that the task names",
    "sqlite": "a file of the project, with a driver such as sqlite3, aiosqlite or better-sqlite3",
}


def verify_database(backend: BackendCode, constraint: Constraint) -> Iterator[Finding]:
    """Findings on the database of a backend."""
    openings = [opening for opening in backend.data.openings if opening.guard != "test"]
    yield from _not_opened(backend, constraint, openings)
    yield from _not_stored_through(backend, constraint, openings)
    yield from _other_databases(backend, constraint, openings)


# D1


def _not_opened(backend: BackendCode, constraint: Constraint, openings: list[Opening]) -> Iterator[Finding]:
    demanded = [opening for opening in openings if opening.database == constraint.value]
    alive = [opening for opening in demanded if not backend.program.is_dead(opening.path)]
    by_default = [opening for opening in alive if opening.guard == "always"]
    title = TITLES[constraint.value]
    unknown = [opening for opening in openings if not opening.database]
    if by_default and all(opening.in_memory for opening in by_default):
        opening = by_default[0]
        yield finding(
            constraint,
            "D1",
            opening.path,
            opening.line,
            f"{title} is opened here without a file, so the rows are gone when the program ends.",
            "uncertain",
            mend=f"Open {HOW_TO_OPEN[constraint.value]}.",
        )
    if by_default:
        return
    if alive:
        opening = alive[0]
        yield finding(
            constraint,
            "D1",
            opening.path,
            opening.line,
            f"{title} is opened here only under a condition that the text does not settle.",
            "certain" if all(one.guard == "optional" for one in alive) else "uncertain",
            mend=f"Open it always: {HOW_TO_OPEN[constraint.value]}.",
        )
    elif demanded:
        opening = demanded[0]
        yield finding(
            constraint,
            "D1",
            opening.path,
            opening.line,
            f"{title} is opened only in a file that nothing started by run.sh imports.",
            "uncertain",
            mend=f"Use this file, or open {title} where data are stored.",
        )
    elif unknown:
        opening = unknown[0]
        yield finding(
            constraint,
            "D1",
            opening.path,
            opening.line,
            f"A database is opened here ({opening.how}), but the text does not tell which.",
            "uncertain",
            mend=f"Write the default address of {title} down: {HOW_TO_OPEN[constraint.value]}.",
        )
    else:
        yield finding(
            constraint,
            "D1",
            "",
            0,
            f"No production code opens {title}.",
            backend.certainty_of_absence,
            mend=f"Connect to it ({HOW_TO_OPEN[constraint.value]}) and store all data there.",
        )


def _not_stored_through(backend: BackendCode, constraint: Constraint, openings: list[Opening]) -> Iterator[Finding]:
    """A whole backend that opens the database and then neither sends a statement nor a query keeps its data "
    "elsewhere."""
    demanded = [opening for opening in openings if opening.database == constraint.value]
    if not demanded or not backend.program.serves or backend.data.statement_files:
        return
    if any(not backend.program.is_dead(access.path) for access in backend.data.accesses):
        return
    if any(mapped.orm == "django" for mapped in backend.data.mapped):
        return
    opening = demanded[0]
    yield finding(
        constraint,
        "D1",
        opening.path,
        opening.line,
        f"{TITLES[constraint.value]} is opened here, but no production code reads or writes data through it.",
        "uncertain" if not backend.wholly_read or _other_ways(backend) else "certain",
        mend="Store all data in it instead of in memory.",
    )


def _other_ways(backend: BackendCode) -> bool:
    """Libraries that read and write in ways this verifier does not know."""
    known = {
        "peewee",
        "tortoise",
        "pony",
        "piccolo",
        "ormar",
        "gino",
        "typeorm",
        "mikro-orm",
        "objection",
        "bookshelf",
        "aiosql",
    }
    return bool(backend.program.all_packages & known) or any(
        "@mikro-orm" in name for name in backend.program.all_packages
    )


# D2


def _other_databases(backend: BackendCode, constraint: Constraint, openings: list[Opening]) -> Iterator[Finding]:
    for opening in openings:
        if opening.database in ("", constraint.value) or _is_forgiven(backend, constraint, opening, openings):
            continue
        yield finding(
            constraint,
            "D2",
            opening.path,
            opening.line,
            f"{TITLES.get(opening.database, opening.database)} is opened here ({opening.how}) although the task "
            f"demands {TITLES[constraint.value]}.",
            _certainty(backend, opening),
            mend="Remove it, also as a fallback.",
        )


def _certainty(backend: BackendCode, opening: Opening) -> Certainty:
    if backend.program.is_dead(opening.path) or opening.guard in ("optional", "unclear"):
        return "uncertain"
    return "certain"


def _is_forgiven(backend: BackendCode, constraint: Constraint, opening: Opening, openings: list[Opening]) -> bool:
    """Django wants some DATABASES; where nothing is mapped by Django and the data go elsewhere, the line opens "
    "nothing."""
    if not opening.how.endswith("of Django") or any(mapped.orm == "django" for mapped in backend.data.mapped):
        return False
    return any(one.database == constraint.value and not one.how.endswith("of Django") for one in openings)
