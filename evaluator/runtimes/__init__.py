"""One file per runtime: how its backends are installed and started. May not import contract or verifiers."""

from __future__ import annotations

from collections.abc import Callable

from evaluator.runtimes.base import BackendRuntime
from evaluator.runtimes.node import NodeRuntime
from evaluator.runtimes.python import PythonRuntime
from evaluator.sandbox.base import Image
from evaluator.tasks import Task

RUNTIMES: dict[str, Callable[[Image | None], BackendRuntime]] = {"uv": PythonRuntime, "node": NodeRuntime}


def runtime_of(task: Task, image: Image | None = None) -> BackendRuntime:
    """What installs and starts the backends of this task: with the image of the sandbox, where it has one."""
    return RUNTIMES[task.runtime.name](image)


__all__ = ["RUNTIMES", "BackendRuntime", "runtime_of"]
