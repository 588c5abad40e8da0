"""The tables of a database as it stood after the contract: rows, columns, foreign and unique keys."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

ROWS_COUNTED = 1_000
TABLES_READ = 200
KEPT_NAME_CHARACTERS = 60


def names(*lines: str) -> frozenset[str]:
    """The words of some lines; as `verifiers.words`, which would load every parser."""
    return frozenset(" ".join(lines).split())


# Tables in which frameworks keep what they did, not what a backend was told.
_BOOKKEEPING = names(
    "alembic_version django_migrations django_content_type django_session django_admin_log django_site",
    "auth_permission auth_group auth_group_permissions sequelizemeta sequelizedata knex_migrations",
    "knex_migrations_lock schema_migrations schema_version migrations _migrations pgmigrations _prisma_migrations",
    "aerich _yoyo_migration yoyo_lock _yoyo_log _yoyo_version umzug session sessions",
)
_UNPRINTABLE = re.compile(r"[^\x20-\x7e\u00a0-\u2027\u2030-\u2065\u2070-\ud7ff]")


@dataclass(frozen=True)
class ForeignKey:
    """Columns that refer to a table."""

    columns: tuple[str, ...]
    table: str


@dataclass(frozen=True)
class Table:
    """One table. `rows` stops at ROWS_COUNTED + 1 and is None where they could not be counted; `unique` holds the sets
    of columns that a primary key or a unique index keeps apart."""

    name: str
    rows: int | None
    columns: tuple[str, ...] = ()
    foreign: tuple[ForeignKey, ...] = ()
    unique: tuple[tuple[str, ...], ...] = ()

    @property
    def is_bookkeeping(self) -> bool:
        """Whether it is a framework's own: migrations, permissions, sessions."""
        return self.name.lower() in _BOOKKEEPING


@dataclass(frozen=True)
class StoredTables:
    """What one database holds. `complete` is whether every table was read and counted; `path` names a SQLite file."""

    database: str
    tables: tuple[Table, ...]
    complete: bool
    path: str = ""

    @property
    def own_tables(self) -> tuple[Table, ...]:
        """The tables that are no framework's bookkeeping."""
        return tuple(table for table in self.tables if not table.is_bookkeeping)

    @property
    def rows(self) -> int:
        """Rows that were counted in its own tables: a lower bound."""
        return sum(table.rows or 0 for table in self.own_tables)


def printable(name: str) -> str:
    """A name that a backend chose, fit for a sentence: one line, no control characters, cut."""
    plain = _UNPRINTABLE.sub("\N{REPLACEMENT CHARACTER}", name)
    return plain if len(plain) <= KEPT_NAME_CHARACTERS else plain[: KEPT_NAME_CHARACTERS - 1] + "…"


def listed(names: Sequence[str], most: int = 5) -> str:
    """The first few names for a sentence."""
    shown = ", ".join(printable(name) for name in names[:most])
    return f"{shown} and {len(names) - most} more" if len(names) > most else shown
