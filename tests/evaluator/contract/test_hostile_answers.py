"""A backend that attacks the programs that judge it, newman and schemathesis, costs bounded memory and time.

Why: both read whole answers into memory and unpack what is compressed; a backend chooses what it answers.
"""

from __future__ import annotations

import gzip
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

from evaluator.contract import Transport
from evaluator.contract.bounded_program import BoundedProgram
from evaluator.contract.loopback import loopback_port
from evaluator.contract.postman import judge_collection, read_collection
from evaluator.errors import MachineryFailed
from evaluator.newman import installed_newman
from tests.conftest import lacking
from tests.evaluator.contract.small_contracts import asking, collection_of

HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nConnection: close\r\n"
BOMB = gzip.compress(b"0" * 1024 * 1024) * 3000


@contextmanager
def answering(answer: Callable[[socket.socket], None]) -> Iterator[Transport]:
    """A server that reads a request and does what it likes with the connection."""
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def serve() -> None:
            while True:
                try:
                    connection, _ = listener.accept()
                except OSError:
                    return
                with connection, suppress(OSError):
                    connection.recv(65536)
                    answer(connection)

        threading.Thread(target=serve, daemon=True).start()
        yield Transport(port=listener.getsockname()[1])
        listener.shutdown(socket.SHUT_RDWR)


def bomb(connection: socket.socket) -> None:
    connection.sendall(HEAD + f"Content-Encoding: gzip\r\nContent-Length: {len(BOMB)}\r\n\r\n".encode() + BOMB)


def endless(connection: socket.socket) -> None:
    connection.sendall(HEAD + b"\r\n")
    while True:
        connection.sendall(b" " * 65536)


def huge_headers(connection: socket.socket) -> None:
    connection.sendall(
        b"HTTP/1.1 200 OK\r\n" + b"".join(b"X-%d: %s\r\n" % (i, b"x" * 900) for i in range(2000)) + b"\r\n"
    )


@pytest.mark.parametrize("attack", [bomb, endless, huge_headers])
def test_newman_is_bounded_and_the_server_is_blamed(attack: Callable[[socket.socket], None]) -> None:
    try:
        installed_newman()
    except MachineryFailed as error:
        lacking("newman", str(error))
    collection = read_collection(collection_of(asking("One", "GET", "/", "pm.test('x', () => {});")))
    with answering(attack) as transport:
        results = judge_collection(collection, "/", transport, base_variable="base", seconds=30)
    outcomes = {result.id: result.outcome for result in results}
    assert outcomes["one.x"] == "not_reached"
    assert "failed" in (outcomes["server.starts"], outcomes["server.answers"])


def test_an_answer_without_end_is_cut_off_at_the_port() -> None:
    received = 0
    with (
        answering(endless) as transport,
        loopback_port(transport) as port,
        socket.create_connection(("127.0.0.1", port)) as client,
        suppress(ConnectionError),
    ):
        client.sendall(b"GET / HTTP/1.1\r\n\r\n")
        while piece := client.recv(1024 * 1024):
            received += len(piece)
    assert 60 * 2**20 < received < 70 * 2**20


PROGRAMS = {
    "sleeps": ("import time; time.sleep(60)", "seconds were over"),
    "prints without end": ("while True: print('x' * 1000)", "more than it may"),
    "prints one line without end": ("import sys\nwhile True: sys.stdout.write('x' * 1000)", "more than it may"),
    "fills memory": ("x = [bytearray(2**20) for _ in range(2**12)]", "MemoryError"),
    "fills a file": ("open('big', 'wb').write(bytes(2**26))", "status"),
    "fails": ("raise SystemExit('what is wrong')", "what is wrong"),
    "closes its output and stays": ("import os, time; os.close(1); time.sleep(60)", "did not end"),
}


@pytest.mark.parametrize("name", PROGRAMS)
def test_a_program_is_ended_at_its_bounds_and_says_why(name: str, tmp_path: Path) -> None:
    code, told = PROGRAMS[name]
    command = ("/usr/bin/env", "-i", "python3", "-c", code)
    most = 2**24
    program = BoundedProgram(
        command, tmp_path, seconds=5, most_output_bytes=most, most_file_bytes=most, as_nobody=False
    )
    program.environment = {"PATH": "/usr/local/bin:/usr/bin:/bin"}
    started = time.monotonic()
    assert sum(len(line) for line in program.lines()) <= 2 * most
    assert told in program.ended
    assert time.monotonic() - started < 30


def test_a_program_that_ends_well_says_nothing_and_leaves_nothing(tmp_path: Path) -> None:
    code = "import sys, subprocess; subprocess.Popen(['sleep', '60']); print(sys.stdin.read()); print('end')"
    program = BoundedProgram(("python3", "-c", code), tmp_path, {"PATH": "/usr/bin:/bin"}, as_nobody=False)
    assert list(program.lines(b"given")) == [b"given", b"end"]
    assert program.ended == ""
