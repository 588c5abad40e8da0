"""Deleting an article: it is gone from everywhere, nothing else is, and only the author may."""

from __future__ import annotations

from evaluator.contract.answer import Answer
from evaluator.contract.checks import Checks, openapi, prose
from evaluator.contract.conduit.articles import UNKNOWN, the_article
from evaluator.contract.conduit.operations import DELETE_ARTICLE, LIST_ARTICLES, READ_ARTICLE, READ_COMMENTS
from evaluator.contract.conduit.spares import article_for
from evaluator.contract.conduit.world import Article, World, article_path

check = Checks()
AUTHOR_ONLY = prose("Only the author may change or delete an article.")


async def discussed_and_deleted(world: World) -> tuple[Article, Answer]:
    """A deletes an article on which C commented, and which B favourites."""
    ann, bob, cleo = await world.people("ann", "bob", "cleo")
    article = await ann.publishes(tags=[world.unique("gone")])
    await cleo.comments_on(article)
    await bob.favorites(article)
    return article, await ann.delete(article.path)


async def deleted(world: World) -> tuple[Article, Answer]:
    """A deletes that article; where something hangs on to it, an article that nobody else has touched."""
    story = await world.shown_together(discussed_and_deleted)
    if story is not None and story[1].succeeded:
        return story
    ann = await world.person("ann")
    article = await ann.publishes(tags=[world.unique("gone")])
    return article, await ann.delete(article.path)


async def read_after_deletion(world: World, path: str) -> Answer:
    """A visitor reads what was deleted."""
    return await world.visitor.get(path)


@check(
    "articles.delete.status",
    DELETE_ARTICLE,
    "A deletes A's article with 200",
    openapi("DELETE /articles/{slug} declares 200."),
)
async def delete_status(world: World) -> None:
    _, answer = await world.once(deleted)
    answer.has_status(200)


@check("articles.delete.gone", READ_ARTICLE, "An article that A deleted is gone", prose("Deletes delete."))
async def delete_gone(world: World) -> None:
    article, answer = await world.once(deleted)
    answer.or_blocked_by("articles.delete.status")
    (await world.once(read_after_deletion, article.path)).is_refused()


@check(
    "articles.delete.unlisted",
    LIST_ARTICLES,
    "An article that A deleted is no longer listed or counted",
    prose("Deletes delete."),
)
async def delete_unlisted(world: World) -> None:
    article, answer = await world.once(deleted)
    answer.or_blocked_by("articles.delete.status")
    listed = (await world.visitor.lists(tag=article.sent["tagList"][0])).or_blocked_by("articles.list.status")
    listed.shows("articles", []).shows("articlesCount", 0)


@check("articles.delete.twice", DELETE_ARTICLE, "Deleting an article once more is refused", UNKNOWN)
async def delete_twice(world: World) -> None:
    article, answer = await world.once(deleted)
    answer.or_blocked_by("articles.delete.status")
    (await (await world.person("ann")).delete(article.path)).is_refused()


@check(
    "articles.delete.with-comments",
    DELETE_ARTICLE,
    "A deletes an article that others have commented on and favourite",
    prose("Deletes delete, whatever hangs on it."),
)
async def delete_with_comments(world: World) -> None:
    article, answer = await world.once(discussed_and_deleted)
    answer.is_success()
    (await world.once(read_after_deletion, article.path)).is_refused()


@check("articles.delete.comments-gone", READ_COMMENTS, "The comments of an article that A deleted are refused", UNKNOWN)
async def delete_comments_gone(world: World) -> None:
    article, answer = await world.once(discussed_and_deleted)
    answer.or_blocked_by("articles.delete.with-comments")
    (await world.visitor.get(article.comments)).is_refused()


@check(
    "articles.delete.keeps-others",
    READ_ARTICLE,
    "Deleting one article leaves A's other article",
    prose("Deleting one thing leaves the others."),
)
async def delete_keeps_others(world: World) -> None:
    kept = await world.once(the_article)
    _, answer = await world.once(deleted)
    answer.or_blocked_by("articles.delete.status")
    (await world.visitor.reads(kept)).is_success().shows("article.body", kept.sent["body"])


async def deleted_by_another(world: World) -> tuple[Article, Answer]:
    """B tries to delete an article of A's."""
    article, bob = await article_for(world, "another to delete"), await world.person("bob")
    return article, await bob.delete(article.path)


@check("articles.delete.by-other-user", DELETE_ARTICLE, "B cannot delete A's article", AUTHOR_ONLY)
async def delete_by_other_user(world: World) -> None:
    _, answer = await world.once(deleted_by_another)
    answer.is_refused()


@check(
    "articles.delete.by-other-user-still-there",
    READ_ARTICLE,
    "A's article is still there after B tried to delete it",
    AUTHOR_ONLY,
)
async def delete_by_other_user_still_there(world: World) -> None:
    article, _ = await world.once(deleted_by_another)
    (await world.visitor.reads(article)).is_success().shows("article.body", article.sent["body"])


@check("articles.delete.unknown", DELETE_ARTICLE, "Deleting an article that is not there is refused", UNKNOWN)
async def delete_unknown(world: World) -> None:
    (await (await world.person("ann")).delete(article_path(world.unique("nowhere")))).is_refused()
