"""Deleting comments: only by the author, only under their own article, and only the one that is named."""

from __future__ import annotations

from evaluator.contract.answer import Answer
from evaluator.contract.checks import Checks, openapi, prose
from evaluator.contract.conduit.articles import the_article
from evaluator.contract.conduit.comments import UNKNOWN, all_written, commenting, pruned
from evaluator.contract.conduit.operations import DELETE_COMMENT, READ_COMMENTS
from evaluator.contract.conduit.world import Comment, World, article_path

check = Checks()
AUTHOR_ONLY = prose("Only the author of a comment may delete it.")


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
