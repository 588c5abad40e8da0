"""Where a backend is restarted, its results are there before the restart, and complete after it."""

from __future__ import annotations

import queue
from dataclasses import asdict, replace

import pytest

from evaluator.evaluate import Progress
from evaluator.verdict import Cause, CheckResult, Latency, Measures, Verdict, summarise
from runs import heartbeat as heartbeats
from runs import live
from runs.evaluation import claim_run, record_first_verdict, record_verdict, red_checks, request_run
from runs.heartbeat import Heartbeat, beating
from runs.models import Run, RunPurpose, RunState
from studies.snapshots import store_snapshot
from tests.runs.verdicts import TASK, verdict

pytestmark = pytest.mark.django_db
KEPT = CheckResult("restart.article", "An article is still there", "GET /articles/{slug}", "prose", "not_reached")


@pytest.fixture
def run() -> Run:
    snapshot = store_snapshot({"run.sh": b"python app.py\n", "requirements.txt": b"flask\n"})
    claimed = claim_run(request_run(snapshot=snapshot, task_id=TASK, purpose=RunPurpose.REQUESTED, announce=False).pk)
    assert claimed is not None
    return claimed


def with_check(given: Verdict, check: CheckResult) -> Verdict:
    checks = (*given.checks, check)
    return replace(given, checks=checks, summary=summarise(checks, given.conformance))


def test_the_first_verdict_is_there_while_the_run_goes_on(run: Run) -> None:
    assert record_first_verdict(run, with_check(verdict(failing=1, passing=2), KEPT))
    run.refresh_from_db()
    assert (run.state, run.has_results, run.passed, run.failed) == (RunState.RUNNING, True, 2, 1)
    assert Run.objects.finished().count() == 0


def test_the_last_verdict_takes_the_place_of_the_first(run: Run) -> None:
    record_first_verdict(run, with_check(verdict(failing=1), KEPT))
    assert record_verdict(run, with_check(verdict(failing=1), replace(KEPT, outcome="passed")))
    run.refresh_from_db()
    assert (run.state, run.passed) == (RunState.FINISHED, 3)
    assert run.results.get(check_id=KEPT.id).outcome == "passed"
    assert run.findings.count() == 1


def test_a_verdict_without_a_restart_to_come_is_no_first_one(run: Run) -> None:
    assert not record_first_verdict(run, verdict(failing=1))
    run.refresh_from_db()
    assert not run.has_results


def test_a_run_that_is_void_after_its_first_verdict_keeps_no_results(run: Run) -> None:
    record_first_verdict(run, with_check(verdict(), KEPT))
    record_verdict(run, verdict(void_reason="The sandbox was lost during the run."))
    run.refresh_from_db()
    assert (run.state, run.results.count(), run.has_results) == (RunState.VOID, 0, False)


def test_causes_and_measures_are_kept_as_they_were_handed_in(run: Run) -> None:
    cause = Cause("POST /users: KeyError: 'email'", ("bad.0",), 1, "app.py", 7, "Traceback\0")
    measures = Measures(0.3, 1.2, 400, (Latency("GET /tags", 9, 0.002, 0.004),), 90_000_000, "cgroup")
    record_verdict(run, replace(verdict(), causes=(cause,), measures=measures))
    run.refresh_from_db()
    assert run.causes == [asdict(cause) | {"checks": ["bad.0"], "log": "Traceback␀"}]
    assert run.measures["latencies"][0]["p95_seconds"] == 0.004


def test_what_was_red_before_is_asked_first_and_what_only_the_collection_wants_is_not(run: Run) -> None:
    record_verdict(run, verdict(failing=2))
    assert red_checks(run) == ("bad.0", "bad.1")
    assert red_checks(None) == ()


def test_a_heartbeat_tells_what_became_of_each_check_that_somebody_waits_for(run: Run) -> None:
    heartbeat = Heartbeat(run, ("bad.0", "bad.1"))
    for id, outcome in (("ok.0", "passed"), ("bad.0", "passed"), ("ok.1", "passed")):
        heartbeat.tell(Progress("contract", 1, 9, "A thing works", check=id, outcome=outcome))
    heartbeat.beat()
    run.refresh_from_db()
    assert (run.progress["first"], run.progress["answered"]) == (2, {"bad.0": "passed"})


@pytest.mark.django_db(transaction=True)  # the heartbeat's thread looks at the row through a connection of its own
def test_what_somebody_waits_for_is_published_without_waiting_for_the_next_beat(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The issue's half second from the click: an answer must not lie around until the next round of news is due."""
    published: queue.Queue[dict[str, str]] = queue.Queue()
    monkeypatch.setattr(heartbeats, "TELL_SECONDS", 3600.0)
    monkeypatch.setattr(live, "publish", lambda run: published.put(run.progress.get("answered", {})))
    with beating(run, ("bad.0", "bad.1")) as heartbeat:
        heartbeat.tell(Progress("contract", 1, 9, "A thing works", check="bad.0", outcome="passed"))
        assert published.get(timeout=10) == {"bad.0": "passed"}
        heartbeat.tell(Progress("contract", 2, 9, "Another works", check="bad.1", outcome="failed"))
        while (answered := published.get(timeout=10)) == {"bad.0": "passed"}:
            continue
    assert answered == {"bad.0": "passed", "bad.1": "failed"}
