"""The gate in front of a server: so many requests at a time, those of a higher urgency first."""

from __future__ import annotations

import asyncio
import heapq
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from contextvars import ContextVar
from itertools import count

# What a person waits for goes first, then the steps that take longest one after the other. A scene inherits the
# urgency of the check that plays it first.
ASKED_FOR, LONG_WAY, USUAL = 0, 1, 2
URGENCY: ContextVar[int] = ContextVar("urgency", default=USUAL)


class Gate:
    """Lets `width` pass at a time; who waits is let in by urgency, then in order of arrival."""

    def __init__(self, width: int) -> None:
        self.width = width
        self._inside = 0
        self._waiting: list[tuple[int, int, asyncio.Future[None]]] = []
        self._arrivals = count()

    def widen(self, width: int) -> None:
        """Let so many pass from now on; never fewer than before."""
        self.width = max(self.width, width)
        self._let_in()

    @asynccontextmanager
    async def pass_through(self) -> AsyncIterator[None]:
        """Wait for a place, hold it for the block."""
        await self._enter()
        try:
            yield
        finally:
            self._inside -= 1
            self._let_in()

    async def _enter(self) -> None:
        place = asyncio.get_running_loop().create_future()
        heapq.heappush(self._waiting, (URGENCY.get(), next(self._arrivals), place))
        self._let_in()
        try:
            await place
        except asyncio.CancelledError:
            if place.done() and not place.cancelled():  # let in at the very moment it was given up
                self._inside -= 1
                self._let_in()
            raise

    def _let_in(self) -> None:
        while self._waiting and self._inside < self.width:
            _, _, place = heapq.heappop(self._waiting)
            if not place.done():
                self._inside += 1
                place.set_result(None)
