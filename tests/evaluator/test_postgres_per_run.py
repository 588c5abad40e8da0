"""Every run has a PostgreSQL of its own, under the names that the benchmark promises."""

from __future__ import annotations

import os
import secrets
import subprocess
import sys
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import psycopg
import pytest

from evaluator.cache import cache_root, locked
from evaluator.environments import prepare_environment
from evaluator.runtimes import runtime_of
from evaluator.sandbox import DatabaseAccess, LaunchSpec, Sandbox, choose_sandbox
from evaluator.services import postgres
from evaluator.tasks import Task, task_by_id

pytestmark = [pytest.mark.sandbox, pytest.mark.engines]
PYTHON = task_by_id("uv-flask-openapi-postgres")
NODE = task_by_id("node-koa-openapi-postgres")
CONNECT = "import psycopg\nc = psycopg.connect('{}', autocommit=True)\n"
TAKEN_FROM = "node-fastify-openapi-clean_architecture-postgres"
PROMISED = "postgresql://user:password@postgres:5432/database"


@pytest.fixture
def sandbox() -> Sandbox:
    return choose_sandbox()


def told_by(sandbox: Sandbox, task: Task, dependencies: dict[str, bytes], program: str, access: DatabaseAccess) -> str:
    """What a program of this runtime prints about its PostgreSQL."""
    environment = prepare_environment(dependencies, task)
    assert not environment.failed, environment.failed
    runtime = runtime_of(task)
    name, command = ("main.py", "python") if task is PYTHON else ("main.js", "node")
    spec = LaunchSpec(
        argv=(command, name),
        files={name: program.encode()},
        environment=runtime.start_environment(),
        mounts=(*runtime.tools(), *runtime.mounts(environment.path)),
        port=task.runtime.port,
        postgres=access,
    )
    with sandbox.launch(spec) as running:
        assert running.wait(30), running.log()
        return running.log()


@pytest.fixture
def python(sandbox: Sandbox) -> Callable[[str, DatabaseAccess], str]:
    dependencies = {"requirements.txt": b"psycopg[binary]\n"}
    return lambda program, access: told_by(sandbox, PYTHON, dependencies, program, access)


def test_psycopg_connects_with_the_promised_names(python: Callable[[str, DatabaseAccess], str]) -> None:
    program = CONNECT.format(PROMISED) + (
        "c.execute('CREATE TABLE article (id serial primary key, title text)')\n"
        "c.execute('CREATE SCHEMA more')\n"
        "c.execute(\"INSERT INTO article (title) VALUES ('naïve ☕')\")\n"
        "print(c.execute('SELECT title FROM article').fetchone()[0])"
    )
    with postgres.fresh_database() as access:
        assert python(program, access).strip() == "naïve ☕"


def test_node_pg_connects_with_the_promised_names(sandbox: Sandbox) -> None:
    program = (
        "const { Client } = require('pg');\n"
        f"const client = new Client('{PROMISED}');\n"
        "client.connect().then(() => client.query('SELECT 6 * 7 AS answer'))\n"
        ".then((r) => { console.log(r.rows[0].answer); return client.end(); });"
    )
    dependencies = {"package.json": b'{"dependencies": {"pg": "^8.11.3"}}'}
    with postgres.fresh_database() as access:
        assert told_by(sandbox, NODE, dependencies, program, access).strip() == "42"


@pytest.mark.parametrize(
    "address",
    [
        "postgresql://user:wrong@postgres:5432/database",
        "postgresql://postgres@postgres:5432/postgres",
        "postgresql://user:password@postgres:5432/postgres",
        "postgresql://user:password@postgres:5432/template1",
    ],
)
def test_no_other_user_password_or_database_is_let_in(
    python: Callable[[str, DatabaseAccess], str], address: str
) -> None:
    with postgres.fresh_database() as access:
        assert "OperationalError" in python(CONNECT.format(address) + "print('in')", access)


def test_a_program_that_asks_for_tls_goes_on_without(python: Callable[[str, DatabaseAccess], str]) -> None:
    with postgres.fresh_database() as access:
        assert python(CONNECT.format(PROMISED + "?sslmode=prefer") + "print('in')", access).strip() == "in"


def test_a_query_can_be_cancelled_through_the_bridge(python: Callable[[str, DatabaseAccess], str]) -> None:
    program = CONNECT.format(PROMISED) + (
        "import threading\nthreading.Timer(0.3, c.cancel).start()\n"
        "try: c.execute('SELECT pg_sleep(20)')\nexcept psycopg.errors.QueryCanceled: print('cancelled')"
    )
    with postgres.fresh_database() as access:
        assert python(program, access).strip() == "cancelled"


def test_two_runs_at_a_time_do_not_see_each_others_rows(python: Callable[[str, DatabaseAccess], str]) -> None:
    program = CONNECT.format(PROMISED) + (
        "c.execute('CREATE TABLE person (name text)')\n"
        "c.execute(\"INSERT INTO person VALUES ('me')\")\n"
        "import time; time.sleep(0.5)\n"
        "print(c.execute('SELECT count(*) FROM person').fetchone()[0])"
    )

    def one_run(_: int) -> str:
        with postgres.fresh_database() as access:
            return python(program, access).strip()

    with ThreadPoolExecutor(2) as pool:
        assert list(pool.map(one_run, range(2))) == ["1", "1"]


def test_a_run_cannot_enter_the_database_of_another(python: Callable[[str, DatabaseAccess], str]) -> None:
    with postgres.fresh_database() as other, postgres.fresh_database() as access:
        address = f"postgresql://user:password@postgres:5432/{other.database}"
        assert "permission denied" in python(CONNECT.format(address), access)


def test_a_run_is_no_superuser_and_cannot_run_programs(python: Callable[[str, DatabaseAccess], str]) -> None:
    program = CONNECT.format(PROMISED) + (
        "try: c.execute(\"COPY (SELECT 1) TO PROGRAM 'id'\")\n"
        "except psycopg.errors.InsufficientPrivilege: print('refused')"
    )
    with postgres.fresh_database() as access:
        assert python(program, access).strip() == "refused"


def test_nothing_of_a_run_is_left_in_the_cluster() -> None:
    with postgres.fresh_database() as access:
        pass
    with psycopg.connect(postgres.running_engine().administration) as connection:
        for query in ("SELECT 1 FROM pg_database WHERE datname = %s", "SELECT 1 FROM pg_roles WHERE rolname = %s"):
            assert connection.execute(query, (access.role,)).fetchone() is None


def test_a_database_is_dropped_while_clients_are_still_connected() -> None:
    with postgres.fresh_database() as access:
        address = f"host={access.socket.parent} user={access.role} dbname={access.database} password=password"
        connection = psycopg.connect(address)
    with pytest.raises(psycopg.OperationalError):
        connection.execute("SELECT 1")


def test_the_sweep_takes_what_is_old_and_leaves_what_is_young() -> None:
    # Without a lock it is of another machine or an older version: only what says it is a day old may be swept.
    old = f"{postgres.PREFIX}{int(time.time()) - 86_400}_{secrets.token_hex(5)}"
    young = f"{postgres.PREFIX}{int(time.time())}_{secrets.token_hex(5)}"
    with postgres._administer(postgres.running_engine()) as connection:
        postgres._create(connection, old)
        postgres._create(connection, young)
        try:
            swept = postgres.sweep()
        finally:
            postgres._drop(connection, young)
    assert old in swept
    assert young not in swept


def test_the_sweep_takes_what_a_killed_process_owned_at_once_and_never_what_a_living_one_owns() -> None:
    # It went wrong before: a sweep by age took the databases of evaluators that were at work.
    program = (
        "import time\nfrom evaluator.services import postgres\n"
        "with postgres.fresh_database() as access:\n print(access.role, flush=True)\n time.sleep(300)"
    )
    with subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE, text=True) as other:
        assert other.stdout is not None
        theirs = other.stdout.readline().strip()
        with postgres.fresh_database() as access:
            assert {theirs, access.role}.isdisjoint(postgres.sweep())
            other.kill()
            other.wait()
            swept = postgres.sweep()
            assert theirs in swept
            assert access.role not in swept
    with psycopg.connect(postgres.running_engine().administration) as connection:
        for query in ("SELECT 1 FROM pg_database WHERE datname = %s", "SELECT 1 FROM pg_roles WHERE rolname = %s"):
            assert connection.execute(query, (theirs,)).fetchone() is None


def test_a_lock_file_whose_database_is_gone_goes_and_one_that_is_held_does_not() -> None:
    def made(hours: int) -> Path:
        path = cache_root() / "owners" / f"{postgres.PREFIX}{secrets.token_hex(8)}.lock"
        path.touch()
        os.utime(path, (time.time() - 3_600 * hours, time.time() - 3_600 * hours))
        return path

    with postgres.fresh_database():
        old, held, young = made(2), made(2), made(0)
        with locked(held):
            os.utime(held, (0, 0))
            postgres.sweep()
            assert not old.exists()
            assert held.exists()
            assert young.exists()
    held.unlink()
    young.unlink()


def test_a_database_without_its_role_and_a_role_without_its_database_are_swept() -> None:
    # Killed between two statements of making or dropping it.
    names = [f"{postgres.PREFIX}{int(time.time()) - 86_400}_{secrets.token_hex(5)}" for _ in range(2)]
    with postgres._administer(postgres.running_engine()) as connection:
        connection.execute(f'CREATE ROLE "{names[0]}"')
        connection.execute(f'CREATE DATABASE "{names[1]}"')
    assert set(names) <= set(postgres.sweep())


def test_the_cluster_listens_on_no_network_address() -> None:
    with psycopg.connect(postgres.running_engine().administration) as connection:
        row = connection.execute("SHOW listen_addresses").fetchone()
    assert row == ("",)
    assert Path(postgres.running_engine().socket).is_socket()


def test_a_run_whose_database_is_taken_away_is_void_and_never_the_backends_failure() -> None:
    # Seen when another process swept too much: the backend answered 500 to everything, through no fault of its own.
    from evaluator.evaluate import Progress, evaluate
    from evaluator.files import read_tree

    files = read_tree(Path(__file__).parents[2] / "platform/studies/demo/backends" / TAKEN_FROM)
    mine: list[str] = []

    def take_away(progress: Progress) -> None:
        if progress.stage == "contract" and progress.done == 40 and not mine:
            mine.append("taken")
            with postgres._administer(postgres.running_engine()) as connection:
                names = connection.execute("SELECT datname FROM pg_stat_activity WHERE datname LIKE 'amend_run_%'")
                for name in {row[0] for row in names.fetchall()} - before:
                    postgres._drop(connection, name)

    with postgres._administer(postgres.running_engine()) as connection:
        rows = connection.execute("SELECT datname FROM pg_database WHERE datname LIKE 'amend_run_%'").fetchall()
        before = {row[0] for row in rows}
    verdict = evaluate(files, task_by_id(TAKEN_FROM), on_progress=take_away)
    assert mine
    assert verdict.summary.void
    assert "taken away" in verdict.summary.void_reason
