"""The second contract: a reference server keeps it, and every check of it notices a fault of its own.

Why a second one: whatever the engine, the commands or the report know of Conduit would show here.
"""

from __future__ import annotations

import asyncio

import pytest

from evaluator.contract import Transport, Watch, catalogue, contract_named, judge_contract, run_contract
from evaluator.contract.suite import judge_all
from evaluator.verdict import CheckResult, summarise
from tests.evaluator.contract.serving import serving
from tests.evaluator.contract.small_contracts import always
from tests.evaluator.contract.todos_reference import Todos

FAULTS = {
    "writing is a 200": "todos.write.status",
    "writing answers done as a number": "todos.write.shape",
    "titles are trimmed": "todos.write.title",
    "the order is lost": "todos.write.order",
    "new ones are done": "todos.write.open",
    "writing answers a wrong url": "todos.write.url",
    "every url is the first": "todos.write.own-url",
    "no title is needed": "todos.write.missing-title",
    "any title is taken": "todos.write.title-type",
    "malformed JSON crashes": "todos.write.malformed-json",
    "emoji crash": "todos.write.emoji",
    "markup is escaped": "todos.write.markup",
    "quotes are doubled": "todos.write.sql",
    "long titles are cut": "todos.write.long",
    "everything is listed twice": "todos.write.at-once",
    "the list is a 206": "todos.list.status",
    "the list is an object": "todos.list.shape",
    "ordered ones are not listed": "todos.list.once",
    "the list has no urls": "todos.list.url",
    "reading is a 203": "todos.read.status",
    "reading leaves out completed": "todos.read.shape",
    "everything is read as open": "todos.change.completed",
    "an unknown to-do is a 410": "todos.read.unknown",
    "odd ids crash": "todos.read.odd-id",
    "changing is a 202": "todos.change.status",
    "a change answers without title": "todos.change.shape",
    "a change answers the old": "todos.change.answer",
    "nothing opens again": "todos.change.reopened",
    "titles do not change": "todos.change.title",
    "a change clears the title": "todos.change.keeps-title",
    "a change clears the order": "todos.change.keeps-order",
    "a change opens again": "todos.change.keeps-completed",
    "a change reaches all": "todos.change.others",
    "a change moves it": "todos.change.same-url",
    "unknown changes are a 400": "todos.change.unknown",
    "deleting is a 202": "todos.delete.status",
    "deletes do nothing": "todos.delete.gone",
    "deleting reaches all of its order": "todos.delete.others",
    "deleting twice crashes": "todos.delete.twice",
    "deleting what is unknown is a 204": "todos.delete.unknown",
}
# Noticed by the faults above, beside the check that each is about.
ALSO_NOTICED = {
    "titles are trimmed": "todos.read.same",
    "any title is taken": "todos.change.title-type",
    "deletes do nothing": "todos.delete.not-listed",
}


def judged(*faults: str) -> dict[str, CheckResult]:
    with serving(Todos(*faults).answer) as port:
        results = run_contract("http://localhost/", transport=Transport(port=port), task_contract="todos")
    return {result.id: result for result in results}


def test_a_server_that_keeps_the_contract_passes_every_check_twice_on_one_store() -> None:
    todos = Todos()
    with serving(todos.answer) as port:
        for _ in range(2):
            results = run_contract("/", transport=Transport(port=port), task_contract="todos")
            assert [(result.id, result.received) for result in results if result.outcome != "passed"] == []
            assert summarise(results, {}).functional


@pytest.mark.parametrize(("fault", "check"), [*FAULTS.items(), *ALSO_NOTICED.items()])
def test_a_fault_is_noticed_by_the_check_that_is_about_it(fault: str, check: str) -> None:
    result = judged(fault)[check]
    assert result.outcome == "failed", f"{result.outcome}, blocked by {result.blocked_by!r}"
    assert result.expected and result.received and result.exchange is not None


def test_every_check_has_a_fault_that_it_notices() -> None:
    noticed = {*FAULTS.values(), *ALSO_NOTICED.values(), "server.starts", "server.answers", "server.tells-apart"}
    documented = {check.id for check in catalogue("todos") if check.id.endswith(".documented")}
    assert {check.id for check in catalogue("todos")} - documented == noticed


@pytest.mark.parametrize("body", [None, {}, [], {"title": "x", "completed": False, "url": "/todos/1", "order": 7}])
def test_a_canned_server_is_far_from_functional(body: object) -> None:
    with serving(always(200, body)) as port:
        results = run_contract("/", transport=Transport(port=port), task_contract="todos")
    assert len(results) == len(catalogue("todos"))
    assert summarise(results, {}).pass_rate < 0.1


def test_a_server_that_keeps_nothing_is_noticed_after_a_restart() -> None:
    """The store is made again where the server is restarted: what was only in memory is lost."""
    for outlives, expected in ((True, "passed"), (False, "failed")):
        results = _restarted(outlives)
        assert (results["restart.kept"].outcome, results["restart.writes"].outcome) == (expected, "passed")
        assert list(results) == [check.id for check in catalogue("todos", restarts=True)]


def _restarted(outlives: bool) -> dict[str, CheckResult]:
    todos = [Todos()]

    def restart() -> str:
        todos[0] = todos[0] if outlives else Todos()
        return ""

    with serving(lambda *request: todos[0].answer(*request)) as port:
        judged = judge_contract(
            "/", transport=Transport(port=port), watch=Watch(restart=restart), task_contract="todos"
        )
    return {result.id: result for result in judged.checks}


def test_what_costs_a_statement_per_to_do_is_measured() -> None:
    counted = iter(range(0, 10_000, 5))
    with serving(Todos().answer) as port:
        watch = Watch(statements=lambda: next(counted))
        measured = asyncio.run(judge_all(contract_named("todos"), "/", Transport(port=port), watch))
    assert [(cost.operation, cost.statements) for cost in measured.statements] == [("GET /todos", 5)]
    assert "POST /todos" in {latency.operation for latency in measured.latencies}
