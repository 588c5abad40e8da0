"""Sandboxes started ahead of time, each for one run: with the frameworks imported before the code arrives."""

from __future__ import annotations

import os
from functools import cache

from evaluator.sandbox import Sandbox, choose_sandbox
from evaluator.sandbox.bubblewrap import BubblewrapSandbox
from evaluator.warm.pool import WarmSandboxes, prewarming_wanted

BESIDE_SECONDS = 2.0  # after a launch: its own start first

__all__ = ["WarmSandboxes", "warm_sandbox"]


def warm_sandbox(name: str | None = None, *, beside_running: bool = False) -> Sandbox:
    """The sandbox of `choose_sandbox` for a process that evaluates again and again, as a worker of the site does.

    bubblewrap comes with one pool per process, and with a database kept ready; `AMEND_PREWARM=0` leaves both out.
    With `beside_running`, sandboxes are started ahead also while others of this process run, for backends that are
    kept running and measured by nobody. Raises as `choose_sandbox` does.
    """
    chosen = choose_sandbox(name)
    if isinstance(chosen, BubblewrapSandbox) and prewarming_wanted():
        return _pool(os.getpid(), beside_running)
    return chosen


@cache
def _pool(_process: int, beside_running: bool) -> Sandbox:
    """Of a process and not of its parent, whose threads a fork does not take along."""
    from evaluator.services.postgres import keep_databases_ready, was_used

    if was_used():
        keep_databases_ready(1)
    if beside_running:
        return WarmSandboxes(beside_running=True, quiet_seconds=BESIDE_SECONDS)
    return WarmSandboxes()
