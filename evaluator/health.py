"""Waits for a started backend to answer its health check."""

from __future__ import annotations

import socket
import time
from dataclasses import dataclass

from evaluator.sandbox.base import Running
from evaluator.tasks import Task

START_SECONDS = 60.0
ONE_PROBE_SECONDS = 10.0
WRONG_ANSWER_SECONDS = 5.0
NOT_YET = 503
MOST_ANSWER_BYTES = 16 * 1024


@dataclass(frozen=True)
class _Answer:
    status: int | None
    told: str


def wait_until_healthy(running: Running, task: Task, *, start_seconds: float = START_SECONDS) -> str:
    """Ask until the health check of the contract answers 200; empty then, else the sentence that says why it never did.

    The end of the process ends the waiting at once, and so does a server that is up and keeps answering wrongly (except
    503, not ready yet). A script that first waits for a database has the whole time.
    """
    path = task.pack.health
    started = time.monotonic()
    answer = _Answer(None, "")
    first_wrong: float | None = None
    while (passed := time.monotonic() - started) < start_seconds:
        answer = _ask(running, path, min(ONE_PROBE_SECONDS, start_seconds - passed))
        if answer.status == 200:
            return ""
        if answer.status in (None, NOT_YET):
            first_wrong = None
        elif first_wrong is None:
            first_wrong = passed
        elif passed - first_wrong >= WRONG_ANSWER_SECONDS:
            break
        if running.wait(_pause(passed)):
            return _why_it_ended(running)
    if answer.status is None:
        return f"Nothing answered on port {task.runtime.port} within {start_seconds:.0f} seconds{answer.told}."
    return f"The server runs, but GET {path} keeps answering {answer.status} instead of 200."


def _pause(passed: float) -> float:
    """Seconds until the next question: 4 ms at first, for half of a pause is lost at every start; one costs 0.3 ms."""
    return 0.004 if passed < 1 else 0.015 if passed < 5 else 0.1


def _why_it_ended(running: Running) -> str:
    if running.killed:
        return f"The backend was ended: {running.killed}."
    status = running.exit_status
    if status in (-9, 137):
        return "The backend was killed before it answered its health check; most likely it used too much memory."
    return f"run.sh ended with status {status} before the health check was answered."


def _ask(running: Running, path: str, timeout_seconds: float) -> _Answer:
    """One request, bounded in time and size; any trouble is an answer too."""
    deadline = time.monotonic() + timeout_seconds
    request = f"GET {path} HTTP/1.1\r\nHost: localhost\r\nAccept: */*\r\nConnection: close\r\n\r\n"
    received = b""
    try:
        with _connect(running, timeout_seconds) as connection:
            connection.sendall(request.encode())
            while b"\r\n" not in received and len(received) < MOST_ANSWER_BYTES:
                connection.settimeout(max(0.001, deadline - time.monotonic()))
                part = connection.recv(4096)
                if not part:
                    break
                received += part
    except TimeoutError:
        return _Answer(None, ": the connection was taken but not answered")
    except OSError:
        return _Answer(None, "")
    words = received.split(b"\r\n")[0].split()
    if len(words) >= 2 and words[0].startswith(b"HTTP/") and words[1].isdigit():
        return _Answer(int(words[1]), "")
    return _Answer(None, ": what came back was not HTTP" if received else "")


def _connect(running: Running, timeout_seconds: float) -> socket.socket:
    transport = running.transport
    if transport.uds:
        connection = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        connection.settimeout(timeout_seconds)
        connection.connect(transport.uds)
        return connection
    return socket.create_connection((transport.host, transport.port), timeout=timeout_seconds)
