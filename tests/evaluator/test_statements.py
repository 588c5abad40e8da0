"""The bridge counts the SQL statements of a backend, and counting never disturbs what it forwards."""

from __future__ import annotations

import random
import struct
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import psycopg
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from evaluator.environments import prepare_environment
from evaluator.runtimes import runtime_of
from evaluator.sandbox import LaunchSpec, Sandbox
from evaluator.sandbox.bridge import Statements
from evaluator.services import postgres
from evaluator.tasks import task_by_id
from tests.evaluator.tiny_backends import python_spec

PYTHON = task_by_id("uv-flask-openapi-postgres")
PROMISED = "postgresql://user:password@postgres:5432/database"
COUNTED = ["SELECT 3", "INSERT 0 1", "UPDATE 0", "CREATE TABLE", "COPY 7", "SELECTED", "SETTLE", "FETCH 1"]
LEFT_OUT = ["BEGIN", "START TRANSACTION", "COMMIT", "ROLLBACK", "SAVEPOINT", "RELEASE", "SET", "SET CONSTRAINTS"]
LEFT_OUT += ["SHOW", "DISCARD ALL", "DEALLOCATE ALL", "RESET"]


def message(kind: bytes, body: bytes) -> bytes:
    return kind + struct.pack("!i", 4 + len(body)) + body


def done(tag: str) -> bytes:
    return message(b"C", tag.encode() + b"\0")


READY = message(b"Z", b"I")
GREETING = message(b"R", bytes(4)) + message(b"S", b"TimeZone\0UTC\0") + message(b"K", bytes(8)) + READY
ROWS = st.binary(max_size=300).map(lambda body: message(b"D", body))
ANSWERS = st.lists(
    st.one_of(
        st.sampled_from(COUNTED).map(lambda tag: (1, done(tag))),
        st.sampled_from(LEFT_OUT).map(lambda tag: (0, done(tag))),
        st.just((1, message(b"E", b"SERROR\0C42P01\0Mno such table\0\0"))),
        st.tuples(st.just(0), ROWS),
        st.just((0, READY)),
        st.just((0, message(b"I", b""))),
    ),
    max_size=30,
)


@pytest.fixture(autouse=True)
def nothing_counted_yet() -> Iterator[None]:
    Statements.total = 0
    yield
    Statements.total = 0


def counted(parts: list[bytes]) -> int:
    Statements.total = 0
    statements = Statements()
    for part in parts:
        statements.read(part)
    return Statements.total


def cut(stream: bytes, places: list[int]) -> list[bytes]:
    edges = [0, *sorted(place % (len(stream) + 1) for place in places), len(stream)]
    return [stream[a:b] for a, b in pairwise(edges) if a < b]


@given(ANSWERS, st.lists(st.integers(0, 100_000), max_size=40))
@settings(max_examples=400, deadline=None)
def test_the_count_does_not_depend_on_where_the_stream_is_cut(
    answers: list[tuple[int, bytes]], places: list[int]
) -> None:
    stream = GREETING + b"".join(content for _, content in answers)
    assert counted(cut(stream, places)) == sum(count for count, _ in answers)


@given(ANSWERS)
@settings(max_examples=100, deadline=None)
def test_it_is_the_same_when_every_byte_comes_alone(answers: list[tuple[int, bytes]]) -> None:
    stream = GREETING + b"".join(content for _, content in answers)
    assert counted([bytes([byte]) for byte in stream]) == sum(count for count, _ in answers)


@given(st.lists(st.binary(min_size=1, max_size=400), max_size=20))
@settings(max_examples=400, deadline=None)
def test_garbage_is_never_an_error_and_little_of_it_is_kept(parts: list[bytes]) -> None:
    statements = Statements()
    for part in parts:
        statements.read(part)
        assert len(statements.rest) < 32


def test_a_refused_password_is_no_statement() -> None:
    assert counted([message(b"E", b"SFATAL\0C28P01\0Mno\0\0")]) == 0


def test_a_message_without_a_sensible_length_ends_the_counting() -> None:
    assert counted([GREETING, b"D" + struct.pack("!i", 3), done("SELECT 1")]) == 0


def test_rows_longer_than_any_part_are_passed_over() -> None:
    stream = GREETING + message(b"D", bytes(1_000_000)) + done("SELECT 1")
    assert counted([stream[at : at + 65536] for at in range(0, len(stream), 65536)]) == 1


@pytest.mark.sandbox
@pytest.mark.engines
class TestInASandbox:
    """With real drivers, through the real bridge. Every sandbox counts the same."""

    def counted_for(self, sandbox: Sandbox, program: str) -> tuple[int | None, str]:
        environment = prepare_environment({"requirements.txt": b"psycopg[binary]\n"}, PYTHON)
        assert not environment.failed, environment.failed
        runtime = runtime_of(PYTHON)
        program = f"import psycopg\nc = psycopg.connect('{PROMISED}', autocommit=True)\n{program}"
        with postgres.fresh_database() as access:
            spec = LaunchSpec(
                argv=("python", "main.py"),
                files={"main.py": program.encode()},
                environment=runtime.start_environment(),
                mounts=(*runtime.tools(), *runtime.mounts(environment.path)),
                port=8080,
                postgres=access,
            )
            with sandbox.launch(spec) as running:
                assert running.wait(30), running.log()
            return running.statements(), running.log()

    @pytest.mark.parametrize(
        ("program", "statements"),
        [
            ("", 0),
            ("c.execute('SELECT 1')", 1),
            ("c.execute('SELECT %s', [1])", 1),
            ("c.execute('SELECT 1; SELECT 2; SELECT 3')", 3),
            ("for n in range(20): c.execute('SELECT %s::int', [n], prepare=True)", 20),
            ("with c.transaction(): c.execute('SELECT 1')", 1),
            ("c.execute(\"SET timezone = 'UTC'\"); c.execute('SHOW timezone')", 0),
            ("try: c.execute('SELECT nothing')\nexcept psycopg.Error: print('refused')", 1),
            ("c.execute('SELECT generate_series(1, 30000), repeat(chr(65), 200)').fetchall()", 1),
            ("c.execute('CREATE TABLE t (n int)')\nwith c.cursor().copy('COPY t FROM STDIN') as copy:\n"
             " for n in range(1000): copy.write_row((n,))", 2),
            ("with c.pipeline():\n for n in range(10): c.execute('SELECT %s::int', [n])", 10),
            ("c.execute('SELECT 1')\nd = psycopg.connect(c.info.dsn, password='password')\nd.execute('SELECT 2')", 2),
        ],
    )  # fmt: skip
    def test_statements_are_counted_as_postgresql_saw_them(
        self, each_sandbox: Sandbox, program: str, statements: int
    ) -> None:
        count, log = self.counted_for(each_sandbox, program)
        assert "Traceback" not in log
        assert count == statements

    def test_garbage_sent_to_postgresql_only_harms_its_sender(self, each_sandbox: Sandbox) -> None:
        noise = random.Random(7).randbytes(5000)
        program = (
            "import socket, struct\n"
            "for tail in (b'', bytes(3000), NOISE):\n"
            " s = socket.create_connection(('postgres', 5432))\n"
            " body = b'user\\0user\\0database\\0database\\0\\0'\n"
            " s.sendall(struct.pack('!ii', 8 + len(body), 196608) + body + tail)\n"
            " s.shutdown(socket.SHUT_WR)\n"
            " try:\n"
            "  while s.recv(4096): pass\n"
            " except OSError: pass\n"
            "c.execute('SELECT 1')"
        ).replace("NOISE", repr(noise))
        count, log = self.counted_for(each_sandbox, program)
        assert "Traceback" not in log
        assert count == 1


@pytest.mark.sandbox
def test_without_postgresql_there_is_nothing_to_count(each_sandbox: Sandbox) -> None:
    with each_sandbox.launch(python_spec("print('up')")) as running:
        assert running.statements() is None
        assert running.wait(10)
    assert running.statements() is None


@pytest.mark.sandbox
@pytest.mark.engines
def test_the_count_can_be_asked_for_while_the_program_runs(each_sandbox: Sandbox, tmp_path: Path) -> None:
    with postgres.fresh_database() as access:
        code = "import time\nprint('up', flush=True)\ntime.sleep(300)"
        with each_sandbox.launch(python_spec(code, port=8080, postgres=access)) as running:
            assert running.statements() == 0
        with psycopg.connect(postgres.running_engine().administration) as connection:
            assert connection.execute("SELECT 1").fetchone() == (1,)
        assert running.statements() == 0
