"""“Run only this”: a quick look at some checks, which is recorded and never taken for a verdict."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from django.db import IntegrityError
from django.test import Client

from accounts.models import Person
from annotations.event_log import Holder
from annotations.models import RepairSession
from annotations.outcomes import outcome_of
from annotations.sessions import last_verdict, latest_run, latest_work
from evaluator.verdict import summarise
from runs.evaluation import claim_run, record_first_verdict, record_verdict, request_run
from runs.models import Run, RunPurpose
from runs.partial import build_partial
from tests.personas import signed_in
from tests.runs.verdicts import TASK, verdict
from tests.site.conftest import FILES, batch, finish, insert

Post = Callable[..., Any]
pytestmark = pytest.mark.django_db


def asked(post: Post, holder: Holder, *only: str, through: int = 0) -> Any:
    body = {"client": holder.client, "token": holder.token, "through": through, "digest": "", "only": list(only)}
    return post("some-checks", body)


def judged(run: Run, *, passing: tuple[str, ...]) -> Run:
    """Record a partial verdict: of the known checks those named pass, bad.1 fails, all others were not judged."""
    given = verdict(failing=2)
    outcomes = {check.id: "passed" if check.id in passing else "not_reached" for check in given.checks}
    outcomes["bad.1"] = "failed"
    checks = tuple(replace(check, outcome=outcomes[check.id]) for check in given.checks)  # type: ignore[arg-type]
    held = claim_run(run.pk)
    assert held is not None
    assert record_verdict(held, replace(given, checks=checks, summary=summarise(checks, given.conformance)))
    run.refresh_from_db()
    return run


def test_the_chosen_checks_judge_the_files_of_this_moment(session: RepairSession, holder: Holder, post: Post) -> None:
    post("events", batch(holder, insert(1)))
    answer = asked(post, holder, "bad.0", through=1)
    assert answer.status_code == 202
    run = Run.objects.get(pk=answer.json()["run"])
    assert (run.purpose, run.only) == (RunPurpose.PARTIAL, ["bad.0"])
    assert run.snapshot.files()["app.py"].startswith(b"# fixed\n")
    assert run.partial_request.through == 1


def test_a_partial_run_is_no_verdict_even_where_all_its_checks_pass(
    session: RepairSession, holder: Holder, post: Post
) -> None:
    before = last_verdict(session)
    run = judged(Run.objects.get(pk=asked(post, holder, "bad.0").json()["run"]), passing=("bad.0", "ok.0"))
    assert (run.functional, run.conforming, run.findings.count()) == (None, None, 0)
    assert last_verdict(session) == before
    assert latest_run(session) == before
    assert latest_work(session) == run
    assert outcome_of(session).word == "open"
    assert list(Run.objects.filter(check_request__session=session)) == []


def test_the_database_refuses_a_partial_run_with_a_verdict(session: RepairSession, holder: Holder, post: Post) -> None:
    run = Run.objects.get(pk=asked(post, holder, "bad.0").json()["run"])
    with pytest.raises(IntegrityError, match="a_partial_run_is_no_verdict"):
        Run.objects.filter(pk=run.pk).update(functional=True)


def test_only_what_was_judged_is_kept_and_what_was_chosen(session: RepairSession, holder: Holder, post: Post) -> None:
    run = judged(Run.objects.get(pk=asked(post, holder, "bad.0", "later").json()["run"]), passing=("bad.0", "ok.0"))
    panel = build_partial(run)
    assert [(check.result.check_id, check.change) for check in panel.chosen] == [("bad.0", "fixed"), ("later", "")]
    assert [check.result.check_id for check in panel.needed] == ["ok.0", "bad.1"]
    assert [check.result.check_id for check in panel.needed_red] == ["bad.1"]
    assert (run.checks, run.passed, run.failed, run.not_reached) == (4, 2, 1, 1)


def test_the_panel_of_a_partial_run_says_that_it_is_no_verdict(
    browser: Client, session: RepairSession, holder: Holder, post: Post
) -> None:
    run = judged(Run.objects.get(pk=asked(post, holder, "bad.0").json()["run"]), passing=("bad.0",))
    html = browser.get(f"/sessions/{session.pk}/run-panel?run={run.pk}").content.decode()
    assert 'id="run-partial"' in html
    assert 'id="run-panel"' not in html
    assert "1 of 1 passed" in html
    assert "Not a verdict" in html


def test_the_panel_and_the_numbering_of_verdicts_overlook_partial_runs(
    browser: Client, session: RepairSession, holder: Holder, post: Post
) -> None:
    judged(Run.objects.get(pk=asked(post, holder, "bad.0").json()["run"]), passing=("bad.0",))
    body = {"client": holder.client, "token": holder.token, "through": 0, "digest": ""}
    run = finish(Run.objects.get(pk=post("checks", body).json()["run"]), failing=1)
    html = browser.get(f"/sessions/{session.pk}/run-panel?run={run.pk}").content.decode()
    assert ">Run 1</h2>" in html
    assert "Since generation" in html


def test_one_run_of_a_session_at_a_time(session: RepairSession, holder: Holder, post: Post) -> None:
    assert asked(post, holder, "bad.0").status_code == 202
    again = asked(post, holder, "bad.0")
    assert (again.status_code, again.json()["error"]) == (409, "running")
    body = {"client": holder.client, "token": holder.token, "through": 0, "digest": ""}
    assert post("checks", body).json()["error"] == "running"


@pytest.mark.parametrize("only", [["no.such.check"], [], "bad.0", ["x" * 200]])
def test_checks_that_the_contract_does_not_have_are_refused(holder: Holder, post: Post, only: Any) -> None:
    body = {"client": holder.client, "token": holder.token, "through": 0, "digest": "", "only": only}
    answer = post("some-checks", body)
    assert answer.status_code in (400, 409)
    assert Run.objects.filter(purpose=RunPurpose.PARTIAL).count() == 0


def test_nobody_else_runs_checks_in_a_session(session: RepairSession, holder: Holder, rita: Person) -> None:
    body = {"client": holder.client, "token": holder.token, "through": 0, "only": ["bad.0"]}
    answer = signed_in(rita).post(f"/sessions/{session.pk}/some-checks", body, content_type="application/json")
    assert answer.status_code == 404


def test_a_partial_run_of_another_session_is_not_shown(browser: Client, session: RepairSession) -> None:
    from studies.snapshots import store_snapshot

    run = request_run(
        snapshot=store_snapshot(FILES), task_id=TASK, purpose=RunPurpose.PARTIAL, only=["bad.0"], announce=False
    )
    assert browser.get(f"/sessions/{session.pk}/run-panel?run={run.pk}").status_code == 404
    assert not record_first_verdict(run, verdict())
