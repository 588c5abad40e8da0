"""Sends the requests of a run, keeps the trail of each check, and notices when the server is in trouble."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Awaitable, Callable, Hashable, Mapping
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Any, TypeVar

from evaluator.contract.answer import Answer, Failed
from evaluator.contract.client import Client, NoAnswer, Response
from evaluator.contract.documents import OpenApiDocument
from evaluator.contract.record import Record
from evaluator.verdict import Exchange

KEPT_BODY_CHARACTERS = 4096
TOO_MANY_REQUESTS = 429
RECONNECT_SECONDS = 0.25
T = TypeVar("T")


class ServerInTrouble(Exception):
    """The backend died, or limits the rate: no claim about its answers can be judged any more."""

    def __init__(self, reason: str, exchange: Exchange | None = None) -> None:
        super().__init__(reason)
        self.exchange = exchange


@dataclass
class Trail:
    """The exchanges that led to a verdict, in order, with the moment (`time.time()`) at which each began."""

    walked: list[tuple[Exchange, float]] = field(default_factory=list)

    def follow(self, other: Trail) -> None:
        """Append what another trail holds beyond this one."""
        known = {id(exchange) for exchange, _ in self.walked}
        self.walked += [step for step in other.walked if id(step[0]) not in known]

    def until(self, exchange: Exchange) -> tuple[Exchange, ...]:
        """The exchanges before this one."""
        before: list[Exchange] = []
        for step, _ in self.walked:
            if step is exchange:
                break
            before.append(step)
        return tuple(before)

    def moment_of(self, exchange: Exchange) -> float:
        """When this exchange began."""
        return next((moment for step, moment in self.walked if step is exchange), time.time())


TRAIL: ContextVar[Trail] = ContextVar("trail")


class Session:
    """One run against one server. `trouble` is empty until the server dies or limits the rate."""

    def __init__(
        self,
        client: Client,
        prefix: str,
        alive: Callable[[], bool] | None,
        document: OpenApiDocument | None = None,
    ) -> None:
        self.client = client
        self.record = Record(document)
        self.trouble = ""
        self.answers = 0
        self.slowest_seconds = 0.0
        self._prefix = prefix
        self._alive = alive
        self._gone = False
        self._scenes: dict[Hashable, tuple[asyncio.Task[Any], Trail]] = {}

    async def send(
        self,
        method: str,
        path: str,
        *,
        authorization: str = "",
        body: object = None,
        raw_body: str | None = None,
        headers: Mapping[str, str] | None = None,
        at_once: bool = False,
    ) -> Answer:
        """Send one request below the prefix; `body` goes as JSON, `raw_body` as it is, both as application/json.

        Raises Failed where no answer came, ServerInTrouble where the cause is not this request.
        """
        if self._gone:
            raise ServerInTrouble(self.trouble)
        text = raw_body if raw_body is not None else "" if body is None else json.dumps(body, ensure_ascii=False)
        sent_headers = {"Host": "localhost", "Accept": "application/json"}
        if authorization:
            sent_headers["Authorization"] = authorization
        if text:
            sent_headers["Content-Type"] = "application/json"
        sent_headers |= headers or {}
        target = self._prefix + path
        moment = time.time()
        try:
            response = await self._request(method, target, sent_headers, text.encode(errors="replace"), at_once)
        except NoAnswer as error:
            exchange = Exchange(
                method, target, sent_headers, _cut(text) or None, None, {}, "", round(error.seconds, 4), str(error)
            )
            _walked(exchange, moment)
            self._notice(error, exchange)
            raise Failed("an answer", str(error), exchange) from None
        self.answers += 1
        self.slowest_seconds = max(self.slowest_seconds, response.seconds)
        exchange = Exchange(
            method,
            target,
            sent_headers,
            _cut(text) or None,
            response.status,
            response.headers,
            _cut(response.body.decode("utf-8", "replace")),
            round(response.seconds, 4),
        )
        _walked(exchange, moment)
        if response.status == TOO_MANY_REQUESTS:
            self.trouble = self.trouble or (
                f"The server limits the rate: 429 to {method} {target}, answer {self.answers} of this run."
            )
            raise ServerInTrouble(self.trouble, exchange)
        answer = Answer(exchange, response.body)
        self.record.answered(method, path, answer)
        return answer

    async def once(self, scene: Callable[..., Awaitable[T]], *arguments: Hashable) -> T:
        """The result of a scene that several checks share: it is played once, and its steps belong to each of them."""
        key = (scene, arguments)
        if key not in self._scenes:
            trail = Trail()
            self._scenes[key] = (asyncio.create_task(_played(scene, arguments, trail)), trail)
        task, trail = self._scenes[key]
        try:
            # Shielded: a check that ends must not take the scene away from the others.
            result: T = await asyncio.shield(task)
            return result
        finally:
            TRAIL.get().follow(trail)

    async def close(self) -> None:
        """Stop the scenes that nobody waits for any more and close the connections."""
        tasks = [task for task, _ in self._scenes.values()]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await self.client.close()

    async def _request(
        self, method: str, target: str, headers: Mapping[str, str], body: bytes, at_once: bool
    ) -> Response:
        try:
            return await self.client.request(method, target, headers, body, at_once=at_once)
        except NoAnswer as error:
            if not error.refused:
                raise
        # Nothing was sent yet: a full backlog deserves a second try, a dead server stays dead.
        await asyncio.sleep(RECONNECT_SECONDS)
        return await self.client.request(method, target, headers, body, at_once=at_once)

    def _notice(self, error: NoAnswer, exchange: Exchange) -> None:
        """Whether the server, which answered before, is gone for good."""
        dead = self._alive is not None and not self._alive()
        if dead or (error.refused and self.answers):
            what = "The backend's process ended" if dead else "The server no longer takes connections"
            self.trouble = self.trouble or (
                f"{what} after {self.answers} answers; noticed at {exchange.method} {exchange.path}."
            )
            self._gone = True
            raise ServerInTrouble(self.trouble, exchange) from None


async def _played(scene: Callable[..., Awaitable[T]], arguments: tuple[Hashable, ...], trail: Trail) -> T:
    TRAIL.set(trail)
    return await scene(*arguments)


def _walked(exchange: Exchange, moment: float) -> None:
    TRAIL.get().walked.append((exchange, moment))


def _cut(text: str) -> str:
    if len(text) <= KEPT_BODY_CHARACTERS:
        return text
    return f"{text[:KEPT_BODY_CHARACTERS]} … ({len(text)} characters)"
