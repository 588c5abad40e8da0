"""What a repair cost: time and typing, read off the event log.

`measure_effort` is the story; `curve` is active time over idle limits. Formulas, units and sources: docs/measures.md.
Every number is a pure function of the log, so it can be computed again with another idle limit. `changed_lines` and
`code_hter`, the size of the change, come from change_size.py. Pure: no Django, no I/O.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate, pairwise
from math import fsum
from typing import Any, Literal

import msgspec

from annotations.change_sets import read_changes
from annotations.change_size import changed_lines, code_hter

__all__ = ["Effort", "PauseCount", "changed_lines", "code_hter", "curve", "measure_effort"]

Event = Mapping[str, Any]
Activity = Literal["reading", "editing", "waiting"]

IDLE_LIMIT_SECONDS = 120.0
NEAR_AN_EDIT_SECONDS = 5.0
PAUSES_AT_LEAST_SECONDS = (1.0, 2.0, 5.0, 10.0, 30.0, 120.0)


@dataclass(frozen=True)
class PauseCount:
    """How many gaps between events lasted `at_least_seconds` or more, and their sum in seconds."""

    at_least_seconds: float
    count: int
    seconds: float


@dataclass(frozen=True)
class Effort:
    """What one session cost. Seconds are floats ≥ 0; characters are UTF-16 code units.

    reading + editing + waiting = active; active + away = wall. `time_to_first_edit_seconds` is None without an edit.
    `clock_jumps` counts gaps in which a clock went back; they count 0 seconds.
    """

    wall_seconds: float
    active_seconds: float
    reading_seconds: float
    editing_seconds: float
    waiting_seconds: float
    away_seconds: float
    time_to_first_edit_seconds: float | None
    edits: int
    keystrokes: int
    pastes: int
    characters_inserted: int
    characters_deleted: int
    files_touched: int
    checks_requested: int
    breaks_declared: int
    pauses: tuple[PauseCount, ...]
    clock_jumps: int


def measure_effort(
    events: Sequence[Event],
    *,
    idle_limit_seconds: float = IDLE_LIMIT_SECONDS,
    closed_at: datetime.datetime | None = None,
) -> Effort:
    """The effort of one session from its events, in order of their numbers.

    A gap between two events counts as active when it is no longer than the idle limit, otherwise it is away as a whole.
    `closed_at` (aware, on the browser's clock) ends the last gap; without it the last event ends the session. Raises
    ChangeDoesNotFit where the changes of an edit are malformed.
    """
    gaps = _gaps(events, closed_at)
    active = {
        activity: fsum(gap.active(idle_limit_seconds) for gap in gaps if gap.activity == activity)
        for activity in ("reading", "editing", "waiting")
    }
    typing = _typing(events)
    return Effort(
        wall_seconds=fsum(gap.seconds for gap in gaps),
        active_seconds=_active_seconds(gaps, idle_limit_seconds),
        reading_seconds=active["reading"],
        editing_seconds=active["editing"],
        waiting_seconds=active["waiting"],
        away_seconds=fsum(gap.seconds - gap.active(idle_limit_seconds) for gap in gaps),
        time_to_first_edit_seconds=_time_to_first_edit(events, gaps),
        edits=len(typing),
        keystrokes=sum(edit.keystroke for edit in typing),
        pastes=sum(edit.paste for edit in typing),
        characters_inserted=sum(edit.inserted for edit in typing),
        characters_deleted=sum(edit.deleted for edit in typing),
        files_touched=_files_touched(events),
        checks_requested=_count(events, "checks.requested"),
        breaks_declared=_count(events, "paused"),
        pauses=_pauses(gaps),
        clock_jumps=sum(gap.clock_jump for gap in gaps),
    )


def curve(
    events: Sequence[Event], thresholds: Sequence[float], *, closed_at: datetime.datetime | None = None
) -> list[tuple[float, float]]:
    """Active seconds for each idle limit in `thresholds` (seconds), as pairs; never falls as the limit rises."""
    gaps = _gaps(events, closed_at)
    return [(threshold, _active_seconds(gaps, threshold)) for threshold in thresholds]


# A log has hundred thousand of these, and nothing in them for the garbage collector to look at again and again.
class Stretch(msgspec.Struct, frozen=True, gc=False):
    """The time between two entries: editing, reading, waiting or away, in seconds, and how many of them are active."""

    activity: Literal["reading", "editing", "waiting", "away"]
    seconds: float
    active_seconds: float


def stretches(
    events: Sequence[Event], *, idle_limit_seconds: float, closed_at: datetime.datetime | None = None
) -> list[Stretch]:
    """The gaps between entries in order, one fewer than there are entries (as many with `closed_at`)."""
    found = []
    for gap in _gaps(events, closed_at):
        active = gap.active(idle_limit_seconds)
        found.append(Stretch(gap.activity if active or not gap.seconds else "away", gap.seconds, active))
    return found


def _active_seconds(gaps: Sequence[_Gap], idle_limit_seconds: float) -> float:
    return fsum(gap.active(idle_limit_seconds) for gap in gaps)


class _Gap(msgspec.Struct, frozen=True, gc=False):
    """The time between two events.

    `absent`: away whatever its length (paused, hidden, said so). `confirmed`: the person said they were still working,
    which buys the idle limit and no more.
    """

    seconds: float
    activity: Activity
    absent: bool
    confirmed: bool
    clock_jump: bool

    def active(self, idle_limit_seconds: float) -> float:
        """Seconds of this gap that count as active."""
        if self.absent:
            return 0.0
        if self.seconds <= idle_limit_seconds:
            return self.seconds
        return idle_limit_seconds if self.confirmed else 0.0


@dataclass
class _Situation:
    """What holds between two events, as the events so far say."""

    paused: bool = False
    hidden: bool = False
    awaited_run: object = None

    def take_in(self, event: Event) -> None:
        kind = event["kind"]
        if kind == "edit" or kind == "selected":
            return  # nearly all entries, and neither of them turns anything
        match kind:
            case "paused":
                self.paused = True
            case "resumed":
                self.paused = False
            case "hidden":
                self.hidden = True
            case "visible":
                self.hidden = False
            case "opened":  # a page that takes the session up is in view, and nobody is asked to end a pause in it
                self.hidden = self.paused = False
            case "checks.requested" | "some.requested":
                self.awaited_run = event["run"]
            case "run.seen" | "run.stopped" if event["run"] == self.awaited_run:
                self.awaited_run = None


def _gaps(events: Sequence[Event], closed_at: datetime.datetime | None) -> list[_Gap]:
    if not events:
        return []
    ends: list[Event] = [*events, *([_closing(closed_at)] if closed_at else [])]
    lengths = [_seconds_between(earlier, later) for earlier, later in pairwise(ends)]
    times = list(accumulate((max(length, 0.0) for length in lengths), initial=0.0))
    near = _NearAnEdit([time for time, event in zip(times, ends, strict=True) if event["kind"] == "edit"])
    situation = _Situation()
    gaps = []
    for number, signed in enumerate(lengths):
        situation.take_in(ends[number])
        later = ends[number + 1]
        kind = later["kind"]
        editing = kind == "edit" or near.covers(times[number], times[number + 1])
        answered = kind == "still_working"
        gaps.append(
            _Gap(
                max(signed, 0.0),
                "editing" if editing else "waiting" if situation.awaited_run is not None else "reading",
                situation.paused or situation.hidden or (answered and later["answer"] == "away"),
                answered and later["answer"] == "yes",
                signed < 0,
            )
        )
    return gaps


def _closing(closed_at: datetime.datetime) -> Event:
    """The end of the session as an event of no page, so that wall clocks are compared."""
    return {"kind": "closed", "page": None, "at": round(closed_at.timestamp() * 1000), "mono": 0}


def _seconds_between(earlier: Event, later: Event) -> float:
    """Seconds from one event to the next: by the page's own clock within a page, else by the wall clock."""
    clock = "mono" if earlier["page"] == later["page"] else "at"
    return float(later[clock] - earlier[clock]) / 1000


class _NearAnEdit:
    """Whether gaps lie by an edit, asked in order; `edit_times` are seconds after the first event, rising."""

    def __init__(self, edit_times: Sequence[float]) -> None:
        self._times = edit_times
        self._passed = 0  # edits that happened by the start of the gap
        self._ended = 0  # edits that happened before its end

    def covers(self, start: float, end: float) -> bool:
        """Whether all the time between is within 5 s after an edit, or all of it within 5 s before one."""
        times, edits = self._times, len(self._times)
        while self._passed < edits and times[self._passed] <= start:
            self._passed += 1
        while self._ended < edits and times[self._ended] < end:
            self._ended += 1
        after = self._passed > 0 and end - times[self._passed - 1] <= NEAR_AN_EDIT_SECONDS
        return after or (self._ended < edits and times[self._ended] - start <= NEAR_AN_EDIT_SECONDS)


def _time_to_first_edit(events: Sequence[Event], gaps: Sequence[_Gap]) -> float | None:
    first = next((index for index, event in enumerate(events) if event["kind"] == "edit"), None)
    return None if first is None else fsum(gap.seconds for gap in gaps[:first])


def _count(events: Sequence[Event], kind: str) -> int:
    return sum(event["kind"] == kind for event in events)


def _pauses(gaps: Sequence[_Gap]) -> tuple[PauseCount, ...]:
    """Gaps in which the person was there, or at least did not say otherwise, by their least length."""
    present = [gap.seconds for gap in gaps if not gap.absent]
    return tuple(
        PauseCount(least, len(long := [seconds for seconds in present if seconds >= least]), fsum(long))
        for least in PAUSES_AT_LEAST_SECONDS
    )


@dataclass(frozen=True)
class _Edit:
    inserted: int
    deleted: int
    keystroke: bool
    paste: bool


def _typing(events: Sequence[Event]) -> list[_Edit]:
    return [_typed(event) for event in events if event["kind"] == "edit"]


def _typed(event: Event) -> _Edit:
    splices, _ = read_changes(event["changes"])
    texts = [splice.text for splice in splices if splice.text]
    deeds = list(_user_events(event["user"]))
    return _Edit(
        inserted=sum(len(text.encode("utf-16-le", "surrogatepass")) // 2 for text in texts),
        deleted=sum(splice.deleted for splice in splices),
        keystroke="input.type" in deeds and [len(text) for text in texts] == [1],
        paste="input.paste" in deeds,
    )


def _user_events(user: str) -> Iterator[str]:
    """A user event and those it is a kind of: `input.type.compose` is an `input.type` and an `input`."""
    parts = user.split(".")
    return (".".join(parts[:length]) for length in range(1, len(parts) + 1))


def _files_touched(events: Sequence[Event]) -> int:
    """Files that were edited, created, renamed or deleted; a renamed file stays the same file."""
    first_names: dict[str, tuple[str, int]] = {}  # path now → the path and event it came into being with
    touched = set()
    for number, event in enumerate(events):
        kind = event["kind"]
        if kind == "file.created":
            first_names[event["path"]] = (event["path"], number)
        if kind in ("edit", "file.created", "file.renamed", "file.deleted"):
            path = event["path"]
            file = first_names.get(path, (path, -1))
            touched.add(file)
            if kind == "file.renamed":
                first_names.pop(path, None)
                first_names[event["to"]] = file
    return len(touched)
