"""The HTTP protocol of the web process: uvicorn's, with the head and the body of an answer sent together.

uvicorn writes them one after another, and uvloop hands each to the kernel at once: with answers as short as those to a
batch of the event log, the second of them was an eighth of the processor time of the process.
"""

from __future__ import annotations

import asyncio
from typing import Any, cast

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

MOST_HELD_BACK = 64 * 1024


class JoinedWrites(HttpToolsProtocol):
    """uvicorn's protocol on a transport that holds back what is written until the event loop's next round."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        joining = Joining(cast(asyncio.Transport, transport), self.loop)
        super().connection_made(cast(asyncio.Transport, joining))


class Joining:
    """A transport that writes once a round. All else is the transport's own."""

    __slots__ = ("_held_back", "_loop", "_transport")

    def __init__(self, transport: asyncio.Transport, loop: asyncio.AbstractEventLoop) -> None:
        self._transport = transport
        self._loop = loop
        self._held_back = bytearray()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._transport, name)

    def write(self, content: bytes) -> None:
        if not self._held_back:
            self._loop.call_soon(self._write_now)
        self._held_back += content
        if len(self._held_back) > MOST_HELD_BACK:
            self._write_now()

    def close(self) -> None:
        self._write_now()
        self._transport.close()

    def _write_now(self) -> None:
        if self._held_back:
            held_back, self._held_back = self._held_back, bytearray()
            self._transport.write(held_back)
