"""One file per runtime: how its backends are installed and started. May not import contract or verifiers."""

from __future__ import annotations

from evaluator.runtimes.base import BackendRuntime
from evaluator.runtimes.node import NodeRuntime
from evaluator.runtimes.python import PythonRuntime
from evaluator.tasks import Task

RUNTIMES: dict[str, BackendRuntime] = {"uv": PythonRuntime(), "node": NodeRuntime()}


def runtime_of(task: Task) -> BackendRuntime:
    """What installs and starts the backends of this task."""
    return RUNTIMES[task.runtime.name]


__all__ = ["RUNTIMES", "BackendRuntime", "runtime_of"]
