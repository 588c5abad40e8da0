"""The tables of a run's PostgreSQL are read whatever its owner did to prevent it, and its code never runs as ours."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any

import psycopg
import pytest

from evaluator.evidence.postgres_tables import READING_SECONDS, read_postgres
from evaluator.evidence.tables import ROWS_COUNTED, TABLES_READ, ForeignKey, StoredTables
from evaluator.sandbox import DatabaseAccess
from evaluator.services import postgres

pytestmark = pytest.mark.engines


@pytest.fixture
def access() -> Iterator[DatabaseAccess]:
    with postgres.fresh_database() as access:
        yield access


@pytest.fixture
def owner(access: DatabaseAccess) -> Iterator[psycopg.Connection[Any]]:
    """Connected as the backend is: owner of its database and nothing more."""
    address = f"host={access.socket.parent} user={access.role} dbname={access.database} password=password"
    with psycopg.connect(address, autocommit=True) as connection:
        yield connection


def read(access: DatabaseAccess) -> StoredTables:
    stored = read_postgres(access)
    assert stored is not None
    return stored


def test_rows_columns_foreign_and_unique_keys_are_read(access: DatabaseAccess, owner: psycopg.Connection[Any]) -> None:
    owner.execute("CREATE TABLE users (id serial PRIMARY KEY, email text UNIQUE, name text)")
    owner.execute("CREATE UNIQUE INDEX ON users (lower(name))")
    owner.execute("CREATE UNIQUE INDEX ON users (email) WHERE name = 'only some'")
    owner.execute("CREATE TABLE likes (a int REFERENCES users, b int, UNIQUE (b, a))")
    owner.execute("INSERT INTO users (email) VALUES ('a'), ('b')")

    users, likes = read(access).tables

    assert (users.name, users.rows, users.columns) == ("users", 2, ("id", "email", "name"))
    assert sorted(users.unique) == [("email",), ("id",), ("name",)]
    assert likes.foreign == (ForeignKey(("a",), "users"),)
    assert likes.unique == (("a", "b"),)
    assert read(access).complete


def test_tables_of_other_schemas_and_partitions_count_and_views_do_not(
    access: DatabaseAccess, owner: psycopg.Connection[Any]
) -> None:
    owner.execute("CREATE SCHEMA more")
    owner.execute("CREATE TABLE more.parts (n int) PARTITION BY RANGE (n)")
    owner.execute("CREATE TABLE more.low PARTITION OF more.parts FOR VALUES FROM (0) TO (100)")
    owner.execute("INSERT INTO more.parts SELECT generate_series(1, 7)")
    owner.execute("CREATE VIEW endless AS SELECT a.n FROM generate_series(1, 1000000000) a(n)")

    stored = read(access)

    assert {table.name: table.rows for table in stored.tables} == {"parts": 0, "low": 7}
    assert stored.rows == 7


def test_rows_are_counted_up_to_a_bound(access: DatabaseAccess, owner: psycopg.Connection[Any]) -> None:
    owner.execute("CREATE TABLE many AS SELECT generate_series(1, 200000) AS n")
    begun = time.monotonic()
    assert read(access).tables[0].rows == ROWS_COUNTED + 1
    assert time.monotonic() - begun < READING_SECONDS


def test_hostile_names_are_read_as_they_are(access: DatabaseAccess, owner: psycopg.Connection[Any]) -> None:
    name = 'x"; DROP TABLE "y\u202e\n\x1b[31m%s{}'
    owner.execute('CREATE TABLE "' + name.replace('"', '""') + '" (n int)')
    owner.execute("CREATE TABLE y (n int)")
    assert {table.name for table in read(access).tables} == {name, "y"}


def test_ten_thousand_tables_are_no_more_work_than_some(access: DatabaseAccess, owner: psycopg.Connection[Any]) -> None:
    block = "DO $$ BEGIN FOR i IN {}..{} LOOP EXECUTE format('CREATE TABLE t%s ()', i); END LOOP; END $$"
    for start in range(0, 10_000, 1_000):
        owner.execute(block.format(start, start + 999))
    begun = time.monotonic()
    stored = read(access)
    assert time.monotonic() - begun < READING_SECONDS
    assert len(stored.tables) == TABLES_READ
    assert not stored.complete


def test_a_locked_table_is_not_waited_for_and_its_rows_are_unknown(
    access: DatabaseAccess, owner: psycopg.Connection[Any]
) -> None:
    owner.execute("CREATE TABLE open_table (n int)")
    owner.execute("CREATE TABLE locked (n int)")
    with owner.transaction():
        owner.execute("LOCK TABLE locked IN ACCESS EXCLUSIVE MODE")
        stored = read(access)
    assert {table.name: table.rows for table in stored.tables} == {"open_table": 0, "locked": None}
    assert not stored.complete


def test_a_lock_on_every_table_ends_in_time(access: DatabaseAccess, owner: psycopg.Connection[Any]) -> None:
    with owner.transaction():
        for number in range(150):
            owner.execute(f"CREATE TABLE t{number} (n int)")
    with owner.transaction():
        for number in range(150):
            owner.execute(f"LOCK TABLE t{number} IN ACCESS EXCLUSIVE MODE")
        begun = time.monotonic()
        read_postgres(access)
        assert time.monotonic() - begun < READING_SECONDS + 0.5


def test_row_security_hides_nothing(access: DatabaseAccess, owner: psycopg.Connection[Any]) -> None:
    owner.execute("CREATE TABLE hidden AS SELECT 1 AS n")
    owner.execute("CREATE FUNCTION tell() RETURNS boolean LANGUAGE plpgsql AS $$ BEGIN RAISE 'seen'; END $$")
    owner.execute("CREATE POLICY nobody ON hidden USING (tell())")
    owner.execute("ALTER TABLE hidden ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY")
    assert read(access).tables[0].rows == 1


def test_settings_of_the_owner_do_not_reach_the_reader(access: DatabaseAccess, owner: psycopg.Connection[Any]) -> None:
    owner.execute("CREATE TABLE kept AS SELECT 1 AS n")
    owner.execute("CREATE FUNCTION public.count() RETURNS bigint LANGUAGE sql AS 'SELECT 0::bigint'")
    owner.execute("CREATE TABLE public.pg_class (oid oid, relname text)")
    name = access.database
    owner.execute(f'ALTER DATABASE "{name}" SET search_path = public, pg_catalog')
    owner.execute(f'ALTER DATABASE "{name}" SET statement_timeout = 1')
    owner.execute(f"ALTER DATABASE \"{name}\" SET default_transaction_isolation = 'serializable'")
    owner.execute(f"ALTER DATABASE \"{name}\" SET client_encoding = 'SQL_ASCII'")
    rows = {table.name: table.rows for table in read(access).tables}
    assert rows["kept"] == 1


def test_code_of_an_index_never_runs_as_superuser(access: DatabaseAccess, owner: psycopg.Connection[Any]) -> None:
    # Planning evaluates constant calls in what an index says; as superuser that would be a program on the host.
    owner.execute("CREATE TABLE trap (n int)")
    owner.execute("INSERT INTO trap SELECT generate_series(1, 100)")
    owner.execute("CREATE TABLE caught (who text)")
    owner.execute("GRANT ALL ON caught TO PUBLIC")
    owner.execute("CREATE FUNCTION lure(int) RETURNS int LANGUAGE sql IMMUTABLE AS 'SELECT $1'")
    owner.execute("CREATE INDEX ON trap (lure(n)) WHERE lure(1) = 1")
    owner.execute(
        "CREATE OR REPLACE FUNCTION lure(int) RETURNS int LANGUAGE plpgsql IMMUTABLE AS $$ BEGIN "
        "IF (SELECT usesuper FROM pg_user WHERE usename = current_user) THEN RAISE 'superuser'; END IF; "
        "RETURN $1; END $$"
    )
    assert {table.name: table.rows for table in read(access).tables}["trap"] == 100


def test_code_that_takes_its_time_while_a_query_is_planned_is_given_up_and_the_database_still_goes() -> None:
    with postgres.fresh_database() as access:
        address = f"host={access.socket.parent} user={access.role} dbname={access.database} password=password"
        with psycopg.connect(address, autocommit=True) as owner:
            owner.execute("CREATE FUNCTION slow(int) RETURNS int LANGUAGE sql IMMUTABLE AS 'SELECT $1'")
            for number in range(12):
                owner.execute(f"CREATE TABLE t{number} (n int)")
                owner.execute(f"CREATE INDEX ON t{number} (n) WHERE slow(1) = 1")
            owner.execute(
                "CREATE OR REPLACE FUNCTION slow(int) RETURNS int LANGUAGE plpgsql IMMUTABLE AS $$ BEGIN "
                "PERFORM set_config('statement_timeout', '0', false); PERFORM pg_sleep(20); RETURN $1; END $$"
            )
        begun = time.monotonic()
        stored = read_postgres(access)
        assert time.monotonic() - begun < READING_SECONDS + 0.5
        assert stored is None or not stored.complete
    assert time.monotonic() - begun < 15
    with postgres.administered() as administrator:
        names = "SELECT 1 FROM pg_database WHERE datname = %s"
        assert administrator.execute(names, (access.database,)).fetchone() is None


def test_the_reader_may_write_nothing_and_is_gone_afterwards(access: DatabaseAccess) -> None:
    read(access)
    with postgres.administered() as administrator:
        found = administrator.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", (f"{access.database}_r",))
        assert found.fetchone() is None


def test_a_database_that_is_gone_is_unknown() -> None:
    with postgres.fresh_database() as access:
        pass
    assert read_postgres(access) is None
