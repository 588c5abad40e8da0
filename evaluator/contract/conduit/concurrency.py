"""Many at once: what several people do at the same moment all counts, and what one may have once is given once."""

from __future__ import annotations

import asyncio

from evaluator.contract.answer import Answer
from evaluator.contract.checks import Checks, prose
from evaluator.contract.conduit.comments import all_written
from evaluator.contract.conduit.operations import (
    CREATE_ARTICLE,
    CREATE_COMMENT,
    FAVORITE,
    FOLLOW,
    REGISTER,
    UNFAVORITE,
)
from evaluator.contract.conduit.spares import all_alive, article_for
from evaluator.contract.conduit.world import CAST, Article, World, racing_registrations

check = Checks()
CLICKS = 3
AT_ONCE = prose("Simultaneous favourites by several people are all counted.")
ONE_ACCOUNT = prose("Two simultaneous registrations of one name give one account; a duplicate is refused.")
NOTHING_LOST = prose("What is written at the same moment is all there afterwards.")


async def crowded(world: World) -> Article:
    """A publishes an article."""
    return await article_for(world, "many comments, and favourites at once")


async def favorited_at_once(world: World) -> None:
    """Everybody favourites it at the same moment."""
    people, article = await world.people(*CAST), await world.once(crowded)
    for answer in await asyncio.gather(*(person.post(article.favorite, at_once=True) for person in people)):
        answer.or_blocked_by("favorites.add.status")


async def unfavorited_by_all(world: World) -> Article:
    """Everybody takes the favourite back at the same moment, once it was counted."""
    await world.once(favorited_at_once)
    await world.after(counted)
    people, article = await world.people(*CAST), await world.once(crowded)
    await asyncio.gather(*(person.delete(article.favorite, at_once=True) for person in people))
    return article


async def counted(world: World) -> Answer:
    """A visitor reads the article that everybody favourites."""
    await world.once(favorited_at_once)
    return (await world.visitor.reads(await world.once(crowded))).or_blocked_by("articles.read.status")


@check(
    "concurrency.favorites",
    FAVORITE,
    "All who favourite an article at once are counted",
    AT_ONCE,
    needs="favorites.add.two-people",
)
async def favorites(world: World) -> None:
    (await world.once(counted)).shows("article.favoritesCount", len(CAST))


@check(
    "concurrency.unfavorites",
    UNFAVORITE,
    "All who take their favourites back at once leave none",
    AT_ONCE,
    needs="concurrency.favorites",
)
async def unfavorites(world: World) -> None:
    article = await world.once(unfavorited_by_all)
    (await world.visitor.reads(article)).or_blocked_by("articles.read.status").shows("article.favoritesCount", 0)


@check(
    "concurrency.favorite-clicks",
    FAVORITE,
    "A, who favourites an article three times at once, counts one",
    prose("favoritesCount counts people, not clicks."),
    needs="favorites.add.twice",
)
async def favorite_clicks(world: World) -> None:
    bob, article = await world.person("bob"), await article_for(world, "favourites of one, at once")
    await asyncio.gather(*(bob.post(article.favorite, at_once=True) for _ in range(CLICKS)))
    answer = (await bob.reads(article)).or_blocked_by("articles.read.status")
    answer.shows("article.favorited", True).shows("article.favoritesCount", 1)


@check(
    "concurrency.follow-clicks",
    FOLLOW,
    "A, who follows B three times at once, follows B, and one undoing undoes it",
    prose("Following twice is harmless."),
    needs=("profiles.follow.twice", "profiles.unfollow.persists"),
)
async def follow_clicks(world: World) -> None:
    # What dan does to ann is seen by no other check.
    ann, bob = await world.people("dan", "ann")
    await asyncio.gather(*(ann.post(f"{bob.path}/follow", at_once=True) for _ in range(CLICKS)))
    (await ann.reads(bob)).or_blocked_by("profiles.read.status").shows("profile.following", True)
    (await ann.delete(f"{bob.path}/follow")).or_blocked_by("profiles.unfollow.status")
    (await ann.reads(bob)).or_blocked_by("profiles.read.status").shows("profile.following", False)


def _one_account(field: str) -> None:
    @check(
        f"concurrency.register-{field}",
        REGISTER,
        f"Two registrations of one {field} at once give one account and a refusal",
        ONE_ACCOUNT,
        needs=f"users.register.duplicate-{field}",
    )
    async def one_account(world: World) -> None:
        first, with_username, with_email = await world.once(racing_registrations)
        racers = (first.answer, (with_username if field == "username" else with_email).answer)
        if not any(answer.succeeded for answer in racers):
            # The third may have taken the place of the first, and the first that of the second.
            await world.account("ann")
            sent, other = world.new_account(), world.new_account()
            other[field] = sent[field]
            one, two = await asyncio.gather(
                *(world.visitor.post("/users", {"user": account}, at_once=True) for account in (sent, other))
            )
            racers = (one, two)
        given = [answer for answer in racers if answer.succeeded]
        if len(given) != 1:
            raise racers[-1].fail("one account for two registrations", f"{len(given)} accounts")
        for answer in racers:
            if not answer.succeeded:
                answer.is_refused()


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
    await world.once(all_alive)


@check(
    "concurrency.comments",
    CREATE_COMMENT,
    "Six comments written at once are all there, under ids of their own",
    NOTHING_LOST,
    needs="comments.list.complete",
)
async def comments(world: World) -> None:
    await world.once(all_written)
