"""Favourites: between one person and one article; the count counts people, not clicks."""

from __future__ import annotations

from contextlib import suppress

from evaluator.contract.answer import Answer, Failed
from evaluator.contract.checks import Checks, benchmark, openapi, prose
from evaluator.contract.conduit.articles import the_article
from evaluator.contract.conduit.operations import FAVORITE, READ_ARTICLE, UNFAVORITE
from evaluator.contract.conduit.shapes import ARTICLE
from evaluator.contract.conduit.spares import article_for
from evaluator.contract.conduit.world import Article, World, article_path

check = Checks()
SHAPE = openapi("The answer is the article.")
PER_VIEWER = prose("“favorited” depends on who asks.")
PEOPLE = prose("favoritesCount counts people, not clicks.")
HARMLESS = prose("Favouriting twice, or undoing twice, is harmless.")
UNKNOWN = prose("An unknown slug is a 4xx on every route that takes one.")


# One article, step by step: B favourites it, twice; takes it back, twice; B and C favourite it, and B takes it back


async def popular(world: World) -> Article:
    """A publishes an article."""
    return await article_for(world, "two comments, and favourites of one")


async def favorited(world: World) -> Answer:
    """B favourites it."""
    article, bob = await world.once(popular), await world.person("bob")
    return await bob.post(article.favorite)


async def favorited_again(world: World) -> Answer:
    """B favourites it once more."""
    article, bob = await world.once(popular), await world.person("bob")
    await world.after(favorited)
    return await bob.post(article.favorite)


async def seen_favorited(world: World, name: str) -> Answer:
    """One of the cast, or a visitor, reads it after that."""
    article = await world.once(popular)
    (await world.once(favorited)).or_blocked_by("favorites.add.status")
    await world.after(favorited_again)
    reader = await world.person(name) if name else world.visitor
    return (await reader.reads(article)).or_blocked_by("articles.read.status")


async def to_unfavorite(world: World) -> Article:
    """The same article; another one, which B favourites once, where the clicks on this one were miscounted."""
    (await world.once(favorited)).or_blocked_by("favorites.add.status")
    await world.after(*((seen_favorited, name) for name in ("bob", "cleo", "")))
    seen = await world.shown_together(seen_favorited, "bob")
    with suppress(Failed):
        if seen is not None and seen.shows("article.favorited", True).shows("article.favoritesCount", 1):
            return await world.once(popular)
    ann, bob = await world.people("ann", "bob")
    article = await ann.publishes()
    await bob.favorites(article)
    return article


async def unfavorited(world: World) -> Answer:
    """B takes the favourite back."""
    article, bob = await world.once(to_unfavorite), await world.person("bob")
    return await bob.delete(article.favorite)


async def unfavorited_again(world: World) -> Answer:
    """B takes it back once more."""
    article, bob = await world.once(to_unfavorite), await world.person("bob")
    await world.after(unfavorited)
    return await bob.delete(article.favorite)


async def seen_unfavorited(world: World) -> Answer:
    """B reads it after that."""
    article, bob = await world.once(to_unfavorite), await world.person("bob")
    (await world.once(unfavorited)).or_blocked_by("favorites.remove.status")
    await world.after(unfavorited_again)
    return (await bob.reads(article)).or_blocked_by("articles.read.status")


async def own_article(world: World) -> Answer:
    """A favourites A's own article."""
    ann, article = await world.person("ann"), await world.once(the_article)
    return await ann.post(article.favorite)


# Another article: B and C favourite it, D takes back what D never added, and B takes it back


async def shared(world: World) -> Article:
    """A publishes an article."""
    return await article_for(world, "favourites of two")


async def favorited_by_two(world: World) -> Answer:
    """B and C favourite it; the answer to C."""
    article, (bob, cleo) = await world.once(shared), await world.people("bob", "cleo")
    await bob.favorites(article)
    return await cleo.favorites(article)


async def never_added(world: World) -> Answer:
    """D, who never favourited it, takes the favourite back."""
    article, dan = await world.once(shared), await world.person("dan")
    await world.once(favorited_by_two)
    return await dan.delete(article.favorite)


async def seen_after_never_added(world: World) -> Answer:
    """B reads it after that."""
    article, bob = await world.once(shared), await world.person("bob")
    await world.after(never_added)
    return (await bob.reads(article)).or_blocked_by("articles.read.status")


async def taken_back_by_one(world: World) -> Answer:
    """B takes the favourite back, and C reads it."""
    article, (bob, cleo) = await world.once(shared), await world.people("bob", "cleo")
    await world.once(favorited_by_two)
    await world.after(seen_after_never_added)
    (await bob.delete(article.favorite)).or_blocked_by("favorites.remove.status")
    return (await cleo.reads(article)).or_blocked_by("articles.read.status")


@check("favorites.add.status", FAVORITE, "B favourites A's article with 200", openapi("POST …/favorite declares 200."))
async def add_status(world: World) -> None:
    (await world.once(favorited)).has_status(200)


@check("favorites.add.shape", FAVORITE, "The answer to favouriting has the shape of an article", SHAPE)
async def add_shape(world: World) -> None:
    (await world.once(favorited)).or_blocked_by("favorites.add.status").matches(ARTICLE)


@check("favorites.add.flag", FAVORITE, "The answer to favouriting says that B favourites the article", PER_VIEWER)
async def add_flag(world: World) -> None:
    (await world.once(favorited)).or_blocked_by("favorites.add.status").shows("article.favorited", True)


@check("favorites.add.count", FAVORITE, "The answer to favouriting counts one", PEOPLE)
async def add_count(world: World) -> None:
    (await world.once(favorited)).or_blocked_by("favorites.add.status").shows("article.favoritesCount", 1)


@check("favorites.add.article", FAVORITE, "The answer to favouriting is that article", SHAPE)
async def add_article(world: World) -> None:
    answer, article = await world.once(favorited), await world.once(popular)
    answer.or_blocked_by("favorites.add.status").shows("article.slug", article.slug)


@check(
    "favorites.add.persists",
    READ_ARTICLE,
    "B still favourites the article when B reads it",
    prose("What was written is read back."),
)
async def add_persists(world: World) -> None:
    (await world.once(seen_favorited, "bob")).shows("article.favorited", True)


@check(
    "favorites.add.per-viewer", READ_ARTICLE, "C and a visitor do not favourite the article because B does", PER_VIEWER
)
async def add_per_viewer(world: World) -> None:
    for name in ("cleo", ""):
        (await world.once(seen_favorited, name)).shows("article.favorited", False)


@check("favorites.add.seen-count", READ_ARTICLE, "A visitor sees that one person favourites the article", PEOPLE)
async def add_seen_count(world: World) -> None:
    (await world.once(seen_favorited, "")).shows("article.favoritesCount", 1)


@check("favorites.add.twice", FAVORITE, "Favouriting twice is harmless: B counts once", HARMLESS)
async def add_twice(world: World) -> None:
    (await world.once(favorited)).or_blocked_by("favorites.add.status")
    # A second time may be refused (422 is declared); what counts is that it does no harm.
    (await world.once(favorited_again)).is_no_crash()
    (await world.once(seen_favorited, "bob")).shows("article.favorited", True).shows("article.favoritesCount", 1)


@check("favorites.add.two-people", FAVORITE, "Two people who favourite an article count two", PEOPLE)
async def add_two_people(world: World) -> None:
    (await world.once(favorited_by_two)).shows("article.favoritesCount", 2)


@check(
    "favorites.add.own-article", FAVORITE, "A may favourite A's own article", prose("Every article may be favourited.")
)
async def add_own_article(world: World) -> None:
    (await world.once(own_article)).is_success().shows("article.favorited", True)


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
    dan, article = await world.person("dan"), await world.once(the_article)
    (await dan.post(article.favorite, headers={"Content-Type": "application/json"})).is_success()


# Taking it back


@check(
    "favorites.remove.status",
    UNFAVORITE,
    "B takes B's favourite back with 200",
    openapi("DELETE …/favorite declares 200."),
)
async def remove_status(world: World) -> None:
    (await world.once(unfavorited)).has_status(200)


@check("favorites.remove.shape", UNFAVORITE, "The answer to unfavouriting has the shape of an article", SHAPE)
async def remove_shape(world: World) -> None:
    (await world.once(unfavorited)).or_blocked_by("favorites.remove.status").matches(ARTICLE)


@check(
    "favorites.remove.flag",
    UNFAVORITE,
    "The answer to unfavouriting says that B does not favourite the article",
    PER_VIEWER,
)
async def remove_flag(world: World) -> None:
    (await world.once(unfavorited)).or_blocked_by("favorites.remove.status").shows("article.favorited", False)


@check("favorites.remove.count", UNFAVORITE, "The answer to unfavouriting counts none", PEOPLE)
async def remove_count(world: World) -> None:
    (await world.once(unfavorited)).or_blocked_by("favorites.remove.status").shows("article.favoritesCount", 0)


@check("favorites.remove.article", UNFAVORITE, "The answer to unfavouriting is that article", SHAPE)
async def remove_article(world: World) -> None:
    answer, article = await world.once(unfavorited), await world.once(to_unfavorite)
    answer.or_blocked_by("favorites.remove.status").shows("article.slug", article.slug)


@check(
    "favorites.remove.persists",
    READ_ARTICLE,
    "B no longer favourites the article when B reads it",
    prose("What was deleted is gone."),
)
async def remove_persists(world: World) -> None:
    (await world.once(seen_unfavorited)).shows("article.favorited", False).shows("article.favoritesCount", 0)


@check("favorites.remove.twice", UNFAVORITE, "Unfavouriting twice is harmless: the count is not below none", HARMLESS)
async def remove_twice(world: World) -> None:
    (await world.once(unfavorited)).or_blocked_by("favorites.remove.status")
    (await world.once(unfavorited_again)).is_no_crash()
    (await world.once(seen_unfavorited)).shows("article.favoritesCount", 0)


@check(
    "favorites.remove.others",
    UNFAVORITE,
    "C still favourites the article after B took B's favourite back",
    prose("One takes back one's own, not another's."),
)
async def remove_others(world: World) -> None:
    (await world.once(taken_back_by_one)).shows("article.favorited", True).shows("article.favoritesCount", 1)


@check(
    "favorites.remove.never-added", UNFAVORITE, "C, who never favourited the article, takes nothing away from B", PEOPLE
)
async def remove_never_added(world: World) -> None:
    (await world.once(never_added)).is_no_crash()
    (await world.once(seen_after_never_added)).shows("article.favoritesCount", 2)


@check("favorites.remove.unknown", UNFAVORITE, "Unfavouriting an article that is not there is refused", UNKNOWN)
async def remove_unknown(world: World) -> None:
    (await (await world.person("ann")).delete(f"{article_path(world.unique('nowhere'))}/favorite")).is_refused()
