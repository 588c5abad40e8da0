"""The contract: what a backend must show over HTTP, judged from outside. May not import the sandbox or the runtimes.

Nothing that a backend prints is read as a verdict; every claim is about an answer that our own client received.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection

from evaluator.contract.checks import Check, Contract
from evaluator.contract.client import Transport
from evaluator.contract.suite import Judged, Watch, judge_all, not_started_results
from evaluator.errors import BadInput
from evaluator.verdict import CheckResult

__all__ = ["Judged", "Transport", "Watch", "catalogue", "judge_contract", "not_started", "run_contract"]


def judge_contract(
    base_url: str,
    *,
    transport: Transport,
    watch: Watch,
    task_contract: str = "conduit",
    first: Collection[str] = (),
) -> Judged:
    """Judge every check of a contract against a running server, those of the ids in `first` in front.

    `base_url` is the prefix of all routes (`/api`, or a full address whose path is taken); `transport` is how the
    server is reached, `watch` who is told. Where the watch can restart the server, the checks after a restart belong
    to the contract. Ends within 90 seconds, and 60 more for the restart. Raises BadInput for an unknown contract;
    anything else that is raised is a bug of ours.
    """
    return asyncio.run(judge_all(contract_named(task_contract), base_url, transport, watch, first=first))


def run_contract(
    base_url: str,
    *,
    transport: Transport,
    task_contract: str = "conduit",
    on_result: Callable[[CheckResult], None] | None = None,
    log_since: Callable[[float], str] | None = None,
    alive: Callable[[], bool] | None = None,
) -> tuple[CheckResult, ...]:
    """The result of every check that needs no restart, in the order of the catalogue; see `judge_contract`."""
    watch = Watch(on_result, log_since, alive)
    return judge_contract(base_url, transport=transport, watch=watch, task_contract=task_contract).checks


def not_started(reason: str, *, task_contract: str = "conduit", restarts: bool = False) -> tuple[CheckResult, ...]:
    """The results for a backend that did not start: `server.starts` failed with `reason`, all others not reached."""
    return not_started_results(contract_named(task_contract), reason, restarts=restarts)


def catalogue(contract: str = "conduit", *, restarts: bool = False) -> tuple[Check, ...]:
    """Every check of a contract, in order, whatever any backend does; with those after a restart where asked for."""
    return contract_named(contract).catalogue(restarts=restarts)


def contract_named(name: str) -> Contract:
    """The contract with this name; raises BadInput where there is none."""
    from evaluator.contract.conduit import CONDUIT

    if name != CONDUIT.name:
        raise BadInput(f"There is no contract “{name}”; known: {CONDUIT.name}.")
    return CONDUIT
