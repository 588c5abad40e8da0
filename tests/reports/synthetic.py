"""Sessions with known numbers: synthetic event logs and small verdicts, taken through the real verbs."""

from __future__ import annotations

import datetime
import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from accounts.models import Person, Role
from annotations import log_json
from annotations.event_log import Holder, append_events
from annotations.events import read_batch
from annotations.models import ClosingReason, RepairSession
from annotations.replay import Workspace
from annotations.sessions import close_session, open_session, request_checks, take_lease
from evaluator.verdict import CheckResult, Verdict, summarise
from runs.evaluation import claim_run, record_verdict, request_run
from runs.models import Run, RunPurpose
from studies.models import Assignment, Backend, Membership, Study
from studies.snapshots import store_snapshot

TASK_OF_LEVEL = {
    0: "uv-flask-openapi-unconstrained",
    1: "uv-flask-openapi-clean_architecture",
    2: "uv-flask-openapi-clean_architecture-sqlite",
    3: "uv-flask-openapi-clean_architecture-sqlite-sqlalchemy",
}
GENERATED = {"app.py": b"answer = 41\n", "run.sh": b"#!/bin/sh\npython app.py\n", "requirements.txt": b"flask\n"}
BEGIN = datetime.datetime(2026, 11, 2, 9, 0, tzinfo=datetime.UTC)
CHECKS = 10

_numbers = itertools.count(1)


def person(name: str, role: Role = Role.ANNOTATOR, *, pseudonym: str = "") -> Person:
    return Person.objects.create_user(name, email=f"{name}@example.org", role=role, pseudonym=pseudonym or f"P-{name}")


def member(study: Study, one: Person) -> Person:
    Membership.objects.create(study=study, person=one)
    return one


def backend_of(study: Study, level: int, *, name: str = "") -> Backend:
    number = next(_numbers)
    files = {**GENERATED, "number.txt": str(number).encode()}
    return Backend.objects.create(
        study=study, task_id=TASK_OF_LEVEL[level], name=name or f"backend-{number}", snapshot=store_snapshot(files)
    )


def verdict_of(task_id: str, passed: int, *, checks: int = CHECKS, void_reason: str = "") -> Verdict:
    """A verdict over `checks` checks of which the first `passed` passed."""
    results = tuple(
        CheckResult(
            id=f"check.{number}",
            title=f"Check {number} holds",
            operation="GET /api/tags",
            basis="openapi",
            outcome="passed" if number < passed else "failed",
        )
        for number in range(0 if void_reason else checks)
    )
    summary = summarise(results, {}, void_reason=void_reason)
    return Verdict(task_id, 0, (), results, (), {}, summary)


def judge(run: Run, passed: int, *, void_reason: str = "") -> Run:
    """Claim the run and record a verdict, as a worker does."""
    claimed = claim_run(run.pk)
    assert claimed is not None
    assert record_verdict(claimed, verdict_of(run.task_id, passed, void_reason=void_reason))
    run.refresh_from_db()
    return run


def baseline(backend: Backend, passed: int, *, void_reason: str = "") -> Run:
    run = request_run(snapshot=backend.snapshot, task_id=backend.task_id, purpose=RunPurpose.BASELINE)
    return judge(run, passed, void_reason=void_reason)


@dataclass
class Page:
    """A workspace page that writes one session's log: it keeps the clock, the numbers and the text of `app.py`."""

    session: RepairSession
    clock: datetime.datetime
    sequence: int = 0
    text: str = GENERATED["app.py"].decode()
    client: str = "browser"

    @property
    def holder(self) -> Holder:
        return Holder(self.client, self.session.token)

    def say(self, kind: str, *, after: float = 0, **keys: Any) -> None:
        """Log one event `after` seconds after the one before."""
        self.clock += datetime.timedelta(seconds=after)
        self.sequence += 1
        at = round(self.clock.timestamp() * 1000)
        event = {
            "seq": self.sequence,
            "at": at,
            "mono": at - round(BEGIN.timestamp() * 1000),
            "page": "page-1",
            "kind": kind,
        }
        body = {
            "client": self.client,
            "token": self.session.token,
            "first": self.sequence,
            "sent_at": at,
            "events": [event | keys],
        }
        append_events(session_id=self.session.pk, batch=read_batch(log_json.encode(body)), now=self.clock)

    def type(self, text: str, *, after: float) -> None:
        """Insert text at the end of app.py."""
        self.say(
            "edit", after=after, path="app.py", changes=[len(self.text), [0, *text.split("\n")]], user="input.type"
        )
        self.text += text

    def replace(self, text: str, *, after: float) -> None:
        """Replace the whole of app.py."""
        self.say("edit", after=after, path="app.py", changes=[[len(self.text), *text.split("\n")]], user="input.paste")
        self.text = text

    def digest(self) -> str:
        return Workspace({**self.session.generated.files(), "app.py": self.text.encode()}).digest()

    def ask_for_checks(self, passed: int, *, after: float, void_reason: str = "", digest: str = "") -> Run:
        request = request_checks(
            session_id=self.session.pk, holder=self.holder, through=self.sequence, digest=digest or self.digest()
        )
        self.say("checks.requested", after=after, run=request.run_id)
        return judge(request.run, passed, void_reason=void_reason)

    def close(self, reason: ClosingReason = ClosingReason.SUBMITTED) -> Run:
        return close_session(
            session_id=self.session.pk,
            holder=self.holder,
            through=self.sequence,
            digest=self.digest(),
            reason=reason,
            now=self.clock,
        ).run


def open_page(backend: Backend, annotator: Person) -> Page:
    """A page that has opened the backend's session, the last of the annotator's so far; its first event is logged."""
    position = annotator.assignments.count() + 1
    assignment = Assignment.objects.create(backend=backend, annotator=annotator, position=position)
    session = open_session(assignment=assignment, now=BEGIN)
    held = take_lease(session_id=session.pk, client="browser", now=BEGIN)
    assert isinstance(held, RepairSession)
    page = Page(held, BEGIN)
    page.say("opened", client="browser")
    return page


def repaired(
    study: Study, annotator: Person, *, level: int, gaps: Sequence[float], before: int = 4, after: int = CHECKS
) -> RepairSession:
    """A closed session with one edit after each gap (seconds), judged before and after."""
    backend = backend_of(study, level)
    baseline(backend, before)
    page = open_page(backend, annotator)
    for gap in gaps:
        page.type("#", after=gap)
    judge(page.close(), after)
    return RepairSession.objects.get(pk=page.session.pk)
