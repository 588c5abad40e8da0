"""Verdicts on backends that were never started: refused files, and runs that our side lost."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from evaluator.contract import not_started
from evaluator.observation import keeps_data
from evaluator.tasks import Task
from evaluator.verdict import Conformance, Verdict, summarise


def refused_verdict(task: Task, reason: str, environment: dict[str, Any]) -> Verdict:
    """No run.sh, a link out of the folder …: the backend cannot be started, so every check of it counts as not passed.

    Whether it keeps its constraints was not looked at, so that is uncertain.
    """
    conformance: dict[str, Conformance] = {constraint.value: "uncertain" for constraint in task.constraints}
    checks = not_started(reason, task_contract=task.contract, restarts=keeps_data(task))
    return Verdict(
        task=task.id,
        level=task.level,
        constraints=tuple(constraint.value for constraint in task.constraints),
        checks=checks,
        findings=(),
        conformance=conformance,
        summary=summarise(checks, conformance),
        environment=environment,
        started=False,
        start_error=reason,
    )


def lost_verdict(task: Task, reason: str, environment: dict[str, Any]) -> Verdict:
    """Our side failed in a way that left no verdict: void."""
    refused = refused_verdict(task, reason, environment)
    checks = tuple(
        replace(check, outcome="not_reached", blocked_by="", expected="", received="") for check in refused.checks
    )
    return replace(
        refused, checks=checks, start_error="", summary=summarise(checks, refused.conformance, void_reason=reason)
    )
