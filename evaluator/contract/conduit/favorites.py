"""Favourites: between one person and one article; the count counts people, not clicks."""

from __future__ import annotations

from dataclasses import dataclass

from evaluator.contract.answer import Answer
from evaluator.contract.checks import Checks, benchmark, openapi, prose
from evaluator.contract.conduit.operations import FAVORITE, READ_ARTICLE, UNFAVORITE
from evaluator.contract.conduit.shapes import ARTICLE
from evaluator.contract.conduit.world import Article, Person, World, article_path

check = Checks()
SHAPE = openapi("The answer is the article.")
PER_VIEWER = prose("“favorited” depends on who asks.")
PEOPLE = prose("favoritesCount counts people, not clicks.")
HARMLESS = prose("Favouriting twice, or undoing twice, is harmless.")
UNKNOWN = prose("An unknown slug is a 4xx on every route that takes one.")


@dataclass(frozen=True)
class Favourite:
    fan: Person
    article: Article
    answer: Answer
    again: Answer


async def favorited(world: World) -> Favourite:
    """B favourites A's article, and once more."""
    ivan, jo = await world.people("ivan", "jo")
    article = await ivan.publishes()
    return Favourite(jo, article, await jo.post(article.favorite), await jo.post(article.favorite))


@check("favorites.add.status", FAVORITE, "B favourites A's article with 200", openapi("POST …/favorite declares 200."))
async def add_status(world: World) -> None:
    (await world.once(favorited)).answer.has_status(200)


@check("favorites.add.shape", FAVORITE, "The answer to favouriting has the shape of an article", SHAPE)
async def add_shape(world: World) -> None:
    (await world.once(favorited)).answer.or_blocked_by("favorites.add.status").matches(ARTICLE)


@check("favorites.add.flag", FAVORITE, "The answer to favouriting says that B favourites the article", PER_VIEWER)
async def add_flag(world: World) -> None:
    (await world.once(favorited)).answer.or_blocked_by("favorites.add.status").shows("article.favorited", True)


@check("favorites.add.count", FAVORITE, "The answer to favouriting counts one", PEOPLE)
async def add_count(world: World) -> None:
    (await world.once(favorited)).answer.or_blocked_by("favorites.add.status").shows("article.favoritesCount", 1)


@check(
    "favorites.add.persists",
    READ_ARTICLE,
    "B still favourites the article when B reads it",
    prose("What was written is read back."),
)
async def add_persists(world: World) -> None:
    story = await world.once(favorited)
    story.answer.or_blocked_by("favorites.add.status")
    (await story.fan.reads(story.article)).or_blocked_by("articles.read.status").shows("article.favorited", True)


@check(
    "favorites.add.per-viewer", READ_ARTICLE, "C and a visitor do not favourite the article because B does", PER_VIEWER
)
async def add_per_viewer(world: World) -> None:
    story = await world.once(favorited)
    story.answer.or_blocked_by("favorites.add.status")
    for viewer in (await world.person("ann"), world.visitor):
        (await viewer.get(story.article.path)).or_blocked_by("articles.read.status").shows("article.favorited", False)


@check("favorites.add.seen-count", READ_ARTICLE, "A visitor sees that one person favourites the article", PEOPLE)
async def add_seen_count(world: World) -> None:
    story = await world.once(favorited)
    story.answer.or_blocked_by("favorites.add.status")
    (await world.visitor.reads(story.article)).or_blocked_by("articles.read.status").shows("article.favoritesCount", 1)


@check("favorites.add.twice", FAVORITE, "Favouriting twice is harmless: B counts once", HARMLESS)
async def add_twice(world: World) -> None:
    story = await world.once(favorited)
    story.answer.or_blocked_by("favorites.add.status")
    # A second time may be refused (422 is declared); what counts is that it does no harm.
    story.again.is_no_crash()
    answer = (await story.fan.reads(story.article)).or_blocked_by("articles.read.status")
    answer.shows("article.favorited", True).shows("article.favoritesCount", 1)


@check("favorites.add.two-people", FAVORITE, "Two people who favourite an article count two", PEOPLE)
async def add_two_people(world: World) -> None:
    ann, bob, carl = await world.people("ann", "bob", "cleo")
    article = await ann.publishes()
    await bob.favorites(article)
    (await carl.favorites(article)).shows("article.favoritesCount", 2)


@check(
    "favorites.add.own-article", FAVORITE, "A may favourite A's own article", prose("Every article may be favourited.")
)
async def add_own_article(world: World) -> None:
    ann = await world.person("ann")
    (await ann.post((await ann.publishes()).favorite)).is_success().shows("article.favorited", True)


@check("favorites.add.unknown", FAVORITE, "Favouriting an article that is not there is refused", UNKNOWN)
async def add_unknown(world: World) -> None:
    (await (await world.person("ann")).post(f"{article_path(world.unique('nowhere'))}/favorite")).is_refused()


@check(
    "favorites.add.bodiless-content-type",
    FAVORITE,
    "A favourite whose empty body is announced as JSON is taken",
    benchmark("The published collection sends Content-Type: application/json with an empty body."),
)
async def add_bodiless_content_type(world: World) -> None:
    ann = await world.person("ann")
    article = await ann.publishes()
    (await ann.post(article.favorite, headers={"Content-Type": "application/json"})).is_success()


# Taking it back


async def unfavorited(world: World) -> Favourite:
    """B favourites A's article, takes it back, and takes it back once more."""
    ivan, jo = await world.people("ivan", "jo")
    article = await ivan.publishes()
    await jo.favorites(article)
    return Favourite(jo, article, await jo.delete(article.favorite), await jo.delete(article.favorite))


@check(
    "favorites.remove.status",
    UNFAVORITE,
    "B takes B's favourite back with 200",
    openapi("DELETE …/favorite declares 200."),
)
async def remove_status(world: World) -> None:
    (await world.once(unfavorited)).answer.has_status(200)


@check("favorites.remove.shape", UNFAVORITE, "The answer to unfavouriting has the shape of an article", SHAPE)
async def remove_shape(world: World) -> None:
    (await world.once(unfavorited)).answer.or_blocked_by("favorites.remove.status").matches(ARTICLE)


@check(
    "favorites.remove.flag",
    UNFAVORITE,
    "The answer to unfavouriting says that B does not favourite the article",
    PER_VIEWER,
)
async def remove_flag(world: World) -> None:
    (await world.once(unfavorited)).answer.or_blocked_by("favorites.remove.status").shows("article.favorited", False)


@check("favorites.remove.count", UNFAVORITE, "The answer to unfavouriting counts none", PEOPLE)
async def remove_count(world: World) -> None:
    (await world.once(unfavorited)).answer.or_blocked_by("favorites.remove.status").shows("article.favoritesCount", 0)


@check(
    "favorites.remove.persists",
    READ_ARTICLE,
    "B no longer favourites the article when B reads it",
    prose("What was deleted is gone."),
)
async def remove_persists(world: World) -> None:
    story = await world.once(unfavorited)
    story.answer.or_blocked_by("favorites.remove.status")
    answer = (await story.fan.reads(story.article)).or_blocked_by("articles.read.status")
    answer.shows("article.favorited", False).shows("article.favoritesCount", 0)


@check("favorites.remove.twice", UNFAVORITE, "Unfavouriting twice is harmless: the count is not below none", HARMLESS)
async def remove_twice(world: World) -> None:
    story = await world.once(unfavorited)
    story.answer.or_blocked_by("favorites.remove.status")
    story.again.is_no_crash()
    (await world.visitor.reads(story.article)).or_blocked_by("articles.read.status").shows("article.favoritesCount", 0)


@check(
    "favorites.remove.others",
    UNFAVORITE,
    "C still favourites the article after B took B's favourite back",
    prose("One takes back one's own, not another's."),
)
async def remove_others(world: World) -> None:
    ann, bob, carl = await world.people("ann", "bob", "cleo")
    article = await ann.publishes()
    await bob.favorites(article)
    await carl.favorites(article)
    (await bob.delete(article.favorite)).or_blocked_by("favorites.remove.status")
    answer = (await carl.reads(article)).or_blocked_by("articles.read.status")
    answer.shows("article.favorited", True).shows("article.favoritesCount", 1)


@check(
    "favorites.remove.never-added", UNFAVORITE, "C, who never favourited the article, takes nothing away from B", PEOPLE
)
async def remove_never_added(world: World) -> None:
    ann, bob, carl = await world.people("ann", "bob", "cleo")
    article = await ann.publishes()
    await bob.favorites(article)
    (await carl.delete(article.favorite)).is_no_crash()
    (await bob.reads(article)).or_blocked_by("articles.read.status").shows("article.favoritesCount", 1)


@check("favorites.remove.unknown", UNFAVORITE, "Unfavouriting an article that is not there is refused", UNKNOWN)
async def remove_unknown(world: World) -> None:
    (await (await world.person("ann")).delete(f"{article_path(world.unique('nowhere'))}/favorite")).is_refused()
