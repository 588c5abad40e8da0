"""What the evaluator asks a bridge while it forwards, over a unix socket that no sandbox sees."""

from __future__ import annotations

import json
import socket
from pathlib import Path
from typing import Any

from evaluator.errors import MachineryFailed

ANSWER_SECONDS = 5.0
MOST_ANSWER_BYTES = 4096


def statements_of(control: Path) -> int:
    """SQL statements counted so far by the bridge behind this control socket. Raises MachineryFailed."""
    return int(ask_bridge(control, {"ask": "statements"})["statements"])


def ask_bridge(control: Path, question: dict[str, Any]) -> dict[str, Any]:
    """The bridge's answer to one question. Raises MachineryFailed where it gives none in five seconds."""
    received = b""
    try:
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as connection:
            connection.settimeout(ANSWER_SECONDS)
            connection.connect(str(control))
            connection.sendall(json.dumps(question).encode() + b"\n")
            while not received.endswith(b"\n") and len(received) < MOST_ANSWER_BYTES:
                part = connection.recv(MOST_ANSWER_BYTES)
                if not part:
                    break
                received += part
        answer: dict[str, Any] = json.loads(received)
    except (OSError, ValueError) as error:
        raise MachineryFailed(f"The bridge of a sandbox does not answer: {error}") from error
    return answer
