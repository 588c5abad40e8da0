"""The contract: what a backend must show over HTTP, judged from outside. May not import the sandbox or the runtimes.

Nothing that a backend prints is read as a verdict; every claim is about an answer that our own client received.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection

from evaluator.contract.checks import Contract
from evaluator.contract.client import Transport
from evaluator.contract.declared import Declared, never_started
from evaluator.contract.packs import Pack, collection_of, contract_of, document_of, known_packs, pack_named
from evaluator.contract.suite import Judged, Watch, judge_all, not_started_results
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
) -> Judged:
    """Judge every check of a contract against a running server, those of the ids in `first` in front.

    `base_url` is the prefix of all routes (`/api`, or a full address whose path is taken); `transport` is how the
    server is reached, `watch` who is told. Where the watch can restart the server, the checks after a restart belong
    to the contract. Ends within 90 seconds, and 60 more for the restart. Raises BadInput for an unknown contract;
    anything else that is raised is a bug of ours.

    A collection and a document keep the order of their runner: `first`, the restart and the measures are ours alone.
    """
    pack = pack_named(task_contract)
    if pack.kind == "checks":
        return asyncio.run(judge_all(contract_of(pack), base_url, transport, watch, first=first))
    judged = Judged(_judged_by_others(pack, base_url, transport, watch))
    if watch.on_first_verdict is not None:
        watch.on_first_verdict(judged)
    return judged


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
    pack = pack_named(task_contract)
    if pack.kind == "checks":
        return not_started_results(contract_of(pack), reason, restarts=restarts)
    return never_started(catalogue(task_contract), reason)


def catalogue(contract: str = BENCHMARK_CONTRACT, *, restarts: bool = False) -> tuple[Declared, ...]:
    """Every check of a contract, in order, whatever any backend does; with those after a restart where asked for."""
    pack = pack_named(contract)
    match pack.kind:
        case "checks":
            return contract_of(pack).catalogue(restarts=restarts)
        case "collection":
            from evaluator.contract.postman import collection_checks

            return collection_checks(collection_of(pack.folder).collection, pack.health_operation)
        case "document":
            from evaluator.contract.from_openapi import document_checks

            brought = document_of(pack.folder)
            return document_checks(brought.document, brought.account, pack.health_operation)


def contract_named(name: str) -> Contract:
    """The checks of our own in the pack with this name; raises BadInput where there is none, or it brings none."""
    pack = pack_named(name)
    if pack.kind != "checks":
        raise BadInput(f"The contract “{name}” brings no checks of ours, but a {pack.kind}.")
    return contract_of(pack)


def _judged_by_others(pack: Pack, base_url: str, transport: Transport, watch: Watch) -> tuple[CheckResult, ...]:
    if pack.kind == "collection":
        from evaluator.contract.postman import judge_collection

        brought = collection_of(pack.folder)
        return judge_collection(
            brought.collection,
            base_url,
            transport,
            base_variable=brought.base_variable,
            variables=brought.variables,
            watch=watch,
            health=pack.health_operation,
        )
    from evaluator.contract.from_openapi import EXAMPLES, judge_document

    described = document_of(pack.folder)
    return judge_document(
        described.document,
        base_url,
        transport,
        account=described.account,
        watch=watch,
        health=pack.health_operation,
        examples=described.examples or EXAMPLES,
    )
