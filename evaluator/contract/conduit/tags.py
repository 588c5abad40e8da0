"""The tags of all articles."""

from __future__ import annotations

import asyncio

from evaluator.contract.answer import Answer
from evaluator.contract.checks import Checks, openapi, prose
from evaluator.contract.conduit.operations import TAGS
from evaluator.contract.conduit.shapes import TAGS as TAGS_SHAPE
from evaluator.contract.conduit.shelf import shelf
from evaluator.contract.conduit.world import World

check = Checks()
MORE_READS = 4


async def read(world: World) -> Answer:
    """A visitor lists the tags, when the articles of the shelf are published under one new tag."""
    await world.after(shelf)
    return await world.visitor.get("/tags")


@check(
    "tags.list.status",
    TAGS,
    "A visitor without a token lists the tags with 200",
    openapi("GET /tags declares 200, without a token."),
)
async def list_status(world: World) -> None:
    (await world.once(read)).has_status(200)


@check(
    "tags.list.shape",
    TAGS,
    "The tags have the shape of a list of strings",
    openapi("The answer is {tags: [string, …]}."),
)
async def list_shape(world: World) -> None:
    (await world.once(read)).or_blocked_by("tags.list.status").matches(TAGS_SHAPE)


@check("tags.list.new-tag", TAGS, "A tag of a new article is listed", prose("What was written is read back."))
async def list_new_tag(world: World) -> None:
    # Read before (server.tells-apart) and several times after: a list that one of the server's processes keeps for good
    # shows only where that process is asked again.
    tag, first = (await world.once(shelf)).tag, await world.once(read)
    for answer in (first, *await asyncio.gather(*(world.visitor.get("/tags") for _ in range(MORE_READS)))):
        if tag not in answer.or_blocked_by("tags.list.status").value("tags"):
            raise answer.fail(f"the tag {tag}")


@check(
    "tags.list.once",
    TAGS,
    "A tag of two articles is listed once",
    prose("A tag is one tag, however many articles have it."),
    needs="tags.list.new-tag",
)
async def list_once(world: World) -> None:
    tag, answer = (await world.once(shelf)).tag, await world.once(read)
    times = list(answer.value("tags")).count(tag)
    if times != 1:
        raise answer.fail(f"the tag {tag} once", f"the tag {tag}, {times} times")
