"""The engine: judges every check of a contract against a server and says what became of each, in catalogue order.

The line: the opening checks one by one → the width from the slowest of their answers → all others side by side → the
check that the server answered to the end. A backend that is wrong in whatever way gives results; what is raised here
is a bug of ours.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from traceback import extract_tb
from urllib.parse import urlsplit

from evaluator.contract.answer import Failed, NotReached
from evaluator.contract.checks import Check, Contract
from evaluator.contract.client import Client, Limits, Transport
from evaluator.contract.session import TRAIL, ServerInTrouble, Session, Trail
from evaluator.verdict import CheckResult, Exchange

SUITE_SECONDS = 90.0
WIDEST = 8
# So many requests side by side that the slowest kind still answers well within its deadline of 10 s.
COMFORTABLE_SECONDS = 4.0
KEPT_STEPS = 12
KEPT_LOG_CHARACTERS = 8192
LOG_FLUSH_SECONDS = 0.02

PACKAGE = str(Path(__file__).parent)
ENGINE = frozenset({"suite.py", "session.py", "client.py", "wire.py", "checks.py"})

LogSince = Callable[[float], str]


@dataclass(frozen=True)
class Watch:
    """The ears of a run: who is told of each result, where the server's log comes from, whether it is alive."""

    on_result: Callable[[CheckResult], None] | None = None
    log_since: LogSince | None = None
    alive: Callable[[], bool] | None = None


async def judge_all(
    contract: Contract,
    base_url: str,
    transport: Transport,
    watch: Watch,
    *,
    suite_seconds: float = SUITE_SECONDS,
    limits: Limits | None = None,
) -> tuple[CheckResult, ...]:
    """The result of every check of the contract, in catalogue order; ends within `suite_seconds` and a little."""
    session = Session(Client(transport, limits), urlsplit(base_url).path.rstrip("/"), watch.alive)
    run = _Run(contract, session, watch)
    try:
        try:
            async with asyncio.timeout(suite_seconds):
                await run.open()
                await run.judge_the_rest()
        except TimeoutError:
            session.trouble = session.trouble or f"The suite's {suite_seconds:g} seconds were over."
            await run.give_up()
        await run.close()
    finally:
        await run.stop()
        await session.close()
    return run.in_order()


def not_started_results(contract: Contract, reason: str) -> tuple[CheckResult, ...]:
    """The results for a backend that never answered: one failure with its reason, all others blocked by it."""
    return tuple(
        replace(_result(check), outcome="failed", expected="an HTTP answer", received=reason)
        if check.id == contract.starts
        else replace(_result(check), blocked_by=contract.starts)
        for check in contract.checks
    )


class _Run:
    def __init__(self, contract: Contract, session: Session, watch: Watch) -> None:
        self.contract = contract
        self.session = session
        self.watch = watch
        self.world = contract.world(session)
        self._by_id = {check.id: check for check in contract.checks}
        self._tasks: dict[str, asyncio.Task[CheckResult]] = {}
        self._results: dict[str, CheckResult] = {}

    async def open(self) -> None:
        """Judge the opening checks alone; the slowest of their answers says how many may run side by side."""
        for id in self.contract.opening:
            await self._begin(self._by_id[id])
        slowest = max(self.session.slowest_seconds, 0.001)
        self.session.client.widen(min(WIDEST, max(1, int(COMFORTABLE_SECONDS / slowest))))

    async def judge_the_rest(self) -> None:
        for check in self.contract.checks:
            if check.id != self.contract.answers and check.id not in self._tasks:
                self._begin(check)
        # Not a TaskGroup: a bug of ours in one task travels from here, with its own traceback.
        await asyncio.gather(*self._tasks.values())

    async def close(self) -> None:
        """Judge the last check: did the server answer to the end?"""
        await self._begin(self._by_id[self.contract.answers])

    async def stop(self) -> None:
        running = [task for task in self._tasks.values() if not task.done()]
        for task in running:
            task.cancel()
        await asyncio.gather(*running, return_exceptions=True)

    async def give_up(self) -> None:
        """What was not judged in time is not reached."""
        await self.stop()
        for check in self.contract.checks:
            if check.id not in self._results and check.id != self.contract.answers:
                self._tell(replace(_result(check), blocked_by=self.contract.answers, received=self.session.trouble))

    def in_order(self) -> tuple[CheckResult, ...]:
        return tuple(self._results[check.id] for check in self.contract.checks)

    def _begin(self, check: Check) -> asyncio.Task[CheckResult]:
        self._tasks[check.id] = asyncio.create_task(self._judge(check), name=check.id)
        return self._tasks[check.id]

    def _tell(self, result: CheckResult) -> CheckResult:
        self._results[result.id] = result
        if self.watch.on_result is not None:
            self.watch.on_result(result)
        return result

    async def _judge(self, check: Check) -> CheckResult:
        TRAIL.set(trail := Trail())
        blocker = await self._first_blocker(check)
        if blocker:
            return self._tell(replace(_result(check), blocked_by=blocker))
        return self._tell(await self._outcome(check, trail))

    async def _first_blocker(self, check: Check) -> str:
        starts = () if check.id in (self.contract.starts, self.contract.answers) else (self.contract.starts,)
        for needed in (*starts, *check.needs):
            result = await self._tasks[needed]
            if result.outcome != "passed":
                return result.blocked_by or result.id
        return ""

    async def _outcome(self, check: Check, trail: Trail) -> CheckResult:
        result = _result(check)
        try:
            await check.judge(self.world)
        except Failed as failure:
            return await self._failed(result, failure, trail)
        except NotReached as stopped:
            root = await self._root(stopped.root, check)
            if root:
                return replace(result, blocked_by=root, steps=_steps(trail, None))
            return await self._failed(result, stopped.failure, trail)
        except ServerInTrouble as trouble:
            if check.id in (self.contract.starts, self.contract.answers):
                return await self._failed(result, Failed("an answer", str(trouble), trouble.exchange), trail)
            return replace(result, blocked_by=self.contract.answers, received=str(trouble), exchange=trouble.exchange)
        except Exception as error:
            if _is_ours(error):
                raise
            # The check stumbled over an answer nobody foresaw: the backend's answer is wrong, or the check is; either
            # way it did not pass, and the sentence says which line to look at.
            unforeseen = f"an answer that the check cannot judge: {type(error).__name__}: {error}{_place(error)}"
            return await self._failed(result, Failed("an answer that can be judged", unforeseen), trail)
        return replace(result, outcome="passed", exchange=trail.walked[-1][0] if trail.walked else None)

    async def _root(self, id: str, check: Check) -> str:
        """The first check that failed on the way to this step; empty where none did, so that this one fails itself."""
        if id == check.id or id not in self._tasks:
            return ""
        result = await self._tasks[id]
        return "" if result.outcome == "passed" else result.blocked_by or result.id

    async def _failed(self, result: CheckResult, failure: Failed, trail: Trail) -> CheckResult:
        exchange = failure.exchange or (trail.walked[-1][0] if trail.walked else None)
        logged = exchange
        if exchange is not None and self.watch.log_since is not None:
            await asyncio.sleep(LOG_FLUSH_SECONDS)
            lines = self.watch.log_since(trail.moment_of(exchange))
            logged = replace(exchange, log=lines[:KEPT_LOG_CHARACTERS])
        return replace(
            result,
            outcome="failed",
            expected=failure.expected,
            received=failure.received,
            exchange=logged,
            steps=_steps(trail, exchange),
        )


def _result(check: Check) -> CheckResult:
    return CheckResult(
        id=check.id,
        title=check.title,
        operation=check.operation,
        basis=check.clause.basis,
        outcome="not_reached",
        clause=check.clause.text,
    )


def _steps(trail: Trail, exchange: Exchange | None) -> tuple[Exchange, ...]:
    walked = trail.until(exchange) if exchange is not None else tuple(step for step, _ in trail.walked)
    return walked[-KEPT_STEPS:]


def _is_ours(error: Exception) -> bool:
    """Whether the last step within this package was the engine's own: then it is a bug of ours, and travels."""
    below_the_check = extract_tb(error.__traceback__)[1:]
    names = [frame.filename for frame in below_the_check if PACKAGE in frame.filename]
    return bool(names) and Path(names[-1]).name in ENGINE


def _place(error: Exception) -> str:
    frame = extract_tb(error.__traceback__)[-1]
    return f" ({Path(frame.filename).name}:{frame.lineno})"
