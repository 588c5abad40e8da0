"""What the engine does with checks: needs, blockers, evidence, and whose fault an exception is."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from evaluator.contract import Transport
from evaluator.contract.answer import Failed, NotReached
from evaluator.contract.checks import Check, Contract, prose
from evaluator.contract.conduit.world import World
from evaluator.contract.suite import COMFORTABLE_SECONDS, WIDEST, Watch, judge_all
from evaluator.verdict import CheckResult
from tests.evaluator.contract.reference import Conduit, serving

Judge = Callable[[World], Awaitable[None]]


async def passes(world: World) -> None:
    await world.visitor.get("/tags")


async def fails(world: World) -> None:
    await world.visitor.get("/tags")
    (await world.visitor.get("/articles")).has_status(204)


def test_what_needs_a_failed_check_is_not_reached_and_names_the_first_cause() -> None:
    results = judged({"root": fails, "child": passes, "grandchild": passes}, child="root", grandchild="child")
    assert results["root"].outcome == "failed"
    for id in ("child", "grandchild"):
        assert (results[id].outcome, results[id].blocked_by) == ("not_reached", "root")


def test_a_failed_step_blocks_by_the_check_about_that_step() -> None:
    async def steps(world: World) -> None:
        (await world.visitor.get("/nowhere")).or_blocked_by("root")

    results = judged({"root": fails, "later": steps})
    assert (results["later"].outcome, results["later"].blocked_by) == ("not_reached", "root")


def test_a_failed_step_whose_check_passed_is_the_failure_of_this_check() -> None:
    """Otherwise a check would be blocked by one that passed, and nobody would be told what went wrong."""

    async def steps(world: World) -> None:
        raise NotReached("root", Failed("an article", "none"))

    result = judged({"root": passes, "later": steps})["later"]
    assert (result.outcome, result.expected, result.received) == ("failed", "an article", "none")


def test_an_exception_in_a_check_is_a_failure_that_names_its_line() -> None:
    async def stumbles(world: World) -> None:
        await world.visitor.get("/tags")
        raise KeyError("slug")

    result = judged({"odd": stumbles})["odd"]
    assert result.outcome == "failed"
    assert "KeyError: 'slug' (test_engine.py:" in result.received
    assert result.exchange is not None and result.exchange.path == "/api/tags"


def test_a_bug_of_the_engine_travels() -> None:
    async def breaks_the_engine(world: World) -> None:
        await world.session.send("GET", None)  # type: ignore[arg-type]

    with pytest.raises(TypeError):
        judged({"odd": breaks_the_engine})


def test_an_exception_of_the_listener_travels() -> None:
    def listens(result: CheckResult) -> None:
        raise RuntimeError("the listener's own")

    with pytest.raises(RuntimeError, match="the listener's own"):
        judged({"one": passes}, watch=Watch(on_result=listens))


def test_a_failure_carries_its_exchange_the_steps_before_it_and_the_log_of_that_moment() -> None:
    moments: list[float] = []

    def log_since(moment: float) -> str:
        moments.append(moment)
        return "Traceback: boom"

    before = time.time()
    result = judged({"one": fails}, watch=Watch(log_since=log_since))["one"]
    assert result.exchange is not None
    assert (result.exchange.method, result.exchange.path, result.exchange.received_status) == (
        "GET",
        "/api/articles",
        200,
    )
    assert result.exchange.log == "Traceback: boom"
    assert before <= moments[0] <= time.time()
    assert [step.path for step in result.steps] == ["/api/tags"]
    assert (result.expected, result.clause) == ("status 204", "Because.")


def test_the_steps_of_a_shared_scene_belong_to_each_of_its_checks() -> None:
    async def scene(world: World) -> Any:
        return await world.visitor.get("/tags")

    async def one(world: World) -> None:
        (await world.once(scene)).has_status(204)

    conduit = Conduit()
    results = judged({"one": one, "two": one}, conduit=conduit)
    assert conduit.asked == 1 + 1 + 1  # the start, the scene, the end
    for id in ("one", "two"):
        exchange = results[id].exchange
        assert exchange is not None and exchange.path == "/api/tags"


def test_bodies_are_kept_up_to_four_kilobytes() -> None:
    async def long(world: World) -> None:
        await world.visitor.post("/users", {"user": "x" * 100_000})

    exchange = judged({"one": long})["one"].exchange
    assert exchange is not None and exchange.request_body is not None
    assert len(exchange.request_body) < 4200 and exchange.request_body.endswith("characters)")


def test_a_content_type_is_sent_only_where_there_is_a_body() -> None:
    async def both(world: World) -> None:
        bare, full = await world.visitor.post("/tags"), await world.visitor.post("/users", {})
        assert "Content-Type" not in bare.exchange.request_headers
        assert full.exchange.request_headers["Content-Type"] == "application/json"

    assert judged({"one": both})["one"].outcome == "passed"


def test_a_slow_server_is_asked_less_at_once() -> None:
    """So many side by side that each still answers in time: a slow server is not failed for our haste."""
    widths: list[int] = []

    async def looks(world: World) -> None:
        widths.append(world.session.client.side_by_side)

    def slowly(seconds: float) -> None:
        conduit = Conduit()

        def answering(*request: Any) -> tuple[int, Any]:
            time.sleep(seconds)
            return conduit.answer(*request)

        judged({"one": looks}, answering=answering)

    slowly(0)
    slowly(1.2)
    assert widths == [WIDEST, int(COMFORTABLE_SECONDS / 1.25)]


def judged(
    checks: dict[str, Judge],
    *,
    watch: Watch | None = None,
    conduit: Conduit | None = None,
    answering: Callable[..., tuple[int, Any]] | None = None,
    **needs: str,
) -> dict[str, CheckResult]:
    """Results by id of a small contract of these checks."""

    async def starts(world: World) -> None:
        await world.visitor.get("/health-check")

    declared = {"starts": starts, **checks, "answers": starts}
    contract = Contract(
        name="small",
        checks=tuple(
            Check(id, "GET /tags", f"{id} holds", prose("Because."), (needs[id],) if id in needs else (), judge)
            for id, judge in declared.items()
        ),
        world=World,
        starts="starts",
        answers="answers",
        opening=("starts",),
    )
    with serving(answering or (conduit or Conduit()).answer) as port:
        results = asyncio.run(judge_all(contract, "/api", Transport(port=port), watch or Watch())).checks
    return {result.id: result for result in results}
