"""An exchange of a check as text: what was sent, what came back, and how to send it again by hand."""

from __future__ import annotations

import shlex
from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any


@dataclass(frozen=True)
class Message:
    """An exchange as text: the request as sent, the response as received, and the request as a curl command."""

    request: str
    response: str
    curl: str
    seconds: float


def message_of(exchange: Mapping[str, Any], port: int) -> Message:
    start = f"{exchange['method']} {exchange['path']}"
    body = exchange.get("request_body")
    request = "\n".join([start, *_headers(exchange["request_headers"])]) + (f"\n\n{body}" if body else "")
    curl = ["curl", "-i", "-X", exchange["method"], f"http://localhost:{port}{exchange['path']}"]
    for header in _headers(exchange["request_headers"]):
        curl += ["-H", header]
    if body:
        curl += ["--data-raw", body]
    return Message(
        request=request,
        response=_response(exchange),
        curl=shlex.join(curl),
        seconds=float(exchange.get("seconds") or 0),
    )


def _response(exchange: Mapping[str, Any]) -> str:
    if exchange.get("received_status") is None:
        return f"No answer came. {exchange.get('error', '')}".strip()
    start = _status(exchange["received_status"])
    body = exchange.get("received_body", "")
    return "\n".join([start, *_headers(exchange["received_headers"])]) + (f"\n\n{body}" if body else "")


def step_of(exchange: Mapping[str, Any]) -> str:
    status = exchange.get("received_status")
    return f"{exchange['method']} {exchange['path']} → {_status(status) if status else 'no answer'}"


def _status(status: int) -> str:
    try:
        return f"{status} {HTTPStatus(status).phrase}"
    except ValueError:
        return str(status)


def _headers(headers: Mapping[str, str]) -> list[str]:
    return [f"{name}: {value}" for name, value in headers.items()]
