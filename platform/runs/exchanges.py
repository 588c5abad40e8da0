"""An exchange of a check as text: what was sent, what came back, and how to send it again by hand."""

from __future__ import annotations

import re
import shlex
from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

CUT = re.compile(r" … \(\d+ characters\)\Z")  # what the evaluator puts behind a body that it did not keep whole
# What curl sends by itself, and would send twice or wrongly.
LEFT_TO_CURL = {"host", "content-length", "connection", "transfer-encoding"}


@dataclass(frozen=True)
class Message:
    """An exchange as text: the request as sent, the response as received, and the request as a curl command.

    `curl` is empty where the body was not kept whole: half a body is another request.
    """

    request: str
    response: str
    curl: str
    seconds: float


def message_of(exchange: Mapping[str, Any], port: int) -> Message:
    start = f"{exchange['method']} {exchange['path']}"
    body = exchange.get("request_body")
    request = "\n".join([start, *_headers(exchange["request_headers"])]) + (f"\n\n{body}" if body else "")
    return Message(
        request=request,
        response=_response(exchange),
        curl=curl_of(exchange, port),
        seconds=float(exchange.get("seconds") or 0),
    )


def curl_of(exchange: Mapping[str, Any], port: int) -> str:
    """The request of an exchange as a command for a POSIX shell, every word of it quoted; empty for a cut body."""
    method, body = exchange["method"], exchange.get("request_body")
    if body and CUT.search(body):
        return ""
    # Without globoff, curl takes brackets in the address for a pattern; an X HEAD would wait for a body.
    words = ["curl", "-i", "--globoff", "--path-as-is", *(["--head"] if method == "HEAD" else ["-X", method])]
    words.append(f"http://localhost:{port}{exchange['path']}")
    for name, value in exchange["request_headers"].items():
        if name.lower() not in LEFT_TO_CURL:
            words += ["-H", f"{name}: {value}" if value else f"{name};"]  # “X:” would leave the header out
    if body:
        words += ["--data-raw", body]
    return shlex.join(words)


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
