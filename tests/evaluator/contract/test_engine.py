"""What the engine does with checks: needs, blockers, evidence, and whose fault an exception is."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from evaluator.contract import Transport
from evaluator.contract.answer import Failed, NotReached
from evaluator.contract.checks import Check, Contract, Restart, prose
from evaluator.contract.conduit.world import World
from evaluator.contract.suite import COMFORTABLE_SECONDS, WIDEST, Judged, Watch, judge_all
from evaluator.verdict import CheckResult
from tests.evaluator.contract.reference import Conduit
from tests.evaluator.contract.serving import serving

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


def test_what_was_asked_for_first_is_judged_before_all_others() -> None:
    """A person who mended something waits for that, and not for three hundred checks that passed before."""
    many = {f"c{number}": passes for number in range(40)}
    told: list[str] = []
    judged(many | {"last": passes}, watch=Watch(on_result=lambda result: told.append(result.id)), first=("last",))
    assert told[:2] == ["starts", "last"]


def test_what_an_urgent_check_needs_is_urgent_too() -> None:
    many = {f"c{number}": passes for number in range(40)}
    told: list[str] = []
    watch = Watch(on_result=lambda result: told.append(result.id))
    judged(many | {"child": passes, "root": passes}, watch=watch, first=("child",), child="root")
    assert told.index("root") < told.index("child") <= 2 * WIDEST


def test_an_unknown_wish_is_overlooked() -> None:
    assert judged({"one": passes}, first=("gone",))["one"].outcome == "passed"


def test_of_chosen_checks_only_those_and_what_they_need_are_judged() -> None:
    judges = {"root": passes, "needed": passes, "chosen": passes, "other": fails}
    results = judged(judges, only=("chosen",), needed="root", chosen="needed")
    outcomes = {id: result.outcome for id, result in results.items()}
    assert outcomes["other"] == "not_reached"
    assert [outcomes[id] for id in ("starts", "root", "needed", "chosen", "answers")] == ["passed"] * 5


def test_a_chosen_check_is_blocked_by_what_it_needs_as_in_a_whole_run() -> None:
    results = judged({"root": fails, "chosen": passes}, only=("chosen",), chosen="root")
    assert (results["chosen"].outcome, results["chosen"].blocked_by) == ("not_reached", "root")


def test_a_server_is_restarted_for_chosen_checks_only_where_one_of_them_comes_after_it() -> None:
    restarts: list[str] = []

    def restart(conduit: Conduit) -> str:
        restarts.append("restarted")
        return ""

    restarted(restart, only=("answers",))
    assert restarts == []
    assert restarted(restart, only=("kept",))["kept"].outcome == "passed"
    assert restarts == ["restarted"]


def test_after_a_restart_the_server_is_asked_what_it_kept() -> None:
    results = restarted(lambda conduit: "")
    assert [check.outcome for check in results.values()] == ["passed"] * len(results)


def test_a_server_that_forgets_everything_fails_after_the_restart_and_not_before() -> None:
    def forgets(conduit: Conduit) -> str:
        conduit.articles.clear()
        return ""

    results = restarted(forgets)
    assert {id for id, check in results.items() if check.outcome == "failed"} == {"kept"}


def test_a_server_that_does_not_come_back_fails_one_check_and_blocks_the_others() -> None:
    results = restarted(lambda conduit: "run.sh ended with status 1.")
    assert (results["comes-back"].outcome, results["comes-back"].received) == ("failed", "run.sh ended with status 1.")
    assert (results["kept"].outcome, results["kept"].blocked_by) == ("not_reached", "comes-back")


def test_the_first_verdict_is_told_before_the_restart_and_leaves_its_checks_open() -> None:
    story: list[str] = []

    def restart(conduit: Conduit) -> str:
        story.append("restart")
        return ""

    def first_verdict(judged: Judged) -> None:
        story.append("verdict")
        outcomes = {check.id: (check.outcome, check.blocked_by) for check in judged.checks}
        assert outcomes["answers"] == ("passed", "") and outcomes["kept"] == ("not_reached", "")

    restarted(restart, on_first_verdict=first_verdict)
    assert story == ["verdict", "restart"]


def test_whoever_hears_of_the_first_verdict_is_outside_of_the_event_loop() -> None:
    """The site writes it to its database, which refuses every call from inside a loop."""
    loops: list[object] = []

    def first_verdict(judged: Judged) -> None:
        try:
            loops.append(asyncio.get_running_loop())
        except RuntimeError:
            loops.append(None)

    restarted(lambda conduit: "", on_first_verdict=first_verdict)
    assert loops == [None]


def test_without_a_way_to_restart_the_contract_has_no_such_checks() -> None:
    conduit = Conduit()
    with serving(conduit.answer) as port:
        done = asyncio.run(judge_all(restarting(), "/api", Transport(port=port), Watch()))
    assert [check.id for check in done.checks] == ["starts", "answers"]


def test_the_time_of_serving_is_the_time_in_which_anything_was_under_way() -> None:
    """Four requests side by side of a tenth of a second take a tenth of a second, not four."""
    conduit = Conduit()

    def answering(*request: Any) -> tuple[int, Any]:
        if "/tags" in request[1]:
            time.sleep(0.1)
        return conduit.answer(*request)

    four = small_contract({f"c{number}": passes for number in range(4)})
    with serving(answering) as port:
        done = asyncio.run(judge_all(four, "/api", Transport(port=port), Watch()))
    assert done.requests == 6
    assert 0.1 <= done.serving_seconds < 0.3


def restarting() -> Contract:
    """A contract of one article that must survive."""

    async def starts(world: World) -> None:
        await world.visitor.get("/health-check")

    async def writes(world: World) -> str:
        return (await (await world.newcomer()).publishes()).path

    async def kept(world: World) -> None:
        (await world.visitor.get(await world.once(writes))).has_status(200)

    def check(id: str, judge: Judge, *needs: str) -> Check:
        return Check(id, "GET /tags", f"{id} holds", prose("Because."), needs, judge)

    return Contract(
        name="restarting",
        checks=(check("starts", starts), check("answers", starts)),
        world=World,
        starts="starts",
        answers="answers",
        opening=("starts",),
        restart=Restart(writes, (check("comes-back", starts), check("kept", kept, "comes-back"))),
    )


def restarted(
    restart: Callable[[Conduit], str],
    on_first_verdict: Callable[[Judged], None] | None = None,
    only: tuple[str, ...] = (),
) -> dict[str, CheckResult]:
    conduit = Conduit()
    with serving(conduit.answer) as port:
        watch = Watch(restart=lambda: restart(conduit), on_first_verdict=on_first_verdict)
        done = asyncio.run(judge_all(restarting(), "/api", Transport(port=port), watch, only=only))
    return {check.id: check for check in done.checks}


def judged(
    checks: dict[str, Judge],
    *,
    watch: Watch | None = None,
    conduit: Conduit | None = None,
    answering: Callable[..., tuple[int, Any]] | None = None,
    first: tuple[str, ...] = (),
    only: tuple[str, ...] = (),
    **needs: str,
) -> dict[str, CheckResult]:
    """Results by id of a small contract of these checks."""
    contract = small_contract(checks, **needs)
    with serving(answering or (conduit or Conduit()).answer) as port:
        watching = watch or Watch()
        done = asyncio.run(judge_all(contract, "/api", Transport(port=port), watching, first=first, only=only))
    return {result.id: result for result in done.checks}


def small_contract(checks: dict[str, Judge], **needs: str) -> Contract:
    """A contract of these checks between a start and an end."""

    async def starts(world: World) -> None:
        await world.visitor.get("/health-check")

    declared = {"starts": starts, **checks, "answers": starts}
    return Contract(
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
