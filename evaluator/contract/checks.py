"""What a check is: its id, the sentence it claims, the operation it is about, and what the contract says about it.

A check is an async function under a declaration. The declarations alone make the catalogue, so that the number of
checks is known before any backend starts and never depends on what it answers.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass
from typing import Any

from evaluator.contract.answer import Answer
from evaluator.contract.documents import OpenApiDocument
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
class Probe:
    """A request whose cost is measured alone: `ask` sends it, `items` counts the things in its answer."""

    operation: str
    title: str
    ask: Callable[[Any], Awaitable[Answer]]
    items: Callable[[Answer], int]


@dataclass(frozen=True)
class Restart:
    """What is judged after a restart of the server, where the task demands a database.

    `before` is the scene that writes what must still be there; it is played while the other checks run, so that the
    `checks` only read. The first of them is the one that fails where the server does not come back.
    """

    before: Callable[[Any], Awaitable[Any]]
    checks: tuple[Check, ...]


@dataclass(frozen=True)
class Contract:
    """A named suite: `opening` checks are judged first, one by one, `closing` ones when all others are.

    `world` makes what the checks share from the session that sends their requests; `starts` is the id of the check
    that fails where the backend never starts, `answers` of the one that fails where it stops answering. Every answer
    of a run is held to `document`; `probes` are measured where SQL statements can be counted.
    """

    name: str
    checks: tuple[Check, ...]
    world: Callable[[Any], Any]
    starts: str
    answers: str
    opening: tuple[str, ...]
    closing: tuple[str, ...] = ()
    document: OpenApiDocument | None = None
    restart: Restart | None = None
    probes: tuple[Probe, ...] = ()

    def catalogue(self, *, restarts: bool) -> tuple[Check, ...]:
        """Every check of the contract, with those after a restart where a database is demanded."""
        return (*self.checks, *(self.restart.checks if self.restart is not None and restarts else ()))
