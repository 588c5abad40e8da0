"""The running demo as those who take pictures need it: an address, and people whose sessions are nobody else's.

The demo's own processes do the work; this only adds an annotator with assignments, as a researcher would.
"""

from __future__ import annotations

import os
import secrets
from dataclasses import dataclass
from pathlib import Path
from typing import Any

PASSWORD = "picture-pass-1"


@dataclass(frozen=True)
class Session:
    """An open repair session and who may enter it."""

    pk: int
    person: str


def connect() -> None:
    """Set Django up on the demo's database (`AMEND_STATE`). Call it before anything else of this file."""
    from amend.engines import database_url

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "amend.settings")
    os.environ.setdefault("DATABASE_URL", database_url())
    # The browser's driver runs an event loop in this thread; Django would refuse to ask its database beside it.
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"
    import django

    django.setup()


def newcomer(*backends: str, first: str = "Sam") -> list[Session]:
    """A fresh annotator of the demo study with these backends, each in an open session."""
    from django.db import transaction

    from accounts.models import Person, Role
    from annotations.sessions import open_session
    from studies.assignments import assign_backends
    from studies.models import Membership, Study

    study = Study.objects.get(slug="conduit-pilot")
    name = f"{first.lower()}-{secrets.token_hex(2)}"
    with transaction.atomic():
        person = Person.objects.create_user(name, password=PASSWORD, pseudonym=name, role=Role.ANNOTATOR)
        Membership.objects.create(study=study, person=person)
        order = {backend: position for position, backend in enumerate(backends)}
        chosen = sorted(study.backends.filter(name__in=backends), key=lambda backend: order[backend.name])
        assert len(chosen) == len(backends), f"The demo has not all of {backends}."
        assignments = assign_backends(backends=chosen, annotator=person)
    return [Session(open_session(assignment=one).pk, name) for one in assignments]


def demo_password(name: str) -> str:
    """The password of one of the demo's own people, from the file that `make demo` prints."""
    from amend.engines import state_directory

    lines = (Path(state_directory()) / "demo-sign-ins.txt").read_text().splitlines()
    return next(line.split()[-1] for line in lines if line.split()[-2] == name)


def lose_the_worker(session: Session) -> None:
    """Void the session's last run as the site itself does it when the worker of a run was lost too often."""
    from django.utils import timezone

    from annotations.models import RepairSession
    from annotations.sessions import latest_run
    from runs.evaluation import MOST_ATTEMPTS, claim_run
    from runs.models import Run, RunState

    run = latest_run(RepairSession.objects.get(pk=session.pk))
    assert run is not None
    run.results.all().delete()
    run.findings.all().delete()
    nothing: dict[str, Any] = dict.fromkeys(("checks", "passed", "failed", "not_reached", "functional", "conforming"))
    Run.objects.filter(pk=run.pk).update(
        state=RunState.RUNNING,
        attempts=MOST_ATTEMPTS,
        lease_expires_at=timezone.now(),
        first_verdict_at=None,
        causes=[],
        tools=[],
        measures={},
        **nothing,
    )
    assert claim_run(run.pk) is None
