"""Looking at the last runs of sessions: many streams are told by one look at the database.

The rows are the record, and a message may be lost, so every stream looks now and then. They look at full seconds, and
those that ask while a look is under way share the next: of a thousand idle streams some sixty, in five queries.
"""

from __future__ import annotations

import asyncio
import time
from typing import Any

from asgiref.sync import sync_to_async
from django.db import DatabaseError, close_old_connections

from annotations.per_loop import PerLoop
from annotations.sessions import latest_works
from runs import live

SECONDS_BETWEEN_LOOKS = 15.0

Work = dict[str, Any]


def until_next_look() -> float:
    """Seconds until the next look is due: about a quarter of a minute, at a full second."""
    now = time.time()
    return round(now + SECONDS_BETWEEN_LOOKS) - now


class Looks:
    """Those of one event loop."""

    def __init__(self) -> None:
        self._asked: dict[int, list[asyncio.Future[Work | None]]] = {}
        self._looking: asyncio.Task[None] | None = None

    async def of(self, session_id: int) -> Work | None:
        """What the row of the session's last run says, as news; None where there is none. Raises DatabaseError."""
        told: asyncio.Future[Work | None] = asyncio.get_running_loop().create_future()
        self._asked.setdefault(session_id, []).append(told)
        if self._looking is None:
            self._looking = asyncio.create_task(self._look())
        return await told

    async def _look(self) -> None:
        try:
            while self._asked:
                asked, self._asked = self._asked, {}
                waiting = [(pk, told) for pk, these in asked.items() for told in these]
                try:
                    works = await sync_to_async(_works, thread_sensitive=False)(list(asked))
                except DatabaseError as error:
                    for _, told in waiting:
                        if not told.done():
                            told.set_exception(error)
                    continue
                for pk, told in waiting:
                    if not told.done():
                        told.set_result(works.get(pk))
        finally:
            self._looking = None


def _works(session_ids: list[int]) -> dict[int, Work]:
    try:
        return {pk: live.run_news(run) for pk, run in latest_works(session_ids).items()}
    finally:
        close_old_connections()


looks = PerLoop(Looks)
