"""What went wrong while a session was recorded, read off its log: nothing is mended in silence.

`incidents` is the story; the kinds are described in docs/recorder.md. Pure: no Django, no I/O.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, Literal

Event = Mapping[str, Any]
Kind = Literal["gap", "abrupt_end", "clock_jump", "take_over", "stranded", "refused_edit", "hash_mismatch", "broken"]

CLOCK_TOLERANCE_SECONDS = 2.0
WORDS: dict[Kind, str] = {
    "gap": "Nothing was recorded",
    "abrupt_end": "A page ended without a word",
    "clock_jump": "The clock jumped",
    "take_over": "Another page took the session over",
    "stranded": "Entries were set aside",
    "refused_edit": "An edit was refused",
    "hash_mismatch": "The files differed from the record",
    "broken": "The log does not replay",
}


@dataclass(frozen=True)
class Incident:
    """One incident: at entry `seq`, `at` milliseconds of the browser's wall clock; `seconds` where it has a length."""

    kind: Kind
    seq: int
    at: int
    seconds: float
    sentence: str

    @property
    def words(self) -> str:
        return WORDS[self.kind]


def incidents(
    events: Sequence[Event],
    *,
    idle_limit_seconds: float,
    mismatches: Sequence[int] = (),
    broken: tuple[int, str] | None = None,
) -> list[Incident]:
    """Every incident of a log, in order of entry.

    `events` are all entries in order; `mismatches` the entries whose hash was not that of the replayed files
    (`replay.hash_mismatches`, and those of requests); `broken` the entry that does not fit, with its sentence.
    """
    found = [*_single(events), *_between(events, idle_limit_seconds)]
    by_number = {event["seq"]: event for event in events} if mismatches or broken else {}
    for seq in mismatches:
        sentence = "The browser's hash of the files is not that of the replayed log; verdicts judge the log."
        found.append(Incident("hash_mismatch", seq, _at(by_number, seq), 0.0, sentence))
    if broken is not None:
        found.append(Incident("broken", broken[0], _at(by_number, broken[0]), 0.0, broken[1]))
    return sorted(found, key=lambda incident: incident.seq)


def _at(events: Mapping[int, Event], seq: int) -> int:
    return int(events[seq]["at"]) if seq in events else 0


def _single(events: Sequence[Event]) -> Iterator[Incident]:
    """What an entry says by itself."""
    for event in events:
        match event["kind"]:
            case "took_over":
                yield _incident("take_over", event, 0.0, "The page before was fenced off; its last entries count.")
            case "stranded":
                count = event["entries"]
                words = f"{count:,} {'entry' if count == 1 else 'entries'} of an earlier page could not follow what was"
                yield _incident("stranded", event, 0.0, f"{words} saved; kept in that browser.")
            case "edit.refused":
                sentence = f"{event['path']} would have become {event['length']:,} characters long."
                yield _incident("refused_edit", event, 0.0, sentence)
            case "clock.jumped":
                yield _incident("clock_jump", event, event["seconds"], _jump(event["seconds"]))


def _between(events: Sequence[Event], idle_limit_seconds: float) -> Iterator[Incident]:
    """What two neighbouring entries say together."""
    away, told = "", False  # why nobody was there; whether the page said that it goes
    for earlier, later in pairwise(events):
        kind = earlier["kind"]
        if kind in ("paused", "hidden"):
            away = kind
        elif kind in ("resumed", "visible", "opened"):
            away = ""
        told = kind == "hidden" or (told and kind == "blur")
        wall, mono = later["at"] - earlier["at"], later["mono"] - earlier["mono"]
        same_page = later["page"] == earlier["page"]
        if not same_page and not told and later["kind"] == "opened":
            sentence = "The page before neither hid nor said goodbye: its tab, browser or machine was stopped."
            yield _incident("abrupt_end", later, 0.0, sentence)
        jump = (wall - mono if same_page else min(wall, 0)) / 1000
        if abs(jump) > CLOCK_TOLERANCE_SECONDS and later["kind"] != "clock.jumped":
            yield _incident("clock_jump", later, jump, _jump(jump))
        seconds = (mono if same_page else wall) / 1000
        if seconds > idle_limit_seconds:
            why = {"paused": "paused", "hidden": "the page was out of sight", "": "no reason given"}[away]
            yield _incident("gap", later, seconds, f"{seconds / 60:.1f} min without an entry: {why}.")


def _jump(seconds: float) -> str:
    way = "ahead" if seconds > 0 else "back"
    why = "as after a sleep or a new setting; times within a page are measured on its own clock"
    return f"The clock jumped {abs(seconds):,.0f} s {way}, {why}."


def _incident(kind: Kind, event: Event, seconds: float, sentence: str) -> Incident:
    return Incident(kind, event["seq"], event["at"], float(seconds), sentence)
