"""Servers that are no Conduit at all: the denominator stays, nothing is raised, and the time is bounded.

Why: a canned server with no storage passes the whole published collection, and a suite that throws on an answer it did
not expect loses its denominator.
"""

from __future__ import annotations

import asyncio
import json
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from evaluator.contract import Transport, catalogue, contract_named, run_contract
from evaluator.contract.client import Limits
from evaluator.contract.suite import Watch, judge_all
from evaluator.verdict import CheckResult, summarise
from tests.evaluator.contract.reference import Conduit
from tests.evaluator.contract.serving import serving

NOW = "2026-01-31T12:00:00.000Z"
PERSON = {"username": "johnjacob", "bio": None, "image": None, "following": True}
CANNED = {
    "slug": "how-to",
    "title": "How to",
    "description": "d",
    "body": "b",
    "tagList": ["dragons"],
    "createdAt": NOW,
    "updatedAt": NOW,
    "favorited": True,
    "favoritesCount": 1,
    "author": PERSON,
}
EVERYTHING = {
    "user": {"email": "john@example.com", "username": "johnjacob", "bio": None, "image": None, "token": "a.b.c"},
    "profile": PERSON,
    "article": CANNED,
    "articles": [CANNED],
    "articlesCount": 1,
    "comment": {"id": 1, "createdAt": NOW, "updatedAt": NOW, "body": "b", "author": PERSON},
    "comments": [],
    "tags": ["dragons"],
}


def test_a_canned_server_without_storage_is_far_from_functional() -> None:
    def canned(method: str, target: str, authorization: str, raw: bytes) -> tuple[int, Any]:
        creates = method == "POST" and target in ("/api/users", "/api/articles")
        return 201 if creates else 200, EVERYTHING

    results = judged(canned)
    assert summarise(results, {}).pass_rate < 0.1
    assert outcome_of(results, "server.tells-apart") == "failed"
    assert {check.blocked_by for check in results if check.outcome == "not_reached"} == {"server.tells-apart"}


def test_a_canned_server_that_varies_its_answers_is_still_far_from_functional() -> None:
    """Whoever answers each route with its own constant is past the first look, and is found out by what it ignores."""

    def canned(method: str, target: str, authorization: str, raw: bytes) -> tuple[int, Any]:
        creates = method == "POST" and target in ("/api/users", "/api/articles")
        return 201 if creates else 200, EVERYTHING | {"asked": f"{method} {target}"}

    results = judged(canned)
    assert summarise(results, {}).pass_rate < 0.35
    assert outcome_of(results, "users.register.status") == "passed"
    assert outcome_of(results, "users.register.echo") == "failed"


@pytest.mark.parametrize("status", [200, 404, 500])
def test_one_status_for_everything_gives_a_result_for_every_check(status: int) -> None:
    results = judged(lambda *_: (status, {}))
    assert summarise(results, {}).pass_rate < 0.1


def test_an_echo_is_far_from_functional() -> None:
    def echo(method: str, target: str, authorization: str, raw: bytes) -> tuple[int, Any]:
        return 200, json.loads(raw) if raw.startswith(b"{") and raw.endswith(b"}") else {}

    assert summarise(judged(echo), {}).pass_rate < 0.1


@pytest.mark.parametrize(
    "body",
    [b"null", b"[]", b"{}", b"1e999", b'"', b"\xff\xfe", b"<html>", b"[" * 200_000, b"9" * 5000, b"", b'{"user": []}'],
)
def test_a_body_that_nobody_foresaw_gives_a_result_for_every_check(body: bytes) -> None:
    with serving(lambda *_: (200, {}), jsonless=body) as port:
        results = run_contract("/api", transport=Transport(port=port))
    complete(results)


@pytest.mark.parametrize("odd", [None, [], {}, "", 0, True, "\ud800", 10**400, "x" * 3_000_000])
def test_an_odd_value_in_every_field_gives_a_result_for_every_check(odd: object) -> None:
    def answering(*_: object) -> tuple[int, Any]:
        inner = dict.fromkeys((*CANNED, *PERSON, "id", "email", "token"), odd)
        outer = dict.fromkeys(("user", "article", "profile", "comment"), inner)
        return 200, outer | dict.fromkeys(("articles", "articlesCount", "comments", "tags"), odd)

    complete(judged(answering))


def test_items_of_lists_that_are_no_objects_give_a_result_for_every_check() -> None:
    wrong = EVERYTHING | {"articles": [None, 1, "x"], "comments": [[]], "tags": [{}, None]}
    complete(judged(lambda *_: (200, wrong)))


# Below HTTP


def test_a_server_that_closes_every_connection_did_not_start() -> None:
    with talking(lambda connection: None) as port:
        results = run_contract("/api", transport=Transport(port=port))
    complete(results)
    assert (results[0].outcome, results[0].received) == ("failed", "the connection was closed without an answer")
    assert {check.blocked_by for check in results[1:]} == {"server.starts"}


def test_a_server_that_does_not_speak_http_did_not_start() -> None:
    with talking(lambda connection: connection.sendall(b"220 smtp.example.com ESMTP\r\n\r\n")) as port:
        results = run_contract("/api", transport=Transport(port=port))
    complete(results)
    assert "does not begin like an HTTP answer" in results[0].received


def test_a_server_that_never_answers_is_given_up_at_the_deadline() -> None:
    with talking(lambda connection: time.sleep(3)) as port:
        started = time.monotonic()
        contract = contract_named("conduit")
        limits = Limits(seconds=0.3)
        results = asyncio.run(judge_all(contract, "/api", Transport(port=port), Watch(), limits=limits)).checks
    complete(results)
    assert "no complete answer within 0.3 seconds" in results[0].received
    assert time.monotonic() - started < 2


def test_nothing_that_listens_is_a_server_that_did_not_start() -> None:
    results = run_contract("/api", transport=Transport(port=free_port()))
    complete(results)
    assert "no connection" in results[0].received


# In the middle of the run


def test_a_server_that_limits_the_rate_is_named_once_and_not_a_hundred_times() -> None:
    results = judged(Conduit("limits the rate").answer)
    last = next(check for check in results if check.id == "server.answers")
    assert last.outcome == "failed" and "limits the rate: 429 to" in last.received
    failed = [check.id for check in results if check.outcome == "failed" and check.basis != "benchmark"]
    assert failed == ["server.answers"]


def test_a_server_that_dies_is_named_once_and_not_a_hundred_times() -> None:
    conduit, dead = Conduit(), threading.Event()

    def dying(*request: Any) -> tuple[int, Any]:
        if conduit.asked >= 50:
            dead.set()
            raise ConnectionResetError
        return conduit.answer(*request)

    results = judged(dying, alive=lambda: not dead.is_set())
    last = next(check for check in results if check.id == "server.answers")
    assert last.outcome == "failed" and "process ended" in last.received
    assert [check.id for check in results if check.outcome == "failed"] == ["server.answers"]


def test_a_suite_that_is_out_of_time_says_so_and_keeps_its_denominator() -> None:
    conduit = Conduit()

    def slow(*request: Any) -> tuple[int, Any]:
        time.sleep(0.03)
        return conduit.answer(*request)

    with serving(slow) as port:
        contract = contract_named("conduit")
        results = asyncio.run(judge_all(contract, "/api", Transport(port=port), Watch(), suite_seconds=0.5)).checks
    complete(results)
    last = next(check for check in results if check.id == "server.answers")
    assert last.outcome == "failed" and "0.5 seconds were over" in last.received
    assert any(check.blocked_by == "server.answers" for check in results)


def judged(
    answering: Callable[..., tuple[int, Any]], alive: Callable[[], bool] | None = None
) -> tuple[CheckResult, ...]:
    with serving(answering) as port:
        results = run_contract("/api", transport=Transport(port=port), alive=alive)
    complete(results)
    return results


def complete(results: tuple[CheckResult, ...]) -> None:
    """Every check of the catalogue has a result that is in itself right, and none stumbled."""
    ids = {check.id: check for check in results}
    assert list(ids) == [check.id for check in catalogue()]
    for check in results:
        assert "cannot judge" not in check.received, (check.id, check.received)
        if check.outcome == "not_reached":
            assert ids[check.blocked_by].outcome == "failed", (check.id, check.blocked_by)
        if check.outcome == "failed":
            assert check.expected and check.received, check.id


def outcome_of(results: tuple[CheckResult, ...], id: str) -> str:
    return next(check.outcome for check in results if check.id == id)


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


@contextmanager
def talking(talk: Callable[[socket.socket], object]) -> Iterator[int]:
    """A server that does `talk` with each connection once the request has come, and closes it."""
    listener = socket.create_server(("127.0.0.1", 0))

    def serve(connection: socket.socket) -> None:
        with connection:
            connection.recv(65536)
            talk(connection)

    def accept() -> None:
        while True:
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            threading.Thread(target=serve, args=(connection,), daemon=True).start()

    threading.Thread(target=accept, daemon=True).start()
    try:
        yield listener.getsockname()[1]
    finally:
        listener.close()
