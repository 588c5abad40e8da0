"""Requests of a person's own: only the session's own annotator, only through us, and the record has them."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

import runs.tasks
from accounts.models import Person
from annotations import composing
from annotations.event_log import Holder
from annotations.models import RepairSession, SessionBackend
from runs.holding import Request
from runs.models import HeldBackend, HeldExchange, HeldState
from tests.personas import signed_in
from tests.site.conftest import batch, insert

Post = Callable[..., Any]
pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def no_holder(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(runs.tasks.hold_backend, "delay", lambda held_id: None)


def started(post: Post, holder: Holder, through: int = 0) -> Any:
    return post("backend", {"client": holder.client, "token": holder.token, "through": through, "digest": ""})


def test_the_files_of_this_moment_are_kept_running(session: RepairSession, holder: Holder, post: Post) -> None:
    post("events", batch(holder, insert(1)))
    answer = started(post, holder, through=1)
    assert answer.status_code == 202
    assert (answer.json()["state"], answer.json()["seconds_left"]) == ("asked", 600)
    kept = SessionBackend.objects.get()
    assert kept.held.snapshot.files()["app.py"].startswith(b"# fixed\n")
    assert (kept.session, kept.through) == (session, 1)


def test_a_request_and_its_answer_are_shown_with_log_and_curl(
    session: RepairSession, holder: Holder, post: Post, monkeypatch: pytest.MonkeyPatch
) -> None:
    started(post, holder)

    def answered(held: HeldBackend, request: Request) -> HeldExchange:
        return HeldExchange.objects.create(
            held=held,
            method=request.method,
            path=request.path,
            request_headers=dict(request.headers),
            received_status=500,
            received_headers={"Content-Type": "text/html"},
            received_body="<script>alert(1)</script>",
            seconds=0.01,
            log='  File "/app/app.py", line 7, in register\nKeyError',
            answered_at=timezone.now(),
        )

    monkeypatch.setattr(composing, "send_request", answered)
    answer = post("backend/requests", {"method": "GET", "path": "/api/tags", "headers": {"X": "1"}})
    shown = answer.json()["exchange"]
    assert shown["status"] == 500
    assert shown["response"].startswith("500 Internal Server Error\nContent-Type: text/html\n\n<script>")
    assert shown["curl"].startswith("curl -i")
    assert (shown["log"][0]["path"], shown["log"][0]["line"]) == ("app.py", 7)


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"method": "GET", "path": "//elsewhere"}, 409),  # a path of ours, however odd; it is only not running yet
        ({"method": "GET", "path": "http://elsewhere/"}, 400),
        ({"method": "TRACE", "path": "/"}, 400),
        ({"method": "GET", "path": "/", "headers": {"Content-Length": "9"}}, 400),
        ({"method": "GET", "path": "/", "headers": ["X"]}, 400),
        ({"path": "/"}, 400),
    ],
)
def test_what_cannot_be_sent_is_refused_with_a_sentence(
    session: RepairSession, holder: Holder, post: Post, body: dict[str, Any], status: int
) -> None:
    started(post, holder)
    answer = post("backend/requests", body)
    assert answer.status_code == status
    assert answer.json()["sentence"]


def test_the_button_and_a_beacon_of_the_page_end_it(session: RepairSession, holder: Holder, post: Post) -> None:
    started(post, holder)
    assert post("backend/end", {}).json()["state"] == "ended"
    assert post("backend/beat", {}).json()["ended_because"] == "It was ended from the page."


def test_a_beacon_without_the_token_of_the_page_ends_nothing(
    session: RepairSession, holder: Holder, ada: Person
) -> None:
    browser = signed_in(ada, enforce_csrf_checks=True)
    assert browser.post(f"/sessions/{session.pk}/backend/end", "{}", content_type="application/json").status_code == 404
    held = HeldBackend.objects.create(
        person=ada, snapshot=session.generated, task_id=session.assignment.backend.task_id, ends_at=timezone.now()
    )
    SessionBackend.objects.create(session=session, held=held, through=0)
    assert browser.post(f"/sessions/{session.pk}/backend/end", "{}", content_type="application/json").status_code == 403
    held.refresh_from_db()
    assert held.state == HeldState.ASKED


def test_closing_the_session_ends_it(session: RepairSession, holder: Holder, post: Post) -> None:
    started(post, holder)
    body = {"client": holder.client, "token": holder.token, "through": 0, "digest": "", "reason": "gave_up"}
    assert post("close", body).status_code == 200
    assert HeldBackend.objects.get().ended_because == "The session was closed."


def test_nobody_else_may_use_it_and_a_page_that_lost_the_session_neither(
    session: RepairSession, holder: Holder, post: Post, rita: Person, eve: Person
) -> None:
    stale = {"client": holder.client, "token": holder.token - 1, "through": 0, "digest": ""}
    assert post("backend", stale).json()["error"] == "fenced"
    started(post, holder)
    for person in (rita, eve):
        browser = signed_in(person)
        for verb, body in (("backend", stale), ("backend/beat", {}), ("backend/end", {}), ("backend/requests", {})):
            answer = browser.post(f"/sessions/{session.pk}/{verb}", json.dumps(body), content_type="application/json")
            assert answer.status_code == 404, verb
    assert Client().post(f"/sessions/{session.pk}/backend/beat").status_code == 401
