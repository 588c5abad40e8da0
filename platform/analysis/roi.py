"""Return on investment: does generating and repairing a backend cost less than writing it?

Formulas and sources: docs/measures.md, "Return on investment". Repair minutes and the share that stays unrepaired are
measured; everything else is entered by the reader and marked so.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import fmean
from typing import Literal

from analysis.bootstrap import FEWEST, Interval, interval, resampled
from analysis.records import SessionRecord

Basis = Literal["measured", "entered"]


@dataclass(frozen=True)
class Input:
    """A number the answer rests on. `basis` says where it comes from; `interval` (95 %) only where it was measured."""

    name: str
    value: float
    unit: str
    basis: Basis
    interval: Interval | None = None


@dataclass(frozen=True)
class Assumptions:
    """What the reader enters. Minutes and money are per backend; `hourly_rate` is money per hour.

    `other_minutes` are prompting, review and later defects together: work the assistant brings besides repair.
    """

    assistant_cost_per_backend: float
    hourly_rate: float
    own_writing_minutes: float
    other_minutes: float

    @property
    def cost_in_minutes(self) -> float:
        """The assistant's cost per backend as minutes of a developer."""
        return self.assistant_cost_per_backend / self.hourly_rate * 60

    def minutes_saved(self, repair_minutes: float, share_unrepaired: float) -> float:
        """Minutes saved per backend; an unrepaired one costs its repair minutes and is written by hand as well."""
        return self.own_writing_minutes * (1 - share_unrepaired) - self.other_minutes - repair_minutes

    def money_saved(self, minutes_saved: float) -> float:
        """Money saved per backend, the assistant paid."""
        return minutes_saved / 60 * self.hourly_rate - self.assistant_cost_per_backend


@dataclass(frozen=True)
class Return:
    """The answer for one group of sessions. With fewer than five, `too_few` is true and every number is None.

    Minutes and money are per backend. `money_saved` has the assistant's cost taken off, `minutes_saved` not.
    `probability_it_pays` is the share of bootstrap samples in which money is saved. `return_ratio` is money saved over
    money spent with the assistant. The break-evens say where `money_saved` would be 0, the rest as it is; a negative
    one cannot be reached. Where nothing was repaired no writing time is long enough: `break_even_writing_minutes` is
    None.
    """

    sessions: int
    unrepaired: int
    excluded: int
    too_few: bool
    inputs: tuple[Input, ...]
    repair_minutes: float | None = None
    share_unrepaired: float | None = None
    minutes_with_assistant: float | None = None
    minutes_saved: float | None = None
    minutes_saved_interval: Interval | None = None
    money_saved: float | None = None
    money_saved_interval: Interval | None = None
    probability_it_pays: float | None = None
    return_ratio: float | None = None
    break_even_repair_minutes: float | None = None
    break_even_writing_minutes: float | None = None
    break_even_share_unrepaired: float | None = None


@dataclass(frozen=True)
class Roi:
    """The answer over all sessions and for each level that has any."""

    overall: Return
    levels: Mapping[int, Return]


def return_on_investment(
    records: Sequence[SessionRecord],
    *,
    assistant_cost_per_backend: float,
    hourly_rate: float,
    own_writing_minutes: float,
    other_minutes: float = 0.0,
) -> Roi:
    """What the assistant saves per backend, overall and per level.

    Money in any one currency, minutes of a developer's time. Raises ValueError for a rate or writing time that is not
    positive and for a negative cost or time.
    """
    if hourly_rate <= 0 or own_writing_minutes <= 0:
        raise ValueError("The cost of an hour and the time to write it by hand must be more than 0.")
    if assistant_cost_per_backend < 0 or other_minutes < 0:
        raise ValueError("Neither a cost nor a time can be less than 0.")
    assumptions = Assumptions(assistant_cost_per_backend, hourly_rate, own_writing_minutes, other_minutes)
    levels = sorted({record.level for record in records})
    return Roi(
        overall=_return(records, assumptions),
        levels={level: _return([r for r in records if r.level == level], assumptions) for level in levels},
    )


def _return(records: Sequence[SessionRecord], assumptions: Assumptions) -> Return:
    # Of each counted session: active minutes, and 1 where it ended unrepaired.
    sessions = [(record.active_minutes, float(record.outcome == "unrepaired")) for record in records if record.counted]
    unrepaired = sum(share == 1 for _, share in sessions)
    excluded = len(records) - len(sessions)
    if len(sessions) < FEWEST:
        return Return(len(sessions), unrepaired, excluded, too_few=True, inputs=_entered(assumptions))
    repair_minutes, share_unrepaired = _mean_minutes(sessions), _share_unrepaired(sessions)
    minutes_saved = assumptions.minutes_saved(repair_minutes, share_unrepaired)
    money_saved = assumptions.money_saved(minutes_saved)
    minutes_with = assumptions.own_writing_minutes - minutes_saved
    money_with = minutes_with / 60 * assumptions.hourly_rate + assumptions.assistant_cost_per_backend
    samples = resampled(sessions, lambda s: assumptions.minutes_saved(_mean_minutes(s), _share_unrepaired(s)))
    around = interval(samples)
    spent = assumptions.other_minutes + repair_minutes + assumptions.cost_in_minutes
    return Return(
        sessions=len(sessions),
        unrepaired=unrepaired,
        excluded=excluded,
        too_few=False,
        inputs=_measured(sessions) + _entered(assumptions),
        repair_minutes=repair_minutes,
        share_unrepaired=share_unrepaired,
        minutes_with_assistant=minutes_with,
        minutes_saved=minutes_saved,
        minutes_saved_interval=around,
        money_saved=money_saved,
        money_saved_interval=Interval(assumptions.money_saved(around.low), assumptions.money_saved(around.high)),
        probability_it_pays=1 - bisect_right(samples, assumptions.cost_in_minutes) / len(samples),
        return_ratio=money_saved / money_with if money_with else None,
        break_even_repair_minutes=repair_minutes + minutes_saved - assumptions.cost_in_minutes,
        break_even_writing_minutes=spent / (1 - share_unrepaired) if share_unrepaired < 1 else None,
        break_even_share_unrepaired=1 - spent / assumptions.own_writing_minutes,
    )


def _mean_minutes(sessions: Sequence[tuple[float, float]]) -> float:
    """The mean, not the median: repair times are right-skewed, and what is paid is the sum."""
    return fmean(minutes for minutes, _ in sessions)


def _share_unrepaired(sessions: Sequence[tuple[float, float]]) -> float:
    return fmean(share for _, share in sessions)


def _measured(sessions: Sequence[tuple[float, float]]) -> tuple[Input, ...]:
    return tuple(
        Input(name, figure(sessions), unit, "measured", interval(resampled(sessions, figure)))
        for name, figure, unit in (
            ("repair", _mean_minutes, "minutes"),
            ("not repaired", _share_unrepaired, "share"),
        )
    )


def _entered(assumptions: Assumptions) -> tuple[Input, ...]:
    return (
        Input("writing by hand", assumptions.own_writing_minutes, "minutes", "entered"),
        Input("prompting, review and later defects", assumptions.other_minutes, "minutes", "entered"),
        Input("an hour", assumptions.hourly_rate, "money", "entered"),
        Input("the assistant", assumptions.assistant_cost_per_backend, "money", "entered"),
    )
