"""Comments: who wrote what under which article, and that only its author deletes a comment."""

from __future__ import annotations

from evaluator.contract.answer import Answer
from evaluator.contract.checks import Checks, openapi, prose
from evaluator.contract.conduit.operations import CREATE_COMMENT, DELETE_COMMENT, READ_COMMENTS
from evaluator.contract.conduit.shapes import COMMENT, COMMENTS, REFUSAL, moment_of
from evaluator.contract.conduit.world import Article, Comment, Person, World, article_path

check = Checks()
SHAPE = openapi("A comment is {id, createdAt, updatedAt, body, author}; id is an integer.")
DATE_TIME = openapi("createdAt and updatedAt are date-times (RFC 3339, with an offset).")
WRITTEN = prose("What was written is read back, by another client too.")
AUTHOR_ONLY = prose("Only the author of a comment may delete it.")
UNKNOWN = prose("An unknown slug, or an unknown comment, is a 4xx on every route that takes one.")


# Writing


async def written(world: World) -> tuple[Article, Person, Answer]:
    """B comments on A's article."""
    gus, hana = await world.people("gus", "hana")
    article = await gus.publishes()
    return article, hana, await hana.post(article.comments, {"comment": {"body": "Thank you for this."}})


@check(
    "comments.create.id",
    CREATE_COMMENT,
    "B comments on A's article, and the comment has an id",
    openapi("The answer is the comment, with its id."),
    needs="articles.create.slug",
)
async def create_id(world: World) -> None:
    _, _, answer = await world.once(written)
    answer.is_success().value("comment.id")


@check(
    "comments.create.status", CREATE_COMMENT, "A comment is written with 200", openapi("POST …/comments declares 200.")
)
async def create_status(world: World) -> None:
    _, _, answer = await world.once(written)
    answer.has_status(200)


@check("comments.create.shape", CREATE_COMMENT, "The answer to commenting has the shape of a comment", SHAPE)
async def create_shape(world: World) -> None:
    _, _, answer = await world.once(written)
    answer.or_blocked_by("comments.create.id").matches(COMMENT)


@check(
    "comments.create.body", CREATE_COMMENT, "The comment has the body that B sent", prose("A comment is what was sent.")
)
async def create_body(world: World) -> None:
    _, _, answer = await world.once(written)
    answer.or_blocked_by("comments.create.id").shows("comment.body", "Thank you for this.")


@check("comments.create.author", CREATE_COMMENT, "B is the author of B's comment", prose("The author is who wrote it."))
async def create_author(world: World) -> None:
    _, hana, answer = await world.once(written)
    answer.or_blocked_by("comments.create.id").shows("comment.author.username", hana.username)


@check("comments.create.timestamps", CREATE_COMMENT, "The timestamps of a comment are date-times", DATE_TIME)
async def create_timestamps(world: World) -> None:
    _, _, answer = await world.once(written)
    answer.or_blocked_by("comments.create.id")
    for path in ("comment.createdAt", "comment.updatedAt"):
        value = answer.value(path)
        if moment_of(value) is None:
            raise answer.fail(f"{path} is a date-time, such as 2026-01-31T12:00:00.000Z", f"{path} is {value!r}")


@check("comments.create.own-ids", CREATE_COMMENT, "Two comments have different ids", prose("An id names one comment."))
async def create_own_ids(world: World) -> None:
    article, hana, _ = await world.once(written)
    first, second = await hana.comments_on(article, "One."), await hana.comments_on(article, "Two.")
    if first.id == second.id:
        raise second.answer.fail("an id of its own", f"the id of the first comment: {first.id}")


@check(
    "comments.create.missing-body",
    CREATE_COMMENT,
    "A comment without a body is refused with 422",
    openapi("body is required; what cannot be taken is answered with 422."),
)
async def create_missing_body(world: World) -> None:
    article, hana, _ = await world.once(written)
    (await hana.post(article.comments, {"comment": {}})).has_status(422)


@check(
    "comments.create.errors",
    CREATE_COMMENT,
    "A refused comment says why, in an object “errors”",
    openapi("422 is answered with {errors: {…}}."),
    needs="comments.create.missing-body",
)
async def create_errors(world: World) -> None:
    article, hana, _ = await world.once(written)
    (await hana.post(article.comments, {"comment": {}})).has_status(422).matches(REFUSAL)


@check(
    "comments.create.wrong-type",
    CREATE_COMMENT,
    "A comment whose body is an object is refused",
    openapi("body is a string."),
)
async def create_wrong_type(world: World) -> None:
    article, hana, _ = await world.once(written)
    (await hana.post(article.comments, {"comment": {"body": {"text": "?"}}})).is_refused()


@check(
    "comments.create.no-comment",
    CREATE_COMMENT,
    "A body without the object “comment” is refused",
    openapi("The body is {comment: {…}}; comment is required."),
)
async def create_no_comment(world: World) -> None:
    article, hana, _ = await world.once(written)
    (await hana.post(article.comments, {})).is_refused()


@check(
    "comments.create.malformed-json",
    CREATE_COMMENT,
    "A comment in malformed JSON is refused",
    prose("Malformed JSON is the sender's mistake: a 4xx, never a 5xx."),
)
async def create_malformed_json(world: World) -> None:
    article, hana, _ = await world.once(written)
    (await hana.post(article.comments, raw_body='{"comment": {')).is_refused()


@check("comments.create.unknown", CREATE_COMMENT, "Commenting on an article that is not there is refused", UNKNOWN)
async def create_unknown(world: World) -> None:
    ann = await world.person("ann")
    path = f"{article_path(world.unique('nowhere'))}/comments"
    (await ann.post(path, {"comment": {"body": "Hello?"}})).is_refused()


# Reading


async def conversation(world: World) -> tuple[Article, tuple[Comment, ...], Answer]:
    """A and B comment on A's article, and a visitor reads the comments."""
    gus, hana = await world.people("gus", "hana")
    article = await gus.publishes()
    comments = (await hana.comments_on(article, "A question."), await gus.comments_on(article, "An answer."))
    return article, comments, await world.visitor.get(article.comments)


@check(
    "comments.list.status",
    READ_COMMENTS,
    "A visitor without a token reads the comments with 200",
    openapi("GET …/comments declares 200; a token is optional."),
)
async def list_status(world: World) -> None:
    article, _, _ = await world.once(written)
    (await world.visitor.get(article.comments)).has_status(200)


@check(
    "comments.list.shape",
    READ_COMMENTS,
    "The comments have the shape of a list of comments",
    openapi("The answer is {comments: […]}."),
)
async def list_shape(world: World) -> None:
    _, _, answer = await world.once(conversation)
    answer.or_blocked_by("comments.list.status").matches(COMMENTS)
    if not answer.items("comments"):
        raise answer.fail("the comments that were written")


@check(
    "comments.list.complete",
    READ_COMMENTS,
    "A visitor reads exactly the comments of A and B, each by its author",
    WRITTEN,
)
async def list_complete(world: World) -> None:
    _, comments, answer = await world.once(conversation)
    items = answer.or_blocked_by("comments.list.status").items("comments")
    found = sorted((str(item.get("id")), str(item.get("body")), _author(item)) for item in items)
    sent = sorted((str(comment.id), comment.body, _author(comment.answer.value("comment"))) for comment in comments)
    if found != sent:
        raise answer.fail(f"the comments {sent}", f"the comments {found}")


@check("comments.list.timestamps", READ_COMMENTS, "The timestamps of comments that are read are date-times", DATE_TIME)
async def list_timestamps(world: World) -> None:
    _, _, answer = await world.once(conversation)
    answer.or_blocked_by("comments.list.status")
    for name in ("createdAt", "updatedAt"):
        for value in answer.fields("comments", name):
            if moment_of(value) is None:
                raise answer.fail(f"{name} is a date-time, such as 2026-01-31T12:00:00.000Z", f"{name} is {value!r}")


@check("comments.list.empty", READ_COMMENTS, "A new article has no comments", WRITTEN)
async def list_empty(world: World) -> None:
    article = await (await world.person("ann")).publishes()
    (await world.visitor.get(article.comments)).or_blocked_by("comments.list.status").shows("comments", [])


@check(
    "comments.list.own-article",
    READ_COMMENTS,
    "A comment on one article is not under another",
    prose("A comment belongs to one article."),
)
async def list_own_article(world: World) -> None:
    ann, bob = await world.people("ann", "bob")
    one, other = await ann.publishes(), await ann.publishes()
    await bob.comments_on(one)
    (await world.visitor.get(other.comments)).or_blocked_by("comments.list.status").shows("comments", [])


@check(
    "comments.list.following",
    READ_COMMENTS,
    "A, who follows B, sees it in B's comment; C does not",
    prose("“following” depends on who asks."),
    needs="profiles.follow.persists",
)
async def list_following(world: World) -> None:
    ann, bob, carl = await world.strangers(3)
    article = await ann.publishes()
    await bob.comments_on(article)
    await ann.follows(bob)
    for viewer, following in ((ann, True), (carl, False)):
        answer = (await viewer.get(article.comments)).or_blocked_by("comments.list.status")
        authors = answer.fields("comments", "author")
        flags = [author.get("following") if isinstance(author, dict) else author for author in authors]
        if flags != [following]:
            raise answer.fail(f"author.following of the comment is {following}", f"author.following is {flags}")


@check("comments.list.unknown", READ_COMMENTS, "The comments of an article that is not there are refused", UNKNOWN)
async def list_unknown(world: World) -> None:
    (await world.visitor.get(f"{article_path(world.unique('nowhere'))}/comments")).is_refused()


# Deleting


async def deleted(world: World) -> tuple[Article, Person, Comment, Comment, Answer]:
    """B writes two comments and deletes the first."""
    gus, hana = await world.people("gus", "hana")
    article = await gus.publishes()
    first, second = await hana.comments_on(article, "Oops."), await hana.comments_on(article, "Better.")
    return article, hana, first, second, await hana.delete(first.path)


@check(
    "comments.delete.status",
    DELETE_COMMENT,
    "B deletes B's comment with 200",
    openapi("DELETE …/comments/{id} declares 200."),
)
async def delete_status(world: World) -> None:
    *_, answer = await world.once(deleted)
    answer.has_status(200)


@check(
    "comments.delete.gone",
    READ_COMMENTS,
    "A comment that B deleted is gone, and B's other comment is still there",
    prose("Deletes delete, and nothing else."),
)
async def delete_gone(world: World) -> None:
    article, _, _, second, answer = await world.once(deleted)
    answer.or_blocked_by("comments.delete.status")
    left = (await world.visitor.get(article.comments)).or_blocked_by("comments.list.status")
    if left.fields("comments", "id") != [second.id]:
        raise left.fail(f"only the comment {second.id}", f"the comments {left.fields('comments', 'id')}")


@check("comments.delete.twice", DELETE_COMMENT, "Deleting a comment once more is refused", UNKNOWN)
async def delete_twice(world: World) -> None:
    _, hana, first, _, answer = await world.once(deleted)
    answer.or_blocked_by("comments.delete.status")
    (await hana.delete(first.path)).is_refused()


@check(
    "comments.delete.by-other-user", DELETE_COMMENT, "C cannot delete B's comment, and it is still there", AUTHOR_ONLY
)
async def delete_by_other_user(world: World) -> None:
    ann, bob, carl = await world.people("ann", "bob", "cleo")
    article = await ann.publishes()
    comment = await bob.comments_on(article)
    (await carl.delete(comment.path)).is_refused()
    await _is_there(world, article, comment)


@check(
    "comments.delete.by-article-author",
    DELETE_COMMENT,
    "A cannot delete B's comment on A's article, and it is still there",
    AUTHOR_ONLY,
)
async def delete_by_article_author(world: World) -> None:
    ann, bob = await world.people("ann", "bob")
    article = await ann.publishes()
    comment = await bob.comments_on(article)
    (await ann.delete(comment.path)).is_refused()
    await _is_there(world, article, comment)


@check(
    "comments.delete.other-article",
    DELETE_COMMENT,
    "A comment is not deleted through an article it does not belong to",
    openapi("slug is the article that the comment is on."),
)
async def delete_other_article(world: World) -> None:
    ann, bob = await world.people("ann", "bob")
    article, other = await ann.publishes(), await ann.publishes()
    comment = await bob.comments_on(article)
    (await bob.delete(f"{other.comments}/{comment.id}")).is_refused()
    await _is_there(world, article, comment)


@check("comments.delete.unknown", DELETE_COMMENT, "Deleting a comment that is not there is refused", UNKNOWN)
async def delete_unknown(world: World) -> None:
    article, hana, _ = await world.once(written)
    (await hana.delete(f"{article.comments}/987654321")).is_refused()


@check(
    "comments.delete.not-a-number",
    DELETE_COMMENT,
    "Deleting a comment whose id is a word is refused",
    openapi("id is an integer."),
)
async def delete_not_a_number(world: World) -> None:
    article, hana, _ = await world.once(written)
    (await hana.delete(f"{article.comments}/first")).is_refused()


@check(
    "comments.delete.unknown-article",
    DELETE_COMMENT,
    "Deleting a comment of an article that is not there is refused",
    UNKNOWN,
)
async def delete_unknown_article(world: World) -> None:
    ann = await world.person("ann")
    (await ann.delete(f"{article_path(world.unique('nowhere'))}/comments/987654321")).is_refused()


async def _is_there(world: World, article: Article, comment: Comment) -> None:
    answer = (await world.visitor.get(article.comments)).or_blocked_by("comments.list.status")
    if answer.fields("comments", "id") != [comment.id]:
        raise answer.fail(f"the comment {comment.id}, still there", f"the comments {answer.fields('comments', 'id')}")


def _author(comment: object) -> str:
    author = comment.get("author") if isinstance(comment, dict) else None
    return str(author.get("username")) if isinstance(author, dict) else ""
