"""Known articles to look for in lists: who published them, in which order, and how a list is compared with them."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from evaluator.contract.answer import Answer, Failed
from evaluator.contract.conduit.world import TIE_SECONDS, Article, Person, World


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


async def long_list(world: World) -> tuple[Person, Answer]:
    """Somebody publishes 21 articles, and a visitor lists them without a limit."""
    author = await world.newcomer("busy")
    await asyncio.gather(*(author.publishes() for _ in range(21)))
    return author, await world.visitor.lists(author=author.username)


async def another_author(world: World) -> tuple[Person, Article]:
    """Somebody with exactly one article."""
    author = await world.newcomer("essayist")
    return author, await author.publishes()


def exactly(answer: Answer, articles: tuple[Article, ...]) -> None:
    """These articles, each once, in any order."""
    slugs = sorted(map(str, answer.fields("articles", "slug")))
    equal(answer, "the slugs, sorted", slugs, sorted(article.slug for article in articles))


def equal(answer: Answer, what: str, found: object, expected: object) -> None:
    """`what` was found as expected."""
    if found != expected:
        raise answer.fail(f"{what}: {expected}", f"{what}: {found}")
