"""A sandbox and a database that wait for a backend before its code arrives, as in a worker after a run of its kind."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

from evaluator.batch import Backend
from evaluator.environments import prepare_environment
from evaluator.files import read_tree
from evaluator.observation import specification
from evaluator.runtimes import runtime_of
from evaluator.sandbox import LaunchSpec, Sandbox, choose_sandbox
from evaluator.services.postgres import databases_ready, fresh_database, keep_databases_ready
from evaluator.warm import WarmSandboxes

WAIT_SECONDS = 20.0


@contextmanager
def prewarmed(backend: Backend) -> Iterator[WarmSandboxes]:
    """A pool in which a sandbox for this backend waits, beside a database; raises TimeoutError where none comes."""
    databases = 1 if backend.task.value_of("database") == "postgres" else 0
    if databases:
        keep_databases_ready(databases)
    with WarmSandboxes(quiet_seconds=0.0) as pool, ExitStack() as stack:
        spec = specification_of(backend, stack, choose_sandbox())
        stack.close()
        pool.prepare(spec)
        deadline = time.monotonic() + WAIT_SECONDS
        while not (pool.waiting_for(spec) and databases_ready() >= databases):
            if time.monotonic() > deadline:
                raise TimeoutError(f"No sandbox was ready for {backend.name} within {WAIT_SECONDS:g} s.")
            time.sleep(0.02)
        yield pool


def specification_of(backend: Backend, stack: ExitStack, sandbox: Sandbox) -> LaunchSpec:
    """How an evaluation launches this backend, with a database of its own where it wants one."""
    files, task = read_tree(backend.folder), backend.task
    environment = prepare_environment(files, task, sandbox=sandbox)
    database = stack.enter_context(fresh_database()) if task.value_of("database") == "postgres" else None
    return specification(files, task, runtime_of(task, sandbox.image), environment, database)
