"""The feed: the articles of the people one follows, and no others."""

from __future__ import annotations

from dataclasses import dataclass

from evaluator.contract.answer import Answer
from evaluator.contract.checks import Checks, openapi, prose
from evaluator.contract.conduit.operations import FEED
from evaluator.contract.conduit.shapes import ARTICLES
from evaluator.contract.conduit.shelf import Shelf, another_author, equal, exactly, in_order, long_list, shelf
from evaluator.contract.conduit.world import World

check = Checks()
SHAPE = openapi("The answer is {articles: […], articlesCount}.")
RECENT_FIRST = openapi("The most recent articles come first.")
LIMIT = openapi("limit is the number of articles to answer with; 20 where it is not sent.")
TOTAL = prose("articlesCount is the number of all articles that match, not of those on the page.")
PER_VIEWER = prose("“favorited” and “following” depend on who asks.")
FOLLOWED_ONLY = prose("The feed holds the articles of the people one follows, and no others.")


@dataclass(frozen=True)
class Feed:
    shelf: Shelf
    answer: Answer


async def feed(world: World, spaced: bool = False) -> Feed:
    """A reader follows the author of the shelf, favourites the first article, and reads the feed."""
    story = await world.once(shelf, True) if spaced else await world.once(shelf)
    await story.reader.follows(story.author)
    await story.reader.post(story.articles[0].favorite)
    return Feed(story, await story.reader.get("/articles/feed"))


@check("articles.feed.status", FEED, "A reads A's feed with 200", openapi("GET /articles/feed declares 200."))
async def feed_status(world: World) -> None:
    (await (await world.person("ann")).get("/articles/feed")).has_status(200)


@check("articles.feed.shape", FEED, "The feed has the shape of a list", SHAPE, needs="articles.feed.followed")
async def feed_shape(world: World) -> None:
    (await world.once(feed)).answer.or_blocked_by("articles.feed.status").matches(ARTICLES)


@check("articles.feed.empty", FEED, "The feed of somebody who follows nobody is empty", FOLLOWED_ONLY)
async def feed_empty(world: World) -> None:
    # The author of the shelf follows nobody, and has articles: one's own are not in one's feed either.
    story = await world.once(shelf)
    answer = (await story.author.get("/articles/feed")).or_blocked_by("articles.feed.status")
    answer.shows("articles", []).shows("articlesCount", 0)


@check("articles.feed.followed", FEED, "A's feed holds exactly the articles of B, whom A follows", FOLLOWED_ONLY)
async def feed_followed(world: World) -> None:
    story = await world.once(feed)
    exactly(story.answer.or_blocked_by("articles.feed.status"), story.shelf.articles)


@check(
    "articles.feed.recent-first",
    FEED,
    "The feed shows the most recent article first",
    RECENT_FIRST,
    needs="articles.feed.followed",
)
async def feed_recent_first(world: World) -> None:
    async def judge(story: Shelf) -> None:
        answer = (await world.once(feed, story.articles != (await world.once(shelf)).articles)).answer.is_success()
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
    story = await world.once(feed)
    answer = (await story.shelf.reader.get("/articles/feed", limit=2)).is_success()
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
        await world.once(feed, story.articles != (await world.once(shelf)).articles)
        slugs = []
        for offset in range(3):
            answer = (await story.reader.get("/articles/feed", limit=1, offset=offset)).is_success()
            slugs += answer.fields("articles", "slug")
        equal(answer, "the slugs of three slices, sorted", sorted(map(str, slugs)), sorted(story.newest_first))

    await in_order(world, judge)


@check(
    "articles.feed.total",
    FEED,
    "articlesCount of the feed is 3 where one of three is shown",
    TOTAL,
    needs="articles.feed.followed",
)
async def feed_total(world: World) -> None:
    story = await world.once(feed)
    (await story.shelf.reader.get("/articles/feed", limit=1)).is_success().shows("articlesCount", 3)


@check(
    "articles.feed.flags",
    FEED,
    "The feed shows that A follows B, and what A favourites",
    PER_VIEWER,
    needs=("articles.feed.followed", "favorites.add.persists"),
)
async def feed_flags(world: World) -> None:
    story = await world.once(feed)
    for item in story.answer.items("articles"):
        author = item.get("author")
        following = author.get("following") if isinstance(author, dict) else author
        equal(story.answer, "author.following", following, True)
        first = item.get("slug") == story.shelf.articles[0].slug
        equal(story.answer, f"favorited of {item.get('slug')}", item.get("favorited"), first)


@check("articles.feed.two-authors", FEED, "A's feed holds the articles of B and of C, whom A follows", FOLLOWED_ONLY)
async def feed_two_authors(world: World) -> None:
    story, (follower, _) = await world.once(shelf), await world.once(long_list)
    author, article = await world.once(another_author)
    await follower.follows(story.author)
    await follower.follows(author)
    answer = (await follower.get("/articles/feed")).or_blocked_by("articles.feed.status")
    exactly(answer, (*story.articles, article))


@check("articles.feed.unfollowed", FEED, "The articles of B leave A's feed when A unfollows B", FOLLOWED_ONLY)
async def feed_unfollowed(world: World) -> None:
    ann, (author, article) = await world.person("jo"), await world.once(another_author)
    await ann.follows(author)
    before = (await ann.get("/articles/feed")).or_blocked_by("articles.feed.status")
    if article.slug not in before.fields("articles", "slug"):
        raise before.fail(f"{article.slug} in the feed of a follower")
    (await ann.delete(f"{author.path}/follow")).or_blocked_by("profiles.unfollow.status")
    after = (await ann.get("/articles/feed")).is_success()
    if article.slug in after.fields("articles", "slug"):
        raise after.fail(f"{article.slug} no longer in the feed")
