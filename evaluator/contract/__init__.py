"""The contract: what a backend must show over HTTP, judged from outside. May not import the sandbox or the runtimes.

Nothing that a backend prints is read as a verdict; every claim is about an answer that our own client received.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from evaluator.contract.checks import Check, Contract
from evaluator.contract.client import Transport
from evaluator.contract.suite import Watch, judge_all, not_started_results
from evaluator.errors import BadInput
from evaluator.verdict import CheckResult

__all__ = ["Transport", "catalogue", "not_started", "run_contract"]


def run_contract(
    base_url: str,
    *,
    transport: Transport,
    task_contract: str = "conduit",
    on_result: Callable[[CheckResult], None] | None = None,
    log_since: Callable[[float], str] | None = None,
    alive: Callable[[], bool] | None = None,
) -> tuple[CheckResult, ...]:
    """The result of every check of a contract against a running server, in the order of the catalogue.

    `base_url` is the prefix of all routes (`/api`, or a full address whose path is taken); `transport` is how the
    server is reached. `on_result` is called with each result as it is known; `log_since(moment)` gives what the
    server printed since a `time.time()`; `alive()` says whether its process still runs. Ends within 90 seconds.
    Raises BadInput for an unknown contract; anything else that is raised is a bug of ours.
    """
    watch = Watch(on_result, log_since, alive)
    return asyncio.run(judge_all(contract_named(task_contract), base_url, transport, watch))


def not_started(reason: str, *, task_contract: str = "conduit") -> tuple[CheckResult, ...]:
    """The results for a backend that did not start: `server.starts` failed with `reason`, all others not reached."""
    return not_started_results(contract_named(task_contract), reason)


def catalogue(contract: str = "conduit") -> tuple[Check, ...]:
    """Every check of a contract, in order, whatever any backend does."""
    return contract_named(contract).checks


def contract_named(name: str) -> Contract:
    """The contract with this name; raises BadInput where there is none."""
    from evaluator.contract.conduit import CONDUIT

    if name != CONDUIT.name:
        raise BadInput(f"There is no contract “{name}”; known: {CONDUIT.name}.")
    return CONDUIT
