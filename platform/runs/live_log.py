"""What the server prints while its run goes on, told to open pages a few times a second, from a thread of its own."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import redis

from runs import live

TELL_SECONDS = 0.3
KEPT_SECONDS = 600
MOST_CHARACTERS = 64 * 1024  # that a page is given of a log: its end


@dataclass
class LiveLog:
    """The log of one server, told in pieces; `name` is `run:7` or `held:3`.

    `start` is where a piece begins: characters since the server's start.
    """

    name: str
    _read: Callable[[], str] | None = None
    _told: str = ""
    _ended: threading.Event = field(default_factory=threading.Event)

    def read_from(self, read: Callable[[], str]) -> None:
        """The server has been launched: this reads what it printed so far."""
        self._read = read

    def tell(self) -> None:
        """Tell what came since the last time; the whole end of the log where the beginning has changed."""
        text = self._read() if self._read is not None else ""
        if text == self._told:
            return
        start = len(self._told) if text.startswith(self._told) else 0
        self._told = text
        whole = _piece(self.name, text, 0)
        live.keep(_key(self.name), whole, seconds=KEPT_SECONDS)
        live.tell(f"amend:{self.name}", _piece(self.name, text, start) if start else whole)

    def go_on(self) -> None:
        while not self._ended.wait(TELL_SECONDS):
            self.tell()

    def end(self) -> None:
        self._ended.set()


@contextmanager
def telling_the_log(name: str) -> Iterator[LiveLog]:
    """Tell the log of a server for the time of the block."""
    log = LiveLog(name)
    thread = threading.Thread(target=log.go_on, name=f"log of {name}", daemon=True)
    thread.start()
    try:
        yield log
    finally:
        log.end()
        thread.join()


async def log_so_far(client: redis.asyncio.Redis, run_id: int) -> dict[str, Any] | None:
    """The piece that holds all that is known of the log of a run; None where nothing is."""
    content = await client.get(_key(f"run:{run_id}"))
    return dict(json.loads(content)) if content else None


def log_of(name: str) -> str:
    """The end of a log as it was told last; empty where nothing was, or the broker is away."""
    try:
        content = live.client().get(_key(name))
    except redis.RedisError:
        return ""
    return str(json.loads(content)["log"]) if isinstance(content, bytes) else ""


def _key(name: str) -> str:
    return f"amend:{name}:log"


def _piece(name: str, text: str, start: int) -> dict[str, Any]:
    """The log from `start` on, at most its end; a page that lacks what is before `start` begins anew with it."""
    start = max(start, len(text) - MOST_CHARACTERS)
    kind, _, number = name.partition(":")
    return {"log": text[start:], "start": start, kind: int(number)}
