"""A run that nobody waits for any more: stopped by who asked for it, shown as that, and never counted."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import pytest
from django.template.loader import render_to_string
from django.test import Client

from accounts.models import Person
from annotations.event_log import Holder
from annotations.models import RepairSession
from annotations.sessions import last_verdict, latest_run
from reports.long_tables import RUN_COLUMNS, run_rows
from runs.evaluation import claim_run, record_verdict, request_run, stop_run, sweep_runs
from runs.heartbeat import Heartbeat
from runs.models import Run, RunPurpose, RunState
from runs.panels import build_panel
from tests.personas import signed_in
from tests.runs.verdicts import TASK, verdict
from tests.site.conftest import batch, finish, insert

Post = Callable[..., Any]
pytestmark = pytest.mark.django_db


def going_on(post: Post, holder: Holder) -> Run:
    """A run that was asked for after one edit."""
    post("events", batch(holder, insert(1)))
    asked = post("checks", {"client": holder.client, "token": holder.token, "through": 1, "digest": ""})
    return Run.objects.get(pk=asked.json()["run"])


def stopping(post: Post, holder: Holder, run: Run) -> Any:
    return post("stop", {"client": holder.client, "token": holder.token, "run": run.pk})


def test_a_run_that_waits_is_stopped_and_no_worker_takes_it(session: RepairSession, holder: Holder, post: Post) -> None:
    run = going_on(post, holder)
    assert stopping(post, holder, run).json() == {"run": run.pk, "stopped": True}
    run.refresh_from_db()
    assert (run.state, run.has_results) == (RunState.STOPPED, False)
    assert run.finished_at is not None
    assert claim_run(run.pk) is None
    assert run.pk not in sweep_runs()


def test_what_the_worker_of_a_stopped_run_finds_is_not_written(
    session: RepairSession, holder: Holder, post: Post
) -> None:
    held = claim_run(going_on(post, holder).pk)
    assert held is not None
    heartbeat = Heartbeat(held)
    heartbeat.beat()
    assert not heartbeat.stop.asked
    assert stopping(post, holder, held).json()["stopped"]
    ended: list[str] = []
    with heartbeat.stop.ends(ended.append):
        heartbeat.beat()
    assert ended == ["the run was stopped"]
    assert not record_verdict(held, verdict(failing=0))
    assert Run.objects.get(pk=held.pk).state == RunState.STOPPED


def test_checks_can_be_asked_for_at_once_and_the_last_verdict_still_stands(
    session: RepairSession, holder: Holder, post: Post
) -> None:
    before = last_verdict(session)
    stopping(post, holder, going_on(post, holder))
    assert last_verdict(session) == before
    again = post("checks", {"client": holder.client, "token": holder.token, "through": 1, "digest": ""})
    assert again.status_code == 202


def test_a_stopped_run_is_shown_as_that_and_is_in_the_data_set(
    session: RepairSession, holder: Holder, post: Post
) -> None:
    run = going_on(post, holder)
    stopping(post, holder, run)
    shown = latest_run(session)
    assert shown == run
    assert "was stopped before its verdict" in render_to_string(
        "runs/_run_panel.html", {"panel": build_panel(shown), "run": shown, "again": True}
    )
    (row,) = run_rows(session.assignment.backend.study, [Run.objects.select_related("check_request").get(pk=run.pk)])
    told = dict(zip([column.name for column in RUN_COLUMNS], row, strict=True))
    assert (told["state"], told["passed"], told["void_reason"]) == ("stopped", None, "")


@pytest.mark.parametrize("purpose", [RunPurpose.BASELINE, RunPurpose.FINAL])
def test_what_a_study_needs_is_never_stopped(session: RepairSession, purpose: RunPurpose) -> None:
    run = request_run(snapshot=session.generated, task_id=TASK, purpose=purpose, announce=False)
    assert not stop_run(run)
    assert Run.objects.get(pk=run.pk).state == RunState.QUEUED


def test_a_run_with_a_verdict_is_not_stopped(session: RepairSession, holder: Holder, post: Post) -> None:
    run = going_on(post, holder)
    finish(run)
    assert stopping(post, holder, run).json() == {"run": run.pk, "stopped": False}


def test_nobody_stops_the_run_of_somebody_else(
    session: RepairSession, holder: Holder, post: Post, client: Client, rita: Person
) -> None:
    run = going_on(post, holder)
    body = {"client": holder.client, "token": holder.token, "run": run.pk}
    assert (
        signed_in(rita).post(f"/sessions/{session.pk}/stop", body, content_type="application/json").status_code == 404
    )
    assert post("stop", body | {"token": holder.token + 1}).json()["error"] == "fenced"
    baseline = request_run(snapshot=session.generated, task_id=TASK, purpose=RunPurpose.REQUESTED, announce=False)
    assert post("stop", body | {"run": baseline.pk}).status_code == 404
    assert Run.objects.get(pk=run.pk).state == RunState.QUEUED


def test_asking_a_backend_to_end_before_it_is_launched_ends_it_at_its_launch() -> None:
    from evaluator.stopping import Stop

    stop = Stop()
    thread = threading.Thread(target=stop.ask)
    thread.start()
    thread.join()
    ended: list[str] = []
    with stop.ends(ended.append):
        assert ended == ["the run was stopped"]
