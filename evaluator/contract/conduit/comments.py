"""Comments: written by anybody who is signed in, each with an id, an author and the text that was sent."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from urllib.parse import quote

from evaluator.contract.answer import Answer
from evaluator.contract.checks import Checks, openapi, prose
from evaluator.contract.conduit.operations import CREATE_COMMENT
from evaluator.contract.conduit.shapes import COMMENT, REFUSAL, moment_of
from evaluator.contract.conduit.spares import article_for
from evaluator.contract.conduit.world import Article, Comment, Person, World, article_path

check = Checks()
SHAPE = openapi("A comment is {id, createdAt, updatedAt, body, author}; id is an integer.")
DATE_TIME = openapi("createdAt and updatedAt are date-times (RFC 3339, with an offset).")
UNKNOWN = prose("An unknown slug, or an unknown comment, is a 4xx on every route that takes one.")


async def discussed(world: World) -> Article:
    """A publishes an article that exactly two comments are written on."""
    return await article_for(world, "two comments, and favourites of one")


async def written(world: World) -> Answer:
    """B comments on it."""
    article, bob = await world.once(discussed), await world.person("bob")
    return await bob.post(article.comments, {"comment": {"body": "Thank you for this."}})


async def answered(world: World) -> Comment:
    """A comments on it too."""
    article, ann = await world.once(discussed), await world.person("ann")
    await world.after(written)
    return await ann.comments_on(article, "You are welcome.")


async def pruned(world: World) -> Article:
    """A publishes an article on which comments are written, refused and deleted."""
    return await article_for(world, "many comments, and favourites at once")


async def commenting(world: World) -> tuple[Person, str]:
    """B, and where B comments on that article."""
    return await world.person("bob"), (await world.once(pruned)).comments


@check(
    "comments.create.id",
    CREATE_COMMENT,
    "B comments on A's article, and the comment has an id",
    openapi("The answer is the comment, with its id."),
    needs="articles.create.slug",
)
async def create_id(world: World) -> None:
    answer = await world.once(written)
    answer.is_success().value("comment.id")


@check(
    "comments.create.status", CREATE_COMMENT, "A comment is written with 200", openapi("POST …/comments declares 200.")
)
async def create_status(world: World) -> None:
    answer = await world.once(written)
    answer.has_status(200)


@check("comments.create.shape", CREATE_COMMENT, "The answer to commenting has the shape of a comment", SHAPE)
async def create_shape(world: World) -> None:
    answer = await world.once(written)
    answer.or_blocked_by("comments.create.id").matches(COMMENT)


@check(
    "comments.create.body", CREATE_COMMENT, "The comment has the body that B sent", prose("A comment is what was sent.")
)
async def create_body(world: World) -> None:
    answer = await world.once(written)
    answer.or_blocked_by("comments.create.id").shows("comment.body", "Thank you for this.")


@check("comments.create.author", CREATE_COMMENT, "B is the author of B's comment", prose("The author is who wrote it."))
async def create_author(world: World) -> None:
    answer, bob = await world.once(written), await world.account("bob")
    answer.or_blocked_by("comments.create.id").shows("comment.author.username", bob.username)


@check("comments.create.timestamps", CREATE_COMMENT, "The timestamps of a comment are date-times", DATE_TIME)
async def create_timestamps(world: World) -> None:
    answer = await world.once(written)
    answer.or_blocked_by("comments.create.id")
    for path in ("comment.createdAt", "comment.updatedAt"):
        value = answer.value(path)
        if moment_of(value) is None:
            raise answer.fail(f"{path} is a date-time, such as 2026-01-31T12:00:00.000Z", f"{path} is {value!r}")


@check("comments.create.own-ids", CREATE_COMMENT, "Two comments have different ids", prose("An id names one comment."))
async def create_own_ids(world: World) -> None:
    first = (await world.once(written)).or_blocked_by("comments.create.id").value("comment.id")
    second = await world.once(answered)
    if second.id == first:
        raise second.answer.fail("an id of its own", f"the id of the first comment: {first}")


async def without_body(world: World) -> Answer:
    """B tries to comment without a body."""
    bob, path = await world.once(commenting)
    return await bob.post(path, {"comment": {}})


@check(
    "comments.create.missing-body",
    CREATE_COMMENT,
    "A comment without a body is refused with 422",
    openapi("body is required; what cannot be taken is answered with 422."),
)
async def create_missing_body(world: World) -> None:
    (await world.once(without_body)).has_status(422)


@check(
    "comments.create.errors",
    CREATE_COMMENT,
    "A refused comment says why, in an object “errors”",
    openapi("422 is answered with {errors: {…}}."),
    needs="comments.create.missing-body",
)
async def create_errors(world: World) -> None:
    (await world.once(without_body)).has_status(422).matches(REFUSAL)


@check(
    "comments.create.wrong-type",
    CREATE_COMMENT,
    "A comment whose body is an object is refused",
    openapi("body is a string."),
)
async def create_wrong_type(world: World) -> None:
    bob, path = await world.once(commenting)
    (await bob.post(path, {"comment": {"body": {"text": "?"}}})).is_refused()


@check(
    "comments.create.no-comment",
    CREATE_COMMENT,
    "A body without the object “comment” is refused",
    openapi("The body is {comment: {…}}; comment is required."),
)
async def create_no_comment(world: World) -> None:
    bob, path = await world.once(commenting)
    (await bob.post(path, {})).is_refused()


@check(
    "comments.create.malformed-json",
    CREATE_COMMENT,
    "A comment in malformed JSON is refused",
    prose("Malformed JSON is the sender's mistake: a 4xx, never a 5xx."),
)
async def create_malformed_json(world: World) -> None:
    bob, path = await world.once(commenting)
    (await bob.post(path, raw_body='{"comment": {')).is_refused()


@check("comments.create.unknown", CREATE_COMMENT, "Commenting on an article that is not there is refused", UNKNOWN)
async def create_unknown(world: World) -> None:
    ann = await world.person("ann")
    path = f"{article_path(world.unique('nowhere'))}/comments"
    (await ann.post(path, {"comment": {"body": "Hello?"}})).is_refused()


@dataclass(frozen=True)
class Burst:
    """Comments that were sent at once, what was answered, and the list afterwards."""

    bodies: tuple[str, ...]
    answers: tuple[Answer, ...]
    listed: Answer


async def written_at_once(world: World) -> Burst:
    """B writes four comments on the article, and C and D one each, at the same moment."""
    article, people = await world.once(pruned), await world.people("bob", "cleo", "dan")
    bodies = tuple(f"Thought {number} of {person.username}" for person in people for number in range(4))
    bodies = (*bodies[:4], bodies[4], bodies[8])
    authors = (*people[:1] * 4, *people[1:])
    answers = await asyncio.gather(
        *(
            author.post(article.comments, {"comment": {"body": body}}, at_once=True)
            for author, body in zip(authors, bodies, strict=True)
        )
    )
    return Burst(bodies, tuple(answers), await world.visitor.get(article.comments))


async def all_written(world: World) -> tuple[Comment, ...]:
    """These comments. Raises Failed where one of them was refused or is not there, or shares its id."""
    article, story = await world.once(pruned), await world.once(written_at_once)
    items = story.listed.is_success().items("comments")
    ids = [answer.is_success().value("comment.id") for answer in story.answers]
    found = {str(item.get("id")): item.get("body") for item in items}
    if [found.get(str(id)) for id in ids] != list(story.bodies) or len(set(map(str, ids))) != len(ids):
        raise story.listed.fail(f"{len(ids)} comments with {len(ids)} ids", f"the comments {found}")
    return tuple(
        Comment(id, f"{article.comments}/{quote(str(id), safe='')}", body, answer)
        for id, body, answer in zip(ids, story.bodies, story.answers, strict=True)
    )
