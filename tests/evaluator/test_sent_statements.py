"""The bridge keeps the forms of SQL that a backend sends: bounded, whatever is sent, and never in its way."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from evaluator.environments import prepare_environment
from evaluator.runtimes import runtime_of
from evaluator.sandbox import LaunchSpec, Sandbox
from evaluator.sandbox.bridge import LONGEST_KEPT, MOST_FORMS, Sent
from evaluator.services import postgres
from evaluator.tasks import task_by_id
from tests.evaluator.tiny_backends import python_spec

PYTHON = task_by_id("uv-flask-openapi-postgres")
PROMISED = "postgresql://user:password@postgres:5432/database"


def message(kind: bytes, body: bytes) -> bytes:
    return kind + struct.pack("!i", 4 + len(body)) + body


def query(text: str) -> bytes:
    return message(b"Q", text.encode() + b"\0")


def parse(text: str, name: bytes = b"s1") -> bytes:
    return message(b"P", name + b"\0" + text.encode() + b"\0" + bytes(2))


@pytest.fixture(autouse=True)
def nothing_sent_yet() -> Iterator[None]:
    clear()
    yield
    clear()


def clear() -> None:
    Sent.forms, Sent.complete = {}, True


def kept(parts: list[bytes]) -> list[str]:
    clear()
    sent = Sent()
    for part in parts:
        sent.read(part)
    return [form.decode() for form in Sent.forms]


def test_text_and_numbers_make_no_new_form() -> None:
    one, other = query("SELECT a FROM t WHERE b = 'x' AND c = 12"), query("SELECT a FROM t WHERE b = 'yz' AND c = 34")
    assert kept([one, other]) == ["SELECT a FROM t WHERE b = '?' AND c = 00"]


def test_statements_sent_to_be_prepared_are_kept_without_their_names() -> None:
    assert kept([parse("SELECT $1", b""), parse("SELECT $2", b"name")]) == ["SELECT $0"]


@given(
    st.lists(
        st.one_of(
            st.text(alphabet="abc '\n", min_size=1, max_size=60).map(query),
            st.text(alphabet="abc", min_size=1, max_size=20).map(parse),
            st.binary(max_size=200).map(lambda body: message(b"d", body)),
            st.just(message(b"S", b"")),
        ),
        max_size=20,
    ),
    st.lists(st.integers(0, 100_000), max_size=30),
)
@settings(max_examples=300, deadline=None)
def test_what_is_kept_does_not_depend_on_where_the_stream_is_cut(messages: list[bytes], places: list[int]) -> None:
    stream = b"".join(messages)
    edges = [0, *sorted(place % (len(stream) + 1) for place in places), len(stream)]
    assert kept([stream[a:b] for a, b in pairwise(edges)]) == kept([stream])


@given(st.lists(st.binary(min_size=1, max_size=3000), max_size=20))
@settings(max_examples=300, deadline=None)
def test_garbage_is_never_an_error_and_little_of_it_is_kept(parts: list[bytes]) -> None:
    sent = Sent()
    for part in parts:
        sent.read(part)
        assert len(sent.rest) <= LONGEST_KEPT + 5


def test_the_sample_is_bounded_and_says_when_it_is_not_all() -> None:
    letters = [f"SELECT {chr(97 + n % 26)}{chr(97 + n // 26 % 26)}{chr(97 + n // 676)}" for n in range(MOST_FORMS + 1)]
    assert len(kept([query(text) for text in letters[:-1]])) == MOST_FORMS
    assert Sent.told().startswith(b"all\0")
    assert len(kept([query(text) for text in letters])) == MOST_FORMS
    assert Sent.told().startswith(b"some\0")


def test_a_statement_of_megabytes_is_cut_and_passed_over() -> None:
    stream = query("SELECT " + "a" * 3_000_000) + query("SELECT b")
    assert [len(text) for text in kept([stream[at : at + 65536] for at in range(0, len(stream), 65536)])] == [2000, 8]


@pytest.mark.sandbox
@pytest.mark.engines
def test_what_a_driver_sends_is_told_while_it_runs(each_sandbox: Sandbox) -> None:
    environment = prepare_environment({"requirements.txt": b"psycopg[binary]\n"}, PYTHON)
    runtime = runtime_of(PYTHON)
    program = (
        f"import psycopg, time\nc = psycopg.connect('{PROMISED}', autocommit=True)\n"
        "c.execute('CREATE TABLE t (n int)')\n"
        "for n in range(9): c.execute('INSERT INTO t VALUES (%s)', [n])\n"
        "c.execute(\"SELECT n FROM t WHERE 'secret' <> 'other'\")\nprint('done', flush=True)\ntime.sleep(300)"
    )
    with postgres.fresh_database() as access:
        spec = LaunchSpec(
            argv=("python", "-u", "main.py"),
            files={"main.py": program.encode()},
            environment=runtime.start_environment(),
            mounts=(*runtime.tools(), *runtime.mounts(environment.path)),
            port=8080,
            postgres=access,
        )
        with each_sandbox.launch(spec) as running:
            for _ in range(2000):
                if "done" in running.log() or running.wait(0.01):
                    break
            sent = running.sent_statements()
            assert sent is not None, running.log()
            assert "secret" not in " ".join(sent.texts)
            wanted = ("CREATE TABLE t (n int)", "INSERT INTO t VALUES ($0)", "SELECT n FROM t WHERE '?' <> '?'")
            assert sent == type(sent)(wanted, complete=True)


@pytest.mark.sandbox
def test_without_postgresql_nothing_was_sent(each_sandbox: Sandbox) -> None:
    with each_sandbox.launch(python_spec("import time; time.sleep(300)")) as running:
        assert running.sent_statements() is None
