"""The pages of the human side: home, opening a repair, and the session afterwards."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from accounts.models import Person
from annotations.event_log import Holder
from annotations.models import RepairSession
from runs.models import Run
from studies.models import Assignment, Study
from tests.personas import signed_in
from tests.site.conftest import batch, event, finish, insert

pytestmark = pytest.mark.django_db


def test_home_shows_the_next_assignment_with_what_it_fails(browser: Client, assignment: Assignment) -> None:
    home = browser.get("/").content.decode()
    for wanted in (
        "Next, assignment 1 of 2",
        "Conduit on Flask",
        "clean architecture",
        "4 files",
        "<b>2</b> passed",
        "Position 2",
    ):
        assert wanted in home, wanted


def test_home_without_assignments_says_what_will_appear(ada: Person, study: Study) -> None:
    assert "Nothing to repair yet" in signed_in(ada).get("/").content.decode()


def test_start_repair_opens_the_session_with_the_forecast(browser: Client, assignment: Assignment) -> None:
    answer = browser.post(f"/assignments/{assignment.pk}/open/", {"forecast_minutes": "35"})
    session = RepairSession.objects.get()
    assert answer["Location"] == f"/sessions/{session.pk}/repair/"
    assert session.forecast_minutes == 35
    page = browser.get(answer["Location"])
    assert page.status_code == 200
    assert "csrftoken" in page.cookies


def test_a_forecast_that_is_no_number_is_refused_with_a_sentence(browser: Client, assignment: Assignment) -> None:
    answer = browser.post(f"/assignments/{assignment.pk}/open/", {"forecast_minutes": "soon"}, follow=True)
    assert "The forecast must be a whole number of minutes" in answer.content.decode()
    assert not RepairSession.objects.exists()


def test_a_later_assignment_waits_for_its_turn(browser: Client, assignment: Assignment) -> None:
    """The order is part of the design of a study: who could choose would begin with what looks easy."""
    later = Assignment.objects.get(position=2)
    answer = browser.post(f"/assignments/{later.pk}/open/", follow=True)
    assert "The order of your assignments is fixed" in answer.content.decode()
    api = browser.post(f"/api/v1/assignments/{later.pk}/session", content_type="application/json")
    assert api.status_code == 409


def test_a_closed_session_shows_cost_verdict_and_changes(
    browser: Client, session: RepairSession, holder: Holder, post: Callable[..., Any]
) -> None:
    post("events", batch(holder, event(1, "opened", client="page-1"), insert(2)))
    body = {
        "client": holder.client,
        "token": holder.token,
        "through": 2,
        "digest": "",
        "reason": "gave_up",
        "note": "Too odd.",
    }
    closed = post("close", body).json()
    waiting = browser.get(f"/sessions/{session.pk}/").content.decode()
    assert "final run going on" in waiting
    assert f'hx-get="/sessions/{session.pk}/verdict/"' in waiting
    finish(Run.objects.get(pk=closed["run"]), failing=1, passing=5)
    over = browser.get(f"/sessions/{session.pk}/").content.decode()
    for wanted in ("unrepaired", "Ended without repair.", "“Too odd.”", "forecast 30 min", "app.py", "5 of 7"):
        assert wanted in over, wanted
    assert browser.get(f"/sessions/{session.pk}/verdict/")["HX-Refresh"] == "true"
    assert "unrepaired" in browser.get("/").content.decode()
    assert browser.get(f"/sessions/{session.pk}/repair/").status_code == 302


def test_a_repair_that_ends_sound_is_called_repaired(
    browser: Client, session: RepairSession, holder: Holder, post: Callable[..., Any]
) -> None:
    body = {"client": holder.client, "token": holder.token, "through": 0, "digest": "", "reason": "submitted"}
    finish(Run.objects.get(pk=post("close", body).json()["run"]), failing=0)
    page = browser.get(f"/sessions/{session.pk}/").content.decode()
    assert "repaired" in page
    assert "Ended without repair" not in page


def test_no_page_writes_a_style_or_a_script_into_itself(
    browser: Client, rita: Person, session: RepairSession, holder: Holder
) -> None:
    for client, address in (
        (browser, "/"),
        (browser, f"/sessions/{session.pk}/repair/"),
        (signed_in(rita), f"/sessions/{session.pk}/"),
        (signed_in(rita), "/studies/pilot/"),
        (signed_in(rita), f"/studies/backends/{session.assignment.backend_id}/"),
        (signed_in(rita), "/accounts/token/"),
    ):
        answer = client.get(address)
        assert answer.status_code == 200, address
        html = answer.content.decode()
        assert " style=" not in html
        assert "<script>" not in html
        assert "'unsafe" not in answer["Content-Security-Policy"]
