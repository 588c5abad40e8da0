"""A contract that is a Postman collection: the real newman runs it, and every assertion is one check.

The denominator is fixed before anything runs: the assertions that stand in the scripts. What newman does not tell of
has not passed. A script that ends in an error fails its first assertion that was not made and blocks the others; a
request without an answer, or an answer 429, is the failure of `server.answers` and blocks its assertions.
"""

from __future__ import annotations

import json
import secrets
import string
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any
from urllib.parse import urlsplit

from evaluator.contract.bounded_program import BoundedProgram
from evaluator.contract.checks import prose
from evaluator.contract.client import Transport
from evaluator.contract.declared import ANSWERS, STARTS, Entry, framed, never_started, unjudged
from evaluator.contract.loopback import loopback_port
from evaluator.contract.postman.collection import Collection, Request, read_collection
from evaluator.contract.session import TOO_MANY_REQUESTS
from evaluator.contract.suite import KEPT_LOG_CHARACTERS, SUITE_SECONDS, Watch
from evaluator.errors import MachineryFailed
from evaluator.newman import installed_newman
from evaluator.verdict import CheckResult, Exchange

__all__ = ["Collection", "collection_checks", "judge_collection", "read_collection"]

REQUEST_SECONDS = 10
SCRIPT_SECONDS = 5
START_SECONDS = 10
MOST_MEMORY_BYTES = 512 * 1024 * 1024


def collection_checks(collection: Collection, health: str = "") -> tuple[Entry, ...]:
    """Every check of a collection, whatever any backend does: the server starts, each assertion, it answers on."""
    entries = [
        Entry(
            asserted.id,
            request.operation,
            f"{request.place[-1]}: {asserted.assertion.name}",
            prose(f"The collection asserts it in “{request.title}”."),
        )
        for request, asserted in collection.asserted
    ]
    return framed(entries, health)


def judge_collection(
    collection: Collection,
    base_url: str,
    transport: Transport,
    *,
    base_variable: str,
    variables: Mapping[str, str] | None = None,
    watch: Watch | None = None,
    health: str = "",
    seconds: float = SUITE_SECONDS,
) -> tuple[CheckResult, ...]:
    """The result of every check of a collection, in the order of `collection_checks`; ends within `seconds`.

    `base_variable` is the collection's name for the base of the API, `variables` are further globals of it, in which
    `{run}` stands for a word that no other run uses. Raises MachineryFailed where newman cannot be run.
    """
    watch = watch or Watch()
    path = urlsplit(base_url).path.rstrip("/")
    with loopback_port(transport) as port:
        told = _globals(variables or {}) | {base_variable: f"http://127.0.0.1:{port}{path}"}
        program = _program(seconds)
        hearing = _Hearing(collection, watch)
        for event in _events(program, _given(collection, told, seconds, port)):
            hearing.hear(event)
    if not hearing.any_item and program.ended:
        raise MachineryFailed(f"newman did not run the collection: {program.ended}.")
    return hearing.results(collection_checks(collection, health), program.ended)


def _globals(variables: Mapping[str, str]) -> dict[str, str]:
    run = "".join(secrets.choice(string.ascii_lowercase) for _ in range(6))
    return {name: value.replace("{run}", run) for name, value in variables.items()}


def _program(seconds: float) -> BoundedProgram:
    newman = installed_newman()
    return BoundedProgram(
        newman.command, newman.folder, seconds=seconds + START_SECONDS, most_memory_bytes=MOST_MEMORY_BYTES
    )


def _given(collection: Collection, told: Mapping[str, str], seconds: float, port: int) -> bytes:
    limits = {"seconds": seconds, "request_seconds": REQUEST_SECONDS, "script_seconds": SCRIPT_SECONDS}
    given = {"collection": collection.document, "globals": told, "limits": limits, "port": port}
    return json.dumps(given).encode()


def _events(program: BoundedProgram, given: bytes) -> Iterator[dict[str, Any]]:
    """What newman tells. A line that is no event is passed over: it cannot make anything pass."""
    for line in program.lines(given):
        try:
            event = json.loads(line)
        except ValueError:
            continue
        if isinstance(event, dict) and isinstance(event.get("position"), int | None):
            yield event


@dataclass
class _Heard:
    """What newman told of one request so far."""

    began: float
    exchange: Exchange | None = None
    script_error: str = ""
    made: list[tuple[str, str]] = field(default_factory=list)


class _Hearing:
    """Gathers what newman tells and judges each request when the next one begins."""

    def __init__(self, collection: Collection, watch: Watch) -> None:
        self.any_item = False
        self._requests = collection.requests
        self._watch = watch
        self._heard: dict[int, _Heard] = {}
        self._judged: dict[str, CheckResult] = {}
        self._settled: set[int] = set()
        self._trouble = ""
        self._unfinished = "newman told no end"
        self._first_answer: Exchange | None = None

    def hear(self, event: Mapping[str, Any]) -> None:
        if event.get("event") == "end":
            self._unfinished = str(event.get("error") or "")
            return
        position = event.get("position", -1)
        if not 0 <= (position if position is not None else -1) < len(self._requests):
            return
        heard = self._heard.setdefault(position, _Heard(time.time()))
        match event.get("event"):
            case "item":
                self.any_item = True
                self._settle_all_but(position)
            case "request":
                heard.exchange = _exchange(event)
                self._notice(heard.exchange)
            case "assertion" if not event.get("skipped"):
                heard.made.append((str(event.get("name")), str(event.get("error") or "")))
            case "script":
                heard.script_error = heard.script_error or str(event.get("error"))

    def results(self, checks: tuple[Entry, ...], ended: str) -> tuple[CheckResult, ...]:
        """The results in the order of the catalogue; whatever was not told of is not reached."""
        self._settle_all_but(-1)
        if ended or self._unfinished:
            unfinished = f"The run of the collection was not finished: {ended or self._unfinished}."
            self._trouble = self._trouble or unfinished
        if self._first_answer is None:
            return self._tell_all(never_started(checks, self._trouble or "No request of the collection was answered."))
        for check in checks:
            if check.id not in self._judged:
                self._tell(self._about_the_server(check))
        return tuple(self._judged[check.id] for check in checks)

    def _about_the_server(self, check: Entry) -> CheckResult:
        result = unjudged(check)
        if check.id == STARTS:
            return replace(result, outcome="passed", exchange=self._first_answer)
        if check.id == ANSWERS and self._trouble:
            expected = "a server that answers every request of the collection"
            return replace(result, outcome="failed", expected=expected, received=self._trouble)
        if check.id == ANSWERS:
            return replace(result, outcome="passed")
        return replace(result, received=self._trouble or "newman never ran this request", blocked_by=self._blocker())

    def _blocker(self) -> str:
        return ANSWERS if self._trouble else ""

    def _notice(self, exchange: Exchange) -> None:
        what = f"{exchange.method} {exchange.path}"
        if exchange.received_status is None:
            self._trouble = self._trouble or f"No answer to {what}: {exchange.error}."
        elif exchange.received_status == TOO_MANY_REQUESTS:
            self._trouble = self._trouble or f"The server limits the rate: 429 to {what}."
        else:
            self._first_answer = self._first_answer or exchange

    def _settle_all_but(self, position: int) -> None:
        for earlier in [known for known in self._heard if known != position and known not in self._settled]:
            self._settled.add(earlier)
            for result in self._judge(self._requests[earlier], self._heard[earlier]):
                self._tell(result)

    def _judge(self, request: Request, heard: _Heard) -> Iterator[CheckResult]:
        errors = _errors_by_id(request, heard.made)
        exchange = heard.exchange
        if exchange is not None and self._watch.log_since is not None and (heard.script_error or any(errors.values())):
            exchange = replace(exchange, log=self._watch.log_since(heard.began)[:KEPT_LOG_CHARACTERS])
        unanswered = exchange is None or exchange.received_status in (None, TOO_MANY_REQUESTS)
        blocker = self._blocker() if unanswered else ""
        for asserted in request.asserted:
            entry = _entry(request, asserted.id, asserted.assertion.name)
            result = replace(unjudged(entry), expected=asserted.assertion.name)
            if asserted.id in errors and not unanswered:
                error = errors[asserted.id]
                if error:
                    yield replace(result, outcome="failed", received=error, exchange=exchange)
                else:
                    yield replace(result, outcome="passed", expected="", exchange=heard.exchange)
            elif heard.script_error and not blocker:
                blocker = asserted.id
                told = f"the script of this request ended in an error: {heard.script_error}"
                yield replace(result, outcome="failed", received=told, exchange=exchange)
            else:
                told = "" if blocker else "its script ended without making this assertion"
                yield replace(result, received=told, expected="", blocked_by=blocker, exchange=exchange)

    def _tell(self, result: CheckResult) -> None:
        self._judged[result.id] = result
        if self._watch.on_result is not None:
            self._watch.on_result(result)

    def _tell_all(self, results: tuple[CheckResult, ...]) -> tuple[CheckResult, ...]:
        for result in results:
            if result.id not in self._judged and self._watch.on_result is not None:
                self._watch.on_result(result)
        return results


def _entry(request: Request, id: str, name: str) -> Entry:
    clause = prose(f"The collection asserts it in “{request.title}”.")
    return Entry(id, request.operation, f"{request.place[-1]}: {name}", clause)


def _errors_by_id(request: Request, made: list[tuple[str, str]]) -> dict[str, str]:
    """The error (empty for none) of each assertion that was made.

    The first told assertion of a name belongs to the first place where that name stands, the second to the second; one
    that is made more often than it is written (in a loop) fails where any of its times failed.
    """
    places = list(request.asserted)
    places.sort(key=lambda asserted: not asserted.assertion.is_fixed)  # whole names before patterns
    errors: dict[str, str] = {}
    for name, error in made:
        fitting = [asserted.id for asserted in places if asserted.assertion.matches(name)]
        if fitting:
            id = next((id for id in fitting if id not in errors), fitting[-1])
            errors[id] = errors.get(id) or error
    return errors


def _exchange(event: Mapping[str, Any]) -> Exchange:
    status = event.get("status")
    return Exchange(
        method=str(event.get("method") or ""),
        path=str(event.get("path") or ""),
        request_headers=_texts(event.get("request_headers")),
        request_body=str(event.get("request_body") or "") or None,
        received_status=status if isinstance(status, int) else None,
        received_headers=_texts(event.get("received_headers")),
        received_body=str(event.get("received_body") or ""),
        seconds=float(event.get("seconds") or 0),
        error=str(event.get("error") or ""),
    )


def _texts(found: object) -> dict[str, str]:
    return {str(name): str(value) for name, value in found.items()} if isinstance(found, dict) else {}
