"""The engine: judges every check of a contract against a server and says what became of each, in catalogue order.

The line: the opening checks one by one → the width from the slowest of their answers → all others side by side, those
asked for first in front → the closing checks → what single requests cost → the check that the server answered to the
end. That is the first verdict; then a restart, and the checks after it. A backend that is wrong in whatever way gives
results; what is raised here is a bug of ours.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from traceback import extract_tb
from typing import Any
from urllib.parse import urlsplit

from evaluator.contract.answer import Failed, NotReached
from evaluator.contract.checks import Check, Contract, Probe
from evaluator.contract.client import Client, Limits, Transport
from evaluator.contract.gate import ASKED_FOR, URGENCY, USUAL
from evaluator.contract.session import TRAIL, ServerInTrouble, Session, Trail
from evaluator.tracebacks import kept_moment
from evaluator.verdict import CheckResult, Exchange, Latency, Statements

SUITE_SECONDS = 90.0
RESTART_SECONDS = 60.0
WIDEST = 8
# So many requests side by side that the slowest kind still answers well within its deadline of 10 s.
COMFORTABLE_SECONDS = 4.0
KEPT_STEPS = 12
KEPT_LOG_CHARACTERS = 8192
LOG_FLUSH_SECONDS = 0.02

PACKAGE = str(Path(__file__).parent)
ENGINE = frozenset(
    {"suite.py", "session.py", "client.py", "gate.py", "wire.py", "checks.py", "record.py", "documents.py"}
)

LogSince = Callable[[float], str]


@dataclass(frozen=True)
class Watch:
    """The eyes and ears of a run, and its one lever.

    Who is told of each result and of the first verdict, where the server's log comes from, whether it is alive, how
    many SQL statements it has sent so far, and how it is restarted (an empty text, or why it did not come back).
    """

    on_result: Callable[[CheckResult], None] | None = None
    log_since: LogSince | None = None
    alive: Callable[[], bool] | None = None
    on_first_verdict: Callable[[Judged], None] | None = None
    statements: Callable[[], int | None] | None = None
    restart: Callable[[], str] | None = None


@dataclass(frozen=True)
class Judged:
    """What became of each check, in catalogue order, and what was measured on the way; see `verdict.Measures`."""

    checks: tuple[CheckResult, ...]
    latencies: tuple[Latency, ...] = ()
    serving_seconds: float = 0.0
    requests: int = 0
    statements: tuple[Statements, ...] = ()


async def judge_all(
    contract: Contract,
    base_url: str,
    transport: Transport,
    watch: Watch,
    *,
    first: Collection[str] = (),
    only: Collection[str] = (),
    suite_seconds: float = SUITE_SECONDS,
    limits: Limits | None = None,
) -> Judged:
    """Judge every check of the contract, those of the ids in `first` in front.

    With `only`, those checks and what they need are judged, nothing is measured, and all others are not reached: such
    results can pass for no verdict. Ends within `suite_seconds` and a little, and the restart within RESTART_SECONDS
    more.
    """
    prefix = urlsplit(base_url).path.rstrip("/")
    session = Session(Client(transport, limits), prefix, watch.alive, contract.document)
    run = _Run(contract, session, watch, first, only)
    try:
        try:
            async with asyncio.timeout(suite_seconds):
                await run.open()
                await run.judge_the_rest()
                await run.measure()
        except TimeoutError:
            session.trouble = session.trouble or f"The suite's {suite_seconds:g} seconds were over."
            await run.give_up()
        await run.close()
        if watch.on_first_verdict is not None:
            # Whoever hears of it may write it to a database, which is refused inside a loop.
            await asyncio.to_thread(watch.on_first_verdict, run.judged())
        await run.judge_after_restart()
    finally:
        await run.stop()
        await session.close()
    return run.judged()


def not_started_results(contract: Contract, reason: str, *, restarts: bool = False) -> tuple[CheckResult, ...]:
    """The results for a backend that never answered: one failure with its reason, all others blocked by it."""
    return tuple(
        replace(_result(check), outcome="failed", expected="an HTTP answer", received=reason)
        if check.id == contract.starts
        else replace(_result(check), blocked_by=contract.starts)
        for check in contract.catalogue(restarts=restarts)
    )


class _Run:
    def __init__(
        self, contract: Contract, session: Session, watch: Watch, first: Collection[str], only: Collection[str]
    ) -> None:
        self.contract = contract
        self.session = session
        self.watch = watch
        self.world = contract.world(session)
        self._catalogue = contract.catalogue(restarts=watch.restart is not None)
        self._by_id = {check.id: check for check in self._catalogue}
        self._urgent = with_needs(first, self._by_id)
        self._wanted = chosen_checks(contract, only, restarts=watch.restart is not None)
        self._partial = bool(only)
        self._tasks: dict[str, asyncio.Task[CheckResult]] = {}
        self._results: dict[str, CheckResult] = {}
        self._statements: list[Statements] = []

    async def open(self) -> None:
        """Judge the opening checks alone; the slowest of their answers says how many may run side by side."""
        for id in self.contract.opening:
            if id in self._wanted:
                await self._begin(self._by_id[id])
        slowest = max(self.session.slowest_seconds, 0.001)
        self.session.client.widen(min(WIDEST, max(1, int(COMFORTABLE_SECONDS / slowest))))

    async def judge_the_rest(self) -> None:
        apart = {self.contract.answers, *self.contract.closing}
        rest = [
            check
            for check in self.contract.checks
            if check.id in self._wanted and check.id not in apart and check.id not in self._tasks
        ]
        for check in sorted(rest, key=lambda check: check.id not in self._urgent):
            self._begin(check)
        before = self._write_what_must_survive()
        # Not a TaskGroup: a bug of ours in one task travels from here, with its own traceback.
        await asyncio.gather(*self._tasks.values(), *before)
        await asyncio.gather(*(self._begin(self._by_id[id]) for id in self.contract.closing if id in self._wanted))

    async def measure(self) -> None:
        """What single requests cost in SQL, asked one at a time; a probe that is not answered measures nothing."""
        count = self.watch.statements
        if count is None or self._partial or self.session.trouble:
            return
        for probe in self.contract.probes:
            TRAIL.set(Trail())
            with suppress(Failed, NotReached, ServerInTrouble):
                self._statements += [counted] if (counted := await _cost(probe, self.world, count)) else []

    async def close(self) -> None:
        """Judge the last check: did the server answer to the end?"""
        await self._begin(self._by_id[self.contract.answers])

    async def judge_after_restart(self) -> None:
        """Restart the server, and judge what must have survived."""
        restart, after = self.watch.restart, self.contract.restart
        if restart is None or after is None or not self._restarts:
            return
        if self.session.trouble:
            for check in after.checks:
                self._tell(replace(_result(check), blocked_by=self.contract.answers, received=self.session.trouble))
            return
        await self.session.client.close()
        why_not = await asyncio.to_thread(restart)
        if why_not:
            first, *others = after.checks
            failure = Failed("a server that starts again and answers", why_not)
            self._tell(await self._failed(_result(first), failure, Trail()))
            for check in others:
                self._tell(replace(_result(check), blocked_by=first.id))
            return
        try:
            async with asyncio.timeout(RESTART_SECONDS):
                await asyncio.gather(*(self._begin(check) for check in after.checks if check.id in self._wanted))
        except TimeoutError:
            self.session.trouble = f"The {RESTART_SECONDS:g} seconds after the restart were over."
            await self.give_up()

    def judged(self) -> Judged:
        """What is known so far: a check that was not judged yet is not reached."""
        record = self.session.record
        return Judged(
            checks=tuple(self._results.get(check.id) or _result(check) for check in self._catalogue),
            latencies=record.latencies(),
            serving_seconds=record.serving_seconds(),
            requests=record.requests,
            statements=tuple(self._statements),
        )

    @property
    def _restarts(self) -> bool:
        """Whether a check after the restart is wanted at all."""
        after = self.contract.restart
        return after is not None and any(check.id in self._wanted for check in after.checks)

    async def stop(self) -> None:
        running = [task for task in self._tasks.values() if not task.done()]
        for task in running:
            task.cancel()
        await asyncio.gather(*running, return_exceptions=True)

    async def give_up(self) -> None:
        """What was not judged in time is not reached."""
        await self.stop()
        begun_later = self.contract.restart.checks if self.contract.restart is not None else ()
        waited_for = self.contract.checks if self.contract.answers not in self._tasks else begun_later
        for check in waited_for:
            if check.id in self._wanted and check.id not in self._results and check.id != self.contract.answers:
                self._tell(replace(_result(check), blocked_by=self.contract.answers, received=self.session.trouble))

    def _begin(self, check: Check) -> asyncio.Task[CheckResult]:
        before = URGENCY.set(ASKED_FOR if check.id in self._urgent else USUAL)
        self._tasks[check.id] = asyncio.create_task(self._judge(check), name=check.id)
        URGENCY.reset(before)
        return self._tasks[check.id]

    def _write_what_must_survive(self) -> list[asyncio.Task[None]]:
        """The scene before the restart, begun beside the checks; whether it went well, those after it will say."""
        if self.watch.restart is None or self.contract.restart is None or not self._restarts:
            return []
        before = self.contract.restart.before

        async def write() -> None:
            TRAIL.set(Trail())
            with suppress(Failed, NotReached, ServerInTrouble):
                await self.session.once(before, self.world)

        return [asyncio.create_task(write(), name="before the restart")]

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
            request = f"{exchange.method} {exchange.path}"
            logged = replace(exchange, log=kept_moment(lines, request, KEPT_LOG_CHARACTERS))
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


def chosen_checks(contract: Contract, only: Collection[str], *, restarts: bool) -> set[str]:
    """The ids that are judged: all without a choice, else those chosen, what they need, and that the server lives."""
    by_id = {check.id: check for check in contract.catalogue(restarts=restarts)}
    if not only:
        return set(by_id)
    after = {check.id for check in contract.restart.checks} if contract.restart is not None else set()
    # The first check after the restart is the one that fails where the server does not come back.
    back = [contract.restart.checks[0].id] if contract.restart is not None and after.intersection(only) else []
    # A closing check looks at the answers of others: those of its operation have to be there.
    operations = {by_id[id].operation for id in contract.closing if id in only}
    seen = [check.id for check in contract.checks if check.operation in operations]
    return with_needs([contract.starts, contract.answers, *back, *seen, *only], by_id)


def with_needs(ids: Collection[str], checks: Mapping[str, Check]) -> set[str]:
    """These checks and all that they need."""
    found: set[str] = set()
    waiting = [id for id in ids if id in checks]
    while waiting:
        id = waiting.pop()
        if id not in found:
            found.add(id)
            waiting += checks[id].needs
    return found


async def _cost(probe: Probe, world: Any, count: Callable[[], int | None]) -> Statements | None:
    before = count()
    answer = await probe.ask(world)
    after = count()
    if before is None or after is None or not answer.succeeded:
        return None
    return Statements(probe.operation, probe.title, after - before, probe.items(answer))


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
