"""The list of articles by tag, by author and by favourites: exactly what matches, and nothing for what is unknown."""

from __future__ import annotations

from evaluator.contract.checks import Checks, openapi, prose
from evaluator.contract.conduit.operations import LIST_ARTICLES
from evaluator.contract.conduit.shelf import another_author, equal, exactly, listed, shelf
from evaluator.contract.conduit.world import World

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


@check(
    "articles.list.tag",
    LIST_ARTICLES,
    "tag=… answers with exactly the articles that have the tag",
    FILTER,
    needs="articles.list.status",
)
async def list_tag(world: World) -> None:
    story = await world.once(shelf)
    exactly((await world.visitor.lists(tag=story.tag)).is_success(), story.articles)


@check(
    "articles.list.tag-total",
    LIST_ARTICLES,
    "articlesCount under tag=… counts the articles that have the tag",
    TOTAL,
    needs="articles.list.status",
)
async def list_tag_total(world: World) -> None:
    story = await world.once(shelf)
    (await world.visitor.lists(tag=story.tag)).is_success().shows("articlesCount", 3)


@check(
    "articles.list.tag-whole",
    LIST_ARTICLES,
    "A part of a tag is another tag",
    prose("A filter answers with exactly the right articles."),
    needs="articles.list.tag",
)
async def list_tag_whole(world: World) -> None:
    ann = await world.person("ann")
    tag = world.unique("wholetag")
    article = await ann.publishes(tags=[tag])
    await ann.publishes(tags=[f"{tag}s"])
    answer = (await world.visitor.lists(tag=tag)).is_success()
    exactly(answer, (article,))


@check(
    "articles.list.favorited",
    LIST_ARTICLES,
    "favorited=B answers with exactly the articles that B favourites",
    FILTER,
    needs=("articles.list.status", "favorites.add.persists"),
)
async def list_favorited(world: World) -> None:
    ann, (bob, _) = await world.person("ann"), await world.once(another_author)
    liked = (await ann.publishes(), await ann.publishes())
    await ann.publishes()
    for article in liked:
        await bob.favorites(article)
    answer = (await world.visitor.lists(favorited=bob.username)).is_success()
    exactly(answer, liked)
    answer.shows("articlesCount", 2)


@check(
    "articles.list.once",
    LIST_ARTICLES,
    "An article with three tags and two favourites is listed once",
    prose("A filter answers with exactly the right articles."),
    needs="articles.list.tag",
)
async def list_once(world: World) -> None:
    ann, bob, carl = await world.people("ann", "bob", "cleo")
    tags = [world.unique("many") for _ in range(3)]
    article = await ann.publishes(tags=tags)
    await bob.favorites(article)
    await carl.favorites(article)
    answer = (await world.visitor.lists(tag=tags[0])).is_success()
    exactly(answer, (article,))
    answer.shows("articlesCount", 1)


@check(
    "articles.list.combined",
    LIST_ARTICLES,
    "author=A and tag=… together answer with what matches both",
    prose("Filters together narrow the list."),
    needs=("articles.list.author", "articles.list.tag"),
)
async def list_combined(world: World) -> None:
    story, ann = await world.once(shelf), await world.person("ann")
    tag = world.unique("shared")
    await ann.publishes(tags=[tag])
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
        await world.once(shelf)  # there are articles that must not be found
        answer = (await world.visitor.lists(**{name: world.unique("unknown")})).is_success()
        answer.shows("articles", []).shows("articlesCount", 0)


for _name in ("tag", "author", "favorited"):
    _nothing_for(_name)
