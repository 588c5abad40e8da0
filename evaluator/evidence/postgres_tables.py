"""Reads the tables of a run's own PostgreSQL: as a reader of its own, in bounded time, past every lock and policy.

Never as superuser: planning a query on a table evaluates expressions of its indexes, which are code of the backend. The
reader exists for these milliseconds, may read everything in this one database and write nothing.
"""

from __future__ import annotations

import secrets
import threading
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any

import psycopg
from psycopg import sql
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from evaluator.errors import EngineUnavailable
from evaluator.evidence.tables import ROWS_COUNTED, TABLES_READ, ForeignKey, StoredTables, Table
from evaluator.sandbox.base import DatabaseAccess
from evaluator.services.postgres import administered, running_engine

READING_SECONDS = 1.0
MOST_ROWS_OF_CATALOGUE = 5_000
# Given at the start of the connection, where they win over what the owner of the database has set for it.
OPTIONS = (
    "-c search_path=pg_catalog -c statement_timeout=250 -c lock_timeout=20 -c default_transaction_read_only=on "
    "-c row_security=on -c max_parallel_workers_per_gather=0 -c client_encoding=UTF8"
)
# The newest first, for a backend makes its tables last; temporary ones belong to sessions.
TABLES = """
SELECT c.oid, n.nspname, c.relname, c.relkind FROM pg_catalog.pg_class c
JOIN pg_catalog.pg_namespace n ON n.oid OPERATOR(pg_catalog.=) c.relnamespace
WHERE c.relkind OPERATOR(pg_catalog.=) ANY ('{r,p}'::"char"[]) AND c.relpersistence OPERATOR(pg_catalog.<>) 't'
AND n.nspname OPERATOR(pg_catalog.<>) ALL ('{pg_catalog,information_schema,pg_toast}'::name[])
ORDER BY c.oid LIMIT %s
"""
COLUMNS = """
SELECT a.attrelid, a.attnum, a.attname FROM pg_catalog.pg_attribute a
WHERE a.attrelid OPERATOR(pg_catalog.=) ANY (%s::oid[]) AND a.attnum OPERATOR(pg_catalog.>) 0::int2
AND NOT a.attisdropped ORDER BY a.attrelid, a.attnum LIMIT %s
"""
FOREIGN_KEYS = """
SELECT c.conrelid, c.conkey, f.relname FROM pg_catalog.pg_constraint c
JOIN pg_catalog.pg_class f ON f.oid OPERATOR(pg_catalog.=) c.confrelid
WHERE c.contype OPERATOR(pg_catalog.=) 'f'::"char" AND c.conrelid OPERATOR(pg_catalog.=) ANY (%s::oid[]) LIMIT %s
"""
# An index on an expression (lower(email)) names its columns only in what it depends on.
UNIQUE_KEYS = """
SELECT i.indrelid, ARRAY(
  SELECT d.refobjsubid FROM pg_catalog.pg_depend d
  WHERE d.objid OPERATOR(pg_catalog.=) i.indexrelid AND d.refobjid OPERATOR(pg_catalog.=) i.indrelid
  AND d.refobjsubid OPERATOR(pg_catalog.>) 0
), i.indkey::int2[] FROM pg_catalog.pg_index i
WHERE i.indisunique AND i.indpred IS NULL AND i.indrelid OPERATOR(pg_catalog.=) ANY (%s::oid[]) LIMIT %s
"""


def read_postgres(access: DatabaseAccess) -> StoredTables | None:
    """The tables of a run's database; None where they could not be read within READING_SECONDS.

    Raises nothing: what stands in the way is the backend's, or our own and then told by others.
    """
    found: list[StoredTables] = []

    def read() -> None:
        with suppress(psycopg.Error, EngineUnavailable, UnicodeError), _reader(access) as connection:
            found.append(_read(connection))

    # A thread of its own: what holds a connection up is ended when the database is dropped, whatever it is.
    reading = threading.Thread(target=read, name="postgres-evidence", daemon=True)
    reading.start()
    reading.join(READING_SECONDS)
    return found[0] if found else None


@contextmanager
def _reader(access: DatabaseAccess) -> Iterator[psycopg.Connection[Any]]:
    name, password = f"{access.database}_r", secrets.token_hex(16)
    role, database = sql.Identifier(name), sql.Identifier(access.database)
    with administered() as administrator:
        make = "CREATE ROLE {} LOGIN BYPASSRLS PASSWORD {} CONNECTION LIMIT 1 IN ROLE pg_read_all_data"
        administrator.execute(sql.SQL(make).format(role, sql.Literal(password)))
        try:
            administrator.execute(sql.SQL("GRANT CONNECT ON DATABASE {} TO {}").format(database, role))
            parameters = conninfo_to_dict(running_engine().administration)
            parameters |= {"user": name, "password": password, "dbname": access.database, "options": OPTIONS}
            with psycopg.connect(make_conninfo("", **parameters), autocommit=True, connect_timeout=2) as connection:
                yield connection
        finally:
            with suppress(psycopg.Error):  # dropped meanwhile, and the right with it
                administrator.execute(sql.SQL("REVOKE CONNECT ON DATABASE {} FROM {}").format(database, role))
            administrator.execute(sql.SQL("DROP ROLE {}").format(role))


def _read(connection: psycopg.Connection[Any]) -> StoredTables:
    found = connection.execute(TABLES, (TABLES_READ + 1,)).fetchall()
    tables = found[:TABLES_READ]
    oids = [oid for oid, *_ in tables]
    columns: dict[int, dict[int, str]] = defaultdict(dict)
    for oid, number, name in connection.execute(COLUMNS, (oids, MOST_ROWS_OF_CATALOGUE)):
        columns[oid][number] = name
    foreign: dict[int, list[ForeignKey]] = defaultdict(list)
    for oid, numbers, target in connection.execute(FOREIGN_KEYS, (oids, MOST_ROWS_OF_CATALOGUE)):
        foreign[oid].append(ForeignKey(_named(columns[oid], numbers), target))
    unique: dict[int, list[tuple[str, ...]]] = defaultdict(list)
    for oid, dependent, numbers in connection.execute(UNIQUE_KEYS, (oids, MOST_ROWS_OF_CATALOGUE)):
        unique[oid].append(_named(columns[oid], dependent if 0 in numbers else numbers))
    rows = [_rows(connection, schema, name) if kind == "r" else 0 for _, schema, name, kind in tables]
    return StoredTables(
        "postgres",
        tuple(
            Table(name, count, tuple(columns[oid].values()), tuple(foreign[oid]), tuple(unique[oid]))
            for (oid, _, name, _), count in zip(tables, rows, strict=True)
        ),
        complete=len(found) <= TABLES_READ and None not in rows,
    )


def _named(columns: dict[int, str], numbers: list[int]) -> tuple[str, ...]:
    return tuple(sorted(columns[number] for number in set(numbers) if number in columns))


def _rows(connection: psycopg.Connection[Any], schema: str, name: str) -> int | None:
    """Rows of one table, up to one more than ROWS_COUNTED; None where a lock or its size stands in the way."""
    count = sql.SQL("SELECT count(*) FROM (SELECT FROM ONLY {} LIMIT {}) AS counted")
    try:
        row = connection.execute(count.format(sql.Identifier(schema, name), ROWS_COUNTED + 1)).fetchone()
    except psycopg.Error:
        if connection.closed:
            raise
        return None
    return int(row[0]) if row is not None else None
