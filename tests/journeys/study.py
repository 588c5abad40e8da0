"""The study of the journeys: real generated backends of the demo, one annotator, one researcher."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from accounts.models import Person
    from annotations.models import RepairSession

LONGEST_BASELINE_SECONDS = 120
LOOK_SECONDS = 0.1


def make() -> None:
    """Make people, study, assignments and the baseline of each backend in the database of the environment."""
    from django.core.management import call_command

    from accounts.models import Person, Role
    from runs.evaluation import request_run, work_on_run
    from runs.models import RunPurpose
    from studies.assignments import assign_backends
    from studies.demo_study import DEMO
    from studies.imports import import_folder
    from studies.models import Membership, Study

    call_command("migrate", verbosity=0)
    people = {
        role: Person.objects.create_user(
            role.value, password="journey-pass-1", pseudonym=role.value[0].upper() + "1", role=role
        )
        for role in (Role.ANNOTATOR, Role.RESEARCHER, Role.TEAM_LEAD)
    }
    study = Study.objects.create(name="Journey", slug="journey", protocol="Make every check pass.")
    for person in people.values():
        Membership.objects.create(study=study, person=person)
    backends = [
        import_folder(study=study, folder=DEMO / "backends" / name)
        for name in ("uv-django-openapi-clean_architecture", "uv-flask-openapi-unconstrained")
    ]
    assign_backends(backends=backends, annotator=people[Role.ANNOTATOR])
    for backend in backends:
        run = request_run(
            snapshot=backend.snapshot, task_id=backend.task_id, purpose=RunPurpose.BASELINE, announce=False
        )
        work_on_run(run.pk)


def newcomer(name: str) -> Person:
    """A further annotator of the study, for a journey whose assignments are no concern of the others."""
    from accounts.models import Person, Role
    from studies.models import Membership, Study

    person = Person.objects.create_user(name, password="journey-pass-1", pseudonym=name, role=Role.ANNOTATOR)
    Membership.objects.create(study=Study.objects.get(slug="journey"), person=person)
    return person


def gold_session(*, fault: str, annotator: Person) -> RepairSession:
    """A session of the annotator on a backend with this seeded fault, opened when its baseline is there.

    The worker of the site runs the baseline. Raises AssertionError with the reason where it came to no verdict.
    """
    from accounts.models import Person
    from annotations.known_answers import add_seeded
    from annotations.sessions import open_session
    from evaluator.faults import fault_named
    from runs.models import ENDED, Run, RunState
    from studies.models import Assignment, SeededUse, Study

    (backend,) = add_seeded(
        study=Study.objects.get(slug="journey"),
        faults=[fault_named(fault)],
        use=SeededUse.GOLD,
        annotators=[annotator],
        added_by=Person.objects.get(username="researcher"),
    )
    deadline = time.monotonic() + LONGEST_BASELINE_SECONDS
    while (run := Run.objects.get(snapshot=backend.snapshot)).state not in ENDED:
        assert time.monotonic() < deadline, f"its baseline is {run.state} after {LONGEST_BASELINE_SECONDS} s"
        time.sleep(LOOK_SECONDS)
    assert run.state == RunState.FINISHED, run.void_reason
    return open_session(assignment=Assignment.objects.get(backend=backend))
