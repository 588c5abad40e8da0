"""Starts a backend in the sandbox for a suite that is not ours, as the evaluation does for our own."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass

from evaluator.contract.client import Transport
from evaluator.environments import prepare_environment
from evaluator.health import wait_until_healthy
from evaluator.runtimes import runtime_of
from evaluator.runtimes.base import RUN_SCRIPT
from evaluator.sandbox import LaunchSpec, choose_sandbox
from evaluator.services.postgres import fresh_database
from evaluator.tasks import Task


@dataclass(frozen=True)
class Started:
    """How the backend is reached, or `why_not`: the sentence that says why it never answered its health check."""

    transport: Transport | None
    why_not: str = ""


@contextmanager
def serving(files: Mapping[str, bytes], task: Task, sandbox: str | None = None) -> Iterator[Started]:
    """The backend, started and healthy for the time of the block, or why it is not; nothing of it is left afterwards.

    Raises MachineryFailed where our side failed.
    """
    chosen = choose_sandbox(sandbox)
    environment = prepare_environment(files, task, sandbox=chosen)
    if environment.failed:
        yield Started(None, environment.failed)
        return
    runtime = runtime_of(task)
    with ExitStack() as stack:
        wants_postgres = task.value_of("database") == "postgres"
        spec = LaunchSpec(
            argv=RUN_SCRIPT,
            files=files,
            environment=runtime.start_environment(),
            mounts=(*runtime.tools(), *runtime.mounts(environment.path)),
            port=task.runtime.port,
            postgres=stack.enter_context(fresh_database()) if wants_postgres else None,
        )
        running = stack.enter_context(chosen.launch(spec))
        why_not = wait_until_healthy(running, task)
        yield Started(None if why_not else running.transport, why_not)
