"""What the evaluator asks of a bridge while it forwards, over a unix socket that no sandbox sees."""

from __future__ import annotations

import socket
from pathlib import Path

from evaluator.errors import MachineryFailed
from evaluator.sandbox.base import DatabaseAccess, SentStatements

ANSWER_SECONDS = 5.0
MOST_ANSWER_BYTES = 64
MOST_SAMPLE_BYTES = 4 * 1024 * 1024


def statements_of(control: Path) -> int:
    """SQL statements counted so far by the bridge behind this control socket. Raises MachineryFailed."""
    return _ask(control, "statements")


def name_database(control: Path, access: DatabaseAccess) -> None:
    """Tell the bridge which role and database stand behind the promised names. Raises MachineryFailed."""
    _ask(control, f"postgres {access.role} {access.database}")


def sent_statements_of(control: Path) -> SentStatements:
    """The SQL that the bridge behind this control socket has passed on, each form once. Raises MachineryFailed."""
    first, *texts = _answer(control, "sample", MOST_SAMPLE_BYTES).decode("utf-8", "replace").split("\0")
    return SentStatements(tuple(texts), complete=first.strip() == "all")


def _ask(control: Path, line: str) -> int:
    """The bridge's answer to one line; it always says how many statements it has counted."""
    try:
        return int(_answer(control, line, MOST_ANSWER_BYTES))
    except ValueError as error:
        raise MachineryFailed(f"The bridge of a sandbox does not answer: {error}") from error


def _answer(control: Path, line: str, most_bytes: int) -> bytes:
    """What the bridge says to one line, until it hangs up."""
    received = b""
    try:
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as connection:
            connection.settimeout(ANSWER_SECONDS)
            connection.connect(str(control))
            connection.sendall(line.encode() + b"\n")
            while len(received) < most_bytes:
                part = connection.recv(65536)
                if not part:
                    break
                received += part
        return received
    except OSError as error:
        raise MachineryFailed(f"The bridge of a sandbox does not answer: {error}") from error
