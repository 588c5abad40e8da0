"""What the workers do; each task is a call of one verb."""

from __future__ import annotations

from celery import shared_task

from runs.evaluation import sweep_runs, work_on_run
from runs.holding import sweep_held, work_on_held
from runs.inspection import work_on_inspection


@shared_task  # type: ignore[untyped-decorator]  # celery has no types
def evaluate_run(run_id: int) -> None:
    work_on_run(run_id)
    inspect_run.delay(run_id)


@shared_task  # type: ignore[untyped-decorator]  # celery has no types
def inspect_run(run_id: int) -> None:
    """In a worker of its own, so that no run waits for it."""
    work_on_inspection(run_id)


@shared_task  # type: ignore[untyped-decorator]  # celery has no types
def hold_backend(held_id: int) -> None:
    """On a queue of its own (CELERY_TASK_ROUTES): it goes on for minutes, and no run may wait for it."""
    work_on_held(held_id)


@shared_task  # type: ignore[untyped-decorator]  # celery has no types
def sweep() -> None:
    sweep_held()
    for run_id in sweep_runs():
        evaluate_run.delay(run_id)
