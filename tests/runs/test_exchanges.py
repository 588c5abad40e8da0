"""An exchange can be sent again by hand: the curl command sends what was sent, whatever the words in it."""

from __future__ import annotations

import shlex
import shutil
import subprocess
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import pytest

from runs.differing import differing
from runs.exchanges import curl_of
from tests.conftest import lacking

Received = list[tuple[str, str, dict[str, str], str]]
NASTY = """{"a": "it's; `rm -rf` $(id) \\\\ %s"}\n@file 'quoted' "double" 🦊"""


@pytest.fixture
def server() -> Iterator[tuple[int, Received]]:
    """A server that notes what it is sent."""
    received: Received = []

    class Notes(BaseHTTPRequestHandler):
        def note(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0)).decode()
            received.append((self.command, self.path, dict(self.headers), body))
            self.send_response(204)
            self.end_headers()

        do_GET = do_POST = do_PUT = do_DELETE = do_HEAD = note

        def log_message(self, *_: Any) -> None: ...

    served = HTTPServer(("127.0.0.1", 0), Notes)
    thread = threading.Thread(target=served.serve_forever, daemon=True)
    thread.start()
    yield served.server_port, received
    served.shutdown()
    thread.join()
    served.server_close()


def exchange(**more: Any) -> dict[str, Any]:
    return {"method": "GET", "path": "/api/tags", "request_headers": {}, "request_body": None} | more


@pytest.mark.parametrize(
    "sent",
    [
        exchange(method="POST", request_body=NASTY, request_headers={"Content-Type": "application/json"}),
        exchange(path="/api/articles?tag[]={a,b}&author=[1-3]"),
        exchange(path="/api/articles/../tags/%2e%2e/x"),
        exchange(method="HEAD"),
        exchange(method="DELETE", request_headers={"Authorization": "Token it's.a.token", "X-Empty": ""}),
        exchange(method="PUT", request_body="@/etc/passwd", request_headers={"Content-Length": "9", "Host": "x"}),
    ],
    ids=[
        "nasty body",
        "brackets in the address",
        "dots in the address",
        "HEAD",
        "quote in a header",
        "body like a file",
    ],
)
def test_a_shell_sends_what_was_sent(server: tuple[int, Received], sent: dict[str, Any]) -> None:
    port, received = server
    if shutil.which("curl") is None:
        lacking("curl", "no curl is installed")
    command = curl_of(sent, port).replace("localhost", "127.0.0.1")
    subprocess.run(["sh", "-c", f"{command} --max-time 10 --noproxy '*'"], check=True, capture_output=True)
    ((method, path, headers, body),) = received
    assert (method, path, body) == (sent["method"], sent["path"], sent["request_body"] or "")
    kept = {name: value for name, value in sent["request_headers"].items() if name not in ("Host", "Content-Length")}
    assert kept.items() <= headers.items()
    assert headers["Host"] == f"127.0.0.1:{port}"


def test_half_a_body_makes_no_command() -> None:
    """The evaluator keeps four kilobytes of a body; sent again, the rest would be missing."""
    assert curl_of(exchange(method="POST", request_body="a" * 4096 + " … (10000 characters)"), 8080) == ""
    assert "-X" in shlex.split(curl_of(exchange(method="POST", request_body="(10000 characters)"), 8080))


def marked(expected: str, received: str) -> tuple[list[str], list[str]]:
    left, right = differing(expected, received)
    assert ("".join(part.text for part in left), "".join(part.text for part in right)) == (expected, received)
    return [part.text for part in left if part.differs], [part.text for part in right if part.differs]


def test_the_part_that_differs_is_marked() -> None:
    assert marked("articlesCount is 3", "articlesCount is 2") == (["3"], ["2"])
    assert marked("an object user with email", "an object user") == ([" with email"], [])
    assert marked("422", "500") == ([], [])  # all of it differs: a mark would say nothing
    assert marked("", "500") == ([], [])


def test_a_long_answer_is_not_compared() -> None:
    assert marked("a b " * 5_000, "a c " * 5_000) == ([], [])
