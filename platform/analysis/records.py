"""One finished repair session as one flat, frozen record: what every figure and every export is made of."""

from __future__ import annotations

import datetime
from dataclasses import dataclass
from typing import Literal

Outcome = Literal["repaired", "unrepaired", "excluded"]
RunState = Literal["finished", "void"]
Seeded = Literal["", "practice", "gold"]


@dataclass(frozen=True)
class SessionRecord:
    """One closed session. What each field means, its unit and where it comes from: `columns.COLUMNS`.

    Datetimes are aware. None: not known, or there was nothing to measure.
    """

    study: str
    session_id: int
    person: str
    backend: str
    task: str
    framework: str
    level: int
    constraints: tuple[str, ...]
    position: int
    generation_condition: str
    opened_at: datetime.datetime
    closed_at: datetime.datetime
    closing_reason: str
    outcome: Outcome
    censored: bool
    forecast_minutes: float | None
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
    changed_lines: int
    files_touched: int
    code_hter: float
    checks_requested: int
    checks_total: int
    passed_before: int | None
    passed_after: int | None
    pass_rate_before: float | None
    pass_rate_after: float | None
    conforming_before: bool | None
    conforming_after: bool | None
    void_runs: int
    hash_mismatches: int
    final_run_state: RunState | None
    seeded: Seeded
    fault: str
    fault_category: str
    set_apart: bool

    @property
    def active_minutes(self) -> float:
        """Active time in minutes, the unit of the figures."""
        return self.active_seconds / 60

    @property
    def counted(self) -> bool:
        """Whether the session takes part in figures; those that do not are counted apart."""
        return self.outcome != "excluded" and not self.set_apart


def session_outcome(
    *,
    excluded: bool,
    final_run_state: RunState | None,
    checks_total: int,
    passed_after: int | None,
    conforming_after: bool | None,
) -> Outcome:
    """What became of a session; the same rule for every page and export.

    `repaired`: the final run finished and the backend is sound, that is all counted checks pass and every constraint
    holds. `excluded`: the researcher said so, or the final run is void, so that nobody knows. `unrepaired`: all others,
    also where a constraint is uncertain (`conforming_after` is None).
    """
    if excluded or final_run_state != "finished":
        return "excluded"
    functional = checks_total > 0 and passed_after == checks_total
    return "repaired" if functional and conforming_after is True else "unrepaired"
