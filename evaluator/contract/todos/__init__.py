"""The contract Todos: a small public API without accounts. It shows that nothing outside a pack knows the other one."""

from __future__ import annotations

from evaluator.contract.answer import Answer
from evaluator.contract.checks import Contract, Probe
from evaluator.contract.documented import documented_checks
from evaluator.contract.foundation import resting_on
from evaluator.contract.todos import changing, deleting, reading, server, writing
from evaluator.contract.todos.world import DOCUMENT, LIST, World, listed


async def all_todos(world: World) -> Answer:
    return await world.lists()


ASKED = (*server.check, *writing.check, *reading.check, *changing.check, *deleting.check)
DOCUMENTED = documented_checks(DOCUMENT, ASKED)
STARTS, ANSWERS, TELLS_APART = "server.starts", "server.answers", "server.tells-apart"
CONTRACT = Contract(
    name="todos",
    checks=resting_on(TELLS_APART, (*ASKED, *DOCUMENTED), but=(STARTS, ANSWERS)),
    world=World,
    starts=STARTS,
    answers=ANSWERS,
    opening=(STARTS, TELLS_APART, "todos.write.status"),
    closing=tuple(check.id for check in DOCUMENTED),
    document=DOCUMENT,
    restart=deleting.RESTART,
    probes=(Probe(LIST, "All to-dos", all_todos, lambda answer: len(listed(answer))),),
)
