"""What the evaluator asks of a bridge while it forwards, over a unix socket that no sandbox sees."""

from __future__ import annotations

import socket
from pathlib import Path

from evaluator.errors import MachineryFailed
from evaluator.sandbox.base import DatabaseAccess

ANSWER_SECONDS = 5.0
MOST_ANSWER_BYTES = 64


def statements_of(control: Path) -> int:
    """SQL statements counted so far by the bridge behind this control socket. Raises MachineryFailed."""
    return _ask(control, "statements")


def name_database(control: Path, access: DatabaseAccess) -> None:
    """Tell the bridge which role and database stand behind the promised names. Raises MachineryFailed."""
    _ask(control, f"postgres {access.role} {access.database}")


def _ask(control: Path, line: str) -> int:
    """The bridge's answer to one line; it always says how many statements it has counted."""
    received = b""
    try:
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as connection:
            connection.settimeout(ANSWER_SECONDS)
            connection.connect(str(control))
            connection.sendall(line.encode() + b"\n")
            while not received.endswith(b"\n") and len(received) < MOST_ANSWER_BYTES:
                part = connection.recv(MOST_ANSWER_BYTES)
                if not part:
                    break
                received += part
        return int(received)
    except (OSError, ValueError) as error:
        raise MachineryFailed(f"The bridge of a sandbox does not answer: {error}") from error
