"""A sandbox that waits for a backend before its code arrives, as after any run of its kind."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

from evaluator.batch import Backend
from evaluator.environments import prepare_environment
from evaluator.files import read_tree
from evaluator.observation import _specification
from evaluator.runtimes import runtime_of
from evaluator.sandbox import LaunchSpec, Sandbox, choose_sandbox
from evaluator.services.postgres import fresh_database
from evaluator.warm import WarmSandboxes

WAIT_SECONDS = 20.0


@contextmanager
def prewarmed(backend: Backend) -> Iterator[WarmSandboxes]:
    """A pool in which a sandbox for this backend waits; raises TimeoutError where none comes."""
    with WarmSandboxes(quiet_seconds=0.0) as pool, ExitStack() as stack:
        spec = specification(backend, stack, choose_sandbox())
        pool.prepare(spec)
        deadline = time.monotonic() + WAIT_SECONDS
        while not pool.waiting_for(spec):
            if time.monotonic() > deadline:
                raise TimeoutError(f"No sandbox was ready for {backend.name} within {WAIT_SECONDS:g} s.")
            time.sleep(0.02)
        stack.close()
        yield pool


def specification(backend: Backend, stack: ExitStack, sandbox: Sandbox) -> LaunchSpec:
    """How an evaluation launches this backend, with a database of its own where it wants one."""
    files, task = read_tree(backend.folder), backend.task
    environment = prepare_environment(files, task, sandbox=sandbox)
    database = stack.enter_context(fresh_database()) if task.value_of("database") == "postgres" else None
    return _specification(files, task, runtime_of(task, sandbox.image), environment, database)
