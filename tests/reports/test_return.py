"""Does the assistant pay? With five sessions of one to five minutes, every number can be worked out on paper."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import Person
from studies.models import Study
from tests.reports.synthetic import repaired

FIVE = [60, 120, 180, 240, 300]
INPUTS = {"own_minutes": "63", "hourly_rate": "60", "assistant_cost": "10"}


@pytest.fixture
def ask(client: Client, study: Study, lead: Person, annotator: Person) -> Any:
    study.idle_limit_seconds = 300
    study.save()
    client.force_login(lead)

    def get(inputs: dict[str, str], *, sessions: int = 5, level: int = 1, htmx: bool = False) -> str:
        for seconds in FIVE[:sessions]:
            repaired(study, annotator, level=level, gaps=[seconds])
        headers = {"HX-Request": "true"} if htmx else {}
        response = client.get(reverse("reports:return-page", args=[study.slug]), inputs, headers=headers)
        assert response.status_code == 200
        return response.content.decode()

    return get


def text_of(html: str) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", html))


def test_an_hour_of_writing_against_three_minutes_of_repair_saves_an_hour_less_the_assistant(ask: Any) -> None:
    # 63 min by hand − 3 min of repair = 60 min = €60, less €10 for the assistant.
    text = text_of(ask(INPUTS))
    assert "€50.00 · 60 min" in text
    assert "It pays with a probability of &gt; 99 %" in text
    assert "63 min by hand − 3.0 min with the assistant = 60 min" in text


def test_break_even_is_where_writing_by_hand_would_cost_the_same(ask: Any) -> None:
    # Repair could take 63 min less the 10 min that €10 buy; writing by hand would have to take 3 + 10 min.
    text = text_of(ask(INPUTS))
    assert "Repair took 53 min now 3.0" in text
    assert "Writing it by hand took 13 min now 63" in text
    assert "The share not repaired was 79 % now 0 %" in text  # 1 − 13 / 63


def test_four_sessions_give_no_number(ask: Any) -> None:
    text = text_of(ask(INPUTS, sessions=4))
    assert "4 of at least 5 sessions; no number before that" in text
    assert "€50" not in text
    assert "It pays" not in text.replace("It pays, probability", "")


def test_an_assistant_that_costs_more_than_the_writing_does_not_pay(ask: Any) -> None:
    text = text_of(ask(INPUTS | {"assistant_cost": "500"}))
    assert "−€440" in text
    assert "It costs more" in text


def test_a_time_for_one_level_takes_the_place_of_the_time_for_all(ask: Any) -> None:
    text = text_of(ask(INPUTS | {"own_minutes_l1": "123"}))
    assert "€50.00 · 60 min" in text  # overall: the time for all
    assert "€110" in text  # at L1: 123 − 3 min, less €10


def test_times_per_level_alone_are_weighted_by_their_sessions(ask: Any) -> None:
    inputs = {"hourly_rate": "60", "assistant_cost": "0", "own_minutes_l1": "30", "own_minutes_l2": "60"}
    ask(inputs, level=1)
    text = text_of(ask(inputs, level=2))
    assert "45 min by hand (mean of the levels, weighted by sessions)" in text


def test_a_level_without_a_time_leaves_the_overall_answer_open(ask: Any) -> None:
    ask({}, level=1)
    text = text_of(ask({"hourly_rate": "60", "assistant_cost": "0", "own_minutes_l1": "30"}, level=2))
    assert "not computed" in text
    assert "no time to write it by hand was entered for this level" in text


@pytest.mark.parametrize("nonsense", ["-5", "nan", "inf", "-inf", "1e400", "many", "9999999", "٣٣x", "1e-"])
def test_an_amount_that_cannot_be_is_refused_with_a_sentence_and_kept(ask: Any, nonsense: str) -> None:
    html = ask(INPUTS | {"hourly_rate": nonsense})
    assert "No answer with these inputs." in html
    assert "“Cost of an hour”" in html
    assert f'value="{nonsense}"' in html
    assert 'value="63"' in html
    assert "€50" not in html


def test_an_hour_that_costs_nothing_is_refused(ask: Any) -> None:
    assert "“Cost of an hour” must be more than 0." in ask(INPUTS | {"hourly_rate": "0"})


def test_an_assistant_that_costs_nothing_is_accepted(ask: Any) -> None:
    assert "€60.00 · 60 min" in text_of(ask(INPUTS | {"assistant_cost": "0"}))


def test_nothing_to_compare_with_is_refused(ask: Any) -> None:
    assert "“Write it by hand” is empty" in ask({"hourly_rate": "60", "assistant_cost": "0"})


def test_a_decimal_comma_is_read_as_a_point(ask: Any) -> None:
    assert "€52.50 · 60 min" in text_of(ask(INPUTS | {"assistant_cost": "7,50"}))


def test_the_page_without_inputs_says_what_to_enter_and_what_is_measured(ask: Any) -> None:
    text = text_of(ask({}))
    assert "Enter what a backend costs you" in text
    assert "Repair, min 3.0 measured n = 5" in text


def test_htmx_gets_the_answer_alone_and_it_is_the_one_the_page_holds(ask: Any) -> None:
    fragment = ask(INPUTS, htmx=True)
    whole = ask(INPUTS, sessions=0)
    assert fragment.strip().startswith('<div class="result" id="return-result"')
    assert "<html" not in fragment
    assert fragment.strip() in whole


def test_every_input_is_marked_measured_or_entered(ask: Any) -> None:
    html = ask({})
    assert html.count('class="chip measured"') == 2
    assert html.count('class="chip entered"') == 8
