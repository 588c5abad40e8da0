"""The feed: the articles of the people one follows, and no others."""

from __future__ import annotations

from evaluator.contract.answer import Answer
from evaluator.contract.checks import Checks, openapi, prose
from evaluator.contract.conduit.circle import feed_of_two_authors, reader_follows, unfollows
from evaluator.contract.conduit.operations import FEED
from evaluator.contract.conduit.shapes import ARTICLES
from evaluator.contract.conduit.shelf import (
    Shelf,
    as_written,
    dated,
    equal,
    essay,
    exactly,
    first_is_liked,
    in_order,
    shelf,
)
from evaluator.contract.conduit.world import Person, World

check = Checks()
SHAPE = openapi("The answer is {articles: […], articlesCount}.")
DATE_TIME = openapi("createdAt and updatedAt are date-times (RFC 3339, with an offset).")
RECENT_FIRST = openapi("The most recent articles come first.")
LIMIT = openapi("limit is the number of articles to answer with; 20 where it is not sent.")
TOTAL = prose("articlesCount is the number of all articles that match, not of those on the page.")
PER_VIEWER = prose("“favorited” and “following” depend on who asks.")
FOLLOWED_ONLY = prose("The feed holds the articles of the people one follows, and no others.")


async def reader(world: World, spaced: bool) -> tuple[Shelf, Person]:
    """Somebody who follows the author of the shelf and nobody else: B, or a newcomer where the shelf is `spaced`."""
    if not spaced:
        await world.once(reader_follows)
        return await world.once(shelf), await world.person("bob")
    story, newcomer = await world.once(shelf, True), await world.newcomer("reader")
    await newcomer.follows(story.author)
    return story, newcomer


async def feed(world: World, spaced: bool = False, **query: int) -> Answer:
    """The reader reads the feed with this limit and offset, once an article in it is liked; asked once."""
    return await world.once(_feed, spaced, *sorted(query.items()))


async def _feed(world: World, spaced: bool, *query: tuple[str, int]) -> Answer:
    _, person = await world.once(reader, spaced)
    await world.after(first_is_liked)
    return await person.get("/articles/feed", **dict(query))


async def feed_of_nobody(world: World) -> Answer:
    """C, who follows nobody and has articles, reads the feed."""
    await world.after(shelf)
    return await (await world.person("cleo")).get("/articles/feed")


@check("articles.feed.status", FEED, "A reads A's feed with 200", openapi("GET /articles/feed declares 200."))
async def feed_status(world: World) -> None:
    (await world.once(feed_of_nobody)).has_status(200)


@check("articles.feed.shape", FEED, "The feed has the shape of a list", SHAPE, needs="articles.feed.followed")
async def feed_shape(world: World) -> None:
    (await feed(world)).or_blocked_by("articles.feed.status").matches(ARTICLES)


@check("articles.feed.empty", FEED, "The feed of somebody who follows nobody is empty", FOLLOWED_ONLY)
async def feed_empty(world: World) -> None:
    await world.once(shelf)  # one's own articles are not in one's feed either
    answer = (await world.once(feed_of_nobody)).or_blocked_by("articles.feed.status")
    answer.shows("articles", []).shows("articlesCount", 0)


@check("articles.feed.followed", FEED, "A's feed holds exactly the articles of B, whom A follows", FOLLOWED_ONLY)
async def feed_followed(world: World) -> None:
    story, answer = await world.once(shelf), await feed(world)
    exactly(answer.or_blocked_by("articles.feed.status"), story.articles)


@check(
    "articles.feed.recent-first",
    FEED,
    "The feed shows the most recent article first",
    RECENT_FIRST,
    needs="articles.feed.followed",
)
async def feed_recent_first(world: World) -> None:
    async def judge(story: Shelf) -> None:
        answer = (await feed(world, await _is_spaced(world, story))).is_success()
        equal(answer, "the slugs in order", answer.fields("articles", "slug"), story.newest_first)

    await in_order(world, judge)


@check(
    "articles.feed.limit",
    FEED,
    "limit=2 answers with two of three articles of the feed",
    LIMIT,
    needs="articles.feed.followed",
)
async def feed_limit(world: World) -> None:
    answer = (await feed(world, limit=2)).is_success()
    equal(answer, "the number of articles", len(answer.items("articles")), 2)


@check(
    "articles.feed.slices",
    FEED,
    "limit and offset slice the feed without overlap or gap",
    prose("Slices of a list neither overlap nor leave a gap."),
    needs="articles.feed.followed",
)
async def feed_slices(world: World) -> None:
    async def judge(story: Shelf) -> None:
        slugs, spaced = [], await _is_spaced(world, story)
        for query in ({"limit": 2}, {"limit": 2, "offset": 2}):
            answer = (await feed(world, spaced, **query)).is_success()
            slugs += answer.fields("articles", "slug")
        equal(answer, "the slugs of two slices, sorted", sorted(map(str, slugs)), sorted(story.newest_first))

    await in_order(world, judge)


@check(
    "articles.feed.total",
    FEED,
    "articlesCount of the feed is 3 where one of three is shown",
    TOTAL,
    needs="articles.feed.followed",
)
async def feed_total(world: World) -> None:
    (await feed(world, limit=2, offset=2)).is_success().shows("articlesCount", 3)


@check(
    "articles.feed.flags",
    FEED,
    "The feed shows that A follows B, and what A favourites",
    PER_VIEWER,
    needs=("articles.feed.followed", "favorites.add.persists"),
)
async def feed_flags(world: World) -> None:
    liked, answer = await world.once(first_is_liked), (await feed(world)).is_success()
    for item in answer.items("articles"):
        author = item.get("author")
        following = author.get("following") if isinstance(author, dict) else author
        equal(answer, "author.following", following, True)
        equal(answer, f"favorited of {item.get('slug')}", item.get("favorited"), item.get("slug") == liked.slug)


@check("articles.feed.timestamps", FEED, "The timestamps in the feed are date-times", DATE_TIME)
async def feed_timestamps(world: World) -> None:
    dated((await feed(world)).or_blocked_by("articles.feed.status"))


@check(
    "articles.feed.content",
    FEED,
    "The feed shows B's articles as they were written",
    prose("What was written is read back."),
    needs="articles.feed.followed",
)
async def feed_content(world: World) -> None:
    as_written((await feed(world)).is_success(), await world.once(shelf))


def _never_a_crash(id: str, value: str | int) -> None:
    @check(
        f"articles.feed.limit-{id}",
        FEED,
        f"limit={value} for the feed is refused or overlooked, never a crash",
        openapi("limit is an integer, at least 1; 200, 401 and 422 are declared, and no 5xx."),
    )
    async def no_crash(world: World) -> None:
        await world.after(shelf)
        (await (await world.person("bob")).get("/articles/feed", limit=value)).is_no_crash()


_never_a_crash("negative", -1)
_never_a_crash("word", "many")


@check("articles.feed.two-authors", FEED, "A's feed holds the articles of B and of C, whom A follows", FOLLOWED_ONLY)
async def feed_two_authors(world: World) -> None:
    story, article = await world.once(shelf), await world.once(essay)
    answer = (await world.once(feed_of_two_authors)).or_blocked_by("articles.feed.status")
    exactly(answer, (*story.articles, article))


@check("articles.feed.unfollowed", FEED, "The articles of B leave A's feed when A unfollows B", FOLLOWED_ONLY)
async def feed_unfollowed(world: World) -> None:
    story = await world.once(shelf)
    before = (await world.once(feed_of_two_authors)).or_blocked_by("articles.feed.status")
    theirs = {article.slug for article in story.articles}
    if not theirs & set(map(str, before.fields("articles", "slug"))):
        raise before.fail(f"{story.articles[0].slug} in the feed of a follower")
    (await world.once(unfollows)).or_blocked_by("profiles.unfollow.status")
    after = (await (await world.person("ann")).get("/articles/feed")).is_success()
    left = theirs & set(map(str, after.fields("articles", "slug")))
    if left:
        raise after.fail(f"{min(left)} no longer in the feed")


async def _is_spaced(world: World, story: Shelf) -> bool:
    return story is not await world.once(shelf)
