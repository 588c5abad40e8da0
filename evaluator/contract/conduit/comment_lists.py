"""Reading comments: all of an article's, none of another's, each with its author as whoever asks sees them."""

from __future__ import annotations

from evaluator.contract.answer import Answer
from evaluator.contract.checks import Checks, openapi, prose
from evaluator.contract.conduit.articles import the_article
from evaluator.contract.conduit.circle import follows
from evaluator.contract.conduit.comments import DATE_TIME, UNKNOWN, answered, discussed, written
from evaluator.contract.conduit.operations import READ_COMMENTS
from evaluator.contract.conduit.shapes import COMMENTS, moment_of
from evaluator.contract.conduit.world import World, article_path

check = Checks()
WRITTEN = prose("What was written is read back, by another client too.")


async def read_by_a_visitor(world: World) -> Answer:
    """A visitor reads the comments after that."""
    article = await world.once(discussed)
    await world.after(written, answered)
    return await world.visitor.get(article.comments)


@check(
    "comments.list.status",
    READ_COMMENTS,
    "A visitor without a token reads the comments with 200",
    openapi("GET …/comments declares 200; a token is optional."),
)
async def list_status(world: World) -> None:
    (await world.once(read_by_a_visitor)).has_status(200)


@check(
    "comments.list.shape",
    READ_COMMENTS,
    "The comments have the shape of a list of comments",
    openapi("The answer is {comments: […]}."),
)
async def list_shape(world: World) -> None:
    answer = await world.once(read_by_a_visitor)
    answer.or_blocked_by("comments.list.status").matches(COMMENTS)
    (await world.once(written)).or_blocked_by("comments.create.id")
    if not answer.items("comments"):
        raise answer.fail("the comments that were written")


@check(
    "comments.list.complete",
    READ_COMMENTS,
    "A visitor reads exactly the comments of A and B, each by its author",
    WRITTEN,
)
async def list_complete(world: World) -> None:
    first = (await world.once(written)).or_blocked_by("comments.create.id").value("comment")
    comments = (first, (await world.once(answered)).answer.value("comment"))
    items = (await world.once(read_by_a_visitor)).or_blocked_by("comments.list.status").items("comments")
    found, sent = sorted(map(_told, items)), sorted(map(_told, comments))
    if found != sent:
        raise (await world.once(read_by_a_visitor)).fail(f"the comments {sent}", f"the comments {found}")


@check("comments.list.timestamps", READ_COMMENTS, "The timestamps of comments that are read are date-times", DATE_TIME)
async def list_timestamps(world: World) -> None:
    answer = await world.once(read_by_a_visitor)
    answer.or_blocked_by("comments.list.status")
    for name in ("createdAt", "updatedAt"):
        for value in answer.fields("comments", name):
            if moment_of(value) is None:
                raise answer.fail(f"{name} is a date-time, such as 2026-01-31T12:00:00.000Z", f"{name} is {value!r}")


async def read_under_another(world: World) -> Answer:
    """A visitor reads the comments of an article on which nobody has commented, when another has comments."""
    article = await world.once(the_article)
    await world.after(written, answered)
    return await world.visitor.get(article.comments)


@check("comments.list.empty", READ_COMMENTS, "A new article has no comments", WRITTEN)
async def list_empty(world: World) -> None:
    (await world.once(read_under_another)).or_blocked_by("comments.list.status").shows("comments", [])


@check(
    "comments.list.own-article",
    READ_COMMENTS,
    "A comment on one article is not under another",
    prose("A comment belongs to one article."),
)
async def list_own_article(world: World) -> None:
    (await world.once(written)).or_blocked_by("comments.create.id")
    (await world.once(read_under_another)).or_blocked_by("comments.list.status").shows("comments", [])


@check(
    "comments.list.following",
    READ_COMMENTS,
    "A, who follows B, sees it in B's comment; C does not",
    prose("“following” depends on who asks."),
    needs="profiles.follow.persists",
)
async def list_following(world: World) -> None:
    (await world.once(follows)).or_blocked_by("profiles.follow.status")
    written_id = (await world.once(written)).or_blocked_by("comments.create.id").value("comment.id")
    article = await world.once(discussed)
    for name, following in (("ann", True), ("cleo", False)):
        answer = await (await world.person(name)).get(article.comments)
        items = answer.or_blocked_by("comments.list.status").items("comments")
        authors = [item.get("author") for item in items if item.get("id") == written_id]
        flags = [author.get("following") if isinstance(author, dict) else author for author in authors]
        if flags != [following]:
            raise answer.fail(f"author.following of the comment is {following}", f"author.following is {flags}")


@check(
    "comments.list.visitor",
    READ_COMMENTS,
    "A visitor without a token follows no author of a comment",
    prose("“following” depends on who asks."),
)
async def list_visitor(world: World) -> None:
    (await world.once(written)).or_blocked_by("comments.create.id")
    answer = (await world.once(read_by_a_visitor)).or_blocked_by("comments.list.status")
    authors = answer.fields("comments", "author")
    flags = [author.get("following") if isinstance(author, dict) else author for author in authors]
    if not flags or any(flag is not False for flag in flags):
        raise answer.fail("author.following of each comment is false", f"author.following is {flags}")


@check("comments.list.unknown", READ_COMMENTS, "The comments of an article that is not there are refused", UNKNOWN)
async def list_unknown(world: World) -> None:
    (await world.visitor.get(f"{article_path(world.unique('nowhere'))}/comments")).is_refused()


def _told(comment: object) -> tuple[str, str, str]:
    """Id, text and author of a comment."""
    told = comment if isinstance(comment, dict) else {}
    author = told.get("author")
    return str(told.get("id")), str(told.get("body")), str(author.get("username")) if isinstance(author, dict) else ""
