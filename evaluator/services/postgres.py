"""PostgreSQL for backends: one shared cluster, one role and one database per run.

The cluster is ours alone, apart from the site's database: settings for speed, no network address, a socket that no
sandbox sees. Backends reach it through the bridge, which turns the names that every task promises (user `user`, the
database of its contract) into those of the run. `AMEND_BACKEND_DATABASE_URL` names another server to use instead.
"""

from __future__ import annotations

import os
import secrets
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from evaluator.cache import cache_root
from evaluator.errors import EngineUnavailable
from evaluator.sandbox.base import DatabaseAccess
from evaluator.services.cluster import Cluster, ClusterFailed
from evaluator.services.ownership import claimed, forget, forget_ended, owned, place
from evaluator.services.relay import relay_to_tcp
from evaluator.services.stock import Stock

if TYPE_CHECKING:
    import psycopg

BACKEND_PASSWORD = "password"
PREFIX = "amend_run_"
CONNECTIONS_PER_RUN = 60
LEFTOVER_SECONDS = 3_600
# One hostile statement else takes the machine's memory.
MOST_SESSION_BYTES = 256 * 1024 * 1024
SETTINGS = """
# Written by Amend: everything in this cluster is thrown away, so nothing is ever waited for.
max_connections = 500
fsync = off
synchronous_commit = off
full_page_writes = off
wal_level = minimal
max_wal_senders = 0
max_wal_size = 512MB
shared_buffers = 64MB
temp_file_limit = 64MB
jit = off
timezone = 'UTC'
log_timezone = 'UTC'
log_min_messages = fatal
idle_in_transaction_session_timeout = 120s
password_encryption = 'scram-sha-256'
"""


@dataclass(frozen=True)
class Engine:
    """A running PostgreSQL: how we administer it, and the socket through which bridges reach it."""

    administration: str
    socket: Path


@contextmanager
def fresh_database() -> Iterator[DatabaseAccess]:
    """A role with a database of its own, dropped with everything in it at the end of the block.

    One of the stock where this process keeps one, else made now. Raises EngineUnavailable where PostgreSQL does not
    start or answer.
    """
    with ExitStack() as stack:
        stack.callback(_stock.refill)  # when the run is over, never while it goes on
        ready = _stock.take()
        if ready is not None:
            access, owner = ready
            stack.enter_context(owner)
            yield access
        else:
            yield stack.enter_context(_made_database())


def keep_databases_ready(count: int) -> None:
    """From now on, make databases for this process before a run asks for them; 0 drops what is ready and ends that."""
    if count:
        _stock.keep(count)
    else:
        _stock.clear()


def databases_ready() -> int:
    """How many databases of this process wait for a run."""
    return _stock.ready


@contextmanager
def _made_database() -> Iterator[DatabaseAccess]:
    engine = running_engine()
    name = f"{PREFIX}{int(time.time())}_{secrets.token_hex(5)}_{place()}"
    with owned(name) as ownership:
        with _administer(engine) as connection:
            _create(connection, name)
        try:
            yield DatabaseAccess(socket=engine.socket, role=name, database=name)
        finally:
            with _administer(engine) as connection:
                if not _drop(connection, name):
                    ownership.leave_to_the_sweep()


def sweep(older_than_seconds: float = LEFTOVER_SECONDS) -> list[str]:
    """Drop databases and roles that runs left behind when their process was killed; the names dropped.

    One of ours goes as soon as its owner has ended, and never before. One without a lock here is of another machine or
    cache that uses the same server, and goes by its age: no run takes an hour.
    """
    swept = []
    with _administer(running_engine()) as connection:
        for name in _names_of_runs(connection):
            made = name.removeprefix(PREFIX).partition("_")[0]
            old = made.isdigit() and time.time() - int(made) > older_than_seconds
            with claimed(name) as owner:
                if (owner == "ended" or (owner == "unknown" and old)) and _drop(connection, name):
                    forget(name)
                    swept.append(name)
        left = {*_names_of_runs(connection)}
    forget_ended(older_than_seconds, but=left)
    return swept


def _names_of_runs(connection: psycopg.Connection[Any]) -> list[str]:
    """Roles and databases that runs have; one may be left without the other."""
    rows = connection.execute("SELECT rolname FROM pg_roles UNION SELECT datname FROM pg_database").fetchall()
    return [name for (name,) in rows if name.startswith(PREFIX)]


def database_bytes(access: DatabaseAccess) -> int:
    """Bytes on the disk that the database of a run takes; 0 where it is gone."""
    with _administer(running_engine()) as connection:
        query = "SELECT pg_database_size(oid) FROM pg_database WHERE datname = %s"
        row = connection.execute(query, (access.database,)).fetchone()
    return int(row[0]) if row else 0


def is_there(access: DatabaseAccess) -> bool:
    """Whether the database of a run still exists: nothing but our side can take it away."""
    with _administer(running_engine()) as connection:
        row = connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", (access.database,)).fetchone()
    return row is not None


@contextmanager
def administered() -> Iterator[psycopg.Connection[Any]]:
    """A connection of the superuser's to the server of the backends, never to a database of theirs."""
    with _administer(running_engine()) as connection:
        yield connection


_stock = Stock(_made_database)
_engine: Engine | None = None
_engine_lock = threading.Lock()


def running_engine() -> Engine:
    """The PostgreSQL of the backends, started now where it does not run.

    It is stopped when the last process that uses it ends. Raises EngineUnavailable.
    """
    global _engine
    with _engine_lock:
        if _engine is None:
            address = os.environ.get("AMEND_BACKEND_DATABASE_URL")
            _engine = _foreign_engine(address) if address else _own_engine()
        return _engine


def was_used() -> bool:
    """Whether a run may ever have had a database: a server of the operator's is named, or we made a cluster."""
    return bool(os.environ.get("AMEND_BACKEND_DATABASE_URL")) or (_own_cluster().data / "PG_VERSION").exists()


def _own_cluster() -> Cluster:
    return Cluster(cache_root() / "postgres", SETTINGS, most_session_bytes=MOST_SESSION_BYTES)


def _own_engine() -> Engine:
    cluster = _own_cluster()
    try:
        cluster.start()
    except ClusterFailed as error:
        raise EngineUnavailable(f"The PostgreSQL of the backends: {error}") from error
    engine = Engine(cluster.conninfo, cluster.socket)
    with _administer(engine) as connection:
        connection.execute("REVOKE ALL ON DATABASE postgres, template1 FROM PUBLIC")
    return engine


def _create(connection: psycopg.Connection[Any], name: str) -> None:
    from psycopg import sql

    role, password = sql.Identifier(name), sql.Literal(BACKEND_PASSWORD)
    limit = sql.Literal(CONNECTIONS_PER_RUN)
    connection.execute(sql.SQL("CREATE ROLE {} LOGIN PASSWORD {} CONNECTION LIMIT {}").format(role, password, limit))
    connection.execute(sql.SQL("CREATE DATABASE {} OWNER {}").format(role, role))
    connection.execute(sql.SQL("REVOKE ALL ON DATABASE {} FROM PUBLIC").format(role))


def _drop(connection: psycopg.Connection[Any], name: str) -> bool:
    """Drop a database and its role; False where a statement is at work in it that cannot be interrupted.

    A backend can have such a statement made, so that its end is no failure of ours.
    """
    import psycopg
    from psycopg import sql

    try:
        connection.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))
    except psycopg.errors.ObjectInUse:
        return False
    connection.execute(sql.SQL("DROP ROLE IF EXISTS {}").format(sql.Identifier(name)))
    return True


@contextmanager
def _administer(engine: Engine) -> Iterator[psycopg.Connection[Any]]:
    import psycopg

    try:
        with psycopg.connect(engine.administration, autocommit=True, connect_timeout=10) as connection:
            yield connection
    except psycopg.OperationalError as error:
        raise EngineUnavailable(f"The PostgreSQL of the backends does not answer: {error}") from error


def _foreign_engine(address: str) -> Engine:
    """A server of the operator's: through its socket, or through a relay where it only speaks TCP."""
    from psycopg.conninfo import conninfo_to_dict

    parameters = conninfo_to_dict(address)
    host, port = str(parameters.get("host") or "localhost"), int(parameters.get("port") or 5432)
    if host.startswith("/"):
        return Engine(address, Path(host, f".s.PGSQL.{port}"))
    return Engine(address, relay_to_tcp(host, port))
