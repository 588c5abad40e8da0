"""What a check is: its id, the sentence it claims, the operation it is about, and what the contract says about it.

A check is an async function under a declaration. The declarations alone make the catalogue, so that the number of
checks is known before any backend starts and never depends on what it answers.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass
from typing import Any

from evaluator.verdict import Basis

Judge = Callable[[Any], Awaitable[None]]


@dataclass(frozen=True)
class Clause:
    """What the contract says, and where: in the OpenAPI document, in the prose, or only in the published collection."""

    basis: Basis
    text: str


def openapi(text: str) -> Clause:
    """A clause of the OpenAPI document."""
    return Clause("openapi", text)


def prose(text: str) -> Clause:
    """A clause of the public description, where the document is silent."""
    return Clause("prose", text)


def benchmark(text: str) -> Clause:
    """A demand of the published collection only: reported, never counted."""
    return Clause("benchmark", text)


@dataclass(frozen=True)
class Check:
    """One declared check. `needs` are ids of checks without which this one cannot be reached."""

    id: str
    operation: str
    title: str
    clause: Clause
    needs: tuple[str, ...]
    judge: Judge


class Checks:
    """The checks of one file, in the order of their declaration."""

    def __init__(self) -> None:
        self._declared: list[Check] = []

    def __call__(
        self, id: str, operation: str, title: str, clause: Clause, *, needs: str | tuple[str, ...] = ()
    ) -> Callable[[Judge], Judge]:
        """Declare the async function below as the check `id`: it returns where the claim `title` holds.

        It raises Failed where the claim does not hold, and NotReached where a step before it failed.
        """
        needed = (needs,) if isinstance(needs, str) else needs

        def declare(judge: Judge) -> Judge:
            self._declared.append(Check(id, operation, title, clause, needed, judge))
            return judge

        return declare

    def __iter__(self) -> Iterator[Check]:
        return iter(self._declared)


@dataclass(frozen=True)
class Contract:
    """A named suite. `opening` checks are judged first, one by one; `closing` checks after all others.

    `world` makes what the checks share from the session that sends their requests; `starts` is the id of the check
    that fails where the backend never starts, `answers` of the one that fails where it stops answering.
    """

    name: str
    checks: tuple[Check, ...]
    world: Callable[[Any], Any]
    starts: str
    answers: str
    opening: tuple[str, ...]
