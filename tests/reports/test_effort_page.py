"""The effort page: numbers that can be worked out on paper, and what it says where there are too few."""

from __future__ import annotations

import csv
import io
import re
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import Person
from studies.models import Study
from tests.reports.synthetic import backend_of, baseline, judge, open_page, person, repaired

# Active seconds of five sessions, one gap each: 1, 2, 3, 4 and 5 minutes need an idle limit of 300 s.
FIVE = [60, 120, 180, 240, 300]


@pytest.fixture
def page(client: Client, study: Study, researcher: Person) -> Any:
    study.idle_limit_seconds = 300
    study.save()
    client.force_login(researcher)

    def get(name: str = "effort") -> str:
        response: Any = client.get(reverse(f"reports:{name}", args=[study.slug]))
        assert response.status_code == 200
        body = b"".join(response.streaming_content) if response.streaming else response.content
        return str(body.decode())

    return get


def text_of(html: str) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", html))


def rows_of(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text)))


def test_five_sessions_of_known_length_give_their_mean(page: Any, study: Study, annotator: Person) -> None:
    for seconds in FIVE:
        repaired(study, annotator, level=1, gaps=[seconds], before=4)
    text = text_of(page())
    assert "L1 takes 3.0 active minutes; too few sessions elsewhere" in text
    assert "3.0 1.8 to 4.2 · n = 5" in text  # the interval of the seeded bootstrap, checked against analysis below
    assert "40 → 100" in text
    (level,) = rows_of(page("effort-levels"))
    assert (level["sessions"], level["repaired"], level["censored"], level["estimate"]) == ("5", "5", "0", "estimated")
    assert float(level["mean_active_minutes"]) == 3
    assert float(level["pass_rate_before"]) == pytest.approx(0.4)
    assert [float(row["active_minutes"]) for row in rows_of(page("effort-sessions"))] == [1, 2, 3, 4, 5]


def test_four_sessions_are_too_few_for_any_estimate(page: Any, study: Study, annotator: Person) -> None:
    for seconds in FIVE[:4]:
        repaired(study, annotator, level=1, gaps=[seconds])
    html = page()
    text = text_of(html)
    assert "Too few sessions to compare levels" in text
    assert "L1 needs at least 5 closed sessions" in text
    assert "too few" in text
    assert "2.5" not in text
    assert '<svg class="fig"' not in html
    (level,) = rows_of(page("effort-levels"))
    assert (level["estimate"], level["mean_active_minutes"], level["pass_rate_after"]) == ("too few", "", "")


def test_a_level_with_too_few_says_so_beside_one_that_has_enough(page: Any, study: Study, annotator: Person) -> None:
    for seconds in FIVE:
        repaired(study, annotator, level=0, gaps=[seconds])
    repaired(study, annotator, level=3, gaps=[10])
    rows = rows_of(page("effort-levels"))
    assert [(row["level"], row["estimate"]) for row in rows] == [("0", "estimated"), ("3", "too few")]


def test_the_title_names_a_difference_only_where_the_intervals_stay_apart(
    page: Any, study: Study, annotator: Person
) -> None:
    for seconds in FIVE:
        repaired(study, annotator, level=0, gaps=[seconds])
        repaired(study, annotator, level=3, gaps=[seconds])
    assert "No clear difference in active time between L0 and L3" in text_of(page())
    for seconds in FIVE:
        repaired(study, annotator, level=2, gaps=[seconds] * 10)
    assert "L3 takes" not in text_of(page())


def test_a_level_that_takes_ten_times_as_long_is_in_the_title(page: Any, study: Study, annotator: Person) -> None:
    for seconds in FIVE:
        repaired(study, annotator, level=0, gaps=[seconds])
        repaired(study, annotator, level=3, gaps=[seconds] * 10)
    assert "<h1>L3 takes 10.0 times the active time of L0</h1>" in page()


def test_a_censored_session_carries_a_plus_and_so_does_its_level(page: Any, study: Study, annotator: Person) -> None:
    for seconds in FIVE:
        repaired(study, annotator, level=1, gaps=[seconds], after=10 if seconds < 300 else 9)
    html = page()
    assert '<span class="censored">5:00+</span>' in html
    assert "4:00+" not in html
    assert "<b>3.0+</b>" in html
    assert rows_of(page("effort-levels"))[0]["estimate"] == "lower bound"
    assert [row["lower_bound"] for row in rows_of(page("effort-sessions"))] == ["false"] * 4 + ["true"]


def test_an_open_session_is_listed_with_a_plus_and_in_no_estimate(page: Any, study: Study, annotator: Person) -> None:
    for seconds in FIVE[:4]:
        repaired(study, annotator, level=1, gaps=[seconds])
    going_on = open_page(backend_of(study, 1), annotator)
    going_on.type("#", after=90)
    html = page()
    assert '<span class="censored">1:30+</span>' in html
    assert "Too few sessions to compare levels" in text_of(html)
    assert rows_of(page("effort-sessions"))[-1]["outcome"] == "open"


def test_void_runs_exclusions_and_waiting_sessions_are_counted_in_the_open(
    page: Any, study: Study, annotator: Person
) -> None:
    baseline(backend_of(study, 1), 0, void_reason="PostgreSQL did not start.")
    judge(open_page(backend_of(study, 1), annotator).close(), 0, void_reason="The sandbox was lost.")
    open_page(backend_of(study, 1), annotator).close()
    text = text_of(page())
    assert "Excluded sessions 1" in text
    assert "Closed, final run not ended 1" in text
    assert "Void runs 2" in text
    assert "PostgreSQL did not start." in text
    assert "The sandbox was lost." in text


def test_a_study_without_sessions_says_what_will_appear(page: Any, study: Study) -> None:
    text = text_of(page())
    assert "No session is closed yet" in text
    assert "Import backends and assign them" in text


def test_the_idle_limit_of_the_study_stands_under_the_numbers(page: Any, study: Study) -> None:
    study.idle_limit_seconds = 77
    study.save()
    assert "idle limit of 77 s" in page()


def test_the_page_shows_pseudonyms_and_never_names_or_addresses(page: Any, study: Study, annotator: Person) -> None:
    repaired(study, annotator, level=1, gaps=[10])
    html = page()
    assert "P01" in html
    assert "anna" not in html
    assert "example.org" not in html


def test_a_pseudonym_that_is_a_formula_is_harmless_in_the_csv(page: Any, study: Study) -> None:
    # Spreadsheets run a cell that begins with = + - @; the first character decides.
    repaired(study, person("eve", pseudonym='=HYPERLINK("http://x")'), level=1, gaps=[10])
    assert rows_of(page("effort-sessions"))[0]["person"] == '\'=HYPERLINK("http://x")'


def test_a_pseudonym_with_markup_is_shown_as_text(page: Any, study: Study) -> None:
    repaired(study, person("eve", pseudonym="<script>alert(1)</script>"), level=1, gaps=[10])
    assert "<script>alert(1)" not in page()


def test_no_report_carries_a_style_attribute_or_an_inline_script(page: Any, study: Study, annotator: Person) -> None:
    # The content security policy refuses both, so a figure that needs one would be broken for everybody.
    for seconds in FIVE:
        repaired(study, annotator, level=1, gaps=[seconds])
    for name in ("effort", "return-page", "export"):
        assert not re.search(r"\sstyle=|<script(?![^>]*\bsrc=)|\son\w+=", page(name))
