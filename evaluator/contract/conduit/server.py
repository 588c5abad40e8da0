"""The server itself: it starts, and it answers to the end."""

from __future__ import annotations

from evaluator.contract.answer import Failed
from evaluator.contract.checks import Checks, prose
from evaluator.contract.conduit.operations import HEALTH, TAGS
from evaluator.contract.conduit.world import CAST, World
from evaluator.contract.foundation import ABOUT_THE_QUESTION, tell_apart

check = Checks()


@check("server.starts", HEALTH, "The server starts and answers", prose("The server answers requests below /api."))
async def starts(world: World) -> None:
    # Any HTTP answer will do: a server that already runs need not have a health check.
    await world.visitor.get("/health-check")


@check("server.tells-apart", TAGS, "Registering and listing the tags have different answers", ABOUT_THE_QUESTION)
async def tells_apart(world: World) -> None:
    registration = await world.registration(CAST[0])
    tell_apart(registration.answer, await world.visitor.get("/tags"))


@check(
    "server.answers",
    HEALTH,
    "The server answers to the end, and takes as many requests as one suite sends",
    prose("No request brings the server down. A server that limits the rate (429) cannot be judged to the end."),
    needs="server.starts",
)
async def answers(world: World) -> None:
    if world.session.trouble:
        raise Failed("a server that answers every request of the suite", world.session.trouble)
    await world.visitor.get("/health-check")
