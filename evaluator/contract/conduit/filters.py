"""The list of articles by tag, by author and by favourites: exactly what matches, and nothing for what is unknown."""

from __future__ import annotations

from evaluator.contract.answer import Answer, NotReached
from evaluator.contract.checks import Checks, openapi, prose
from evaluator.contract.conduit.articles import the_article
from evaluator.contract.conduit.concurrency import crowded, unfavorited_by_all
from evaluator.contract.conduit.favorites import favorited_by_two, shared
from evaluator.contract.conduit.operations import LIST_ARTICLES
from evaluator.contract.conduit.shelf import Shelf, equal, essay, exactly, first_is_liked, listed, shelf
from evaluator.contract.conduit.world import Article, World

check = Checks()
TOTAL = prose("articlesCount is the number of all articles that match, not of those on the page.")
FILTER = openapi("tag, author and favorited filter the list.")
UNKNOWN = prose("A filter by something unknown matches nothing.")


@check(
    "articles.list.author",
    LIST_ARTICLES,
    "author=A answers with exactly A's articles",
    FILTER,
    needs="articles.list.status",
)
async def list_author(world: World) -> None:
    story, answer = await world.once(listed)
    exactly(answer.is_success(), story.articles)


async def tagged(world: World) -> tuple[Shelf, Answer]:
    """A visitor lists the articles with the tag of the shelf."""
    story = await world.once(shelf)
    return story, await world.visitor.lists(tag=story.tag)


@check(
    "articles.list.tag",
    LIST_ARTICLES,
    "tag=… answers with exactly the articles that have the tag",
    FILTER,
    needs="articles.list.status",
)
async def list_tag(world: World) -> None:
    story, answer = await world.once(tagged)
    exactly(answer.is_success(), story.articles)


@check(
    "articles.list.tag-total",
    LIST_ARTICLES,
    "articlesCount under tag=… counts the articles that have the tag",
    TOTAL,
    needs="articles.list.status",
)
async def list_tag_total(world: World) -> None:
    _, answer = await world.once(tagged)
    answer.is_success().shows("articlesCount", 3)


async def wholly_tagged(world: World) -> tuple[Shelf, Answer]:
    """A visitor lists the articles with a tag of the first article of the shelf, once that is liked by two people."""
    story = await world.once(shelf)
    answer = story.articles[0].answer
    if story.whole not in answer.value("article.tagList"):
        raise NotReached("articles.create.tags", answer.fail(f"the tag {story.whole}"))
    await world.after(first_is_liked)
    return story, await world.visitor.lists(tag=story.whole)


@check(
    "articles.list.tag-whole",
    LIST_ARTICLES,
    "A part of a tag is another tag",
    prose("A filter answers with exactly the right articles."),
    needs="articles.list.tag",
)
async def list_tag_whole(world: World) -> None:
    story, answer = await world.once(wholly_tagged)
    slugs = set(map(str, answer.is_success().fields("articles", "slug")))
    equal(answer, "the slugs", slugs, {story.articles[0].slug})


@check(
    "articles.list.once",
    LIST_ARTICLES,
    "An article with three tags and two favourites is listed once",
    prose("A filter answers with exactly the right articles."),
    needs="articles.list.tag",
)
async def list_once(world: World) -> None:
    await world.once(first_is_liked)
    story, answer = await world.once(wholly_tagged)
    slugs = answer.is_success().fields("articles", "slug")
    equal(answer, f"how often {story.articles[0].slug} is listed", slugs.count(story.articles[0].slug), 1)
    answer.shows("articlesCount", len(set(map(str, slugs))))


async def liked_by_one(world: World) -> tuple[tuple[Article, ...], Answer]:
    """C favourites two articles, and a visitor lists what C favourites."""
    cleo, liked = await world.person("cleo"), (await world.once(shared), await world.once(essay))
    await world.once(favorited_by_two)  # C favourites the first in it
    await cleo.favorites(liked[1])
    return liked, await world.visitor.lists(favorited=cleo.username)


@check(
    "articles.list.favorited",
    LIST_ARTICLES,
    "favorited=B answers with exactly the articles that B favourites",
    FILTER,
    needs=("articles.list.status", "favorites.add.persists"),
)
async def list_favorited(world: World) -> None:
    liked, answer = await world.once(liked_by_one)
    slugs = answer.is_success().fields("articles", "slug")
    # In the race of `concurrency`, everybody favourites this one and takes it back: it may be there or not.
    passing = await world.shown_together(crowded)
    kept = [slug for slug in slugs if passing is None or slug != passing.slug]
    equal(answer, "the slugs, sorted", sorted(map(str, kept)), sorted(article.slug for article in liked))
    # A list and its count are two statements for most backends, and the race may go on between them.
    counts = {len(liked), len(liked) + 1} if passing else {len(liked)}
    if answer.value("articlesCount") not in counts:
        answer.shows("articlesCount", len(slugs))


@check(
    "articles.list.unfavorited",
    LIST_ARTICLES,
    "An article that A no longer favourites leaves favorited=A",
    prose("What was taken back is gone, wherever it is shown."),
    needs=("articles.list.favorited", "concurrency.unfavorites"),
)
async def list_unfavorited(world: World) -> None:
    article, ann = await world.once(unfavorited_by_all), await world.person("ann")
    answer = (await world.visitor.lists(favorited=ann.username)).is_success()
    if article.slug in answer.fields("articles", "slug"):
        raise answer.fail(f"no article {article.slug}, whose favourite A took back")


@check(
    "articles.list.combined",
    LIST_ARTICLES,
    "author=A and tag=… together answer with what matches both",
    prose("Filters together narrow the list."),
    needs=("articles.list.author", "articles.list.tag"),
)
async def list_combined(world: World) -> None:
    story, article, ann = await world.once(shelf), await world.once(the_article), await world.person("ann")
    tag = article.sent["tagList"][0]
    (await world.visitor.lists(author=story.author.username, tag=tag)).is_success().shows("articles", [])
    mine = (await world.visitor.lists(author=ann.username, tag=tag)).is_success()
    equal(mine, "the number of articles", len(mine.items("articles")), 1)


def _nothing_for(name: str) -> None:
    @check(
        f"articles.list.unknown-{name}",
        LIST_ARTICLES,
        f"{name}=… of something unknown answers with no articles",
        UNKNOWN,
        needs="articles.list.status",
    )
    async def unknown(world: World) -> None:
        await world.once(first_is_liked)  # there are articles that must not be found
        answer = (await world.visitor.lists(**{name: world.unique("unknown")})).is_success()
        answer.shows("articles", []).shows("articlesCount", 0)


for _name in ("tag", "author", "favorited"):
    _nothing_for(_name)
