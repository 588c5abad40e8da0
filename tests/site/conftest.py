"""A small study with two backends, assigned to Ada; runs are asked for and recorded without a worker."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.http import HttpResponse
from django.test import Client

import runs.tasks
from accounts.models import Person
from annotations.event_log import Holder
from annotations.models import RepairSession
from annotations.sessions import open_session, take_lease
from runs.evaluation import claim_run, record_verdict, request_run
from runs.models import Run, RunPurpose
from studies.assignments import assign_backends
from studies.imports import import_backend
from studies.models import Assignment, Backend, Study
from tests.personas import ada, eve, join, rita, signed_in, tom
from tests.runs.verdicts import TASK, verdict

__all__ = ["ada", "eve", "rita", "tom"]

FILES = {
    "run.sh": b"#!/bin/sh\nexec python app.py\n",
    "requirements.txt": b"flask\n",
    "app.py": b"import flask\n\n\ndef register():\n    data = {}\n    user = data\n    return user['email']\n",
    "logo.png": b"\x89PNG\0\0",
}
START = 1_760_000_000_000


@pytest.fixture(autouse=True)
def no_worker(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody works on what is asked for: the broker of the tests has no worker, and must not gather messages."""
    monkeypatch.setattr(runs.tasks.evaluate_run, "delay", lambda run_id: None)


@pytest.fixture
def study(ada: Person, rita: Person, tom: Person) -> Study:
    study = Study.objects.create(name="Pilot", slug="pilot", protocol="Make it pass.", time_limit_seconds=3600)
    join(study, ada, rita, tom)
    return study


@pytest.fixture
def backend(study: Study, ada: Person) -> Backend:
    """The first of Ada's two backends, with a finished baseline."""
    first = import_backend(study=study, files=FILES, task_id=TASK)
    second = import_backend(study=study, files=FILES, task_id=TASK, name="second")
    assign_backends(backends=[first, second], annotator=ada)
    finish(request_run(snapshot=first.snapshot, task_id=TASK, purpose=RunPurpose.BASELINE, announce=False))
    return first


@pytest.fixture
def assignment(backend: Backend) -> Assignment:
    return backend.assignments.get()


@pytest.fixture
def session(assignment: Assignment) -> RepairSession:
    return open_session(assignment=assignment, forecast_minutes=30)


@pytest.fixture
def holder(session: RepairSession) -> Holder:
    """A page that holds the session."""
    held = take_lease(session_id=session.pk, client="page-1")
    assert isinstance(held, RepairSession)
    return Holder("page-1", held.token)


@pytest.fixture
def browser(ada: Person) -> Iterator[Client]:
    """Ada's browser."""
    yield signed_in(ada)


@pytest.fixture
def post(browser: Client, session: RepairSession) -> Callable[..., HttpResponse]:
    """Post JSON to an address of the session."""

    def send(verb: str, content: Any) -> HttpResponse:
        return browser.post(f"/sessions/{session.pk}/{verb}", json.dumps(content), content_type="application/json")

    return send


def finish(run: Run, **how: Any) -> Run:
    """Record a verdict for a run, as a worker would."""
    held = claim_run(run.pk)
    assert held is not None
    assert record_verdict(held, verdict(**how))
    run.refresh_from_db()
    return run


def event(seq: int, kind: str, **more: Any) -> dict[str, Any]:
    return {"seq": seq, "at": START + 1000 * seq, "mono": 1000 * seq, "page": "page-1", "kind": kind, **more}


def batch(holder: Holder, *events: dict[str, Any], first: int = 1) -> dict[str, Any]:
    return {
        "client": holder.client,
        "token": holder.token,
        "first": first,
        "sent_at": START,
        "events": list(events),
    }


def insert(seq: int, text: str = "# fixed") -> dict[str, Any]:
    """Put a line at the start of the generated app.py."""
    return event(seq, "edit", path="app.py", changes=[[0, text, ""], len(FILES["app.py"])], user="input.type")
