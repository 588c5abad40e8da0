"""A backend kept running takes one bounded request after the other, and nothing of it is left at the end."""

from __future__ import annotations

import time

import pytest

from evaluator.contract.client import Limits
from evaluator.errors import BadInput
from evaluator.holding import MOST_BODY, NotHeld, Request, check_request, held_backend
from evaluator.warm import WarmSandboxes
from tests.evaluator.conftest import sandbox_or_skip
from tests.evaluator.tiny_backends import HEALTHY, PYTHON_TASK

SERVER = b"""
import http.server, json, sys, time

class Handler(http.server.BaseHTTPRequestHandler):
    def answer(self):
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0)).decode()
        print("asked for", self.path, flush=True)
        if self.path == "/slow": time.sleep(30)
        if self.path == "/die": sys.stdout.flush(); import os; os._exit(3)
        content = json.dumps({"method": self.command, "headers": dict(self.headers), "body": body}).encode()
        if self.path == "/large": content = b"x" * 200_000
        self.send_response(200)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        if self.command != "HEAD": self.wfile.write(content)

    do_GET = do_POST = do_PUT = do_DELETE = do_HEAD = do_OPTIONS = do_PATCH = answer

http.server.ThreadingHTTPServer(("127.0.0.1", 8080), Handler).serve_forever()
"""
FILES = HEALTHY | {"server.py": SERVER}


@pytest.fixture(autouse=True)
def nothing_started_ahead(monkeypatch: pytest.MonkeyPatch) -> None:
    """So that no sandbox waits in this process for a next one after the test."""
    monkeypatch.setenv("AMEND_PREWARM", "0")


@pytest.mark.sandbox
def test_requests_are_sent_through_the_bridge_and_their_log_comes_with_them(sandbox: str) -> None:
    with held_backend(FILES, PYTHON_TASK, seconds=60, sandbox=sandbox) as held:
        request = Request("POST", "/api/users?a=1", {"X-Mine": "yes"}, '{"user": "🦊"}')
        answer = held.send(request)
        assert answer.received_status == 200
        assert '"X-Mine": "yes"' in answer.received_body
        assert '"method": "POST"' in answer.received_body
        assert answer.request_body == '{"user": "🦊"}'
        assert "asked for /api/users?a=1" in answer.log
        assert "/api/users" not in held.send(Request("GET", "/api/tags")).log

        # An answer that is too slow or too long has an end.
        slow = held.send(Request("GET", "/slow"), Limits(seconds=0.5))
        assert slow.received_status is None
        assert "0.5 seconds" in slow.error
        large = held.send(Request("GET", "/large"))
        assert large.received_body.endswith("… (200000 characters)")

        # A request that brings it down is told, and so is the end.
        dying = held.send(Request("DELETE", "/die"))
        assert dying.error
        assert held.running.wait(10)
        assert not held.alive()
        assert held.why_it_ended() == "The backend ended by itself with status 3."


@pytest.mark.sandbox
def test_started_again_after_a_change_it_finds_a_sandbox_ready(monkeypatch: pytest.MonkeyPatch) -> None:
    sandbox_or_skip("bubblewrap")
    monkeypatch.setenv("AMEND_PREWARM", "1")
    changed = FILES | {"server.py": SERVER.replace(b"asked for", b"wanted was")}
    with WarmSandboxes(quiet_seconds=0, beside_running=True) as pool:
        monkeypatch.setattr("evaluator.holding.warm_sandbox", lambda name, *, beside_running: pool)
        with held_backend(FILES, PYTHON_TASK, seconds=60):
            deadline = time.monotonic() + 30
            while not pool.waiting():
                assert time.monotonic() < deadline
                time.sleep(0.02)
        with held_backend(changed, PYTHON_TASK, seconds=60) as held:
            assert held.running.prewarmed
            assert "wanted was /api/tags" in held.send(Request("GET", "/api/tags")).log


@pytest.mark.sandbox
def test_after_its_time_it_is_killed(sandbox: str) -> None:
    with held_backend(FILES, PYTHON_TASK, seconds=1, sandbox=sandbox) as held:
        assert held.running.wait(20)
        assert "1 seconds" in held.why_it_ended()


@pytest.mark.sandbox
def test_a_backend_that_does_not_start_is_not_held_and_says_why(sandbox: str) -> None:
    broken = FILES | {"run.sh": b"exit 7\n"}
    with (
        pytest.raises(NotHeld, match="status 7"),
        held_backend(broken, PYTHON_TASK, seconds=60, sandbox=sandbox),
    ):
        raise AssertionError("it must not be held")


@pytest.mark.parametrize(
    "request_",
    [
        Request("CONNECT", "/"),
        Request("GET", "http://elsewhere/"),
        Request("GET", "/a b"),
        Request("GET", "/a\r\nX-Smuggled: yes"),
        Request("GET", "/ünlaut"),
        Request("GET", "/" + "a" * 2_000),
        Request("GET", "/", {"X": "a\r\nY: b"}),
        Request("GET", "/", {"X\r\nY": "b"}),
        Request("GET", "/", {"Content-Length": "99"}),
        Request("GET", "/", {"Transfer-Encoding": "chunked"}),
        Request("GET", "/", {"host": "elsewhere"}),
        Request("GET", "/", {f"X-{number}": "" for number in range(31)}),
        Request("POST", "/", {}, "x" * (MOST_BODY + 1)),
    ],
)
def test_what_is_not_one_plain_request_is_refused(request_: Request) -> None:
    with pytest.raises(BadInput):
        check_request(request_)
