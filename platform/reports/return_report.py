"""The return page as values: what the assistant saves per backend, overall and per level, under entered assumptions."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import fmean

from analysis.bootstrap import FEWEST, Interval, interval, resampled
from analysis.records import SessionRecord
from analysis.roi import Return, return_on_investment
from reports.drawing import Row, RowFigure, row_figure
from reports.forms import ReturnForm


@dataclass(frozen=True)
class LevelReturn:
    """The answer for one level. `saved` and `own_minutes` are None where no time to write it by hand was entered."""

    level: int
    sessions: int
    own_minutes: float | None
    saved: Return | None


@dataclass(frozen=True)
class ReturnReport:
    """The answer over all counted sessions and for each level that has any.

    `own_minutes` is what the overall answer rests on: the time entered for all, else the mean of the levels' times,
    weighted by their sessions (`weighted`); None where a level with sessions has neither.
    """

    own_minutes: float | None
    weighted: bool
    overall: Return | None
    levels: Sequence[LevelReturn]


@dataclass(frozen=True)
class MeasuredInputs:
    """What the sessions say before anything is entered; with fewer than five counted sessions every number is None."""

    sessions: int
    repair_minutes: float | None = None
    repair_interval: Interval | None = None
    share_unrepaired: float | None = None
    share_interval: Interval | None = None


def measured_inputs(records: Sequence[SessionRecord]) -> MeasuredInputs:
    """Mean active minutes and the share that ended without repair, over the counted sessions, with 95 % intervals."""
    counted = [record for record in records if record.counted]
    if len(counted) < FEWEST:
        return MeasuredInputs(len(counted))
    minutes = [record.active_minutes for record in counted]
    unrepaired = [float(record.outcome == "unrepaired") for record in counted]
    return MeasuredInputs(
        sessions=len(counted),
        repair_minutes=fmean(minutes),
        repair_interval=interval(resampled(minutes, fmean)),
        share_unrepaired=fmean(unrepaired),
        share_interval=interval(resampled(unrepaired, fmean)),
    )


def return_report(records: Sequence[SessionRecord], form: ReturnForm) -> ReturnReport:
    """What the sessions of a study say under the assumptions of a valid form."""
    records = [record for record in records if not record.set_apart]
    counted = [record for record in records if record.counted]
    own_minutes = form.cleaned_data["own_minutes"] or _weighted(counted, form)
    return ReturnReport(
        own_minutes=own_minutes,
        weighted=not form.cleaned_data["own_minutes"],
        overall=_return(records, form, own_minutes),
        levels=[_level(level, records, form) for level in sorted({record.level for record in records})],
    )


def levels_finding(report: ReturnReport) -> str:
    """At which levels the assistant pays, as the figure's title: where the 95 % interval lies on one side of 0."""
    answers = {level.level: verdict(level.saved) for level in report.levels}
    parts = [
        _named([level for level, answer in answers.items() if answer == "pays"], "It pays at {}"),
        _named([level for level, answer in answers.items() if answer == "loses"], "it costs more at {}"),
        _named([level for level, answer in answers.items() if answer == "open"], "{} open"),
        _named([level for level, answer in answers.items() if answer == "too few"], "too few sessions at {}"),
    ]
    sentence = "; ".join(part for part in parts if part) or "No level has sessions"
    return sentence[0].upper() + sentence[1:]


def verdict(saved: Return | None) -> str:
    """`pays`, `loses`, `open` (the interval holds 0), `too few`, or `unknown` where nothing can be compared."""
    if saved is None:
        return "unknown"
    if saved.too_few or saved.money_saved_interval is None:
        return "too few"
    if saved.money_saved_interval.low > 0:
        return "pays"
    return "loses" if saved.money_saved_interval.high < 0 else "open"


def levels_figure(report: ReturnReport) -> RowFigure | None:
    """Money saved per backend by level with 95 % intervals; levels with enough sessions only."""
    rows = [
        Row(level.level, saved.money_saved, interval.low, interval.high, money(saved.money_saved))
        for level in report.levels
        if (saved := level.saved) is not None
        and saved.money_saved is not None
        and (interval := saved.money_saved_interval) is not None
    ]
    return row_figure(rows, label="Money saved per backend by level", unit="€ saved per backend, 95 % interval")


def money(amount: float) -> str:
    """An amount as the page prints it: cents below a hundred euros, none from there."""
    sign, size = ("−" if round(amount, 2) < 0 else ""), abs(amount)
    return f"{sign}€{size:.2f}" if size < 99.995 else f"{sign}€{size:,.0f}"


def _return(records: Sequence[SessionRecord], form: ReturnForm, own_minutes: float | None) -> Return | None:
    if own_minutes is None:
        return None
    return return_on_investment(
        records,
        assistant_cost_per_backend=form.cleaned_data["assistant_cost"],
        hourly_rate=form.cleaned_data["hourly_rate"],
        own_writing_minutes=own_minutes,
        other_minutes=form.cleaned_data["other_minutes"] or 0.0,
    ).overall


def _level(level: int, records: Sequence[SessionRecord], form: ReturnForm) -> LevelReturn:
    of_level = [record for record in records if record.level == level]
    own_minutes = form.own_minutes_at(level)
    sessions = sum(record.counted for record in of_level)
    return LevelReturn(level, sessions, own_minutes, _return(of_level, form, own_minutes))


def _weighted(counted: Sequence[SessionRecord], form: ReturnForm) -> float | None:
    known = [minutes for record in counted if (minutes := form.own_minutes_at(record.level)) is not None]
    return sum(known) / len(known) if known and len(known) == len(counted) else None


def _named(levels: Sequence[int], sentence: str) -> str:
    if not levels:
        return ""
    *first, last = (f"L{level}" for level in levels)
    return sentence.format(f"{', '.join(first)} and {last}" if first else last)
