"""The demo study: what its folder `demo/` describes, with a person for each role."""

from __future__ import annotations

import tomllib
from pathlib import Path

from django.db import transaction

from accounts.models import Person
from studies.assignments import assign_backends
from studies.imports import import_folder
from studies.models import Membership, Study

DEMO = Path(__file__).parent / "demo"


@transaction.atomic
def prepare_demo_study(*, annotators: list[Person], others: list[Person]) -> Study:
    """The demo study with its backends, members and assignments; what is there already is left as it is."""
    plan = tomllib.loads((DEMO / "study.toml").read_text())
    study, _ = Study.objects.get_or_create(
        slug=plan["slug"],
        defaults={key: plan[key] for key in ("name", "description", "protocol", "idle_limit_seconds")},
    )
    for person in [*annotators, *others]:
        Membership.objects.get_or_create(study=study, person=person)
    backends = []
    for group in plan["group"]:
        for task_id in group["backends"]:
            name = task_id + group.get("suffix", "")
            backend = study.backends.filter(name=name).first() or import_folder(
                study=study,
                folder=DEMO / "backends" / name,
                task_id=task_id,
                name=name,
                generator={"model": "language model, single pass", "condition": group["condition"]},
            )
            backends.append(backend)
    for annotator in annotators:
        assign_backends(backends=backends, annotator=annotator)
    return study
