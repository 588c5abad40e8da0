"""Our own bounded HTTP/1.1 client: it talks to code that nobody trusts, so every size and every wait has an end.

No redirects, no cookies, no proxy, no Accept-Encoding. A request has one total deadline, from the first byte sent to
the last byte read. The reading of an answer is in `wire.py`.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Mapping
from dataclasses import dataclass

from evaluator.contract.gate import Gate
from evaluator.contract.wire import Answered, NotHttp, read_answer

IDEMPOTENT = frozenset({"GET", "HEAD", "PUT", "DELETE", "OPTIONS"})
# Node closes an idle connection after 5 s, gunicorn after 2 s: a POST, which may not be repeated, takes a younger one.
YOUNG_SECONDS = 1.0
AT_ONCE = 16


@dataclass(frozen=True)
class Transport:
    """How the backend is reached: the unix socket at path `uds` where it is given, else TCP to `host` and `port`."""

    host: str = "127.0.0.1"
    port: int = 0
    uds: str = ""


@dataclass(frozen=True)
class Limits:
    """The most that one request may take: `seconds` in all, bytes on the wire, of the header, and once decoded."""

    seconds: float = 10.0
    wire_bytes: int = 4 * 1024 * 1024
    header_bytes: int = 64 * 1024
    decoded_bytes: int = 4 * 1024 * 1024


@dataclass(frozen=True)
class Response:
    """A complete answer: status, headers as sent (a repeated one joined by commas), decoded body, seconds it took."""

    status: int
    headers: Mapping[str, str]
    body: bytes
    seconds: float


class NoAnswer(Exception):
    """No complete HTTP answer came; `str(error)` says what came instead.

    `refused` is True where not even a connection could be made; `seconds` is how long it took.
    """

    def __init__(self, reason: str, *, refused: bool = False, seconds: float = 0.0) -> None:
        super().__init__(reason)
        self.refused = refused
        self.seconds = seconds


class _ClosedBeforeAnswer(Exception):
    """A reused connection was closed before the first byte of an answer: the server had given it up already."""


@dataclass
class _Connection:
    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter
    used_at: float = 0.0

    def close(self) -> None:
        self.writer.close()


class Client:
    """Sends requests over connections that are kept alive, at most `side_by_side` at a time (1 until `widen`)."""

    def __init__(self, transport: Transport, limits: Limits | None = None) -> None:
        self.transport = transport
        self.limits = limits or Limits()
        self._idle: list[_Connection] = []
        self._gate = Gate(1)
        self._burst = Gate(AT_ONCE)

    def widen(self, side_by_side: int) -> None:
        """Let so many requests run side by side from now on; never fewer than before."""
        self._gate.widen(side_by_side)

    @property
    def side_by_side(self) -> int:
        """How many requests run at a time, those sent `at_once` apart."""
        return self._gate.width

    async def request(
        self, method: str, target: str, headers: Mapping[str, str], body: bytes = b"", *, at_once: bool = False
    ) -> Response:
        """Send one request and read its whole answer; `at_once` does not queue behind other requests.

        `target` is the path with its query, already percent-encoded. Raises NoAnswer.
        """
        async with (self._burst if at_once else self._gate).pass_through():
            started = time.monotonic()
            try:
                async with asyncio.timeout(self.limits.seconds):
                    answered = await self._exchange(method, target, headers, body)
            except TimeoutError:
                reason = f"no complete answer within {self.limits.seconds:g} seconds"
                raise NoAnswer(reason, seconds=time.monotonic() - started) from None
            except NotHttp as error:
                raise NoAnswer(str(error), seconds=time.monotonic() - started) from None
            except OSError as error:
                reason = f"the connection broke: {error.strerror or error}"
                raise NoAnswer(reason, seconds=time.monotonic() - started) from None
            return Response(answered.status, answered.headers, answered.body, time.monotonic() - started)

    async def close(self) -> None:
        """Close the idle connections."""
        while self._idle:
            self._idle.pop().close()
        await asyncio.sleep(0)

    async def _exchange(self, method: str, target: str, headers: Mapping[str, str], body: bytes) -> Answered:
        connection = self._take_idle(method)
        if connection is not None:
            try:
                return await self._over(connection, method, target, headers, body, reused=True)
            except _ClosedBeforeAnswer:
                if method not in IDEMPOTENT:
                    raise NotHttp("the connection was closed without an answer") from None
        return await self._over(await self._connect(), method, target, headers, body, reused=False)

    async def _over(
        self,
        connection: _Connection,
        method: str,
        target: str,
        headers: Mapping[str, str],
        body: bytes,
        *,
        reused: bool,
    ) -> Answered:
        keep = False
        try:
            try:
                connection.writer.write(_request_bytes(method, target, headers, body))
                await connection.writer.drain()
            except ConnectionError:
                # A server may answer, and close, before it has read a body that it does not want.
                if reused:
                    raise _ClosedBeforeAnswer from None
            try:
                answered = await read_answer(connection.reader, method, self.limits)
            except (ConnectionError, NotHttp) as error:
                if reused and (isinstance(error, ConnectionError) or error.nothing_came):
                    raise _ClosedBeforeAnswer from None
                raise
            # uvicorn closes after a 5xx that an exception caused, although it has answered and announced nothing.
            keep = answered.keeps_alive and answered.status < 500
            return answered
        finally:
            if keep:
                connection.used_at = time.monotonic()
                self._idle.append(connection)
            else:
                connection.close()

    def _take_idle(self, method: str) -> _Connection | None:
        while self._idle:
            connection = self._idle.pop()
            young = time.monotonic() - connection.used_at < YOUNG_SECONDS
            if not connection.reader.at_eof() and (young or method in IDEMPOTENT):
                return connection
            connection.close()
        return None

    async def _connect(self) -> _Connection:
        limit = self.limits.header_bytes
        try:
            if self.transport.uds:
                return _Connection(*await asyncio.open_unix_connection(self.transport.uds, limit=limit))
            return _Connection(*await asyncio.open_connection(self.transport.host, self.transport.port, limit=limit))
        except OSError as error:
            raise NoAnswer(f"no connection: {error.strerror or error}", refused=True) from None


def _request_bytes(method: str, target: str, headers: Mapping[str, str], body: bytes) -> bytes:
    lines = [f"{method} {target} HTTP/1.1", *(f"{name}: {_one_line(value)}" for name, value in headers.items())]
    if body or method in {"POST", "PUT", "PATCH"}:
        lines.append(f"Content-Length: {len(body)}")
    return "\r\n".join([*lines, "", ""]).encode("latin-1", "replace") + body


def _one_line(value: str) -> str:
    """A header value may come from the backend (its token): it must not add headers of its own."""
    return value.replace("\r", " ").replace("\n", " ")
