"""The server itself: it starts, and it answers to the end."""

from __future__ import annotations

from evaluator.contract.answer import Failed
from evaluator.contract.checks import Checks, prose
from evaluator.contract.foundation import ABOUT_THE_QUESTION, tell_apart
from evaluator.contract.todos.world import LIST, World

check = Checks()


@check("server.starts", LIST, "The server starts and answers", prose("The server answers requests."))
async def starts(world: World) -> None:
    await world.lists()


@check("server.tells-apart", LIST, "Writing a to-do and listing all have different answers", ABOUT_THE_QUESTION)
async def tells_apart(world: World) -> None:
    written = await world.session.send("POST", "/todos", body={"title": world.title()})
    tell_apart(written, await world.lists())


@check(
    "server.answers",
    LIST,
    "The server answers to the end, and takes as many requests as one suite sends",
    prose("No request brings the server down. A server that limits the rate (429) cannot be judged to the end."),
    needs="server.starts",
)
async def answers(world: World) -> None:
    if world.session.trouble:
        raise Failed("a server that answers every request of the suite", world.session.trouble)
    await world.lists()
