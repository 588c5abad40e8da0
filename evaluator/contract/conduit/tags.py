"""The tags of all articles."""

from __future__ import annotations

from evaluator.contract.answer import Answer
from evaluator.contract.checks import Checks, openapi, prose
from evaluator.contract.conduit.operations import TAGS
from evaluator.contract.conduit.shapes import TAGS as TAGS_SHAPE
from evaluator.contract.conduit.world import World

check = Checks()


async def listed(world: World) -> tuple[str, Answer]:
    """A and B publish articles under one new tag, and a visitor lists the tags."""
    ann, bob = await world.people("ann", "bob")
    tag = world.unique("topic")
    await ann.publishes(tags=[tag])
    await bob.publishes(tags=[tag])
    return tag, await world.visitor.get("/tags")


@check(
    "tags.list.status",
    TAGS,
    "A visitor without a token lists the tags with 200",
    openapi("GET /tags declares 200, without a token."),
)
async def list_status(world: World) -> None:
    (await world.visitor.get("/tags")).has_status(200)


@check(
    "tags.list.shape",
    TAGS,
    "The tags have the shape of a list of strings",
    openapi("The answer is {tags: [string, …]}."),
)
async def list_shape(world: World) -> None:
    (await world.visitor.get("/tags")).or_blocked_by("tags.list.status").matches(TAGS_SHAPE)


@check("tags.list.new-tag", TAGS, "A tag of a new article is listed", prose("What was written is read back."))
async def list_new_tag(world: World) -> None:
    tag, answer = await world.once(listed)
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
    tag, answer = await world.once(listed)
    times = list(answer.value("tags")).count(tag)
    if times != 1:
        raise answer.fail(f"the tag {tag} once", f"the tag {tag}, {times} times")
