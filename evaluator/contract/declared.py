"""The checks of a contract as they are declared, whoever judges them: our own engine, newman or schemathesis."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Protocol

from evaluator.contract.checks import Clause
from evaluator.verdict import CheckResult

STARTS = "server.starts"
ANSWERS = "server.answers"


class Declared(Protocol):
    """What is known of a check before any backend starts."""

    @property
    def id(self) -> str: ...
    @property
    def operation(self) -> str: ...
    @property
    def title(self) -> str: ...
    @property
    def clause(self) -> Clause: ...


@dataclass(frozen=True)
class Entry:
    """One check that a runner of others judges."""

    id: str
    operation: str
    title: str
    clause: Clause


def framed(entries: Sequence[Entry], health: str) -> tuple[Entry, ...]:
    """The entries between the two about the server itself: it starts, and it answers to the end."""
    starts = Clause("prose", "The server answers requests.")
    answers = Clause("prose", "No request brings the server down. A server that limits the rate cannot be judged.")
    return (
        Entry(STARTS, health, "The server starts and answers", starts),
        *entries,
        Entry(ANSWERS, health, "The server answers to the end", answers),
    )


def unjudged(check: Declared) -> CheckResult:
    """The result of a check that nobody has judged yet."""
    return CheckResult(
        id=check.id,
        title=check.title,
        operation=check.operation,
        basis=check.clause.basis,
        outcome="not_reached",
        clause=check.clause.text,
    )


def never_started(checks: Sequence[Declared], reason: str) -> tuple[CheckResult, ...]:
    """The results for a backend that never answered: one failure with its reason, all others blocked by it."""
    return tuple(
        replace(unjudged(check), outcome="failed", expected="an HTTP answer", received=reason)
        if check.id == STARTS
        else replace(unjudged(check), blocked_by=STARTS)
        for check in checks
    )
