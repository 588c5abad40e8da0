"""A contract as people read it: operation by operation, what is said of each, and what is checked of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from http import HTTPStatus
from typing import Any

from evaluator.contract import catalogue, pack_named
from evaluator.contract.packs import contract_of
from evaluator.tasks import Task
from evaluator.verdict import COUNTED_BASES


@dataclass(frozen=True)
class ClauseInWords:
    """What the contract says, who says it, and the sentences that are checked. `counted`: part of the verdict."""

    text: str
    basis: str
    counted: bool
    checks: Sequence[str]


@dataclass(frozen=True)
class OperationInWords:
    """One operation: method, path, what it is for, the answers that the document declares, and its clauses."""

    name: str
    summary: str
    answers: Sequence[str]
    clauses: Sequence[ClauseInWords]

    @property
    def checks(self) -> int:
        return sum(len(clause.checks) for clause in self.clauses if clause.counted)


@dataclass(frozen=True)
class ContractInWords:
    title: str
    description: str
    operations: Sequence[OperationInWords]

    @property
    def checks(self) -> int:
        """How many checks count."""
        return sum(operation.checks for operation in self.operations)


def contract_in_words(task: Task) -> ContractInWords:
    """The contract of a task; with what must survive a restart, where the task demands a database."""
    return _in_words(task.contract, task.value_of("database") is not None)


@cache
def _in_words(name: str, restarts: bool) -> ContractInWords:
    pack = pack_named(name)
    document = contract_of(pack).document if pack.kind == "checks" else None
    declared = document.document if document is not None else {}
    by_operation: dict[str, dict[tuple[str, str], list[str]]] = {}
    for operation in document.operations if document is not None else ():
        by_operation[operation] = {}
    for check in catalogue(name, restarts=restarts):
        clauses = by_operation.setdefault(check.operation, {})
        clauses.setdefault((check.clause.text, check.clause.basis), []).append(check.title)
    return ContractInWords(
        title=pack.title,
        description=declared.get("info", {}).get("description", ""),
        operations=[
            OperationInWords(
                name=operation,
                summary=_declared(declared, operation).get("summary", ""),
                answers=[_answer(code) for code in _declared(declared, operation).get("responses", {})],
                clauses=[
                    ClauseInWords(text, basis, basis in COUNTED_BASES, checks)
                    for (text, basis), checks in clauses.items()
                ],
            )
            for operation, clauses in by_operation.items()
        ],
    )


def _declared(document: Mapping[str, Any], operation: str) -> Mapping[str, Any]:
    """What the document says of an operation; nothing where it does not know it."""
    method, _, path = operation.partition(" ")
    found: Mapping[str, Any] = document.get("paths", {}).get(path, {}).get(method.lower(), {})
    return found


def _answer(code: str) -> str:
    try:
        return f"{code} {HTTPStatus(int(code)).phrase}"
    except ValueError:
        return code
