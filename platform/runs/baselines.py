"""The verdict over a backend as it was generated."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from django.db import transaction

from accounts.models import Person
from evaluator.faults import Fault
from runs.evaluation import request_run
from runs.models import Run, RunPurpose, RunState
from studies.imports import import_backend
from studies.models import Backend, SeededUse, Study
from studies.seeding import seed_backend


@transaction.atomic
def import_and_evaluate(
    *,
    study: Study,
    files: Mapping[str, bytes],
    task_id: str,
    name: str = "",
    generator: Mapping[str, Any] | None = None,
    imported_by: Person | None = None,
) -> tuple[Backend, Run]:
    """Import a backend and queue its first evaluation. Raises BadInput as import_backend does."""
    backend = import_backend(
        study=study, files=files, task_id=task_id, name=name, generator=generator, imported_by=imported_by
    )
    return backend, request_baseline(backend=backend)


@transaction.atomic
def seed_and_evaluate(
    *, study: Study, fault: Fault, use: SeededUse, seeded_by: Person | None = None
) -> tuple[Backend, Run]:
    """Add a backend with a seeded fault and queue its first evaluation. Raises BadInput as seed_backend does."""
    backend = seed_backend(study=study, fault=fault, use=use, seeded_by=seeded_by)
    return backend, request_baseline(backend=backend)


def request_baseline(*, backend: Backend) -> Run:
    """Queue an evaluation of a backend as it was generated."""
    return request_run(snapshot=backend.snapshot, task_id=backend.task_id, purpose=RunPurpose.BASELINE)


def baseline_of(backend: Backend) -> Run | None:
    """The last finished baseline run, else the last that was tried, else None."""
    return baselines_of([backend]).get(backend.pk)


def baselines_of(backends: Iterable[Backend]) -> dict[int, Run]:
    """`baseline_of` for many backends by their ids, in one query."""
    backends = list(backends)
    runs = (
        Run.objects.filter(purpose=RunPurpose.BASELINE, snapshot__in={backend.snapshot_id for backend in backends})
        .defer("log", "environment")
        .order_by("pk")
    )
    best: dict[tuple[int, str], Run] = {}
    for run in runs:
        key = (run.snapshot_id, run.task_id)
        if run.state == RunState.FINISHED or key not in best or best[key].state != RunState.FINISHED:
            best[key] = run
    chosen = {backend.pk: best.get((backend.snapshot_id, backend.task_id)) for backend in backends}
    return {pk: run for pk, run in chosen.items() if run is not None}
