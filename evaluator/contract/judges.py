"""Who judges a contract: our own engine, newman for a collection, schemathesis for a document. One decision, here.

The runners of others are imported only where a pack asks for them.
"""

from __future__ import annotations

import asyncio
from collections.abc import Collection
from dataclasses import dataclass
from typing import Protocol

from evaluator.contract.checks import Contract
from evaluator.contract.client import Transport
from evaluator.contract.declared import Declared, never_started
from evaluator.contract.packs import CollectionPack, DocumentPack, Pack, collection_of, contract_of, document_of
from evaluator.contract.suite import Judged, Watch, chosen_checks, judge_all, not_started_results
from evaluator.verdict import CheckResult


class Judge(Protocol):
    """What can be done with a contract of any kind. `restarts`: with the checks that come after a restart."""

    def catalogue(self, *, restarts: bool) -> tuple[Declared, ...]:
        """Every check, in order, whatever any backend does."""

    def not_started(self, reason: str, *, restarts: bool) -> tuple[CheckResult, ...]:
        """The results for a backend that did not start: one failure with its reason, all others not reached."""

    def judged(self, only: Collection[str], *, restarts: bool) -> tuple[Declared, ...]:
        """What is judged where only these checks are asked for; all without a wish, or where it cannot choose."""

    def judge(
        self, base_url: str, transport: Transport, watch: Watch, first: Collection[str], only: Collection[str] = ()
    ) -> Judged:
        """Judge every check against a running server, or `only` some; those in `first` in front where it can."""


def judge_of(pack: Pack) -> Judge:
    """The judge of what this pack brings. Raises BadInput where it cannot be read."""
    match pack.kind:
        case "checks":
            return _OwnEngine(contract_of(pack))
        case "collection":
            return _Newman(collection_of(pack.folder), pack.health_operation)
        case "document":
            return _Schemathesis(document_of(pack.folder), pack.health_operation)


@dataclass(frozen=True)
class _OwnEngine:
    contract: Contract

    def catalogue(self, *, restarts: bool) -> tuple[Declared, ...]:
        return self.contract.catalogue(restarts=restarts)

    def not_started(self, reason: str, *, restarts: bool) -> tuple[CheckResult, ...]:
        return not_started_results(self.contract, reason, restarts=restarts)

    def judged(self, only: Collection[str], *, restarts: bool) -> tuple[Declared, ...]:
        wanted = chosen_checks(self.contract, only, restarts=restarts)
        return tuple(check for check in self.catalogue(restarts=restarts) if check.id in wanted)

    def judge(
        self, base_url: str, transport: Transport, watch: Watch, first: Collection[str], only: Collection[str] = ()
    ) -> Judged:
        return asyncio.run(judge_all(self.contract, base_url, transport, watch, first=first, only=only))


@dataclass(frozen=True)
class _Newman:
    """Keeps the order of the collection; knows no restart and measures nothing."""

    brought: CollectionPack
    health: str

    def catalogue(self, *, restarts: bool) -> tuple[Declared, ...]:
        from evaluator.contract.postman import collection_checks

        return collection_checks(self.brought.collection, self.health)

    def not_started(self, reason: str, *, restarts: bool) -> tuple[CheckResult, ...]:
        return never_started(self.catalogue(restarts=restarts), reason)

    def judged(self, only: Collection[str], *, restarts: bool) -> tuple[Declared, ...]:
        return self.catalogue(restarts=restarts)

    def judge(
        self, base_url: str, transport: Transport, watch: Watch, first: Collection[str], only: Collection[str] = ()
    ) -> Judged:
        from evaluator.contract.postman import judge_collection

        results = judge_collection(
            self.brought.collection,
            base_url,
            transport,
            base_variable=self.brought.base_variable,
            variables=self.brought.variables,
            watch=watch,
            health=self.health,
        )
        return _told(Judged(results), watch)


@dataclass(frozen=True)
class _Schemathesis:
    """Keeps the order of the document; knows no restart and measures nothing."""

    brought: DocumentPack
    health: str

    def catalogue(self, *, restarts: bool) -> tuple[Declared, ...]:
        from evaluator.contract.from_openapi import document_checks

        return document_checks(self.brought.document, self.brought.account, self.health)

    def not_started(self, reason: str, *, restarts: bool) -> tuple[CheckResult, ...]:
        return never_started(self.catalogue(restarts=restarts), reason)

    def judged(self, only: Collection[str], *, restarts: bool) -> tuple[Declared, ...]:
        return self.catalogue(restarts=restarts)

    def judge(
        self, base_url: str, transport: Transport, watch: Watch, first: Collection[str], only: Collection[str] = ()
    ) -> Judged:
        from evaluator.contract.from_openapi import EXAMPLES, judge_document

        results = judge_document(
            self.brought.document,
            base_url,
            transport,
            account=self.brought.account,
            watch=watch,
            health=self.health,
            examples=self.brought.examples or EXAMPLES,
        )
        return _told(Judged(results), watch)


def _told(judged: Judged, watch: Watch) -> Judged:
    """What others judged is complete with its first verdict."""
    if watch.on_first_verdict is not None:
        watch.on_first_verdict(judged)
    return judged
