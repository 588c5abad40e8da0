"""Make the demo study ready: database, people, backends, and the first evaluation of each."""

from __future__ import annotations

import secrets
from concurrent.futures import ThreadPoolExecutor, as_completed
from typing import Any

from django.core.management import call_command
from django.core.management.base import BaseCommand
from django.db import connection
from tqdm import tqdm

from accounts.models import Person, Role
from amend.engines import state_directory
from runs.evaluation import request_run, work_on_run
from runs.models import Run, RunPurpose
from studies.demo_study import prepare_demo_study
from studies.models import Backend, Study

PEOPLE = (("annotator", "P01", Role.ANNOTATOR), ("researcher", "R01", Role.RESEARCHER), ("lead", "T01", Role.TEAM_LEAD))


class Command(BaseCommand):
    help = "Prepare the demo study; done again it does only what is missing."

    def handle(self, **options: Any) -> None:
        call_command("migrate", verbosity=0)
        annotator, researcher, lead = make_people()
        study = prepare_demo_study(annotators=[annotator], others=[researcher, lead])
        evaluate_as_generated(study)


def make_people() -> list[Person]:
    """The three demo people. Their passwords are made once and written to the state directory, for the owner's eyes."""
    file = state_directory() / "demo-sign-ins.txt"
    lines, people = [], []
    for name, pseudonym, role in PEOPLE:
        person = Person.objects.filter(username=name).first()
        if person is None:
            password = secrets.token_urlsafe(9)
            person = Person.objects.create_user(username=name, password=password, pseudonym=pseudonym, role=role)
            lines.append(f"  {role.label:<12} {name:<12} {password}\n")
        people.append(person)
    if lines:
        file.touch(mode=0o600)
        file.write_text("".join(lines))
    return people


def evaluate_as_generated(study: Study) -> None:
    """Evaluate every backend of the study that has no verdict yet, two at a time, with a progress bar."""
    waiting = [backend for backend in study.backends.select_related("snapshot") if not _has_verdict(backend)]
    if not waiting:
        return
    bar = tqdm(total=len(waiting), desc="First evaluation", unit="backend", dynamic_ncols=True)
    with bar, ThreadPoolExecutor(max_workers=2) as pool:
        for future in as_completed([pool.submit(_evaluate, backend) for backend in waiting]):
            run = future.result()
            result = f"{run.passed} of {run.checks} checks" if run.checks else f"void: {run.void_reason}"
            bar.write(f"  {run.task_id:<60} {result}")
            bar.update()


def _has_verdict(backend: Backend) -> bool:
    return Run.objects.finished().filter(snapshot=backend.snapshot, task_id=backend.task_id).exists()


def _evaluate(backend: Backend) -> Run:
    try:
        run = request_run(
            snapshot=backend.snapshot, task_id=backend.task_id, purpose=RunPurpose.BASELINE, announce=False
        )
        work_on_run(run.pk)
        run.refresh_from_db()
        return run
    finally:
        connection.close()
