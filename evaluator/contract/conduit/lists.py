"""The list of articles and the feed: order, slices, totals, filters, and who sees what in them."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from evaluator.contract.answer import Answer, Failed
from evaluator.contract.checks import Checks, benchmark, openapi, prose
from evaluator.contract.conduit.operations import FEED, LIST_ARTICLES
from evaluator.contract.conduit.shapes import ARTICLES, moment_of
from evaluator.contract.conduit.world import TIE_SECONDS, Article, Person, Visitor, World

check = Checks()
SHAPE = openapi("The answer is {articles: […], articlesCount}.")
DATE_TIME = openapi("createdAt and updatedAt are date-times (RFC 3339, with an offset).")
RECENT_FIRST = openapi("The most recent articles come first.")
LIMIT = openapi("limit is the number of articles to answer with; 20 where it is not sent.")
OFFSET = openapi("offset is the number of articles to skip.")
TOTAL = prose("articlesCount is the number of all articles that match, not of those on the page.")
FILTER = openapi("tag, author and favorited filter the list.")
UNKNOWN = prose("A filter by something unknown matches nothing.")
PER_VIEWER = prose("“favorited” and “following” depend on who asks.")
FOLLOWED_ONLY = prose("The feed holds the articles of the people one follows, and no others.")
MOST_PAGES = 10
NEVER_A_CRASH = openapi("limit and offset are integers, at least 1 and 0; 200, 401 and 422 are declared, and no 5xx.")


@dataclass(frozen=True)
class Shelf:
    """Three articles of one author, in the order in which they were published, and somebody who follows the author."""

    author: Person
    reader: Person
    articles: tuple[Article, ...]
    tag: str

    @property
    def newest_first(self) -> list[str]:
        return [article.slug for article in reversed(self.articles)]


async def shelf(world: World, spaced: bool = False) -> Shelf:
    """A newcomer publishes three articles under one tag, `spaced` with more than a second between them."""
    author, reader = await asyncio.gather(world.newcomer("writer"), world.newcomer("reader"))
    await (await world.person("ann")).publishes()  # which no list of the author's articles may show
    tag = world.unique("shelf")
    articles = []
    for number in range(3):
        if spaced and number:
            await asyncio.sleep(TIE_SECONDS)
        articles.append(await author.publishes(tags=[tag, world.unique("other")]))
    return Shelf(author, reader, tuple(articles), tag)


async def in_order(world: World, judge: Callable[[Shelf], Awaitable[None]]) -> None:
    """Judge an order; where two timestamps really tie, leave a second between the articles and judge once more."""
    quick = await world.once(shelf)
    try:
        await judge(quick)
    except Failed:
        listed = (await world.visitor.lists(author=quick.author.username)).fields("articles", "createdAt")
        if len(set(map(str, listed))) == len(quick.articles):
            raise
        await judge(await world.once(shelf, True))


async def listed(world: World) -> tuple[Shelf, Answer]:
    """A visitor lists the articles of the author."""
    story = await world.once(shelf)
    return story, await world.visitor.lists(author=story.author.username)


# The list


@check(
    "articles.list.status",
    LIST_ARTICLES,
    "A visitor without a token lists articles with 200",
    openapi("GET /articles declares 200; a token is optional."),
)
async def list_status(world: World) -> None:
    (await world.visitor.lists()).has_status(200)


@check("articles.list.shape", LIST_ARTICLES, "The list of articles has the shape of a list", SHAPE)
async def list_shape(world: World) -> None:
    _, answer = await world.once(listed)
    answer.or_blocked_by("articles.list.status").matches(ARTICLES)
    if not answer.items("articles"):
        raise answer.fail("the articles of an author who has published three")


@check("articles.list.timestamps", LIST_ARTICLES, "The timestamps in the list are date-times", DATE_TIME)
async def list_timestamps(world: World) -> None:
    _, answer = await world.once(listed)
    answer.or_blocked_by("articles.list.status")
    for name in ("createdAt", "updatedAt"):
        for value in answer.fields("articles", name):
            if moment_of(value) is None:
                raise answer.fail(f"{name} is a date-time, such as 2026-01-31T12:00:00.000Z", f"{name} is {value!r}")


@check(
    "articles.list.new-article",
    LIST_ARTICLES,
    "A new article of A's is in the list of all articles",
    prose("What was written is read back."),
)
async def list_new_article(world: World) -> None:
    ann = await world.person("ann")
    article = await ann.publishes()
    offset = 0
    # Other checks publish at the same time: the article may already be some pages down.
    for _ in range(MOST_PAGES):
        answer = (await world.visitor.lists(limit=50, offset=offset)).or_blocked_by("articles.list.status")
        slugs = answer.fields("articles", "slug")
        if article.slug in slugs:
            return
        if not slugs:
            break
        offset += len(slugs)
    raise answer.fail(f"{article.slug} among all articles")


@check(
    "articles.list.content",
    LIST_ARTICLES,
    "The list shows A's articles as they were written",
    prose("What was written is read back."),
)
async def list_content(world: World) -> None:
    story, answer = await world.once(listed)
    items = {item.get("slug"): item for item in answer.or_blocked_by("articles.list.status").items("articles")}
    for article in story.articles:
        item = items.get(article.slug, {})
        for field in ("title", "description"):
            _equal(answer, f"{field} of {article.slug}", item.get(field), article.sent[field])
        tags = item.get("tagList")
        sorted_tags = sorted(map(str, tags)) if isinstance(tags, list) else tags
        _equal(answer, f"tagList of {article.slug}, sorted", sorted_tags, sorted(article.sent["tagList"]))
        author = item.get("author")
        name = author.get("username") if isinstance(author, dict) else author
        _equal(answer, f"author of {article.slug}", name, story.author.username)


@check(
    "articles.list.recent-first",
    LIST_ARTICLES,
    "The list shows the most recent article first",
    RECENT_FIRST,
    needs="articles.list.author",
)
async def list_recent_first(world: World) -> None:
    async def judge(story: Shelf) -> None:
        answer = (await world.visitor.lists(author=story.author.username)).is_success()
        _equal(answer, "the slugs in order", answer.fields("articles", "slug"), story.newest_first)

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
    answer = (await world.visitor.lists(author=story.author.username, limit=2)).is_success()
    _equal(answer, "the number of articles", len(answer.items("articles")), 2)


@check(
    "articles.list.offset",
    LIST_ARTICLES,
    "offset=1 skips the most recent article",
    OFFSET,
    needs="articles.list.recent-first",
)
async def list_offset(world: World) -> None:
    async def judge(story: Shelf) -> None:
        answer = (await world.visitor.lists(author=story.author.username, offset=1)).is_success()
        _equal(answer, "the slugs in order", answer.fields("articles", "slug"), story.newest_first[1:])

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
        for offset in range(3):
            answer = (await world.visitor.lists(author=story.author.username, limit=1, offset=offset)).is_success()
            slugs += answer.fields("articles", "slug")
        _equal(answer, "the slugs of three slices, sorted", sorted(map(str, slugs)), sorted(story.newest_first))

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


async def long_list(world: World) -> tuple[Person, Answer]:
    """Somebody publishes 21 articles, and a visitor lists them without a limit."""
    author = await world.newcomer("busy")
    await asyncio.gather(*(author.publishes() for _ in range(21)))
    return author, await world.visitor.lists(author=author.username)


@check(
    "articles.list.default-limit",
    LIST_ARTICLES,
    "Of 21 articles, 20 are shown where no limit is sent",
    LIMIT,
    needs="articles.list.author",
)
async def list_default_limit(world: World) -> None:
    _, answer = await world.once(long_list)
    _equal(answer.is_success(), "the number of articles", len(answer.items("articles")), 20)


@check(
    "articles.list.larger-limit",
    LIST_ARTICLES,
    "limit=21 answers with all of 21 articles",
    LIMIT,
    needs="articles.list.author",
)
async def list_larger_limit(world: World) -> None:
    author, _ = await world.once(long_list)
    answer = (await world.visitor.lists(author=author.username, limit=21)).is_success()
    _equal(answer, "the number of articles", len(answer.items("articles")), 21)


@check(
    "articles.list.total",
    LIST_ARTICLES,
    "articlesCount is 21 where 20 of 21 articles are shown",
    TOTAL,
    needs="articles.list.author",
)
async def list_total(world: World) -> None:
    _, answer = await world.once(long_list)
    answer.is_success().shows("articlesCount", 21)


@check(
    "articles.list.total-of-slice",
    LIST_ARTICLES,
    "articlesCount stays 3 under limit and offset",
    TOTAL,
    needs="articles.list.author",
)
async def list_total_of_slice(world: World) -> None:
    story = await world.once(shelf)
    (await world.visitor.lists(author=story.author.username, limit=1, offset=1)).is_success().shows("articlesCount", 3)


# Filters


@check(
    "articles.list.author",
    LIST_ARTICLES,
    "author=A answers with exactly A's articles",
    FILTER,
    needs="articles.list.status",
)
async def list_author(world: World) -> None:
    story, answer = await world.once(listed)
    _exactly(answer.is_success(), story.articles)


@check(
    "articles.list.tag",
    LIST_ARTICLES,
    "tag=… answers with exactly the articles that have the tag",
    FILTER,
    needs="articles.list.status",
)
async def list_tag(world: World) -> None:
    story = await world.once(shelf)
    _exactly((await world.visitor.lists(tag=story.tag)).is_success(), story.articles)


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
    _exactly(answer, (article,))


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
    _exactly(answer, liked)
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
    _exactly(answer, (article,))
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
    _equal(mine, "the number of articles", len(mine.items("articles")), 1)


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


# Who sees what


@check(
    "articles.list.favorited-flag",
    LIST_ARTICLES,
    "A, who favourites an article, sees it in the list; B and a visitor do not",
    PER_VIEWER,
    needs="favorites.add.persists",
)
async def list_favorited_flag(world: World) -> None:
    ann, bob = await world.people("ann", "bob")
    tag = world.unique("liked")
    await ann.favorites(await bob.publishes(tags=[tag]))
    viewers: tuple[tuple[Visitor, bool], ...] = ((ann, True), (bob, False), (world.visitor, False))
    for viewer, favorited in viewers:
        answer = (await viewer.lists(tag=tag)).or_blocked_by("articles.list.status")
        _equal(answer, "favorited of each article", answer.fields("articles", "favorited"), [favorited])


@check(
    "articles.list.favorites-count",
    LIST_ARTICLES,
    "The list shows how many people favourite an article",
    prose("favoritesCount counts people."),
    needs="favorites.add.persists",
)
async def list_favorites_count(world: World) -> None:
    ann, bob, carl = await world.people("ann", "bob", "cleo")
    tag = world.unique("counted")
    article = await ann.publishes(tags=[tag])
    await bob.favorites(article)
    await carl.favorites(article)
    answer = (await world.visitor.lists(tag=tag)).or_blocked_by("articles.list.status")
    _equal(answer, "favoritesCount of each article", answer.fields("articles", "favoritesCount"), [2])


@check(
    "articles.list.following-flag",
    LIST_ARTICLES,
    "A, who follows B, sees it in the list; C does not",
    PER_VIEWER,
    needs="profiles.follow.persists",
)
async def list_following_flag(world: World) -> None:
    ann, bob, carl = await world.strangers(3)
    tag = world.unique("followed")
    await bob.publishes(tags=[tag])
    await ann.follows(bob)
    for viewer, following in ((ann, True), (carl, False)):
        answer = (await viewer.lists(tag=tag)).or_blocked_by("articles.list.status")
        authors = answer.fields("articles", "author")
        flags = [author.get("following") if isinstance(author, dict) else author for author in authors]
        _equal(answer, "author.following of each article", flags, [following])


# Parameters that make no sense: whether they are refused or overlooked is left open


def _never_a_crash(id: str, title: str, **query: str | int) -> None:
    @check(f"articles.list.{id}", LIST_ARTICLES, title, NEVER_A_CRASH)
    async def no_crash(world: World) -> None:
        (await world.visitor.lists(**query)).is_no_crash()


_never_a_crash("limit-zero", "limit=0 is refused or overlooked, never a crash", limit=0)
_never_a_crash("limit-negative", "limit=-1 is refused or overlooked, never a crash", limit=-1)
_never_a_crash("limit-word", "limit=many is refused or overlooked, never a crash", limit="many")
_never_a_crash("limit-huge", "limit=1000000 is refused or overlooked, never a crash", limit=1_000_000)
_never_a_crash("offset-negative", "offset=-1 is refused or overlooked, never a crash", offset=-1)
_never_a_crash("offset-word", "offset=some is refused or overlooked, never a crash", offset="some")
_never_a_crash("offset-huge", "An offset beyond 64 bits is refused or overlooked, never a crash", offset=10**20)


# The feed


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
    _exactly(story.answer.or_blocked_by("articles.feed.status"), story.shelf.articles)


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
        _equal(answer, "the slugs in order", answer.fields("articles", "slug"), story.newest_first)

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
    _equal(answer, "the number of articles", len(answer.items("articles")), 2)


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
        _equal(answer, "the slugs of three slices, sorted", sorted(map(str, slugs)), sorted(story.newest_first))

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
        _equal(story.answer, "author.following", following, True)
        first = item.get("slug") == story.shelf.articles[0].slug
        _equal(story.answer, f"favorited of {item.get('slug')}", item.get("favorited"), first)


@check("articles.feed.two-authors", FEED, "A's feed holds the articles of B and of C, whom A follows", FOLLOWED_ONLY)
async def feed_two_authors(world: World) -> None:
    story, (follower, _) = await world.once(shelf), await world.once(long_list)
    author, article = await world.once(another_author)
    await follower.follows(story.author)
    await follower.follows(author)
    answer = (await follower.get("/articles/feed")).or_blocked_by("articles.feed.status")
    _exactly(answer, (*story.articles, article))


async def another_author(world: World) -> tuple[Person, Article]:
    """Somebody with exactly one article."""
    author = await world.newcomer("essayist")
    return author, await author.publishes()


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


# What only the published collection asks for


def _bodies(id: str, title: str, query: Callable[[Shelf], dict[str, Any]], *, signed_in: bool) -> None:
    @check(
        f"articles.list.body-{id}",
        LIST_ARTICLES,
        title,
        benchmark("The published collection asks for body in lists; the document leaves it out."),
    )
    async def bodies(world: World) -> None:
        story = await world.once(shelf)
        viewer: Visitor = await world.person("ann") if signed_in else world.visitor
        if id.startswith("favorited"):
            await story.author.post(story.articles[0].favorite)
        answer = (await viewer.lists(**query(story))).or_blocked_by("articles.list.status")
        if not answer.items("articles") or not all("body" in item for item in answer.items("articles")):
            raise answer.fail("body in each article of the list")


_bodies("all", "The list of all articles holds their bodies", lambda story: {}, signed_in=False)
_bodies("all-signed-in", "The list of all articles holds their bodies for A", lambda story: {}, signed_in=True)
_bodies("author", "The list by author holds bodies", lambda story: {"author": story.author.username}, signed_in=False)
_bodies(
    "author-signed-in",
    "The list by author holds bodies for A",
    lambda story: {"author": story.author.username},
    signed_in=True,
)
_bodies(
    "favorited",
    "The list by favourites holds bodies",
    lambda story: {"favorited": story.author.username},
    signed_in=False,
)
_bodies(
    "favorited-signed-in",
    "The list by favourites holds bodies for A",
    lambda story: {"favorited": story.author.username},
    signed_in=True,
)
_bodies("tag", "The list by tag holds bodies", lambda story: {"tag": story.tag}, signed_in=False)


def _exactly(answer: Answer, articles: tuple[Article, ...]) -> None:
    """These articles, each once, in any order."""
    slugs = sorted(map(str, answer.fields("articles", "slug")))
    _equal(answer, "the slugs, sorted", slugs, sorted(article.slug for article in articles))


def _equal(answer: Answer, what: str, found: object, expected: object) -> None:
    if found != expected:
        raise answer.fail(f"{what}: {expected}", f"{what}: {found}")
