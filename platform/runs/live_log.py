"""What the server prints while its run goes on, told to open pages a few times a second, from a thread of its own."""

from __future__ import annotations

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
    """The log of one run, told in pieces. `start` is where a piece begins: characters since the server's start."""

    run_id: int
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
        whole = _piece(self.run_id, text, 0)
        live.keep(_key(self.run_id), whole, seconds=KEPT_SECONDS)
        live.tell(live.channel(self.run_id), _piece(self.run_id, text, start) if start else whole)

    def go_on(self) -> None:
        while not self._ended.wait(TELL_SECONDS):
            self.tell()

    def end(self) -> None:
        self._ended.set()


@contextmanager
def telling_the_log(run_id: int) -> Iterator[LiveLog]:
    """Tell the log of a run for the time of the block."""
    log = LiveLog(run_id)
    thread = threading.Thread(target=log.go_on, name=f"log of run {run_id}", daemon=True)
    thread.start()
    try:
        yield log
    finally:
        log.end()
        thread.join()


async def log_so_far(client: redis.asyncio.Redis, run_id: int) -> dict[str, Any] | None:
    """The piece that holds all that is known of the log of a run; None where nothing is."""
    return await live.kept(client, _key(run_id))


def _key(run_id: int) -> str:
    return f"amend:run:{run_id}:log"


def _piece(run_id: int, text: str, start: int) -> dict[str, Any]:
    """The log from `start` on, at most its end; a page that lacks what is before `start` begins anew with it."""
    start = max(start, len(text) - MOST_CHARACTERS)
    return {"log": text[start:], "start": start, "run": run_id}
