"""Money is decided on this page: the arithmetic must close, and too few sessions must give no number."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from analysis.records import SessionRecord
from analysis.roi import Return, return_on_investment

Make = Callable[..., SessionRecord]
ENTERED: dict[str, Any] = {"assistant_cost_per_backend": 2.0, "hourly_rate": 60.0, "own_writing_minutes": 100.0}


def overall(records: list[SessionRecord], **changes: float) -> Return:
    return return_on_investment(records, **{**ENTERED, **changes}).overall


def test_the_answer_is_that_of_an_example_computed_by_hand(session: Make) -> None:
    # Mean repair (10+20+30+40+100)/5 = 40 min; one of five unrepaired, so 20 min of writing on top; 5 min other.
    records = [session(minutes=minutes) for minutes in (10, 20, 30, 40)] + [session(minutes=100, repaired=False)]
    answer = overall(records, other_minutes=5)
    assert (answer.sessions, answer.unrepaired, answer.share_unrepaired) == (5, 1, 0.2)
    assert answer.repair_minutes == 40
    assert answer.minutes_with_assistant == pytest.approx(40 + 0.2 * 100 + 5)
    assert answer.minutes_saved == pytest.approx(35)
    assert answer.money_saved == pytest.approx(35 - 2)
    assert answer.return_ratio == pytest.approx(33 / (65 + 2))
    assert answer.break_even_repair_minutes == pytest.approx(80 - 5 - 2)
    assert answer.break_even_writing_minutes == pytest.approx(47 / 0.8)
    assert answer.break_even_share_unrepaired == pytest.approx(1 - 47 / 100)


def test_at_each_break_even_no_money_is_saved_or_lost(session: Make) -> None:
    records = [session(minutes=minutes) for minutes in (10, 20, 30, 40)] + [session(minutes=50, repaired=False)]
    answer = overall(records)
    assert answer.break_even_writing_minutes is not None
    assert answer.break_even_repair_minutes is not None
    at_writing = overall(records, own_writing_minutes=answer.break_even_writing_minutes)
    assert at_writing.money_saved == pytest.approx(0)
    all_slow = [session(minutes=answer.break_even_repair_minutes, repaired=r.outcome == "repaired") for r in records]
    assert overall(all_slow).money_saved == pytest.approx(0)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=15)
@given(
    st.lists(st.tuples(st.integers(1, 200), st.booleans()), min_size=5, max_size=12),
    st.floats(0, 50),
    st.floats(1, 200),
)
def test_the_interval_holds_the_estimate_and_the_probability_is_one(
    session: Make, ends: list[tuple[int, bool]], cost: float, rate: float
) -> None:
    records = [session(minutes=minutes, repaired=repaired) for minutes, repaired in ends]
    answer = overall(records, assistant_cost_per_backend=cost, hourly_rate=rate)
    assert answer.minutes_saved is not None
    assert answer.minutes_saved_interval is not None
    assert answer.probability_it_pays is not None
    low, high = answer.minutes_saved_interval.low, answer.minutes_saved_interval.high
    assert low - 1e-9 <= answer.minutes_saved <= high + 1e-9
    assert 0 <= answer.probability_it_pays <= 1


def test_the_mean_is_used_because_the_sum_is_paid(session: Make) -> None:
    assert overall([session(minutes=minutes) for minutes in (1, 1, 1, 1, 96)]).repair_minutes == 20


def test_fewer_than_five_sessions_give_no_number_but_show_what_was_entered(session: Make) -> None:
    answer = overall([session() for _ in range(4)] + [session(outcome="excluded")])
    assert (answer.sessions, answer.excluded, answer.too_few) == (4, 1, True)
    assert answer.money_saved is None
    assert answer.probability_it_pays is None
    assert {entry.basis for entry in answer.inputs} == {"entered"}


def test_every_input_says_whether_it_was_measured_or_entered(session: Make) -> None:
    inputs = {entry.name: entry for entry in overall([session(minutes=m) for m in (10, 20, 30, 40, 50)]).inputs}
    assert {name for name, entry in inputs.items() if entry.basis == "measured"} == {"repair", "not repaired"}
    assert inputs["repair"].interval is not None
    assert inputs["an hour"].interval is None


def test_where_nothing_is_repaired_no_writing_time_is_long_enough(session: Make) -> None:
    answer = overall([session(minutes=10, repaired=False) for _ in range(5)])
    assert answer.break_even_writing_minutes is None
    assert answer.minutes_saved == pytest.approx(-10)
    assert answer.probability_it_pays == 0


def test_levels_are_answered_apart(session: Make) -> None:
    records = [session(level=0, minutes=10) for _ in range(5)] + [session(level=3, minutes=90) for _ in range(3)]
    levels = return_on_investment(records, **ENTERED).levels
    assert list(levels) == [0, 3]
    assert (levels[0].repair_minutes, levels[3].too_few) == (10, True)


@pytest.mark.parametrize(
    "wrong",
    [{"hourly_rate": 0}, {"own_writing_minutes": -1}, {"assistant_cost_per_backend": -1}, {"other_minutes": -1}],
)
def test_a_price_or_time_that_cannot_be_is_refused(wrong: dict[str, float]) -> None:
    with pytest.raises(ValueError, match="0"):
        overall([], **wrong)
