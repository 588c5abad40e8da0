"""Keeps a backend running for requests of a person's own: prepare → start → healthy → one request after the other.

The requests go through the same bounded client and the same bridge as those of the contract, from outside the sandbox.
Nothing is judged. At the end of the block nothing of the backend is left.
"""

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace

from evaluator.contract.client import Client, Limits, NoAnswer, Response
from evaluator.environments import prepare_environment
from evaluator.errors import BadInput
from evaluator.files import check_files
from evaluator.health import START_SECONDS, wait_until_healthy
from evaluator.observation import bounded, specification
from evaluator.runtimes import runtime_of
from evaluator.sandbox import Running
from evaluator.services.postgres import fresh_database
from evaluator.tasks import Task
from evaluator.verdict import Exchange
from evaluator.warm import warm_sandbox

METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS")
MOST_PATH = 2_000  # characters
MOST_HEADERS = 30
MOST_HEADER = 4_000  # characters of one value
MOST_BODY = 64 * 1024  # characters
KEPT_BODY = 64 * 1024  # characters of an answer
KEPT_LOG = 16 * 1024  # characters of the log of one request

_PATH = re.compile(r"/[\x21-\x7e]*\Z")
_NAME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]{1,100}\Z")
_OURS = {"host", "content-length", "transfer-encoding", "connection", "upgrade", "expect", "te", "trailer"}


class NotHeld(Exception):
    """The backend does not run; `str(error)` says why in a sentence."""


@dataclass(frozen=True)
class Request:
    """What a person wants to send. `path` is below the server, with its query, percent-encoded."""

    method: str
    path: str
    headers: Mapping[str, str] = field(default_factory=dict)
    body: str = ""


def check_request(request: Request) -> None:
    """Raise BadInput for what is not one plain request: it must not be able to say anything but itself."""
    if request.method not in METHODS:
        raise BadInput(f"The method must be one of {', '.join(METHODS)}.")
    if len(request.path) > MOST_PATH or not _PATH.match(request.path):
        raise BadInput("The path must begin with / and have no spaces or unusual signs; percent-encode them.")
    if len(request.headers) > MOST_HEADERS:
        raise BadInput(f"At most {MOST_HEADERS} headers can be sent.")
    for name, value in request.headers.items():
        if not _NAME.match(name):
            raise BadInput(f"“{name[:60]}” is no name of a header.")
        if name.lower() in _OURS:
            raise BadInput(f"The header {name} is set by the client itself.")
        if len(value) > MOST_HEADER or not value.isprintable() or not value.isascii():
            raise BadInput(f"The value of {name} must be one line of plain signs.")
    if len(request.body) > MOST_BODY:
        raise BadInput(f"A body may have {MOST_BODY:,} characters.")


@dataclass(frozen=True)
class Held:
    """A backend that runs and is healthy."""

    running: Running

    def alive(self) -> bool:
        return self.running.alive()

    def wait(self, timeout_seconds: float) -> bool:
        """Wait for its end; False where it still runs after the time."""
        return self.running.wait(timeout_seconds)

    def why_it_ended(self) -> str:
        if self.running.killed:
            return f"The backend was ended: {self.running.killed}."
        return f"The backend ended by itself with status {self.running.exit_status}."

    def log(self) -> str:
        return self.running.log()

    def send(self, request: Request, limits: Limits | None = None) -> Exchange:
        """Send one request and tell what came back, with the server's log of that moment. Raises BadInput."""
        check_request(request)
        moment = time.time()
        headers = {"Host": "localhost", "Accept": "application/json", **request.headers}
        body = request.body.encode("utf-8", "replace")
        unanswered = Exchange(request.method, request.path, headers, request.body or None, None, {}, "", 0.0)
        try:
            answer = asyncio.run(_sent(self.running, request, headers, body, limits or Limits()))
        except NoAnswer as error:
            seconds = round(error.seconds, 4)
            return replace(unanswered, seconds=seconds, error=str(error), log=self._log_since(moment))
        return replace(
            unanswered,
            received_status=answer.status,
            received_headers=answer.headers,
            received_body=_cut(answer.body.decode("utf-8", "replace")),
            seconds=round(answer.seconds, 4),
            log=self._log_since(moment),
        )

    def _log_since(self, moment: float) -> str:
        return self.running.log_since(moment, settled=True)[-KEPT_LOG:]


@contextmanager
def held_backend(
    files: Mapping[str, bytes],
    task: Task,
    *,
    seconds: float,
    sandbox: str | None = None,
    start_seconds: float = START_SECONDS,
    on_launched: Callable[[Callable[[], str]], None] | None = None,
) -> Iterator[Held]:
    """Start a backend and keep it for the time of the block, at most `seconds`; after them it is killed.

    Raises NotHeld where it does not start or does not become healthy, MachineryFailed, and BadInput for its files.
    """
    check_files(files, task)
    chosen = warm_sandbox(sandbox, beside_running=True)
    environment = prepare_environment(files, task, sandbox=chosen)
    if environment.failed:
        raise NotHeld(environment.failed)
    with ExitStack() as stack:
        database = stack.enter_context(fresh_database()) if task.value_of("database") == "postgres" else None
        spec = specification(files, task, runtime_of(task, chosen.image), environment, database)
        running = stack.enter_context(chosen.launch(spec))
        if on_launched is not None:
            on_launched(running.log)
        stack.enter_context(bounded(running, seconds, database))
        if why_not := wait_until_healthy(running, task, start_seconds=start_seconds):
            raise NotHeld(why_not)
        yield Held(running)


async def _sent(
    running: Running, request: Request, headers: Mapping[str, str], body: bytes, limits: Limits
) -> Response:
    client = Client(running.transport, limits)
    try:
        return await client.request(request.method, request.path, headers, body)
    finally:
        await client.close()


def _cut(text: str) -> str:
    return text if len(text) <= KEPT_BODY else f"{text[:KEPT_BODY]} … ({len(text)} characters)"
