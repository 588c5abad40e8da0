"""What people say of a session: root causes and disputes are added, never changed, and only by those who may."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from django.db import InternalError, transaction
from django.db.utils import DatabaseError
from django.test import Client
from django.urls import reverse

from accounts.models import Person
from annotations.judgements import labels_by_cause, standing_disputes, standing_labels
from annotations.models import CauseLabel, Dispute, RepairSession
from annotations.sessions import baseline_run
from annotations.taxonomy import CATEGORIES, refuses, title_of
from runs.models import Run
from runs.panels import causes_of_run
from tests.personas import signed_in
from tests.site.conftest import finish

Post = Callable[..., Any]
pytestmark = pytest.mark.django_db
CAUSE = "app.py:7"


@pytest.fixture
def run(session: RepairSession) -> Run:
    run = baseline_run(session)
    assert run is not None
    return run


def label(of: Run, **more: Any) -> dict[str, Any]:
    return {"run": of.pk, "cause": CAUSE, "category": "logic_error", "subcategory": "incorrect_query_logic"} | more


def test_a_group_of_failures_gets_a_root_cause_with_author_time_and_its_checks(
    session: RepairSession, run: Run, post: Post, ada: Person
) -> None:
    answer = post("labels", label(run, detail="The key is missing."))
    assert "Logic: Query" in answer.content.decode()
    (said,) = standing_labels(session)
    assert (said.author, said.run, said.checks, said.detail) == (ada, run, ["bad.0"], "The key is missing.")
    assert said.said_at is not None


def test_a_change_is_another_row_and_the_last_one_stands(session: RepairSession, run: Run, post: Post) -> None:
    post("labels", label(run))
    post("labels", label(run, category="schema_format_error", subcategory=""))
    assert [said.category for said in standing_labels(session)] == ["schema_format_error"]
    assert CauseLabel.objects.count() == 2
    post("labels", label(run, category="", subcategory=""))
    assert standing_labels(session) == []
    assert CauseLabel.objects.count() == 3


def test_the_database_refuses_to_change_what_was_said(session: RepairSession, run: Run, post: Post) -> None:
    post("labels", label(run))
    with pytest.raises((InternalError, DatabaseError), match="never changed"), transaction.atomic():
        CauseLabel.objects.update(category="other")
    with pytest.raises(ValueError, match="never changed"):
        CauseLabel.objects.get().save()


@pytest.mark.parametrize(
    ("more", "status"),
    [
        ({"category": "bad luck", "subcategory": ""}, 409),
        ({"category": "schema_format_error", "subcategory": "incorrect_query_logic"}, 409),
        ({"cause": "elsewhere.py:1"}, 409),
        ({"detail": "x" * 3000}, 400),
        ({"run": 999_999}, 404),
    ],
)
def test_what_is_no_label_is_refused(run: Run, post: Post, more: dict[str, Any], status: int) -> None:
    assert post("labels", label(run, **more)).status_code == status
    assert CauseLabel.objects.count() == 0


def test_a_label_follows_its_group_when_the_line_moves(session: RepairSession, run: Run, post: Post) -> None:
    """Whoever repairs inserts lines above: the group is known by its checks then."""
    post("labels", label(run))
    moved = causes_of_run(run)
    assert labels_by_cause(standing_labels(session), moved)[CAUSE].category == "logic_error"
    elsewhere = [type(cause)(cause.title, None, cause.checks, 0) for cause in moved]
    (found,) = labels_by_cause(standing_labels(session), elsewhere).values()
    assert found.category == "logic_error"
    others = [type(cause)(cause.title, None, [], 0) for cause in moved]
    assert labels_by_cause(standing_labels(session), others) == {}


def test_a_check_is_disputed_with_a_reason_and_the_dispute_taken_back(
    session: RepairSession, run: Run, post: Post
) -> None:
    assert post("disputes", {"run": run.pk, "check": "bad.0", "reason": "  "}).status_code == 409
    answer = post("disputes", {"run": run.pk, "check": "bad.0", "reason": "The <document> says 400."})
    assert "The &lt;document&gt; says 400." in answer.content.decode()
    assert [said.check_id for said in standing_disputes(session)] == ["bad.0"]
    post("disputes", {"run": run.pk, "check": "bad.0", "withdrawn": True})
    assert standing_disputes(session) == []
    assert Dispute.objects.count() == 2
    assert post("disputes", {"run": run.pk, "check": "no.such", "reason": "Why"}).status_code == 409


def test_the_panel_shows_what_was_said(browser: Client, session: RepairSession, run: Run, post: Post) -> None:
    post("labels", label(run))
    post("disputes", {"run": run.pk, "check": "bad.0", "reason": "The document says 400."})
    html = browser.get(f"/sessions/{session.pk}/run-panel").content.decode()
    assert "Logic: Query" in html
    assert "<b>Disputed.</b> The document says 400." in html
    assert " style=" not in html


def test_the_page_of_a_session_shows_labels_and_lets_a_researcher_decide(
    session: RepairSession, run: Run, post: Post, rita: Person, tom: Person
) -> None:
    post("labels", label(run))
    post("disputes", {"run": run.pk, "check": "bad.0", "reason": "The document says 400."})
    dispute = Dispute.objects.get()
    page = reverse("annotations:session", args=[session.pk])
    address = reverse("annotations:decide", args=[session.pk, dispute.pk])
    researcher = signed_in(rita)
    html = researcher.get(page).content.decode()
    assert "Logic: Query" in html
    assert "The document says 400." in html
    assert address in html
    assert address not in signed_in(tom).get(page).content.decode()
    researcher.post(address, {"ruling": "perhaps"})
    assert dispute.decisions.count() == 0
    researcher.post(address, {"ruling": "upheld", "note": "It does."})
    assert "The check is wrong" in researcher.get(page).content.decode()
    assert run.results.get(check_id="bad.0").outcome == "failed"  # a ruling changes no verdict


def test_a_researcher_labels_beside_the_annotator_and_both_stand(
    session: RepairSession, run: Run, post: Post, rita: Person
) -> None:
    post("labels", label(run))
    body = json.dumps(label(run, category="other", subcategory=""))
    assert (
        signed_in(rita).post(f"/sessions/{session.pk}/labels", body, content_type="application/json").status_code == 200
    )
    assert [said.category for said in standing_labels(session)] == ["logic_error", "other"]


def test_who_may_not_judge(session: RepairSession, run: Run, post: Post, ada: Person, tom: Person, eve: Person) -> None:
    post("disputes", {"run": run.pk, "check": "bad.0", "reason": "Why not?"})
    for person in (tom, eve):
        browser = signed_in(person)
        for verb, body in (("labels", label(run)), ("disputes", {"run": run.pk, "check": "bad.0", "reason": "Why"})):
            answer = browser.post(f"/sessions/{session.pk}/{verb}", json.dumps(body), content_type="application/json")
            assert answer.status_code == 404
    address = reverse("annotations:decide", args=[session.pk, Dispute.objects.get().pk])
    for person in (ada, tom, eve):
        assert signed_in(person).post(address, {"ruling": "upheld"}).status_code == 404
    assert (CauseLabel.objects.count(), Dispute.objects.count()) == (0, 1)


def test_the_taxonomy_has_two_levels_and_only_logic_has_kinds() -> None:
    assert [one.id for one in CATEGORIES if one.within] == ["logic_error"]
    assert (len(CATEGORIES), len(CATEGORIES[4].within)) == (8, 6)
    assert title_of("logic_error", "database_runtime_error") == "Logic: Database at run time"
    assert refuses("other", "incorrect_query_logic")
    assert not refuses("other", "")


def test_a_run_that_is_green_has_no_group_to_label(session: RepairSession, run: Run, post: Post) -> None:
    green = Run.objects.create(snapshot=run.snapshot, task_id=run.task_id, purpose="baseline")
    finish(green, failing=0)
    assert post("labels", label(green)).status_code == 409
