"""A run is done once, whatever happens to workers and messages: the row is the record, its lease the right to write.

Redis delivers a message again after about 100 s, and a worker may die at any moment, so neither message nor worker can
be trusted to say that a run is being worked on.
"""

from __future__ import annotations

import datetime

import pytest
from django.utils import timezone

from runs.evaluation import MOST_ATTEMPTS, claim_run, record_verdict, request_run, sweep_runs
from runs.heartbeat import LEASE
from runs.models import Run, RunPurpose, RunState
from studies.snapshots import store_snapshot
from tests.runs.verdicts import TASK, verdict

pytestmark = pytest.mark.django_db
NOW = timezone.now()


@pytest.fixture
def run() -> Run:
    snapshot = store_snapshot({"run.sh": b"python app.py\n", "requirements.txt": b"flask\n"})
    asked = request_run(snapshot=snapshot, task_id=TASK, purpose=RunPurpose.REQUESTED, announce=False)
    asked.queued_at = NOW  # of this module, which may have been read minutes ago
    asked.save()
    return asked


def test_only_the_first_of_two_workers_gets_the_run(run: Run) -> None:
    assert claim_run(run.pk) is not None
    assert claim_run(run.pk) is None


def test_a_run_whose_worker_died_is_claimed_again_after_its_lease(run: Run) -> None:
    claim_run(run.pk, now=NOW)
    assert claim_run(run.pk, now=NOW + LEASE / 2) is None
    again = claim_run(run.pk, now=NOW + LEASE * 2)
    assert again is not None
    assert again.attempts == 2


def test_a_late_worker_cannot_overwrite_the_verdict_of_the_one_that_took_over(run: Run) -> None:
    late = claim_run(run.pk, now=NOW)
    prompt = claim_run(run.pk, now=NOW + LEASE * 2)
    assert late is not None
    assert prompt is not None
    assert record_verdict(prompt, verdict(failing=0))
    assert not record_verdict(late, verdict(failing=1))
    run.refresh_from_db()
    assert run.failed == 0
    assert run.results.count() == 3


def test_a_run_that_kills_every_worker_becomes_void_and_says_so(run: Run) -> None:
    for attempt in range(MOST_ATTEMPTS):
        assert claim_run(run.pk, now=NOW + LEASE * 2 * attempt) is not None
    assert claim_run(run.pk, now=NOW + LEASE * 2 * MOST_ATTEMPTS) is None
    run.refresh_from_db()
    assert run.state == RunState.VOID
    assert "lost 3 times" in run.void_reason


def test_the_sweep_finds_runs_whose_message_was_lost_but_not_those_in_hand(run: Run) -> None:
    assert sweep_runs(now=run.queued_at + datetime.timedelta(seconds=5)) == []
    assert sweep_runs(now=run.queued_at + datetime.timedelta(seconds=30)) == [run.pk]
    claim_run(run.pk, now=NOW)
    assert sweep_runs(now=NOW + LEASE / 2) == []
    assert sweep_runs(now=NOW + LEASE * 2) == [run.pk]


def test_the_verdict_is_recorded_whole(run: Run) -> None:
    held = claim_run(run.pk)
    assert held is not None
    assert record_verdict(held, verdict(failing=2, passing=3))
    run.refresh_from_db()
    assert (run.state, run.checks, run.passed, run.failed, run.not_reached) == (RunState.FINISHED, 6, 3, 2, 1)
    assert not run.sound
    assert run.results.get(check_id="later").blocked_by == "bad.0"
    assert run.results.get(check_id="bad.0").exchange["received_status"] == 500
    assert run.findings.get().line == 7


def test_a_void_run_has_a_reason_and_no_counts(run: Run) -> None:
    held = claim_run(run.pk)
    assert held is not None
    record_verdict(held, verdict(void_reason="PostgreSQL for backends did not start."))
    run.refresh_from_db()
    assert (run.state, run.checks) == (RunState.VOID, None)
    assert run.void_reason.startswith("PostgreSQL")
    assert run.pass_rate is None


def test_text_that_the_database_cannot_hold_is_kept_as_far_as_it_can_be(run: Run) -> None:
    from dataclasses import replace

    hostile = verdict(failing=1)
    checks = tuple(replace(check, received="a\0b\ud800") for check in hostile.checks)
    held = claim_run(run.pk)
    assert held is not None
    assert record_verdict(held, replace(hostile, checks=checks, log="\0"))
    assert run.results.get(check_id="bad.0").received == "a␀b?"


def test_of_a_long_log_the_end_is_kept_since_the_cause_stands_there(run: Run) -> None:
    from dataclasses import replace

    held = claim_run(run.pk)
    assert held is not None
    record_verdict(held, replace(verdict(), log="noise\n" * 50_000 + "TypeError: the cause"))
    run.refresh_from_db()
    assert run.log.endswith("TypeError: the cause")
