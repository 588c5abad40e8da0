"""Many at once: what ten people do at the same moment counts ten, and what one may have once is given once."""

from __future__ import annotations

import asyncio

from evaluator.contract.checks import Checks, prose
from evaluator.contract.conduit.operations import (
    CREATE_ARTICLE,
    CREATE_COMMENT,
    FAVORITE,
    FOLLOW,
    REGISTER,
    UNFAVORITE,
)
from evaluator.contract.conduit.world import CAST, Article, World, new_article

check = Checks()
TEN_COUNT_TEN = prose("Ten simultaneous favourites by ten people count ten.")
ONE_ACCOUNT = prose("Two simultaneous registrations of one name give one account.")
NOTHING_LOST = prose("What is written at the same moment is all there afterwards.")


async def favorited_by_ten(world: World) -> Article:
    """Ten people favourite one article at the same moment."""
    people = await world.people(*CAST)
    article = await people[0].publishes()
    answers = await asyncio.gather(*(person.post(article.favorite, at_once=True) for person in people))
    for answer in answers:
        answer.or_blocked_by("favorites.add.status")
    return article


@check(
    "concurrency.favorites",
    FAVORITE,
    "Ten people who favourite an article at once count ten",
    TEN_COUNT_TEN,
    needs="favorites.add.two-people",
)
async def favorites(world: World) -> None:
    article = await world.once(favorited_by_ten)
    (await world.visitor.reads(article)).or_blocked_by("articles.read.status").shows("article.favoritesCount", 10)


@check(
    "concurrency.unfavorites",
    UNFAVORITE,
    "Ten people who take their favourites back at once leave none",
    TEN_COUNT_TEN,
    needs="concurrency.favorites",
)
async def unfavorites(world: World) -> None:
    article, people = await world.once(favorited_by_ten), await world.people(*CAST)
    await asyncio.gather(*(person.delete(article.favorite, at_once=True) for person in people))
    (await world.visitor.reads(article)).or_blocked_by("articles.read.status").shows("article.favoritesCount", 0)


@check(
    "concurrency.favorite-clicks",
    FAVORITE,
    "A, who favourites an article five times at once, counts one",
    prose("favoritesCount counts people, not clicks."),
    needs="favorites.add.twice",
)
async def favorite_clicks(world: World) -> None:
    ann, bob = await world.people("ann", "bob")
    article = await ann.publishes()
    await asyncio.gather(*(bob.post(article.favorite, at_once=True) for _ in range(5)))
    answer = (await bob.reads(article)).or_blocked_by("articles.read.status")
    answer.shows("article.favorited", True).shows("article.favoritesCount", 1)


@check(
    "concurrency.follow-clicks",
    FOLLOW,
    "A, who follows B five times at once, follows B, and one undoing undoes it",
    prose("Following twice is harmless."),
    needs=("profiles.follow.twice", "profiles.unfollow.persists"),
)
async def follow_clicks(world: World) -> None:
    ann, bob = await world.strangers()
    await asyncio.gather(*(ann.post(f"{bob.path}/follow", at_once=True) for _ in range(5)))
    (await ann.reads(bob)).or_blocked_by("profiles.read.status").shows("profile.following", True)
    (await ann.delete(f"{bob.path}/follow")).or_blocked_by("profiles.unfollow.status")
    (await ann.reads(bob)).or_blocked_by("profiles.read.status").shows("profile.following", False)


def _one_account(field: str) -> None:
    @check(
        f"concurrency.register-{field}",
        REGISTER,
        f"Two registrations of one {field} at once give one account",
        ONE_ACCOUNT,
        needs=f"users.register.duplicate-{field}",
    )
    async def one_account(world: World) -> None:
        await world.account("ann")
        first, second = world.new_account(), world.new_account()
        second[field] = first[field]
        answers = await asyncio.gather(
            *(world.visitor.post("/users", {"user": sent}, at_once=True) for sent in (first, second))
        )
        given = [answer for answer in answers if answer.succeeded]
        if len(given) != 1:
            raise answers[-1].fail("one account for two registrations", f"{len(given)} accounts")


for _field in ("username", "email"):
    _one_account(_field)


@check(
    "concurrency.same-title",
    CREATE_ARTICLE,
    "Ten articles with one title, published at once, all live under slugs of their own",
    NOTHING_LOST,
    needs=("articles.create.same-title-slugs", "articles.list.tag"),
)
async def same_title(world: World) -> None:
    people = await world.people(*CAST)
    # A race that is there is not lost every time: three rounds, so that the verdict depends less on luck.
    for _ in range(3):
        tag = world.unique("now")
        sent = {"article": new_article(f"All at once {tag}", tags=[tag])}
        answers = await asyncio.gather(*(person.post("/articles", sent, at_once=True) for person in people))
        slugs = {answer.is_success().text_at("article.slug") for answer in answers}
        listed = (await world.visitor.lists(tag=tag)).or_blocked_by("articles.list.status")
        if len(slugs) != len(people) or set(listed.fields("articles", "slug")) != slugs:
            raise listed.fail(f"{len(people)} articles under {len(people)} slugs", f"the slugs {sorted(slugs)}")


@check(
    "concurrency.comments",
    CREATE_COMMENT,
    "Ten comments written at once are all there, under ids of their own",
    NOTHING_LOST,
    needs="comments.list.complete",
)
async def comments(world: World) -> None:
    people = await world.people(*CAST)
    article = await people[0].publishes()
    await asyncio.gather(
        *(person.post(article.comments, {"comment": {"body": person.username}}, at_once=True) for person in people)
    )
    answer = (await world.visitor.get(article.comments)).or_blocked_by("comments.list.status")
    bodies = sorted(map(str, answer.fields("comments", "body")))
    if (
        bodies != sorted(person.username for person in people)
        or len(set(map(str, answer.fields("comments", "id")))) != 10
    ):
        raise answer.fail("ten comments with ten ids", f"{len(bodies)} comments")
