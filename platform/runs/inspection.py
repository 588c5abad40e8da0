"""Ordinary tools on the files of a judged run: work of its own, after the verdict, so that no check waits for it."""

from __future__ import annotations

from dataclasses import asdict

from evaluator.environments import prepare_environment
from evaluator.errors import MachineryFailed
from evaluator.sandbox import choose_sandbox
from evaluator.tasks import task_by_id
from evaluator.tools import inspect
from evaluator.verdict import ToolReport
from runs import live
from runs.models import Run
from runs.texts import storable


def work_on_inspection(run_id: int) -> None:
    """Run the tools on a finished run's files and store what they said. Where our side fails, nothing is stored."""
    run = Run.objects.finished().filter(pk=run_id, tools=[]).select_related("snapshot").first()
    if run is None or run.partial:
        return
    try:
        record_inspection(run, _inspected(run))
    except MachineryFailed:  # no sandbox or no index here, which the run itself has told
        return


def _inspected(run: Run) -> tuple[ToolReport, ...]:
    files, task = run.snapshot.files(), task_by_id(run.task_id)
    sandbox = choose_sandbox()
    environment = prepare_environment(files, task, sandbox=sandbox)
    return inspect(files, task, sandbox=sandbox, environment=environment)


def record_inspection(run: Run, reports: tuple[ToolReport, ...]) -> None:
    """Store what tools said, and tell the pages that show the run."""
    run.tools = [storable(asdict(report)) for report in reports]
    run.save(update_fields=["tools"])
    live.publish(run)
