"""The append-only log of a session: storing batches once, and reading them back."""

from __future__ import annotations

import datetime
import hashlib
from dataclasses import dataclass
from typing import Any, Protocol

from django.db import connection, transaction
from django.utils import timezone

from annotations import log_json
from annotations.events import Batch, Event
from annotations.models import EventBatch, RepairSession

LEASE = datetime.timedelta(seconds=120)


class LogRefusal(Exception):
    """A batch was not stored. `code` is the protocol's word, `accepted` the last number stored."""

    def __init__(self, code: str, sentence: str, *, accepted: int) -> None:
        super().__init__(sentence)
        self.code = code
        self.accepted = accepted


@dataclass(frozen=True)
class Holder:
    """Which page writes: the browser's random id and the fencing token it was given."""

    client: str
    token: int


class Writable(Protocol):
    """What decides whether a page may write: a RepairSession, or as much of its row as that takes."""

    @property
    def client(self) -> str: ...
    @property
    def token(self) -> int: ...
    @property
    def accepted(self) -> int: ...
    @property
    def broken(self) -> str: ...
    @property
    def closed(self) -> bool: ...


@dataclass(frozen=True)
class _Locked:
    """The part of a session's row that storing a batch needs."""

    client: str
    token: int
    accepted: int
    broken: str
    closed: bool


# The endpoint that is asked most often. A batch that simply follows is stored by one statement, which takes the row's
# lock, looks whether this page may write, and writes; whatever else a batch may be is sorted out in a transaction.
_STORE = """
WITH taken AS (
    UPDATE annotations_repairsession session SET accepted = %s, lease_expires_at = %s
    FROM studies_assignment assignment
    WHERE session.id = %s AND assignment.id = session.assignment_id
        AND (%s::bigint IS NULL OR assignment.annotator_id = %s)
        AND session.accepted = %s AND session.client = %s AND session.token = %s
        AND session.closed_at IS NULL AND session.broken = ''
    RETURNING session.id
)
INSERT INTO annotations_eventbatch (session_id, first, last, token, client_sent_at, received_at, sha256, events)
SELECT id, %s, %s, %s, %s, %s, %s, %s FROM taken
"""
_LOCK = """
SELECT session.client, session.token, session.accepted, session.broken, session.closed_at IS NOT NULL
FROM annotations_repairsession session JOIN studies_assignment assignment ON assignment.id = session.assignment_id
WHERE session.id = %s AND (%s::bigint IS NULL OR assignment.annotator_id = %s) FOR UPDATE OF session
"""


def append_events(
    *, session_id: int, batch: Batch, annotator_id: int | None = None, now: datetime.datetime | None = None
) -> int:
    """Store a batch; the last number now accepted.

    With `annotator_id`, only in a session of that person's; RepairSession.DoesNotExist otherwise.

    A batch that is stored already, whole or in part, is acknowledged and changes nothing. Raises LogRefusal with
    `fenced` (another page holds the session), `closed`, `gap` (entries before it are missing) or `broken` (other
    content under a stored number).
    """
    now = now or timezone.now()
    if _stored(session_id, batch, batch.events, annotator_id, now):
        return batch.last
    return _sorted_out(session_id, batch, annotator_id, now)


def _stored(
    session_id: int, batch: Batch, fresh: list[Event], annotator_id: int | None, now: datetime.datetime
) -> bool:
    """Whether the last entries of a batch, `fresh`, followed what was stored and are stored now."""
    first = batch.last - len(fresh) + 1
    events = log_json.encode(fresh)
    allowed: list[Any] = [
        batch.last,
        now + LEASE,
        session_id,
        annotator_id,
        annotator_id,
        first - 1,
        batch.client,
        batch.token,
    ]
    row: list[Any] = [first, batch.last, batch.token, sent_at(batch), now, hashlib.sha256(events).hexdigest(), events]
    with connection.cursor() as cursor:
        cursor.execute(_STORE, [*allowed, *row])
        return bool(cursor.rowcount == 1)


def sent_at(batch: Batch) -> datetime.datetime:
    """The browser's clock when it sent the batch, from 1970 to 2100."""
    return datetime.datetime.fromtimestamp(min(max(batch.sent_at, 0), 4_102_444_800_000) / 1000, datetime.UTC)


@transaction.atomic
def _sorted_out(session_id: int, batch: Batch, annotator_id: int | None, now: datetime.datetime) -> int:
    """A batch that does not simply follow: known already, in part or whole, or not to be taken."""
    session = _locked(session_id, annotator_id)
    if batch.first <= session.accepted:
        if (differing := _first_difference(session_id, batch)) is not None:
            check_holder(session, Holder(batch.client, batch.token))  # numbers another page gave since: no broken log
            sentence = f"Entry {differing} was stored before with another content; this page's copy of the log differs."
            raise LogRefusal("broken", sentence, accepted=session.accepted)
        if batch.last <= session.accepted:
            return session.accepted
    check_holder(session, Holder(batch.client, batch.token))
    if batch.first > session.accepted + 1:
        raise LogRefusal("gap", f"Entries from {session.accepted + 1} on are missing.", accepted=session.accepted)
    if not _stored(session_id, batch, batch.events[session.accepted + 1 - batch.first :], annotator_id, now):
        raise AssertionError("A batch that may be written was not.")
    return batch.last


def _locked(session_id: int, annotator_id: int | None) -> _Locked:
    with connection.cursor() as cursor:
        cursor.execute(_LOCK, [session_id, annotator_id, annotator_id])
        row = cursor.fetchone()
    if row is None:
        raise RepairSession.DoesNotExist
    return _Locked(*row)


def check_holder(session: Writable, holder: Holder) -> None:
    """Raise LogRefusal unless the session is open, sound and held by this page."""
    if session.closed:
        raise LogRefusal("closed", "This session has been closed.", accepted=session.accepted)
    if session.broken:
        raise LogRefusal("broken", session.broken, accepted=session.accepted)
    if (session.client, session.token) != (holder.client, holder.token):
        raise LogRefusal("fenced", "Another page has taken this session up.", accepted=session.accepted)


def read_events(session: RepairSession, *, through: int | None = None) -> list[Event]:
    """The entries of the log in order, up to and with number `through`."""
    batches = session.batches.all() if through is None else session.batches.filter(first__lte=through)
    events = [event for batch in batches for event in batch.entries()]
    return events if through is None else [event for event in events if event["seq"] <= through]


def closed_on_the_browsers_clock(session: RepairSession) -> datetime.datetime | None:
    """When the session was closed by the clock of its events: ours, less what the last batch shows them apart."""
    last = session.batches.values_list("client_sent_at", "received_at").last()
    if session.closed_at is None or last is None:
        return session.closed_at
    sent, received = last
    return session.closed_at - (received - sent)


def _first_difference(session_id: int, batch: Batch) -> int | None:
    """The first number under which the log has another content than the batch; None where they agree."""
    stored = {
        event["seq"]: event
        for row in EventBatch.objects.filter(session=session_id, first__lte=batch.last, last__gte=batch.first)
        for event in row.entries()
    }
    return next((event["seq"] for event in batch.events if stored.get(event["seq"], event) != event), None)
