"""Attacks on the PostgreSQL that runs share: entering what is another's, reading the server, keeping others waiting."""

from __future__ import annotations

import secrets
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

from evaluator.sandbox.attacks.arena import Arena, Told
from evaluator.sandbox.attacks.attack import Attack, NotStopped, NotTried
from evaluator.sandbox.base import DatabaseAccess
from evaluator.services.postgres import BACKEND_PASSWORD, CONNECTIONS_PER_RUN, fresh_database

ANSWER_SECONDS = 2.0
SERVER_MEGABYTES = 400


def way_in(name: str, claim: str, tried: str, stopped_by: str) -> Attack:
    """One of the attempts of `programs/databases.py`, beside another run whose session must go on."""

    def attempt(arena: Arena) -> str:
        lines, trouble = arena.once("ways into databases", lambda: _try_ways(arena))
        line = next((line for line in lines if line.get("attempt") == name), None)
        if line is None:
            raise NotTried("the program ended before it came to this attempt")
        if line["done"]:
            raise NotStopped(f"the server did: {'; '.join(line['done'][:3])}")
        if name in trouble:
            raise NotStopped(trouble[name])
        return f"“{line['refused'][:100]}”" if line["refused"] else "nothing came of it"

    return Attack(name, claim, tried, stopped_by, attempt)


def connection_flood(arena: Arena) -> str:
    with _two_runs(arena, "connection_flood", {"most": 3 * CONNECTIONS_PER_RUN, "seconds": 1.0}) as (told, victim):
        told.wait_for(lambda: any("made" in line for line in told.lines()))
        seconds = _time_of(victim)
        facts = told.facts()
    if facts["made"] > CONNECTIONS_PER_RUN:
        raise NotStopped(f"{facts['made']} connections; the limit is {CONNECTIONS_PER_RUN}")
    return f"{facts['made']} connections, then refused; another run connected in {seconds * 1000:.0f} ms"


def statement_flood(arena: Arena) -> str:
    with _two_runs(arena, "statement_flood", {"connections": 8, "seconds": 3.0}) as (told, victim):
        told.wait_until_tried()
        time.sleep(0.5)
        slowest = max(_time_of(victim) for _ in range(8))
        role = told.role
        if _sessions_of(role) == 0:
            raise NotTried("no statement of it was at work")
    if _sessions_of(role):
        raise NotStopped("its sessions go on after its end")
    if slowest > ANSWER_SECONDS:
        raise NotStopped(f"another run was answered after {slowest:.1f} s")
    return f"another run was answered within {slowest * 1000:.0f} ms; no session is left"


def memory_of_the_server(arena: Arena) -> str:
    with _two_runs(arena, "memory_of_the_server", {"megabytes": SERVER_MEGABYTES}) as (told, victim):
        told.wait_for(lambda: any("finished" in line for line in told.lines()))
        facts = told.facts()
        seconds = _time_of(victim)
    if facts["finished"]:
        raise NotStopped(f"a value of {SERVER_MEGABYTES} MB was made")
    return f"“{facts['refused'][:80]}”; another run connected in {seconds * 1000:.0f} ms"


def broken_protocol(arena: Arena) -> str:
    with _two_runs(arena, "nonsense", {"connections": 300}) as (told, victim):
        told.wait_for(lambda: any("made" in line for line in told.lines()))
        seconds = _time_of(victim)
        alive = told.running.alive()
    if not alive:
        raise NotStopped(f"the sandbox ended: {told.running.killed or told.running.exit_status}")
    return f"the bridge goes on; another run connected in {seconds * 1000:.0f} ms"


class _Attacker(Told):
    """A hostile program with a database."""

    role = ""


@contextmanager
def _two_runs(arena: Arena, mode: str, arguments: dict[str, Any]) -> Iterator[tuple[_Attacker, DatabaseAccess]]:
    """A hostile run with a database, and the database of another."""
    limits = arena.bounded(open_files=1024)
    with fresh_database() as victim, arena.database() as own, ExitStack() as stack:
        told = stack.enter_context(arena.hostile("databases", mode, arguments, postgres=own, limits=limits))
        attacker = _Attacker(told.running, told.mark)
        attacker.role = own.role
        yield attacker, victim


def _try_ways(arena: Arena) -> tuple[list[dict[str, Any]], dict[str, str]]:
    """The facts told; and what is wrong with the server or the other run afterwards, by the attack that did it."""
    mark = f"amend-attack-{secrets.token_hex(6)}"
    trouble = {}
    with fresh_database() as victim, _connection(victim) as session:
        session.execute("CREATE TABLE person (name text)")
        session.execute("INSERT INTO person VALUES ('me')")
        with arena.database() as own:
            arguments = {"victim": victim.database, "mark": mark}
            with arena.hostile("databases", "ways_in", arguments, postgres=own) as told:
                told.wait_until_tried()
                told.running.wait(20)
                lines = told.lines()
        for path in (Path("/tmp", mark), Path(tempfile.gettempdir(), mark)):
            if path.exists():
                trouble["writing-the-servers-files"] = trouble["running-programs-on-the-server"] = f"{path} was written"
        try:
            if session.execute("SELECT name FROM person").fetchone() != ("me",):
                trouble["other-runs-database"] = "another run's rows were changed"
        except Exception as error:
            trouble["other-runs-backends-ended"] = f"another run's session was broken: {error}"
    return lines, trouble


def _time_of(access: DatabaseAccess) -> float:
    """Seconds until a new session of another run has its first answer. Raises NotStopped where none comes."""
    import psycopg

    began = time.monotonic()
    try:
        with _connection(access) as session:
            session.execute("SELECT 1")
    except psycopg.OperationalError as error:
        raise NotStopped(f"another run was refused: {error}") from None
    return time.monotonic() - began


def _connection(access: DatabaseAccess) -> Any:
    import psycopg

    return psycopg.connect(
        host=str(access.socket.parent),
        port=access.socket.suffix.lstrip("."),
        user=access.role,
        dbname=access.database,
        password=BACKEND_PASSWORD,
        autocommit=True,
        connect_timeout=10,
    )


def _sessions_of(role: str) -> int:
    import psycopg

    from evaluator.services.postgres import running_engine

    with psycopg.connect(running_engine().administration) as connection:
        row = connection.execute("SELECT count(*) FROM pg_stat_activity WHERE usename = %s", (role,)).fetchone()
    return int(row[0]) if row else 0


ROLE = "a role without rights, owner of its own database only"
ATTACKS = (
    way_in(
        "other-runs-database",
        "The database of another run cannot be entered, even by its name.",
        "connecting to it",
        "CONNECT revoked from PUBLIC",
    ),
    way_in(
        "other-runs-role",
        "The role of another run cannot be taken.",
        "signing in under its name",
        "the bridge lets one user in",
    ),
    way_in(
        "maintenance-databases",
        "The server's own databases cannot be entered.",
        "connecting to postgres and template1",
        "CONNECT revoked from PUBLIC",
    ),
    way_in(
        "superuser",
        "The superuser cannot be impersonated.",
        "signing in as postgres and pgserver, with and without password",
        "the bridge lets one user in; the server knows the superuser by its account",
    ),
    way_in(
        "wrong-password",
        "The password is really checked.",
        "signing in with a wrong one and with none",
        "SCRAM",
    ),
    way_in(
        "other-runs-backends-ended",
        "Sessions of other runs cannot be ended.",
        "pg_terminate_backend and pg_cancel_backend on all of them",
        ROLE,
    ),
    way_in(
        "other-runs-database-dropped",
        "The database of another run cannot be dropped or renamed.",
        "DROP DATABASE, ALTER DATABASE",
        ROLE,
    ),
    way_in(
        "becoming-another-role",
        "No other role can be become, made or granted.",
        "SET ROLE, SET SESSION AUTHORIZATION, ALTER USER, CREATE ROLE, GRANT",
        ROLE,
    ),
    way_in(
        "reading-the-servers-files",
        "Files of the server cannot be read.",
        "pg_read_file, pg_ls_dir, lo_import, COPY FROM, file_fdw, LOAD",
        ROLE,
    ),
    way_in(
        "writing-the-servers-files",
        "Files and settings of the server cannot be written.",
        "COPY TO, lo_export, ALTER SYSTEM, CREATE TABLESPACE",
        ROLE,
    ),
    way_in(
        "running-programs-on-the-server",
        "No program can be run on the server.",
        "COPY PROGRAM, functions in C and Python, dblink, adminpack",
        ROLE,
    ),
    way_in(
        "another-runs-rows-in-the-catalogue",
        "Statements and passwords of others cannot be read.",
        "pg_stat_activity, pg_authid, pg_shadow",
        ROLE,
    ),
    Attack(
        "connection-flood",
        "A run that opens connections without end leaves the others theirs.",
        f"{3 * CONNECTIONS_PER_RUN} sessions",
        "the connection limit of its role",
        connection_flood,
    ),
    Attack(
        "statement-flood",
        "A run whose statements compute without end does not keep the others waiting, and they end with it.",
        "eight sessions that sort thirty million rows",
        "a process per session, a limit of temporary files, DROP DATABASE WITH (FORCE)",
        statement_flood,
        alone=True,
    ),
    Attack(
        "memory-of-the-server",
        "No statement takes the server's memory.",
        f"a value of {SERVER_MEGABYTES} MB",
        "RLIMIT_DATA of the server's processes",
        memory_of_the_server,
    ),
    Attack(
        "broken-protocol",
        "Nonsense on the way to the database breaks neither the bridge nor the server.",
        "three hundred broken or unfinished starts of the protocol",
        "a bridge with bounded messages, waits and connections",
        broken_protocol,
    ),
)
