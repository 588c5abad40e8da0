"""The list of articles: order, slices, totals, and who sees what in it."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

from evaluator.contract.answer import Answer
from evaluator.contract.checks import Checks, benchmark, openapi, prose
from evaluator.contract.conduit.articles import the_article
from evaluator.contract.conduit.circle import reader_follows
from evaluator.contract.conduit.filters import liked_by_one, tagged
from evaluator.contract.conduit.operations import LIST_ARTICLES
from evaluator.contract.conduit.shapes import ARTICLES
from evaluator.contract.conduit.shelf import (
    Shelf,
    as_written,
    dated,
    equal,
    essay,
    first_is_liked,
    in_order,
    listed,
    shelf,
    slice_of,
)
from evaluator.contract.conduit.spares import alive
from evaluator.contract.conduit.subject import their_article
from evaluator.contract.conduit.text import CARRIERS, carried
from evaluator.contract.conduit.world import Article, World

check = Checks()
SHAPE = openapi("The answer is {articles: […], articlesCount}.")
DATE_TIME = openapi("createdAt and updatedAt are date-times (RFC 3339, with an offset).")
RECENT_FIRST = openapi("The most recent articles come first.")
LIMIT = openapi("limit is the number of articles to answer with; 20 where it is not sent.")
OFFSET = openapi("offset is the number of articles to skip.")
TOTAL = prose("articlesCount is the number of all articles that match, not of those on the page.")
PER_VIEWER = prose("“favorited” and “following” depend on who asks.")
MOST_PAGES = 10
LONG = 21
SHAPE = openapi("The answer is {articles: […], articlesCount}.")
DATE_TIME = openapi("createdAt and updatedAt are date-times (RFC 3339, with an offset).")
RECENT_FIRST = openapi("The most recent articles come first.")
LIMIT = openapi("limit is the number of articles to answer with; 20 where it is not sent.")
OFFSET = openapi("offset is the number of articles to skip.")
TOTAL = prose("articlesCount is the number of all articles that match, not of those on the page.")
PER_VIEWER = prose("“favorited” and “following” depend on who asks.")
MOST_PAGES = 10
LONG = 21
NEVER_A_CRASH = openapi("limit and offset are integers, at least 1 and 0; 200, 401 and 422 are declared, and no 5xx.")


async def everything(world: World) -> Answer:
    """A visitor lists all articles, when A has published one."""
    await world.after(the_article)
    return await world.visitor.lists()


async def listed_for(world: World, name: str) -> Answer:
    """One of the cast lists the articles of the shelf, once they are liked and their author is followed."""
    story, viewer = await world.once(shelf), await world.person(name)
    await world.after(first_is_liked, reader_follows)
    return await viewer.lists(author=story.author.username)


@check(
    "articles.list.status",
    LIST_ARTICLES,
    "A visitor without a token lists articles with 200",
    openapi("GET /articles declares 200; a token is optional."),
)
async def list_status(world: World) -> None:
    (await world.once(everything)).has_status(200)


@check("articles.list.shape", LIST_ARTICLES, "The list of articles has the shape of a list", SHAPE)
async def list_shape(world: World) -> None:
    _, answer = await world.once(listed)
    answer.or_blocked_by("articles.list.status").matches(ARTICLES)
    if not answer.items("articles"):
        raise answer.fail("the articles of an author who has published three")


@check("articles.list.timestamps", LIST_ARTICLES, "The timestamps in the list are date-times", DATE_TIME)
async def list_timestamps(world: World) -> None:
    _, answer = await world.once(listed)
    dated(answer.or_blocked_by("articles.list.status"))


@check(
    "articles.list.new-article",
    LIST_ARTICLES,
    "A new article of A's is in the list of all articles",
    prose("What was written is read back."),
)
async def list_new_article(world: World) -> None:
    article = await world.once(the_article)
    answer = (await world.once(everything)).or_blocked_by("articles.list.status")
    offset = 0
    # Other checks publish at the same time: the article may already be some pages down.
    for _ in range(MOST_PAGES):
        slugs = answer.fields("articles", "slug")
        if article.slug in slugs:
            return
        offset += len(slugs)
        answer = (await world.visitor.lists(limit=50, offset=offset)).or_blocked_by("articles.list.status")
        if not answer.items("articles"):
            break
    raise answer.fail(f"{article.slug} among all articles")


@check(
    "articles.list.content",
    LIST_ARTICLES,
    "The list shows A's articles as they were written",
    prose("What was written is read back."),
)
async def list_content(world: World) -> None:
    story, answer = await world.once(listed)
    as_written(answer.or_blocked_by("articles.list.status"), story)


@check(
    "articles.list.recent-first",
    LIST_ARTICLES,
    "The list shows the most recent article first",
    RECENT_FIRST,
    needs="articles.list.author",
)
async def list_recent_first(world: World) -> None:
    async def judge(story: Shelf) -> None:
        answer = (await slice_of(world, story.author.username)).is_success()
        equal(answer, "the slugs in order", answer.fields("articles", "slug"), story.newest_first)

    await in_order(world, judge)


@check(
    "articles.list.limit",
    LIST_ARTICLES,
    "limit=2 answers with two of three articles",
    LIMIT,
    needs="articles.list.author",
)
async def list_limit(world: World) -> None:
    story = await world.once(shelf)
    answer = (await slice_of(world, story.author.username, limit=2)).is_success()
    equal(answer, "the number of articles", len(answer.items("articles")), 2)


@check(
    "articles.list.offset",
    LIST_ARTICLES,
    "offset=1 skips the most recent article",
    OFFSET,
    needs="articles.list.recent-first",
)
async def list_offset(world: World) -> None:
    async def judge(story: Shelf) -> None:
        answer = (await slice_of(world, story.author.username, offset=1)).is_success()
        equal(answer, "the slugs in order", answer.fields("articles", "slug"), story.newest_first[1:])

    await in_order(world, judge)


@check(
    "articles.list.slices",
    LIST_ARTICLES,
    "limit and offset slice the list without overlap or gap",
    prose("Slices of a list neither overlap nor leave a gap."),
    needs="articles.list.author",
)
async def list_slices(world: World) -> None:
    async def judge(story: Shelf) -> None:
        slugs = []
        # One at a time: a limit that was joined to the offset as text, “1” and “1”, would show two here.
        for query in ({"limit": 1}, {"limit": 1, "offset": 1}, {"limit": 1, "offset": 2}):
            answer = (await slice_of(world, story.author.username, **query)).is_success()
            slugs += answer.fields("articles", "slug")
        equal(answer, "the slugs of three slices, sorted", sorted(map(str, slugs)), sorted(story.newest_first))

    await in_order(world, judge)


@check(
    "articles.list.past-the-end",
    LIST_ARTICLES,
    "An offset past the end answers with no articles",
    OFFSET,
    needs="articles.list.author",
)
async def list_past_the_end(world: World) -> None:
    story = await world.once(shelf)
    (await world.visitor.lists(author=story.author.username, offset=50)).is_success().shows("articles", [])


# The long list: all articles, of which there must be 21 at least


async def longer_page(world: World) -> Answer:
    """A visitor lists 21 articles, when so many were published: most by other checks, and the rest here."""
    await world.after(alive, shelf, essay, the_article, their_article, *((carried, carrier) for carrier in CARRIERS))
    answer = await world.visitor.lists(limit=LONG)
    missing = LONG - len(answer.or_blocked_by("articles.list.status").items("articles"))
    if missing <= 0:
        return answer
    ann = await world.person("ann")
    await asyncio.gather(*(ann.publishes() for _ in range(missing)))
    return await world.visitor.lists(limit=LONG)


async def first_page(world: World) -> Answer:
    """After that, a visitor lists articles without a limit."""
    await world.once(longer_page)
    return await world.visitor.lists()


@check(
    "articles.list.default-limit",
    LIST_ARTICLES,
    "Of more than 20 articles, 20 are shown where no limit is sent",
    LIMIT,
    needs="articles.list.status",
)
async def list_default_limit(world: World) -> None:
    answer = await world.once(first_page)
    equal(answer.is_success(), "the number of articles", len(answer.items("articles")), 20)


@check(
    "articles.list.larger-limit",
    LIST_ARTICLES,
    "limit=21 answers with 21 of at least as many articles",
    LIMIT,
    needs="articles.list.status",
)
async def list_larger_limit(world: World) -> None:
    answer = await world.once(longer_page)
    equal(answer.is_success(), "the number of articles", len(answer.items("articles")), LONG)


@check(
    "articles.list.total",
    LIST_ARTICLES,
    "articlesCount is more than 20 where 20 of more articles are shown",
    TOTAL,
    needs="articles.list.status",
)
async def list_total(world: World) -> None:
    answer = (await world.once(first_page)).is_success()
    count = answer.value("articlesCount")
    if isinstance(count, bool) or not isinstance(count, int) or count <= 20:
        raise answer.fail("articlesCount is more than 20", f"articlesCount is {count!r}")


@check(
    "articles.list.total-of-slice",
    LIST_ARTICLES,
    "articlesCount stays 3 under limit and offset",
    TOTAL,
    needs="articles.list.author",
)
async def list_total_of_slice(world: World) -> None:
    story = await world.once(shelf)
    (await slice_of(world, story.author.username, limit=2, offset=2)).is_success().shows("articlesCount", 3)


# Who sees what


@check(
    "articles.list.favorited-flag",
    LIST_ARTICLES,
    "A, who favourites an article, sees it in the list; B and a visitor do not",
    PER_VIEWER,
    needs=("articles.list.author", "favorites.add.persists"),
)
async def list_favorited_flag(world: World) -> None:
    article = await world.once(first_is_liked)
    _, seen_by_a_visitor = await world.once(listed)
    viewers = (await world.once(listed_for, "bob"), True), (await world.once(listed_for, "dan"), False)
    for answer, favorited in (*viewers, (seen_by_a_visitor, False)):
        item = _item(answer.or_blocked_by("articles.list.status"), article)
        equal(answer, f"favorited of {article.slug}", item.get("favorited"), favorited)


@check(
    "articles.list.favorites-count",
    LIST_ARTICLES,
    "The list shows how many people favourite an article",
    prose("favoritesCount counts people."),
    needs=("articles.list.author", "favorites.add.persists"),
)
async def list_favorites_count(world: World) -> None:
    article = await world.once(first_is_liked)
    _, answer = await world.once(listed)
    item = _item(answer.or_blocked_by("articles.list.status"), article)
    equal(answer, f"favoritesCount of {article.slug}", item.get("favoritesCount"), 2)


@check(
    "articles.list.following-flag",
    LIST_ARTICLES,
    "A, who follows B, sees it in the list; C does not",
    PER_VIEWER,
    needs=("articles.list.author", "profiles.follow.persists"),
)
async def list_following_flag(world: World) -> None:
    await world.once(reader_follows)
    for name, following in (("bob", True), ("dan", False)):
        answer = (await world.once(listed_for, name)).or_blocked_by("articles.list.status")
        authors = answer.fields("articles", "author")
        flags = [author.get("following") if isinstance(author, dict) else author for author in authors]
        equal(answer, "author.following of each article", flags, [following] * 3)


def _item(answer: Answer, article: Article) -> dict[str, Any]:
    """The article in the list; where it is not there, nothing of it."""
    return next((item for item in answer.items("articles") if item.get("slug") == article.slug), {})


# Parameters that make no sense: whether they are refused or overlooked is left open


def _never_a_crash(id: str, title: str, **query: str | int) -> None:
    @check(f"articles.list.{id}", LIST_ARTICLES, title, NEVER_A_CRASH)
    async def no_crash(world: World) -> None:
        # Among the articles of one tag: what is asked for is the parameter, not a list of everything there is.
        article = await world.shown_together(the_article)
        one: dict[str, str] = {"tag": article.sent["tagList"][0]} if article is not None else {}
        (await world.visitor.lists(**one, **query)).is_no_crash()


_never_a_crash("limit-zero", "limit=0 is refused or overlooked, never a crash", limit=0)
_never_a_crash("limit-negative", "limit=-1 is refused or overlooked, never a crash", limit=-1)
_never_a_crash("limit-word", "limit=many is refused or overlooked, never a crash", limit="many")
_never_a_crash("limit-huge", "limit=1000000 is refused or overlooked, never a crash", limit=1_000_000)
_never_a_crash("offset-negative", "offset=-1 is refused or overlooked, never a crash", offset=-1)
_never_a_crash("offset-word", "offset=some is refused or overlooked, never a crash", offset="some")
_never_a_crash("offset-huge", "An offset beyond 64 bits is refused or overlooked, never a crash", offset=10**20)


# What only the published collection asks for


def _bodies(id: str, title: str, scene: Callable[[World], Awaitable[Answer]]) -> None:
    @check(
        f"articles.list.body-{id}",
        LIST_ARTICLES,
        title,
        benchmark("The published collection asks for body in lists; the document leaves it out."),
    )
    async def bodies(world: World) -> None:
        answer = (await scene(world)).or_blocked_by("articles.list.status")
        if not answer.items("articles") or not all("body" in item for item in answer.items("articles")):
            raise answer.fail("body in each article of the list")


async def _all(world: World) -> Answer:
    return await world.once(everything)


async def _all_signed_in(world: World) -> Answer:
    await world.after(the_article)
    return await (await world.person("ann")).lists(limit=1)


async def _by_author(world: World) -> Answer:
    return (await world.once(listed))[1]


async def _by_author_signed_in(world: World) -> Answer:
    return await world.once(listed_for, "bob")


async def _by_favourites(world: World) -> Answer:
    return (await world.once(liked_by_one))[1]


async def _by_favourites_signed_in(world: World) -> Answer:
    await world.after(liked_by_one)
    ann, cleo = await world.people("ann", "cleo")
    return await ann.lists(favorited=cleo.username)


async def _by_tag(world: World) -> Answer:
    return (await world.once(tagged))[1]


_bodies("all", "The list of all articles holds their bodies", _all)
_bodies("all-signed-in", "The list of all articles holds their bodies for A", _all_signed_in)
_bodies("author", "The list by author holds bodies", _by_author)
_bodies("author-signed-in", "The list by author holds bodies for A", _by_author_signed_in)
_bodies("favorited", "The list by favourites holds bodies", _by_favourites)
_bodies("favorited-signed-in", "The list by favourites holds bodies for A", _by_favourites_signed_in)
_bodies("tag", "The list by tag holds bodies", _by_tag)
