"""One subscription of the web process, shared by all its streams.

A thousand pages that wait for news would otherwise be a thousand connections to the broker's server.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections import deque
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any

import redis
import redis.asyncio

from annotations.per_loop import PerLoop
from runs import live

MOST_UNHEARD = 50
OURS = "amend:web"  # nothing is ever said on it: a connection without any channel cannot be read

News = dict[str, Any]


class NewsLost(Exception):
    """The broker's server has gone, or this page is too slow: its stream ends, and it may open another."""


class Listener:
    """What was said for one stream and not read yet."""

    __slots__ = ("_lost", "_said", "_waiting", "channels")

    def __init__(self) -> None:
        self.channels: set[str] = set()
        self._said: deque[tuple[str, News]] = deque()
        self._waiting: asyncio.Future[None] | None = None
        self._lost = False

    def hear(self, channel: str, news: News) -> None:
        if len(self._said) >= MOST_UNHEARD:
            self.lose()
            return
        self._said.append((channel, news))
        self._wake()

    def lose(self) -> None:
        self._lost = True
        self._wake()

    def _wake(self) -> None:
        if self._waiting is not None and not self._waiting.done():
            self._waiting.set_result(None)

    async def next(self, seconds: float) -> tuple[str, News] | None:
        """The channel and what was said on it; None where nothing was said for so long. Raises NewsLost."""
        if not self._said and not self._lost:
            self._waiting = asyncio.get_running_loop().create_future()
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(seconds):
                    await self._waiting
            self._waiting = None
        if self._lost:
            raise NewsLost
        return self._said.popleft() if self._said else None


class Newsroom:
    """The listeners of one event loop. The connection is made for the first of them and closed after the last."""

    def __init__(self) -> None:
        self._listeners: dict[str, set[Listener]] = {}
        self._present: set[Listener] = set()
        self._client: redis.asyncio.Redis | None = None
        self._pubsub: redis.asyncio.client.PubSub | None = None
        self._reading: asyncio.Task[None] | None = None
        self._doors = asyncio.Lock()

    @asynccontextmanager
    async def listening(self, channels: Sequence[str]) -> AsyncIterator[Listener]:
        """A listener to these channels. Raises NewsLost, also inside, where the broker's server is away."""
        listener = Listener()
        try:
            await self._open(listener)
            await self.listen(listener, channels)
            yield listener
        except redis.RedisError as error:
            raise NewsLost from error
        finally:
            await self._leave(listener)

    async def listen(self, listener: Listener, channels: Sequence[str]) -> None:
        """From now on these channels too."""
        async with self._doors:
            new = [channel for channel in channels if channel not in self._listeners]
            for channel in channels:
                self._listeners.setdefault(channel, set()).add(listener)
                listener.channels.add(channel)
            if new and self._pubsub is not None:
                await self._pubsub.subscribe(*new)

    async def stop_listening(self, listener: Listener, channels: Sequence[str]) -> None:
        """No longer to these."""
        async with self._doors:
            for channel in channels:
                listener.channels.discard(channel)
                self._listeners.get(channel, set()).discard(listener)
            unheard = [channel for channel in channels if not self._listeners.get(channel)]
            for channel in unheard:
                self._listeners.pop(channel, None)
            if unheard and self._pubsub is not None:
                await self._pubsub.unsubscribe(*unheard)

    @property
    def listened_to(self) -> set[str]:
        """The channels that somebody listens to."""
        return set(self._listeners)

    @property
    def client(self) -> redis.asyncio.Redis:
        """The broker's server, for who listens."""
        if self._client is None:
            raise NewsLost
        return self._client

    async def _open(self, listener: Listener) -> None:
        async with self._doors:
            self._present.add(listener)
            if self._pubsub is None:
                self._client = redis.asyncio.Redis.from_url(live.address())
                self._pubsub = self._client.pubsub()
                try:
                    await self._pubsub.subscribe(OURS)
                except redis.RedisError:
                    await self._close()
                    raise
                self._reading = asyncio.create_task(self._read(self._pubsub))

    async def _leave(self, listener: Listener) -> None:
        self._present.discard(listener)
        with contextlib.suppress(redis.RedisError):
            await self.stop_listening(listener, list(listener.channels))
        async with self._doors:
            if not self._present:
                await self._close()

    async def _close(self) -> None:
        reading, self._reading = self._reading, None
        pubsub, self._pubsub = self._pubsub, None
        client, self._client = self._client, None
        if reading is not None:
            reading.cancel()
        if pubsub is not None and client is not None:
            await pubsub.aclose()  # type: ignore[no-untyped-call]
            await client.aclose()

    async def _read(self, pubsub: redis.asyncio.client.PubSub) -> None:
        """Hand on what is said to those who listen, until the connection ends."""
        try:
            async for message in pubsub.listen():
                if message["type"] != "message":
                    continue
                channel, said = message["channel"].decode(), json.loads(message["data"])
                for listener in list(self._listeners.get(channel, ())):
                    listener.hear(channel, said)
        except redis.RedisError:
            async with self._doors:
                if self._pubsub is pubsub:
                    self._reading = None  # this task
                    await self._close()
                    lost, self._present, self._listeners = self._present, set(), {}
                    for listener in lost:
                        listener.lose()


newsroom = PerLoop(Newsroom)
