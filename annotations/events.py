"""Reading what a browser sends: the shapes of docs/workspace-protocol.md, refused whole where one entry is wrong."""

from __future__ import annotations

from typing import Any

import msgspec

from annotations import log_json

Event = dict[str, Any]

MOST_EVENTS = 500
MOST_BYTES = 512 * 1024
MOST_SEQUENCE = 2**40 - 1
MOST_TIME = 253_402_300_800_000  # milliseconds from 1970 to the year 10000, which no calendar of ours knows
MOST_NUMBER = 2**53  # beyond it JavaScript does not count by one

# Keys beyond the common ones, with the types they may have.
KINDS: dict[str, dict[str, type | tuple[type, ...]]] = {
    "opened": {"client": str},
    "file.opened": {"path": str},
    "file.closed": {"path": str},
    "file.created": {"path": str, "text": str},
    "file.renamed": {"path": str, "to": str},
    "file.deleted": {"path": str},
    "edit": {"path": str, "changes": list, "user": str},
    "selected": {"path": str, "head": int},
    "scrolled": {"path": str, "line": int},
    "focus": {},
    "blur": {},
    "visible": {},
    "hidden": {},
    "searched": {"query_length": int},
    "replaced": {"query_length": int, "files": int, "places": int},
    "restored": {"path": str, "what": str},
    "split": {"columns": int},
    "definition.opened": {"path": str, "line": int, "from": str},
    "references.opened": {"path": str, "line": int, "places": int},
    "check.opened": {"check": str},
    "finding.opened": {"path": str, "line": int},
    "diff.opened": {"path": str},
    "checks.requested": {"run": int},
    "some.requested": {"run": int},
    "run.seen": {"run": int},
    "run.stopped": {"run": int},
    "cause.labelled": {"cause": str},
    "check.disputed": {"check": str},
    "contract.opened": {},
    "request.sent": {"exchange": int},
    "paused": {"reason": str},
    "resumed": {"reason": str},
    "still_working": {"answer": str},
    "hash": {"digest": str},
    "suggestion.shown": {"path": str, "count": int},
    "suggestion.taken": {"path": str, "length": int},
    "took_over": {"from": str},
    "stranded": {"entries": int},
    "clock.jumped": {"seconds": (int, float)},
    "edit.refused": {"path": str, "length": int},
}


class Batch(msgspec.Struct):
    """A batch as the browser posts it. `sent_at` is its wall clock in milliseconds."""

    client: str
    token: int
    first: int
    sent_at: int
    events: list[Event]
    csrf: str = ""

    @property
    def last(self) -> int:
        """The number of its last entry."""
        return self.first + len(self.events) - 1


class RefusedBatch(Exception):
    """The batch cannot be a part of the log; `str(error)` is a sentence for the person at the browser."""


def read_batch(body: bytes) -> Batch:
    """The batch in a request body.

    Raises RefusedBatch where it is too large, no JSON of this shape, or holds an entry that is not of the protocol.
    """
    if len(body) > MOST_BYTES:
        raise RefusedBatch(f"A batch of {len(body):,} bytes is over the limit of {MOST_BYTES:,}.")
    try:
        batch = _decoded(body)
    except (msgspec.MsgspecError, ValueError, RecursionError) as error:
        raise RefusedBatch(f"The batch is not of the expected shape: {error}") from error
    if not 1 <= len(batch.events) <= MOST_EVENTS:
        raise RefusedBatch(f"A batch holds 1 to {MOST_EVENTS} entries, not {len(batch.events)}.")
    if not 1 <= batch.first <= MOST_SEQUENCE - MOST_EVENTS:
        raise RefusedBatch(f"The first number, {batch.first}, is out of range.")
    if not (batch.client.isprintable() and len(batch.client) <= 64 and 0 <= batch.token < 2**31):
        raise RefusedBatch("No page was ever given this client and token.")
    for offset, event in enumerate(batch.events):
        _check_event(event, batch.first + offset)
    return batch


def _decoded(body: bytes) -> Batch:
    try:
        return msgspec.json.decode(body, type=Batch)
    except (msgspec.MsgspecError, UnicodeError):
        # Half an emoji in a text: legal here, and only the standard library reads it.
        return msgspec.convert(log_json.decode(body), type=Batch)


def _check_event(event: Event, sequence: int) -> None:
    if event.get("seq") != sequence:
        raise RefusedBatch(f"Entry {sequence} says its number is {event.get('seq')!r}.")
    for key, limit in (("at", MOST_TIME), ("mono", MOST_NUMBER)):
        value = event.get(key)
        if type(value) is not int or not 0 <= value < limit:
            raise RefusedBatch(f"Entry {sequence}: “{key}” must be a number of milliseconds.")
    if not isinstance(event.get("page"), str) or len(event["page"]) > 64:
        raise RefusedBatch(f"Entry {sequence}: “page” must be a short text.")
    kind = event.get("kind")
    if not isinstance(kind, str) or kind not in KINDS:
        raise RefusedBatch(f"Entry {sequence} is of an unknown kind, {str(kind)[:40]!r}.")
    if kind == "file.created" and event.get("line_separator", "\n") not in ("\n", "\r\n"):
        raise RefusedBatch(f"Entry {sequence}: “line_separator” must be a line feed, or a carriage return before it.")
    for key, expected in KINDS[kind].items():
        value = event.get(key)
        if not isinstance(value, expected) or isinstance(value, bool):
            raise RefusedBatch(f"Entry {sequence} ({kind}): “{key}” is missing or of the wrong type.")
        if isinstance(value, (int, float)) and not -MOST_NUMBER < value < MOST_NUMBER:  # NaN is not between anything
            raise RefusedBatch(f"Entry {sequence} ({kind}): “{key}” is no number that a browser counts to.")
