"""The effort page as values: what there is per level and per session, the finding in a sentence, and the figures."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import fmean

from analysis.bootstrap import FEWEST, interval, resampled
from analysis.effort_by_level import LevelEffort, effort_by_level
from analysis.records import SessionRecord
from analysis.survival import Duration, kaplan_meier
from reports.drawing import Curve, Estimate, LevelFigure, Line, StepFigure, level_figure, step_figure
from reports.session_records import OpenSession, open_sessions, session_records, void_runs
from runs.models import Run
from studies.models import Study


@dataclass(frozen=True)
class SessionRow:
    """A session as the page lists it; open ones too. `passed_after` is the last verdict where it is still open.

    `lower_bound`: it ended without repair or goes on, so a repair takes longer than `active_seconds`.
    """

    session_id: int
    person: str
    backend: str
    level: int
    outcome: str
    lower_bound: bool
    active_seconds: float
    edits: int
    checks_requested: int
    passed_before: int | None
    passed_after: int | None
    checks_total: int
    void_runs: int
    hash_mismatches: int
    broken: str = ""
    seeded: str = ""


@dataclass(frozen=True)
class EffortReport:
    """Everything the effort page shows. `levels` has a row for every level the study has backends of, rising.

    Sessions on seeded backends that the study does not count are listed, and take part in no number but their own.
    """

    study: Study
    records: Sequence[SessionRecord]
    open: Sequence[OpenSession]
    void_runs: Sequence[Run]
    levels: Sequence[LevelEffort]

    @property
    def counted(self) -> list[SessionRecord]:
        return [record for record in self.records if record.counted]

    @property
    def set_apart(self) -> list[SessionRecord]:
        """Closed sessions on seeded backends that the study does not count."""
        return [record for record in self.records if record.set_apart]

    @property
    def compared(self) -> list[SessionRecord]:
        """The closed sessions that the study is about."""
        return [record for record in self.records if not record.set_apart]

    @property
    def rows(self) -> list[SessionRow]:
        """Every session: the closed ones, then the open ones."""
        return [*map(_closed_row, self.records), *map(_open_row, self.open)]

    @property
    def waiting(self) -> list[SessionRecord]:
        """Closed sessions whose final run has not ended."""
        return [record for record in self.compared if record.final_run_state is None]

    @property
    def excluded(self) -> list[SessionRecord]:
        """Closed sessions that take part in no figure although nothing more is to come."""
        return [record for record in self.compared if not record.counted and record.final_run_state is not None]

    @property
    def repaired(self) -> int:
        return sum(record.outcome == "repaired" for record in self.compared)

    @property
    def censored(self) -> int:
        return sum(record.censored for record in self.compared)

    @property
    def people(self) -> int:
        return len({record.person for record in self.compared})

    @property
    def backends(self) -> int:
        return len({record.backend for record in self.compared})

    @property
    def hash_mismatches(self) -> int:
        return sum(record.hash_mismatches for record in self.compared)

    @property
    def lacking(self) -> list[LevelEffort]:
        """Levels with fewer than five counted sessions."""
        return [level for level in self.levels if level.too_few]

    @property
    def enough(self) -> list[LevelEffort]:
        return [level for level in self.levels if not level.too_few]

    @property
    def checks_total(self) -> int:
        return max((record.checks_total for record in self.compared), default=0)

    @property
    def lowest(self) -> LevelEffort | None:
        return self.enough[0] if self.enough else None

    @property
    def highest(self) -> LevelEffort | None:
        return self.enough[-1] if len(self.enough) > 1 else None

    @property
    def ratio(self) -> float | None:
        """How many times the active minutes of the lowest level the highest takes."""
        if self.lowest is None or self.highest is None or not self.lowest.mean_active_minutes:
            return None
        return (self.highest.mean_active_minutes or 0) / self.lowest.mean_active_minutes


def effort_report(*, study: Study) -> EffortReport:
    """The effort of a study as of now."""
    records = session_records(study=study)
    known = {level.level: level for level in effort_by_level(records)}
    levels = sorted(
        known.keys() | {backend.level for backend in study.backends.select_related("study") if backend.counts}
    )
    return EffortReport(
        study=study,
        records=records,
        open=open_sessions(study=study),
        void_runs=void_runs(study=study),
        levels=[known.get(level) or _no_sessions(level) for level in levels],
    )


def finding(report: EffortReport) -> str:
    """What the study says about effort, as the page's title.

    A difference is stated only where the 95 % intervals of the lowest and the highest level stay apart.
    """
    low, high = report.lowest, report.highest
    if low is None or low.mean_interval is None or low.mean_active_minutes is None:
        return "Too few sessions to compare levels"
    if high is None or high.mean_interval is None or high.mean_active_minutes is None:
        return f"L{low.level} takes {minutes_text(low.mean_active_minutes)} active minutes; too few sessions elsewhere"
    if high.mean_interval.low > low.mean_interval.high:
        return f"L{high.level} takes {_times(high.mean_active_minutes, low.mean_active_minutes)} of L{low.level}"
    if high.mean_interval.high < low.mean_interval.low:
        return f"L{high.level} takes less active time than L{low.level}"
    return f"No clear difference in active time between L{low.level} and L{high.level}"


def minutes_text(minutes: float) -> str:
    """Minutes as a figure prints them: one decimal below ten, none from there."""
    return f"{minutes:.1f}" if abs(minutes) < 9.95 else f"{minutes:,.0f}"


def pass_rate_figure(report: EffortReport) -> LevelFigure | None:
    """Checks passed by level in per cent, as generated and repaired; levels with enough sessions only."""
    return level_figure(
        [
            Line("Repaired", "repaired", _rates(report, "pass_rate_after")),
            Line("Generated", "generated", _rates(report, "pass_rate_before")),
        ],
        label="Share of checks passed by level, as generated and after repair",
        unit="Checks passed, %",
        levels=[level.level for level in report.levels],
        from_zero=False,
        most=100,
    )


def minutes_figure(report: EffortReport) -> LevelFigure | None:
    """Mean active minutes by level with their 95 % intervals; levels with enough sessions only."""
    estimates = [
        Estimate(
            level.level,
            level.mean_active_minutes,
            level.mean_interval.low,
            level.mean_interval.high,
            minutes_text(level.mean_active_minutes) + ("+" if level.mean_is_a_lower_bound else ""),
        )
        for level in report.enough
        if level.mean_active_minutes is not None and level.mean_interval is not None
    ]
    return level_figure(
        [Line("Active minutes", "levels", estimates)],
        label="Mean active minutes by level with 95 % intervals",
        unit="Active time, minutes",
        levels=[level.level for level in report.levels],
        from_zero=True,
    )


def survival_figure(report: EffortReport) -> StepFigure | None:
    """The share repaired by active time, Kaplan–Meier, of each level with enough sessions."""
    return step_figure(
        [_curve(level.level, _of_level(report, level)) for level in report.enough],
        label="Share of sessions repaired by active minutes, one curve per level",
    )


def pass_rate_finding(report: EffortReport) -> str:
    """What repair did to the pass rates, as the figure's title."""
    known = [
        (level.pass_rate_before, level.pass_rate_after)
        for level in report.enough
        if level.pass_rate_before is not None and level.pass_rate_after is not None
    ]
    if not known:
        return "Checks passed, generated and repaired"
    before, after = fmean(before for before, _ in known), fmean(after for _, after in known)
    if after > before:
        return f"Repair lifts checks passed from {before:.0%} to {after:.0%}".replace("%", " %")
    return "Repair has not lifted the checks passed"


def minutes_finding(report: EffortReport) -> str:
    """How active time runs over the levels, as the figure's title."""
    texts = [
        f"{minutes_text(level.mean_active_minutes)}{'+' if level.mean_is_a_lower_bound else ''} min at L{level.level}"
        for level in (report.lowest, report.highest)
        if level is not None and level.mean_active_minutes is not None
    ]
    return f"From {texts[0]} to {texts[1]}" if len(texts) == 2 else "".join(texts)


def _no_sessions(level: int) -> LevelEffort:
    return LevelEffort(level=level, sessions=0, repaired=0, censored=0, excluded=0, too_few=True)


def _closed_row(record: SessionRecord) -> SessionRow:
    return SessionRow(
        session_id=record.session_id,
        person=record.person,
        backend=record.backend,
        level=record.level,
        outcome="waiting" if record.final_run_state is None else record.outcome,
        lower_bound=record.censored,
        active_seconds=record.active_seconds,
        edits=record.edits,
        checks_requested=record.checks_requested,
        passed_before=record.passed_before,
        passed_after=record.passed_after,
        checks_total=record.checks_total,
        void_runs=record.void_runs,
        hash_mismatches=record.hash_mismatches,
        seeded=record.seeded,
    )


def _open_row(session: OpenSession) -> SessionRow:
    return SessionRow(
        session_id=session.session_id,
        person=session.person,
        backend=session.backend,
        level=session.level,
        outcome="open",
        lower_bound=True,
        active_seconds=session.active_seconds,
        edits=session.edits,
        checks_requested=session.checks_requested,
        passed_before=session.passed_before,
        passed_after=session.passed_last,
        checks_total=session.checks_total,
        void_runs=session.void_runs,
        hash_mismatches=session.hash_mismatches,
        broken=session.broken,
        seeded=session.seeded,
    )


def _of_level(report: EffortReport, level: LevelEffort) -> list[SessionRecord]:
    return [record for record in report.counted if record.level == level.level]


def _times(high: float, low: float) -> str:
    return f"{high / low:.1f} times the active time" if low else f"{minutes_text(high)} active minutes more than that"


def _rates(report: EffortReport, name: str) -> list[Estimate]:
    estimates = []
    for level in report.enough:
        rates = [100 * rate for record in _of_level(report, level) if (rate := getattr(record, name)) is not None]
        if len(rates) >= FEWEST:
            mean, around = fmean(rates), interval(resampled(rates, fmean))
            estimates.append(Estimate(level.level, mean, around.low, around.high, f"{mean:.0f}"))
    return estimates


def _curve(level: int, records: Sequence[SessionRecord]) -> Curve:
    steps = kaplan_meier([Duration(record.active_minutes, not record.censored) for record in records])
    return Curve(
        level=level,
        points=[(step.minutes, 1 - step.unrepaired) for step in steps],
        censored=[step.minutes for step in steps if step.censored],
    )
