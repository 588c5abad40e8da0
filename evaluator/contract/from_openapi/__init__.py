"""A contract that is only an OpenAPI document: schemathesis tries it, and operation × kind of check are the checks.

The denominator comes from the document. A check has passed where schemathesis made it at least once and it never
failed; where no request came to it, it is not reached. The order, the examples and the seed are always the same.
"""

from __future__ import annotations

import asyncio
import base64
import json
import secrets
import string
import sys
import tempfile
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from evaluator.contract.bounded_program import BoundedProgram
from evaluator.contract.checks import openapi
from evaluator.contract.client import Client, NoAnswer, Transport
from evaluator.contract.declared import ANSWERS, STARTS, Entry, framed, never_started, unjudged
from evaluator.contract.from_openapi.document import KINDS, Document, Kind, Operation, read_document
from evaluator.contract.loopback import loopback_port
from evaluator.contract.session import KEPT_BODY_CHARACTERS, TOO_MANY_REQUESTS
from evaluator.contract.suite import SUITE_SECONDS, Watch
from evaluator.errors import MachineryFailed
from evaluator.verdict import CheckResult, Exchange

__all__ = ["Account", "Document", "document_checks", "judge_document", "read_document"]

ACCOUNT = "account.credentials"
EXAMPLES = 8
SEED = "1"
REQUEST_SECONDS = "10"
PHASES = "examples,coverage,fuzzing,stateful"
REFUSALS = range(400, 500)


@dataclass(frozen=True)
class Account:
    """How a run gets its credentials: a request whose answer holds a token.

    `{run}` in the body is a word that no other run uses; `token` is the dotted path of the token in the answer, and
    `authorization` the header made of it, in which `{token}` stands for it.
    """

    method: str
    path: str
    body: str
    token: str
    authorization: str = "Bearer {token}"


def document_checks(document: Document, account: Account | None = None, health: str = "") -> tuple[Entry, ...]:
    """Every check of a document, whatever any backend does."""
    entries = [_entry(operation, kind) for operation in document.operations for kind in operation.kinds]
    if account is not None:
        operation = f"{account.method} {account.path}"
        clause = openapi(f"{operation} gives the credentials that other operations ask for.")
        entries.insert(0, Entry(ACCOUNT, operation, "Somebody gets an account and its credentials", clause))
    return framed(entries, health)


def judge_document(
    document: Document,
    base_url: str,
    transport: Transport,
    *,
    account: Account | None = None,
    watch: Watch | None = None,
    health: str = "",
    examples: int = EXAMPLES,
    seconds: float = SUITE_SECONDS,
) -> tuple[CheckResult, ...]:
    """The result of every check of a document, in the order of `document_checks`; ends within `seconds` and a little.

    `examples` is the most that schemathesis makes up for one operation. Raises MachineryFailed where it cannot be run.
    """
    watch = watch or Watch()
    path = urlsplit(base_url).path.rstrip("/")
    checks = document_checks(document, account, health)
    credentials = _Credentials("", "")
    if account is not None:
        credentials = asyncio.run(_credentials(account, path, transport))
    hearing = _Hearing(document, watch, credentials)
    with loopback_port(transport) as port, tempfile.TemporaryDirectory(prefix="amend-openapi-") as folder:
        Path(folder, "openapi.json").write_text(json.dumps(document.content), "utf-8")
        url = f"http://127.0.0.1:{port}{path}"
        program = _program(Path(folder), url, credentials.authorization, examples, seconds)
        for line in program.lines():
            hearing.hear(line)
    if not hearing.began:
        raise MachineryFailed(f"schemathesis did not run the document: {program.ended or 'it told nothing'}.")
    return hearing.results(checks, "" if hearing.finished else program.ended)


def _program(folder: Path, url: str, authorization: str, examples: int, seconds: float) -> BoundedProgram:
    """schemathesis on the document in the folder; its events go to the pipe, its own printing nowhere.

    It runs as the user we are: it is a library of ours, and a document holds no code and points nowhere.
    """
    command = [
        *(sys.executable, "-I", "-m", "schemathesis.cli", "run", "openapi.json", "--url", url),
        *("--phases", PHASES, "--checks", ",".join(KINDS), "--max-examples", str(examples), "--workers", "1"),
        *("--seed", SEED, "--generation-deterministic", "--continue-on-failure", "--no-shrink"),
        *("--request-timeout", REQUEST_SECONDS, "--max-redirects", "0", "--suppress-health-check", "all"),
        *("--warnings", "off", "--report", "ndjson", "--report-ndjson-path", "/dev/fd/3"),
        *(("--header", f"Authorization: {authorization}") if authorization else ()),
    ]
    quiet = ("/bin/sh", "-c", 'exec "$@" 3>&1 >/dev/null', "sh", *command)
    environment = {"HOME": str(folder), "TMPDIR": str(folder), "LANG": "C.UTF-8", "PATH": "/usr/bin:/bin"}
    return BoundedProgram(quiet, folder, environment, seconds=seconds, as_nobody=False)


@dataclass(frozen=True)
class _Credentials:
    """The Authorization header of a run, or why there is none."""

    authorization: str
    why_not: str
    exchange: Exchange | None = None


async def _credentials(account: Account, prefix: str, transport: Transport) -> _Credentials:
    run = "".join(secrets.choice(string.ascii_lowercase) for _ in range(8))
    body = account.body.replace("{run}", run)
    target = f"{prefix}{account.path}"
    headers = {"Host": "localhost", "Accept": "application/json", "Content-Type": "application/json"}
    client = Client(transport)
    try:
        response = await client.request(account.method, target, headers, body.encode())
    except NoAnswer as error:
        missed = Exchange(account.method, target, headers, body, None, {}, "", error.seconds, str(error))
        return _Credentials("", str(error), missed)
    finally:
        await client.close()
    text = response.body.decode("utf-8", "replace")
    exchange = Exchange(
        account.method,
        target,
        headers,
        body,
        response.status,
        response.headers,
        text[:KEPT_BODY_CHARACTERS],
        response.seconds,
    )
    try:
        found = json.loads(text)
        for part in account.token.split("."):
            found = found[part]
    except (ValueError, KeyError, TypeError, RecursionError):
        found = None
    if not 200 <= response.status < 300 or not isinstance(found, str) or not found or not found.isprintable():
        return _Credentials("", f"status {response.status} and no token at {account.token}", exchange)
    return _Credentials(account.authorization.replace("{token}", found), "", exchange)


@dataclass
class _Tried:
    """What became of one check so far: how often it was made, and its first failure."""

    times: int = 0
    failure: str = ""
    exchange: Exchange | None = None
    answered: Exchange | None = None


class _Hearing:
    """Gathers what schemathesis tells, scenario by scenario."""

    def __init__(self, document: Document, watch: Watch, credentials: _Credentials) -> None:
        self.began = False
        self.finished = False
        self._operations = {operation.name: operation for operation in document.operations}
        self._watch = watch
        self._credentials = credentials
        self._tried: dict[str, _Tried] = defaultdict(_Tried)
        self._told: set[str] = set()
        self._trouble = ""
        self._first_answer: Exchange | None = None

    def hear(self, line: bytes) -> None:
        try:
            told = json.loads(line)
            name, event = next(iter(told.items()))
        except (ValueError, AttributeError, StopIteration):
            return
        self.began = self.began or name == "PhaseStarted"
        self.finished = self.finished or name == "EngineFinished"
        if name == "ScenarioFinished":
            self._hear_scenario(event)

    def results(self, checks: tuple[Entry, ...], ended: str) -> tuple[CheckResult, ...]:
        """The results in the order of the catalogue."""
        if ended:
            self._trouble = self._trouble or f"The document was not tried to the end: {ended}."
        if self._first_answer is None:
            results = never_started(checks, self._trouble or "No request was answered.")
        else:
            by_id = dict(self._judged())
            results = tuple(by_id.get(check.id) or self._about_the_server(check) for check in checks)
        for result in results:
            if result.id not in self._told and self._watch.on_result is not None:
                self._watch.on_result(result)
        return results

    def _hear_scenario(self, event: Mapping[str, Any]) -> None:
        recorder = event.get("recorder") or {}
        exchanges = {case: _exchange(interaction) for case, interaction in (recorder.get("interactions") or {}).items()}
        for exchange in exchanges.values():
            self._notice(exchange)
        for case, made in (recorder.get("checks") or {}).items():
            value = ((recorder.get("cases") or {}).get(case) or {}).get("value") or {}
            operation = self._operations.get(f"{value.get('method')} {value.get('path')}")
            if operation is not None:  # an undeclared method belongs to no operation
                for check in made:
                    self._hear_check(operation, value, check, exchanges.get(case), event.get("phase") == "stateful")

    def _hear_check(
        self,
        operation: Operation,
        value: Mapping[str, Any],
        check: Mapping[str, Any],
        exchange: Exchange | None,
        stateful: bool,
    ) -> None:
        kind = KINDS.get(str(check.get("name")))
        limited = exchange is not None and exchange.received_status == TOO_MANY_REQUESTS
        if kind is None or kind not in operation.kinds or limited:
            return
        failed = check.get("status") != "success"
        if failed or _is_about(kind, value, stateful):
            tried = self._tried[operation.check_id(kind)]
            tried.times += 1
            tried.answered = tried.answered or exchange
            if failed and not tried.failure:
                tried.failure, tried.exchange = _failure(check), exchange

    def _notice(self, exchange: Exchange) -> None:
        what = f"{exchange.method} {exchange.path}"
        if exchange.received_status is None:
            self._trouble = self._trouble or f"No answer to {what[:200]}: {exchange.error or 'none came'}."
        elif exchange.received_status == TOO_MANY_REQUESTS:
            self._trouble = self._trouble or f"The server limits the rate: 429 to {what[:200]}."
        else:
            self._first_answer = self._first_answer or exchange

    def _judged(self) -> Iterator[tuple[str, CheckResult]]:
        for operation in self._operations.values():
            locked = operation.secured and bool(self._credentials.why_not)
            for kind in operation.kinds:
                result = unjudged(_entry(operation, kind))
                tried = self._tried[result.id]
                if tried.failure:
                    yield (
                        result.id,
                        replace(
                            result,
                            outcome="failed",
                            expected=kind.title,
                            received=tried.failure,
                            exchange=tried.exchange,
                        ),
                    )
                elif locked:
                    yield result.id, replace(result, blocked_by=ACCOUNT)
                elif tried.times:
                    yield result.id, replace(result, outcome="passed", exchange=tried.answered)
                else:
                    blocker = ANSWERS if self._trouble else ""
                    told = self._trouble or "schemathesis found no request that shows it"
                    yield result.id, replace(result, blocked_by=blocker, received=told)

    def _about_the_server(self, check: Entry) -> CheckResult:
        result = unjudged(check)
        if check.id == STARTS:
            return replace(result, outcome="passed", exchange=self._first_answer)
        if check.id == ACCOUNT:
            outcome = replace(result, exchange=self._credentials.exchange)
            if not self._credentials.why_not:
                return replace(outcome, outcome="passed")
            received = self._credentials.why_not
            return replace(outcome, outcome="failed", expected="an answer with a token", received=received)
        if self._trouble:
            expected = "a server that answers every request"
            return replace(result, outcome="failed", expected=expected, received=self._trouble)
        return replace(result, outcome="passed")


def _entry(operation: Operation, kind: Kind) -> Entry:
    title = f"{operation.name} {kind.title}"
    return Entry(operation.check_id(kind), operation.name[:150], title, openapi(kind.clause))


def _is_about(kind: Kind, value: Mapping[str, Any], stateful: bool) -> bool:
    """Whether a success says anything: schemathesis notes one for every check that it looked at, relevant or not."""
    if kind.name == "negative_data_rejection":
        return ((value.get("meta") or {}).get("generation") or {}).get("mode") == "negative"
    if kind.name in ("use_after_free", "ensure_resource_availability"):
        return stateful
    return True


def _failure(check: Mapping[str, Any]) -> str:
    failure = (check.get("failure_info") or {}).get("failure") or {}
    title, message = str(failure.get("title") or check.get("name")), str(failure.get("message") or "")
    return f"{title}: {message}"[:KEPT_BODY_CHARACTERS] if message else title


def _exchange(interaction: Mapping[str, Any]) -> Exchange:
    request = interaction.get("request") or {}
    response = interaction.get("response")
    parts = urlsplit(str(request.get("uri") or ""))
    return Exchange(
        method=str(request.get("method") or ""),
        path=f"{parts.path}?{parts.query}" if parts.query else parts.path,
        request_headers=_headers(request.get("headers")),
        request_body=_text(request.get("body")) or None,
        received_status=int(response["status_code"]) if response else None,
        received_headers=_headers((response or {}).get("headers")),
        received_body=_text((response or {}).get("content")),
        seconds=float((response or {}).get("elapsed") or 0),
        error="" if response else "no complete answer",
    )


def _headers(found: object) -> dict[str, str]:
    if not isinstance(found, dict):
        return {}
    return {
        str(name): ", ".join(map(str, values if isinstance(values, list) else [values]))
        for name, values in found.items()
    }


def _text(found: object) -> str:
    encoded = found.get("$base64") if isinstance(found, dict) else None
    if not isinstance(encoded, str):
        return ""
    text = base64.b64decode(encoded).decode("utf-8", "replace")
    return text if len(text) <= KEPT_BODY_CHARACTERS else f"{text[:KEPT_BODY_CHARACTERS]} … ({len(text)} characters)"
