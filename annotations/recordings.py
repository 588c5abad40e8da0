"""The log of a session as its history needs it: replayed to keyframes, its moments, its clock; remembered for a while.

The log is append-only: what was worked out up to an entry stays true, so the page of a history, what its player fetches
next and each chunk of it share it.
"""

from __future__ import annotations

import datetime
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from annotations.change_sets import ChangeDoesNotFit
from annotations.effort import stretches
from annotations.keyframes import Keyframes, keyframes
from annotations.models import RepairSession
from annotations.timeline import SessionClock

# Together; the last one is kept however long it is. 100,000 entries take some 60 MB.
MOST_ENTRIES_REMEMBERED = 100_000
_remembered: dict[tuple[int, datetime.datetime, int], Recording] = {}


@dataclass
class Recording:
    """Keyframes of a log, and when each entry that replays was, and of which kind."""

    frames: Keyframes
    moments: Sequence[Mapping[str, Any]]
    _clocks: dict[tuple[float, datetime.datetime | None], SessionClock] = field(default_factory=dict)

    def clock(self, *, idle_limit_seconds: float, closed_at: datetime.datetime | None) -> SessionClock:
        """What was done when; without a second where the log does not say."""
        key = idle_limit_seconds, closed_at
        if key not in self._clocks:
            try:
                gaps = stretches(self.moments, idle_limit_seconds=idle_limit_seconds, closed_at=closed_at)
            except ChangeDoesNotFit:
                gaps = []
            self._clocks = {key: SessionClock(gaps)}
        return self._clocks[key]


def recording_of(session: RepairSession, *, through: int) -> Recording:
    """The log up to and with entry `through`, which is read once however much is asked of it."""
    key = (session.pk, session.opened_at, through)
    recording = _remembered.pop(key, None) or _read(session, through)
    _remembered[key] = recording  # as the last
    _forget_the_oldest()
    return recording


def _read(session: RepairSession, through: int) -> Recording:
    batches = list(session.batches.filter(first__lte=through).only("session", "events"))
    events = (event for batch in batches for event in batch.entries() if event["seq"] <= through)
    frames = keyframes(session.generated.files(), events)
    moments = [moment for batch in batches for moment in batch.moments()]
    return Recording(frames, moments[: frames.entries])


def _forget_the_oldest() -> None:
    entries = 0
    for number, (key, recording) in enumerate(reversed(list(_remembered.items()))):
        entries += recording.frames.entries
        if number and entries > MOST_ENTRIES_REMEMBERED:
            _remembered.pop(key, None)
