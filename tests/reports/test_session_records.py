"""From rows to records: every number here can be worked out on paper."""

from __future__ import annotations

import datetime

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.models import Person
from annotations.models import ClosingReason, EventBatch
from reports.session_records import open_sessions, session_records, void_runs
from runs.models import Run
from studies.models import Study
from tests.reports.synthetic import CHECKS, backend_of, baseline, judge, open_page, repaired


def test_gaps_up_to_the_idle_limit_are_active_and_longer_ones_are_away(study: Study, annotator: Person) -> None:
    repaired(study, annotator, level=1, gaps=[30, 120, 121, 60])
    (record,) = session_records(study=study)
    assert record.active_seconds == 210
    assert record.away_seconds == 121
    assert record.wall_seconds == 331
    assert record.active_minutes == 3.5


def test_another_idle_limit_gives_other_minutes_from_the_same_log(study: Study, annotator: Person) -> None:
    repaired(study, annotator, level=1, gaps=[30, 120, 121, 60])
    study.idle_limit_seconds = 60
    study.save()
    assert session_records(study=study)[0].active_seconds == 90


def test_a_session_whose_final_run_is_sound_is_repaired(study: Study, annotator: Person) -> None:
    session = repaired(study, annotator, level=2, gaps=[10, 10, 10], before=4)
    (record,) = session_records(study=study)
    assert (record.outcome, record.censored, record.final_run_state) == ("repaired", False, "finished")
    assert (record.passed_before, record.passed_after, record.checks_total) == (4, 10, CHECKS)
    assert (record.pass_rate_before, record.pass_rate_after) == (0.4, 1.0)
    assert (record.session_id, record.person, record.level, record.framework) == (session.pk, "P01", 2, "flask")
    assert record.constraints == ("clean_architecture", "sqlite")


def test_a_session_that_ends_with_a_failing_check_is_censored(study: Study, annotator: Person) -> None:
    repaired(study, annotator, level=0, gaps=[10], after=9)
    (record,) = session_records(study=study)
    assert (record.outcome, record.censored) == ("unrepaired", True)


def test_edits_and_checks_asked_for_are_counted(study: Study, annotator: Person) -> None:
    page = open_page(backend_of(study, 1), annotator)
    page.type("#", after=10)
    page.type(" note", after=10)
    page.ask_for_checks(6, after=5)
    page.type("!", after=10)
    judge(page.close(), CHECKS)
    (record,) = session_records(study=study)
    assert (record.edits, record.keystrokes, record.checks_requested) == (3, 2, 1)
    assert record.characters_inserted == 7
    assert (record.changed_lines, record.files_touched) == (1, 1)
    assert record.hash_mismatches == 0


def test_the_change_is_measured_between_the_generated_and_the_repaired_files(study: Study, annotator: Person) -> None:
    # The words of the repaired files: answer = 42 (3), those of run.sh (`#`, `!`, `/`, `bin`, `/`, `sh`, `python`,
    # `app`, `.`, `py`: 10), flask, and the number; one of these 15 was edited.
    page = open_page(backend_of(study, 1), annotator)
    page.replace("answer = 42\n", after=10)
    judge(page.close(), CHECKS)
    (record,) = session_records(study=study)
    assert record.changed_lines == 1
    assert record.code_hter == pytest.approx(1 / 15)


def test_a_void_run_is_counted_apart_and_changes_no_count(study: Study, annotator: Person) -> None:
    page = open_page(backend_of(study, 1), annotator)
    page.ask_for_checks(0, after=5, void_reason="The sandbox did not start.")
    judge(page.close(), CHECKS)
    (record,) = session_records(study=study)
    assert (record.void_runs, record.outcome, record.passed_after) == (1, "repaired", CHECKS)
    assert [run.void_reason for run in void_runs(study=study)] == ["The sandbox did not start."]


def test_a_void_baseline_is_listed_and_the_finished_one_counts(study: Study, annotator: Person) -> None:
    backend = backend_of(study, 1)
    baseline(backend, 5)
    baseline(backend, 0, void_reason="PostgreSQL did not start.")
    page = open_page(backend, annotator)
    judge(page.close(), CHECKS)
    assert session_records(study=study)[0].passed_before == 5
    assert len(void_runs(study=study)) == 1


def test_a_session_with_a_void_final_run_is_excluded(study: Study, annotator: Person) -> None:
    page = open_page(backend_of(study, 1), annotator)
    judge(page.close(), 0, void_reason="The worker was lost.")
    (record,) = session_records(study=study)
    assert (record.outcome, record.censored, record.final_run_state) == ("excluded", False, "void")


def test_a_closed_session_waits_while_its_final_run_goes_on(study: Study, annotator: Person) -> None:
    page = open_page(backend_of(study, 1), annotator)
    page.close()
    (record,) = session_records(study=study)
    assert (record.outcome, record.final_run_state) == ("excluded", None)


def test_a_hash_that_differs_is_counted(study: Study, annotator: Person) -> None:
    page = open_page(backend_of(study, 1), annotator)
    page.say("hash", after=1, digest=page.digest())
    page.say("hash", after=1, digest="0" * 64)
    page.ask_for_checks(6, after=5, digest="f" * 64)
    judge(page.close(), CHECKS)
    assert session_records(study=study)[0].hash_mismatches == 2


def test_an_open_session_is_no_record_and_is_listed_with_what_it_took_so_far(study: Study, annotator: Person) -> None:
    backend = backend_of(study, 3)
    baseline(backend, 2)
    page = open_page(backend, annotator)
    page.type("#", after=45)
    page.ask_for_checks(6, after=15)
    assert session_records(study=study) == []
    (going_on,) = open_sessions(study=study)
    assert (going_on.active_seconds, going_on.edits, going_on.level) == (60, 1, 3)
    assert (going_on.passed_before, going_on.passed_last) == (2, 6)


def test_giving_up_is_censored_and_keeps_its_reason(study: Study, annotator: Person) -> None:
    page = open_page(backend_of(study, 1), annotator)
    judge(page.close(ClosingReason.GAVE_UP), 3)
    (record,) = session_records(study=study)
    assert (record.closing_reason, record.censored) == ("gave_up", True)


def test_a_browser_whose_clock_is_an_hour_fast_does_not_lose_the_time_before_closing(
    study: Study, annotator: Person
) -> None:
    page = open_page(backend_of(study, 1), annotator)
    page.type("#", after=30)
    skew = datetime.timedelta(hours=1)
    for batch in EventBatch.objects.all():
        batch.received_at -= skew
        batch.save()
    page.clock += datetime.timedelta(seconds=20) - skew
    judge(page.close(), CHECKS)
    assert session_records(study=study)[0].active_seconds == 50


def test_a_malformed_edit_breaks_one_session_and_not_the_report(study: Study, annotator: Person) -> None:
    repaired(study, annotator, level=1, gaps=[10])
    page = open_page(backend_of(study, 1), annotator)
    page.type("#", after=30)
    page.say("edit", after=10, path="app.py", changes=["nonsense"], user="input.type")
    assert len(session_records(study=study)) == 1
    (going_on,) = open_sessions(study=study)
    assert going_on.active_seconds == 30
    assert "3" in going_on.broken


def test_sessions_of_another_study_stay_out(study: Study, annotator: Person) -> None:
    other = Study.objects.create(name="Other", slug="other")
    repaired(other, annotator, level=1, gaps=[10])
    assert session_records(study=study) == []
    assert void_runs(study=study) == []


def test_once_measured_a_further_session_costs_no_further_query(study: Study, annotator: Person) -> None:
    def queries() -> int:
        session_records(study=study)
        with CaptureQueriesContext(connection) as captured:
            session_records(study=study)
        return len(captured)

    repaired(study, annotator, level=1, gaps=[10])
    with_one = queries()
    for _ in range(3):
        repaired(study, annotator, level=2, gaps=[10])
    assert queries() == with_one
    assert Run.objects.count() == 8
