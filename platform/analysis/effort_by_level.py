"""Post-processing effort per constraint level: the table the team lead opens first."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from statistics import fmean, median

from analysis.bootstrap import FEWEST, Interval, interval, resampled
from analysis.records import SessionRecord
from analysis.survival import Duration, restricted_mean


@dataclass(frozen=True)
class LevelEffort:
    """The sessions of one level. Minutes are active minutes; rates are shares, 0 to 1.

    `too_few`: fewer than five counted sessions; then every estimate is None. `mean_active_minutes` is what sessions
    cost, however they ended; where `censored` is not 0 it understates what repair takes, and `restricted_mean_minutes`
    (mean time to repair up to `horizon_minutes`, Kaplan–Meier) says more. Pass rates leave out sessions without one.
    """

    level: int
    sessions: int
    repaired: int
    censored: int
    excluded: int
    too_few: bool
    mean_active_minutes: float | None = None
    mean_interval: Interval | None = None
    median_active_minutes: float | None = None
    restricted_mean_minutes: float | None = None
    horizon_minutes: float | None = None
    pass_rate_before: float | None = None
    pass_rate_after: float | None = None
    mean_edits: float | None = None
    mean_checks_requested: float | None = None

    @property
    def mean_is_a_lower_bound(self) -> bool:
        """Whether some sessions ended without repair, so that repair takes longer than the mean says."""
        return self.censored > 0


def effort_by_level(records: Sequence[SessionRecord]) -> list[LevelEffort]:
    """One row for each level that has sessions, excluded ones included, rising. Those set apart are in no row.

    The horizon of the restricted means is common to all levels with enough sessions, so that they can be compared: the
    shortest of their longest sessions.
    """
    records = [record for record in records if not record.set_apart]
    levels = {level: [record for record in records if record.level == level] for level in _levels(records)}
    longest = [
        max(record.active_minutes for record in counted)
        for counted in map(_counted, levels.values())
        if len(counted) >= FEWEST
    ]
    return [_level_effort(level, sessions, min(longest, default=0.0)) for level, sessions in levels.items()]


def _level_effort(level: int, records: Sequence[SessionRecord], horizon_minutes: float) -> LevelEffort:
    counted = _counted(records)
    counts = LevelEffort(
        level=level,
        sessions=len(counted),
        repaired=sum(record.outcome == "repaired" for record in counted),
        censored=sum(record.censored for record in counted),
        excluded=len(records) - len(counted),
        too_few=len(counted) < FEWEST,
    )
    if counts.too_few:
        return counts
    minutes = [record.active_minutes for record in counted]
    durations = [Duration(record.active_minutes, not record.censored) for record in counted]
    return replace(
        counts,
        mean_active_minutes=fmean(minutes),
        mean_interval=interval(resampled(minutes, fmean)),
        median_active_minutes=median(minutes),
        restricted_mean_minutes=restricted_mean(durations, horizon_minutes),
        horizon_minutes=horizon_minutes,
        pass_rate_before=_mean_of(counted, lambda record: record.pass_rate_before),
        pass_rate_after=_mean_of(counted, lambda record: record.pass_rate_after),
        mean_edits=fmean(record.edits for record in counted),
        mean_checks_requested=fmean(record.checks_requested for record in counted),
    )


def _counted(records: Sequence[SessionRecord]) -> list[SessionRecord]:
    return [record for record in records if record.counted]


def _levels(records: Sequence[SessionRecord]) -> list[int]:
    return sorted({record.level for record in records})


def _mean_of(records: Sequence[SessionRecord], figure: Callable[[SessionRecord], float | None]) -> float | None:
    known = [value for value in map(figure, records) if value is not None]
    return fmean(known) if known else None
