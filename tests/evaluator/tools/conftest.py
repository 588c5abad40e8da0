"""A sandbox for tools, and a place of their own for what they said."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from evaluator.environments import prepare_environment
from evaluator.sandbox import Sandbox
from evaluator.tasks import Task, task_by_id
from evaluator.tools import inspect, tools_named
from evaluator.tools.kept import KeptFindings
from evaluator.verdict import ToolReport
from tests.evaluator.conftest import sandbox_or_skip

FLASK = task_by_id("uv-flask-openapi-postgres")
EXPRESS = task_by_id("node-express-openapi-unconstrained")
Ask = Callable[..., dict[str, ToolReport]]


@pytest.fixture(scope="session")
def sandbox() -> Sandbox:
    return sandbox_or_skip("bubblewrap")


@pytest.fixture
def ask(sandbox: Sandbox, tmp_path: Path) -> Ask:
    """The reports of tools on some files, by tool; with the backend's environment where it names dependencies."""

    def asked(files: Mapping[str, bytes], tools: str, task: Task = FLASK) -> dict[str, ToolReport]:
        environment = None
        if task.runtime.dependency_file in files:
            environment = prepare_environment(files, task, sandbox=sandbox)
        kept = KeptFindings(tmp_path / "kept")
        reports = inspect(files, task, sandbox=sandbox, environment=environment, tools=tools_named(tools), kept=kept)
        return {report.tool: report for report in reports}

    return asked
