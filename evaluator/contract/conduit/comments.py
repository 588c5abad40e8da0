"""Comments: who wrote what under which article, and that only its author deletes a comment."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from urllib.parse import quote

from evaluator.contract.answer import Answer
from evaluator.contract.checks import Checks, openapi, prose
from evaluator.contract.conduit.articles import the_article
from evaluator.contract.conduit.circle import follows
from evaluator.contract.conduit.operations import CREATE_COMMENT, DELETE_COMMENT, READ_COMMENTS
from evaluator.contract.conduit.shapes import COMMENT, COMMENTS, REFUSAL, moment_of
from evaluator.contract.conduit.spares import article_for
from evaluator.contract.conduit.world import Article, Comment, Person, World, article_path

check = Checks()
SHAPE = openapi("A comment is {id, createdAt, updatedAt, body, author}; id is an integer.")
DATE_TIME = openapi("createdAt and updatedAt are date-times (RFC 3339, with an offset).")
WRITTEN = prose("What was written is read back, by another client too.")
AUTHOR_ONLY = prose("Only the author of a comment may delete it.")
UNKNOWN = prose("An unknown slug, or an unknown comment, is a 4xx on every route that takes one.")


# Writing


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


async def read_by_a_visitor(world: World) -> Answer:
    """A visitor reads the comments after that."""
    article = await world.once(discussed)
    await world.after(written, answered)
    return await world.visitor.get(article.comments)


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


# Reading


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


# Deleting


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


async def first_comments(world: World) -> tuple[Comment, ...]:
    """Four comments of B's on the article: one to be deleted, three that nobody but B may delete."""
    written = await world.shown_together(all_written)
    if written is not None:
        return written[:4]
    article, bob = await world.once(pruned), await world.person("bob")
    return tuple([await bob.comments_on(article, f"Thought {number}.") for number in range(4)])


async def by_a_stranger(world: World) -> Answer:
    """C, who wrote neither the article nor the comment, tries to delete the second."""
    _, second, _, _ = await world.once(first_comments)
    return await (await world.person("cleo")).delete(second.path)


async def by_the_author_of_the_article(world: World) -> Answer:
    """A, who wrote the article, tries to delete the third."""
    _, _, third, _ = await world.once(first_comments)
    return await (await world.person("ann")).delete(third.path)


async def through_another_article(world: World) -> Answer:
    """B tries to delete the fourth through an article it does not belong to."""
    other, (_, _, _, fourth) = await world.once(the_article), await world.once(first_comments)
    return await (await world.person("bob")).delete(f"{other.comments}/{fourth.id}")


async def left_by_others(world: World) -> Answer:
    """A visitor reads what is left after these attempts."""
    article = await world.once(pruned)
    await world.after(by_a_stranger, by_the_author_of_the_article, through_another_article)
    return (await world.visitor.get(article.comments)).or_blocked_by("comments.list.status")


async def deleted(world: World) -> Answer:
    """B deletes the first."""
    first, _, _, _ = await world.once(first_comments)
    await world.after(left_by_others)
    return await (await world.person("bob")).delete(first.path)


@check(
    "comments.delete.status",
    DELETE_COMMENT,
    "B deletes B's comment with 200",
    openapi("DELETE …/comments/{id} declares 200."),
)
async def delete_status(world: World) -> None:
    (await world.once(deleted)).has_status(200)


@check(
    "comments.delete.gone",
    READ_COMMENTS,
    "A comment that B deleted is gone, and B's other comment is still there",
    prose("Deletes delete, and nothing else."),
)
async def delete_gone(world: World) -> None:
    article, (first, *others) = await world.once(pruned), await world.once(first_comments)
    # What others could delete is told by other checks; comments of other checks come and stay meanwhile.
    before = (await world.once(left_by_others)).fields("comments", "id")
    kept = [comment.id for comment in others if comment.id in before]
    (await world.once(deleted)).or_blocked_by("comments.delete.status")
    left = (await world.visitor.get(article.comments)).or_blocked_by("comments.list.status")
    ids = left.fields("comments", "id")
    if first.id in ids or not all(id in ids for id in kept):
        raise left.fail(f"the comments {kept}, and not {first.id}", f"the comments {ids}")


@check("comments.delete.twice", DELETE_COMMENT, "Deleting a comment once more is refused", UNKNOWN)
async def delete_twice(world: World) -> None:
    first, *_ = await world.once(first_comments)
    (await world.once(deleted)).or_blocked_by("comments.delete.status")
    (await (await world.person("bob")).delete(first.path)).is_refused()


@check(
    "comments.delete.by-other-user", DELETE_COMMENT, "C cannot delete B's comment, and it is still there", AUTHOR_ONLY
)
async def delete_by_other_user(world: World) -> None:
    (await world.once(by_a_stranger)).is_refused()
    await _is_there(world, (await world.once(first_comments))[1])


@check(
    "comments.delete.by-article-author",
    DELETE_COMMENT,
    "A cannot delete B's comment on A's article, and it is still there",
    AUTHOR_ONLY,
)
async def delete_by_article_author(world: World) -> None:
    (await world.once(by_the_author_of_the_article)).is_refused()
    await _is_there(world, (await world.once(first_comments))[2])


@check(
    "comments.delete.other-article",
    DELETE_COMMENT,
    "A comment is not deleted through an article it does not belong to",
    openapi("slug is the article that the comment is on."),
)
async def delete_other_article(world: World) -> None:
    (await world.once(through_another_article)).is_refused()
    await _is_there(world, (await world.once(first_comments))[3])


@check("comments.delete.unknown", DELETE_COMMENT, "Deleting a comment that is not there is refused", UNKNOWN)
async def delete_unknown(world: World) -> None:
    bob, path = await world.once(commenting)
    (await bob.delete(f"{path}/987654321")).is_refused()


@check(
    "comments.delete.not-a-number",
    DELETE_COMMENT,
    "Deleting a comment whose id is a word is refused",
    openapi("id is an integer."),
)
async def delete_not_a_number(world: World) -> None:
    bob, path = await world.once(commenting)
    (await bob.delete(f"{path}/first")).is_refused()


@check(
    "comments.delete.unknown-article",
    DELETE_COMMENT,
    "Deleting a comment of an article that is not there is refused",
    UNKNOWN,
)
async def delete_unknown_article(world: World) -> None:
    ann = await world.person("ann")
    (await ann.delete(f"{article_path(world.unique('nowhere'))}/comments/987654321")).is_refused()


async def _is_there(world: World, comment: Comment) -> None:
    answer = await world.once(left_by_others)
    if comment.id not in answer.fields("comments", "id"):
        raise answer.fail(f"the comment {comment.id}, still there", f"the comments {answer.fields('comments', 'id')}")


def _told(comment: object) -> tuple[str, str, str]:
    """Id, text and author of a comment."""
    told = comment if isinstance(comment, dict) else {}
    author = told.get("author")
    return str(told.get("id")), str(told.get("body")), str(author.get("username")) if isinstance(author, dict) else ""
