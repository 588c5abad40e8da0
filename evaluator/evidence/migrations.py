"""What a run shows of migrations: those who apply them keep account of it in a table of their own."""

from __future__ import annotations

from collections.abc import Iterator

from evaluator.evidence.gathering import Evidence
from evaluator.evidence.places import Places
from evaluator.evidence.tables import names
from evaluator.tasks import Constraint
from evaluator.verdict import Finding

_ACCOUNTS = names(
    "alembic_version django_migrations sequelizemeta knex_migrations schema_migrations schema_version migrations",
    "_migrations pgmigrations _prisma_migrations aerich _yoyo_migration __drizzle_migrations umzug",
)


def migrations_in_run(evidence: Evidence, constraint: Constraint, places: Places) -> Iterator[Finding]:
    """A finding where there are tables and nothing says that a migration made them."""
    del places  # a table that is missing stands nowhere
    stored = (*evidence.stored_in("postgres")[0], *evidence.files)
    if any(one.own_tables for one in stored) and not are_migrations_applied(evidence):
        yield Finding(
            constraint.kind,
            constraint.value,
            "M2",
            "",
            0,
            "The run had tables, but no account of applied migrations (such as alembic_version or SequelizeMeta).",
            "uncertain",
            "Apply the migrations at start, with a tool that keeps account of which it applied.",
            "run",
        )


def are_migrations_applied(evidence: Evidence) -> bool:
    """Whether a table with an account of migrations has a row."""
    stored = (*evidence.stored_in("postgres")[0], *evidence.files)
    return any(bool(table.rows) and table.name.lower() in _ACCOUNTS for one in stored for table in one.tables)
