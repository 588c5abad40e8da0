"""The contract: what a backend must show over HTTP, judged from outside. May not import the sandbox or the runtimes.

Nothing that a backend prints is read as a verdict; every claim is about an answer that our own client received.
"""

from __future__ import annotations

from collections.abc import Callable, Collection

from evaluator.contract.checks import Contract
from evaluator.contract.client import Transport
from evaluator.contract.declared import Declared
from evaluator.contract.judges import judge_of
from evaluator.contract.packs import Pack, contract_of, known_packs, pack_named
from evaluator.contract.suite import Judged, Watch
from evaluator.errors import BadInput
from evaluator.tasks import BENCHMARK_CONTRACT
from evaluator.verdict import CheckResult

__all__ = [
    "Judged",
    "Pack",
    "Transport",
    "Watch",
    "catalogue",
    "judge_contract",
    "judged_checks",
    "known_packs",
    "not_started",
    "pack_named",
    "run_contract",
]


def judge_contract(
    base_url: str,
    *,
    transport: Transport,
    watch: Watch,
    task_contract: str = BENCHMARK_CONTRACT,
    first: Collection[str] = (),
    only: Collection[str] = (),
) -> Judged:
    """Judge every check of a contract against a running server, those of the ids in `first` in front.

    With `only`, those checks and what they need are judged and all others are not reached.

    `base_url` is the prefix of all routes (`/api`, or a full address whose path is taken); `transport` is how the
    server is reached, `watch` who is told. Where the watch can restart the server, the checks after a restart belong
    to the contract. Ends within 90 seconds, and 60 more for the restart. Raises BadInput for an unknown contract;
    anything else that is raised is a bug of ours.

    A collection and a document keep the order of their runner: `first`, `only`, the restart and the measures are ours
    alone.
    """
    return judge_of(pack_named(task_contract)).judge(base_url, transport, watch, first, only)


def run_contract(
    base_url: str,
    *,
    transport: Transport,
    task_contract: str = BENCHMARK_CONTRACT,
    on_result: Callable[[CheckResult], None] | None = None,
    log_since: Callable[[float], str] | None = None,
    alive: Callable[[], bool] | None = None,
) -> tuple[CheckResult, ...]:
    """The result of every check that needs no restart, in the order of the catalogue; see `judge_contract`."""
    watch = Watch(on_result, log_since, alive)
    return judge_contract(base_url, transport=transport, watch=watch, task_contract=task_contract).checks


def not_started(
    reason: str, *, task_contract: str = BENCHMARK_CONTRACT, restarts: bool = False
) -> tuple[CheckResult, ...]:
    """The results for a backend that did not start: `server.starts` failed with `reason`, all others not reached."""
    return judge_of(pack_named(task_contract)).not_started(reason, restarts=restarts)


def catalogue(contract: str = BENCHMARK_CONTRACT, *, restarts: bool = False) -> tuple[Declared, ...]:
    """Every check of a contract, in order, whatever any backend does; with those after a restart where asked for."""
    return judge_of(pack_named(contract)).catalogue(restarts=restarts)


def judged_checks(contract: str, only: Collection[str], *, restarts: bool) -> tuple[Declared, ...]:
    """What a run judges: the whole catalogue, or with `only` those and what they need, where the checks are ours."""
    return judge_of(pack_named(contract)).judged(only, restarts=restarts)


def contract_named(name: str) -> Contract:
    """The checks of our own in the pack with this name; raises BadInput where there is none, or it brings none."""
    pack = pack_named(name)
    if pack.kind != "checks":
        raise BadInput(f"The contract “{name}” brings no checks of ours, but a {pack.kind}.")
    return contract_of(pack)
