"""What the worker does; each task is a call of one verb."""

from __future__ import annotations

from celery import shared_task

from runs.evaluation import sweep_runs, work_on_run


@shared_task  # type: ignore[untyped-decorator]  # celery has no types
def evaluate_run(run_id: int) -> None:
    work_on_run(run_id)


@shared_task  # type: ignore[untyped-decorator]  # celery has no types
def sweep() -> None:
    for run_id in sweep_runs():
        evaluate_run.delay(run_id)
