"""Storing the batches of many people in one statement, which is one transaction and one wait for the disk.

While a statement is under way, what arrives meanwhile gathers for the next: under load a commit serves dozens of
people, without load each batch has its own at once. A batch counts as stored when PostgreSQL has said that it is on
the disk.
"""

from __future__ import annotations

import asyncio
import datetime
import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import psycopg
from django.db import connections
from django.utils import timezone

from annotations import log_json
from annotations.event_log import LEASE, sent_at
from annotations.events import Batch
from annotations.sign_ins import SignIn

MOST_IN_A_GROUP = 128
MOST_BYTES_IN_A_GROUP = 4 * 1024 * 1024
WAIT_SECONDS = 5.0

# What is remembered of a sign-in is only a guess; this statement is what checks it, in the moment of writing: the row
# of the cookie must be there, unexpired and unchanged, and the person active and with the password it was made for.
# The page must hold the lease and the batch must follow what is stored. A session whose row somebody else has locked
# is left out, so that no one waits for another's checks, and two groups cannot wait for each other.
STORE = """
WITH given AS (
    SELECT * FROM unnest(
        %b::int[], %b::bigint[], %b::bigint[], %b::bigint[], %b::text[], %b::int[], %b::timestamptz[], %b::text[],
        %b::bytea[], %b::text[], %b::text[], %b::int[], %b::text[]
    ) AS given(number, session, first, last, client, token, sent_at, sha256, events, cookie, content, person, password)
), held AS MATERIALIZED (
    SELECT given.* FROM given CROSS JOIN LATERAL (
        SELECT FROM annotations_repairsession session
        JOIN studies_assignment assignment
            ON assignment.id = session.assignment_id AND assignment.annotator_id = given.person
        JOIN django_session cookie
            ON cookie.session_key = given.cookie AND cookie.session_data = given.content AND cookie.expire_date > %b
        JOIN accounts_person person
            ON person.id = given.person AND person.password = given.password AND person.is_active
        WHERE session.id = given.session AND session.accepted = given.first - 1
            AND session.client = given.client AND session.token = given.token
            AND session.closed_at IS NULL AND session.broken = ''
        FOR UPDATE OF session SKIP LOCKED
    ) AS held
), taken AS (
    UPDATE annotations_repairsession session SET accepted = held.last, lease_expires_at = %b FROM held
    WHERE session.id = held.session AND session.accepted = held.first - 1
    RETURNING held.*
), stored AS (
    INSERT INTO annotations_eventbatch (session_id, first, last, token, client_sent_at, received_at, sha256, events)
    SELECT session, first, last, token, sent_at, %b, sha256, events FROM taken
)
SELECT number FROM taken
"""
# Every row of the statement is found by its key: the plan is made once, for a group of any size.
ONE_PLAN = """
SET plan_cache_mode = force_generic_plan;
SET enable_hashjoin = off; SET enable_mergejoin = off; SET enable_seqscan = off
"""


@dataclass(frozen=True, slots=True)
class Given:
    """A batch on its way into the log, who brought it, and where whether it was stored will be said."""

    session: int
    batch: Batch
    events: bytes
    sign_in: SignIn
    stored: asyncio.Future[bool]


class GroupCommit:
    """One connection of one event loop, on which group follows group."""

    def __init__(self, now: Callable[[], datetime.datetime] = timezone.now) -> None:
        self._now = now
        self._waiting: list[Given] = []
        self._working: asyncio.Task[None] | None = None
        self._connection: psycopg.AsyncConnection[Any] | None = None

    async def store(self, session_id: int, batch: Batch, sign_in: SignIn) -> bool:
        """Whether the batch simply followed, was its sender's to write, and is on the disk now.

        False says nothing but that the long way has to be gone, which sorts out why; the batch may even be stored.
        """
        stored: asyncio.Future[bool] = asyncio.get_running_loop().create_future()
        self._waiting.append(Given(session_id, batch, log_json.encode(batch.events), sign_in, stored))
        if self._working is None:
            self._working = asyncio.create_task(self._work())
        return await stored

    async def close(self) -> None:
        """Let go of the connection."""
        connection, self._connection = self._connection, None
        if connection is not None:
            await connection.close()

    async def _work(self) -> None:
        """Group after group until nobody waits."""
        try:
            while self._waiting:
                group = self._next_group()
                stored: set[int] = set()
                try:
                    stored = await asyncio.wait_for(self._stored(group), WAIT_SECONDS)
                except (psycopg.Error, OSError, TimeoutError):
                    # One batch that PostgreSQL refuses takes its group along: each is tried alone, the long way.
                    await self.close()
                finally:
                    for number, given in enumerate(group):
                        if not given.stored.done():
                            given.stored.set_result(number in stored)
        finally:
            self._working = None
            for given in self._waiting:  # only where a bug of ours ends this task; nobody shall wait for it
                given.stored.set_result(False)
            self._waiting = []

    def _next_group(self) -> list[Given]:
        size = count = 0
        for given in self._waiting[:MOST_IN_A_GROUP]:
            size += len(given.events)
            if count and size > MOST_BYTES_IN_A_GROUP:
                break
            count += 1
        group, self._waiting = self._waiting[:count], self._waiting[count:]
        return group

    async def _stored(self, group: list[Given]) -> set[int]:
        """The places in the group of those that were stored."""
        if self._connection is None or self._connection.closed:
            self._connection = await _connect()
        now = self._now()
        columns = zip(*(_row(number, given) for number, given in enumerate(group)), strict=True)
        values = [*(list(column) for column in columns), now, now + LEASE, now]
        cursor = await self._connection.execute(STORE, values, prepare=True)
        return {number for (number,) in await cursor.fetchall()}


def _row(number: int, given: Given) -> tuple[Any, ...]:
    batch, sign_in = given.batch, given.sign_in
    return (
        number,
        given.session,
        batch.first,
        batch.last,
        batch.client,
        batch.token,
        sent_at(batch),
        hashlib.sha256(given.events).hexdigest(),
        given.events,
        sign_in.cookie,
        sign_in.content,
        sign_in.person,
        sign_in.password,
    )


async def _connect() -> psycopg.AsyncConnection[Any]:
    settings = connections["default"].get_connection_params()
    for of_django in ("context", "cursor_factory", "prepare_threshold"):
        settings.pop(of_django, None)
    connection = await psycopg.AsyncConnection.connect(**settings, autocommit=True)
    await connection.execute(ONE_PLAN)
    return connection
