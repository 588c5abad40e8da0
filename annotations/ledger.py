"""The ledger of a session: what was edited between one verdict and the next, and which checks turned with it.

`ledger` is the story. That checks turned after some edits does not prove that each of those edits did it: a row is as
fine as the runs that were asked for. Definition: docs/measures.md, "The ledger". Pure: no Django, no I/O.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import fsum
from typing import Any

from annotations.effort import Stretch

Event = Mapping[str, Any]

CHANGES = frozenset(["edit", "file.created", "file.renamed", "file.deleted"])


@dataclass(frozen=True)
class JudgedRun:
    """One run as the ledger needs it. `outcomes`: check id → passed, failed …, of counted checks; None: no verdict."""

    run_id: int
    name: str
    through: int
    state: str
    outcomes: Mapping[str, str] | None


@dataclass(frozen=True)
class LedgerRow:
    """The entries `first` to `last` of the log, and what the run after them said. `run` is None after the last run.

    `fixed` and `broken` are ids of checks, against the last verdict before; `active_seconds` is active time between
    the two requests.
    """

    first: int
    last: int
    run: JudgedRun | None
    paths: tuple[str, ...]
    edits: int
    active_seconds: float
    fixed: tuple[str, ...]
    broken: tuple[str, ...]

    @property
    def judged(self) -> bool:
        return self.run is not None and self.run.outcomes is not None

    @property
    def turned_nothing(self) -> bool:
        """Edited, judged, and no check came out differently."""
        return self.judged and self.edits > 0 and not self.fixed and not self.broken


def ledger(
    events: Sequence[Event],
    runs: Sequence[JudgedRun],
    *,
    generated: Mapping[str, str] | None,
    stretches: Sequence[Stretch],
) -> list[LedgerRow]:
    """One row per run asked for, oldest first, and one for what was edited after the last.

    `events` are the entries of the log in order; `generated` is what the run over the generated code said (None: it
    has no verdict, so nothing can have turned in the first run that has one). `stretches` are the gaps between the
    entries, as `effort.stretches` has them.
    """
    rows = []
    numbers = [event["seq"] for event in events]
    start, standing = 0, generated
    for run in [*runs, None]:
        end = bisect_left(numbers, run.through + 1) if run else len(events)
        part = events[start:end]
        fixed, broken = _turned(standing, run.outcomes if run else None)
        edited = [event for event in part if event["kind"] in CHANGES]
        if run is not None or edited:
            rows.append(
                LedgerRow(
                    first=numbers[start] if start < len(numbers) else (run.through if run else 0),
                    last=run.through if run else numbers[-1],
                    run=run,
                    paths=tuple(dict.fromkeys(event.get("to", event["path"]) for event in edited)),
                    edits=len(edited),
                    # The gap up to the first entry of this row belongs to it.
                    active_seconds=fsum(
                        stretch.active_seconds for stretch in stretches[max(0, start - 1) : max(0, end - 1)]
                    ),
                    fixed=fixed,
                    broken=broken,
                )
            )
        start = max(start, end)
        if run is not None and run.outcomes is not None:
            # A run of some checks alone says nothing about the others.
            standing = {**(standing or {}), **run.outcomes}
    return rows


def _turned(before: Mapping[str, str] | None, now: Mapping[str, str] | None) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Checks that became green, and that were green before; what only one of the verdicts knows has not turned."""
    if before is None or now is None:
        return (), ()
    both = [check for check in now if check in before]
    fixed = tuple(check for check in both if now[check] == "passed" != before[check])
    broken = tuple(check for check in both if before[check] == "passed" != now[check])
    return fixed, broken
