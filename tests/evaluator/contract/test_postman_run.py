"""A collection is run by the real newman, and what newman does not tell of has not passed."""

from __future__ import annotations

import json
import socket
import threading
from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest

from evaluator.contract import Transport, run_contract
from evaluator.contract.postman import collection_checks, judge_collection, read_collection
from evaluator.contract.suite import Watch
from evaluator.errors import MachineryFailed
from evaluator.newman import installed_newman
from evaluator.verdict import CheckResult, summarise
from tests.conftest import SHARED, lacking
from tests.evaluator.contract.serving import serving
from tests.evaluator.contract.small_contracts import always, asking, collection_of
from tests.evaluator.contract.test_hopeless_servers import EVERYTHING

THINGS = (
    asking(
        "List",
        "GET",
        "/things",
        "const body = pm.response.json();",
        "pm.test('is 200', () => pm.response.to.have.status(200));",
        "pm.test('has things', () => pm.expect(body).to.have.property('things'));",
        "pm.globals.set('first', body.things[0].id);",
        "for (const thing of body.things) pm.test(`thing ${thing.id} is named`, () => pm.expect(thing.name).to.be.ok);",
        "pm.test('after all', () => {});",
    ),
    asking("Read", "GET", "/things/{{first}}", "tests['is 200'] = responseCode.code === 200;"),
)


@pytest.fixture(scope="module", autouse=True)
def newman() -> None:
    """newman is installed once into the cache folder; without a package registry there is none."""
    try:
        installed_newman()
    except MachineryFailed as error:
        lacking("newman", str(error))


def judged(
    answering: Callable[..., tuple[int, Any]], items: tuple[dict[str, Any], ...] = THINGS, **options: Any
) -> dict[str, CheckResult]:
    collection = read_collection(collection_of(*items))
    with serving(answering) as port:
        results = judge_collection(collection, "/api", Transport(port=port), base_variable="base", **options)
    assert [result.id for result in results] == [check.id for check in collection_checks(collection)]
    return {result.id: result for result in results}


def things(method: str, target: str, authorization: str, raw: bytes) -> tuple[int, Any]:
    return 200, {"things": [{"id": 7, "name": "x"}, {"id": 8, "name": ""}]} if target == "/api/things" else {}


def test_each_assertion_is_a_check_with_its_exchange() -> None:
    results = judged(things)
    outcomes = {id: result.outcome for id, result in results.items()}
    assert outcomes.pop("list.thing-is-named") == "failed"  # one of the two has no name
    assert set(outcomes.values()) == {"passed"}
    failed = results["list.thing-is-named"]
    assert failed.exchange is not None and (failed.exchange.path, failed.exchange.received_status) == (
        "/api/things",
        200,
    )
    assert "expected '' to be truthy" in failed.received


def test_a_variable_that_one_script_sets_reaches_the_next_request() -> None:
    asked: list[str] = []

    def noting(method: str, target: str, *rest: Any) -> tuple[int, Any]:
        asked.append(target)
        return things(method, target, *rest)

    judged(noting)
    assert asked == ["/api/things", "/api/things/7"]


def test_a_script_that_throws_fails_once_and_blocks_the_rest_of_its_assertions() -> None:
    results = judged(always(200, {"things": []}))
    thrown = results["list.thing-is-named"]
    assert thrown.outcome == "failed" and "TypeError" in thrown.received
    assert (results["list.after-all"].outcome, results["list.after-all"].blocked_by) == ("not_reached", thrown.id)
    assert results["list.has-things"].outcome == "passed"


def test_null_for_everything_keeps_the_denominator() -> None:
    results = judged(always(200, None))
    assert Counter(result.outcome for result in results.values())["passed"] < len(results)
    assert len(results) == 7


def test_a_server_that_limits_the_rate_is_named_once() -> None:
    results = judged(always(429, {}), (*THINGS,))
    assert results["server.starts"].outcome == "failed"
    assert "limits the rate" in results["server.starts"].received


def test_a_server_that_dies_in_the_middle_is_named_once() -> None:
    def dying(method: str, target: str, *rest: Any) -> tuple[int, Any]:
        if target != "/api/things":
            raise ConnectionResetError
        return things(method, target, *rest)

    results = judged(dying)
    assert results["server.answers"].outcome == "failed"
    assert "GET /api/things/7" in results["server.answers"].received
    assert (results["read.is-200"].outcome, results["read.is-200"].blocked_by) == ("not_reached", "server.answers")


def test_nothing_that_listens_is_a_server_that_did_not_start() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    collection = read_collection(collection_of(*THINGS))
    results = judge_collection(collection, "/api", Transport(port=port), base_variable="base")
    assert Counter(result.outcome for result in results) == {"failed": 1, "not_reached": 6}


def test_a_backend_behind_a_unix_socket_is_reached(tmp_path: Any) -> None:
    path = str(tmp_path / "backend.sock")
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(path)
        listener.listen()
        threading.Thread(target=_answer_all, args=(listener,), daemon=True).start()
        collection = read_collection(collection_of(asking("One", "GET", "/", "pm.test('x', () => {});")))
        results = judge_collection(collection, "/api", Transport(uds=path), base_variable="base")
    assert summarise(results, {}).functional


def test_results_are_told_as_requests_end() -> None:
    told: list[CheckResult] = []
    results = judged(things, watch=Watch(on_result=told.append))
    assert sorted(result.id for result in told) == sorted(results)
    assert told[-1].id == "server.answers"


def test_a_collection_that_never_ends_is_ended_at_its_limit() -> None:
    endless = asking("Again", "GET", "/", "pm.test('x', () => {}); postman.setNextRequest('Again');")
    results = judged(always(200, {}), (endless,), seconds=3)
    assert results["again.x"].outcome == "passed"
    assert results["server.answers"].outcome == "failed"


ATTACKS = (
    "require('fs').readFileSync('/etc/passwd')",
    "require('child_process').execSync('id')",
    "process.exit(0)",
    "pm.constructor.constructor('return process')().mainModule.require('fs').readFileSync('/etc/passwd')",
    "const e = new Error(); e.constructor.constructor('return process')().env.PATH.length",
)


def test_a_script_reaches_neither_files_nor_processes_nor_the_environment() -> None:
    items = [asking("One", "GET", "/", attack, "pm.test('x', () => {});") for attack in ATTACKS]
    results = judged(always(200, {}), tuple(items))
    attacked = [result for id, result in results.items() if id.startswith("one.x")]
    assert len(attacked) == len(ATTACKS)
    for result in attacked:
        assert result.outcome == "failed"
        assert "ended in an error" in result.received


def test_a_script_asks_nobody_but_the_judged_server() -> None:
    """`pm.sendRequest` would otherwise reach whatever the machine of the evaluator reaches."""
    asked: list[str] = []

    def noting(method: str, target: str, *rest: Any) -> tuple[int, Any]:
        asked.append(target)
        return 200, {}

    with serving(noting) as elsewhere:
        addresses = [f"http://127.0.0.1:{elsewhere}/x", f"http://localhost:{elsewhere}/x", "http://example.com/"]
        lines = [
            f"pm.sendRequest('{address}', (error) => pm.test('{number} is refused', () => pm.expect(error).to.be.ok));"
            for number, address in enumerate(addresses)
        ]
        own = "pm.sendRequest(pm.variables.get('base'), (error) => pm.test('own', () => pm.expect(error).to.be.null));"
        results = judged(always(200, {}), (asking("One", "GET", "/", *lines, own),))
    assert asked == []
    assert [id for id, result in results.items() if result.outcome != "passed"] == []


def test_a_redirect_is_not_followed() -> None:
    elsewhere = asking("One", "GET", "/", "pm.test('is 302', () => pm.response.to.have.status(302));")
    results = judged(always(302, {}), (elsewhere,))
    assert results["one.is-302"].outcome == "passed"


def published() -> bytes:
    path = SHARED / "conduit" / "Conduit.postman_collection.json"
    if not path.is_file():
        lacking("published-collection", "the published collection is not beside this checkout")
    return path.read_bytes()


PUBLISHED_VARIABLES = {"USERNAME": "user{run}", "EMAIL": "user{run}@mail.com", "PASSWORD": "password"}


def test_the_published_collection_believes_a_canned_server_and_ours_does_not() -> None:
    comment = EVERYTHING["comment"]
    canned = EVERYTHING | {"comments": [comment]}

    def answering(method: str, target: str, *_: Any) -> tuple[int, Any]:
        text = json.dumps(canned)
        if method == "DELETE":
            text = text.replace('"following": true', '"following": false').replace(
                '"favorited": true', '"favorited": false'
            )
        if target.startswith("/api/profiles") and method == "GET":
            text = text.replace('"following": true', '"following": false')
        return 200, json.loads(text) | ({"comment": comment})

    collection = read_collection(published())
    with serving(answering) as port:
        results = judge_collection(
            collection, "/api", Transport(port=port), base_variable="APIURL", variables=PUBLISHED_VARIABLES
        )
        ours = run_contract("/api", transport=Transport(port=port))
    assert [(result.id, result.received) for result in results if result.outcome != "passed"] == []
    assert summarise(ours, {}).pass_rate < 0.1


def test_null_gets_a_low_share_of_the_published_collection() -> None:
    collection = read_collection(published())
    with serving(always(200, None), jsonless=b"null") as port:
        results = judge_collection(
            collection, "/api", Transport(port=port), base_variable="APIURL", variables=PUBLISHED_VARIABLES
        )
    assert len(results) == 292
    assert summarise(results, {}).pass_rate < 0.1


def _answer_all(listener: socket.socket) -> None:
    while True:
        try:
            connection, _ = listener.accept()
        except OSError:
            return
        with connection:
            connection.recv(65536)
            connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\n{}")
