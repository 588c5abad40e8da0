"""Known articles to look for in lists: who published them, in which order, and how a list is compared with them."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

from evaluator.contract.answer import Answer, Failed
from evaluator.contract.conduit.shapes import moment_of
from evaluator.contract.conduit.world import TIE_SECONDS, Article, Person, World


@dataclass(frozen=True)
class Shelf:
    """Three articles of one author, who has no others, in the order in which they were published.

    All have the tag `tag`. The first has `whole` too, the second a tag that begins like it.
    """

    author: Person
    articles: tuple[Article, ...]
    tag: str
    whole: str

    @property
    def newest_first(self) -> list[str]:
        return [article.slug for article in reversed(self.articles)]


async def shelf(world: World, spaced: bool = False) -> Shelf:
    """C publishes three articles; `spaced` means that a newcomer does, with more than a second between them."""
    author = await (world.newcomer("writer") if spaced else world.person("cleo"))
    tag, whole = world.unique("shelf"), world.unique("whole")
    articles = []
    for number, own in enumerate((whole, f"{whole}s", world.unique("other"))):
        if spaced and number:
            await asyncio.sleep(TIE_SECONDS)
        articles.append(await author.publishes(tags=[tag, own]))
    return Shelf(author, tuple(articles), tag, whole)


async def essay(world: World) -> Article:
    """B's only article."""
    return await (await world.person("bob")).publishes()


async def first_is_liked(world: World) -> Article:
    """A and B favourite the first article of the shelf."""
    story = await world.once(shelf)
    for fan in await world.people("ann", "bob"):
        await fan.favorites(story.articles[0])
    return story.articles[0]


async def slice_of(world: World, author: str, **query: int) -> Answer:
    """A visitor lists the articles of this author with this limit and offset, once they are liked; asked once."""
    return await world.once(_slice_of, author, *sorted(query.items()))


async def _slice_of(world: World, author: str, *query: tuple[str, int]) -> Answer:
    await world.after(first_is_liked)
    return await world.visitor.lists(author=author, **dict(query))


async def listed(world: World) -> tuple[Shelf, Answer]:
    """A visitor lists the articles of the shelf."""
    story = await world.once(shelf)
    return story, await slice_of(world, story.author.username)


async def in_order(world: World, judge: Callable[[Shelf], Awaitable[None]]) -> None:
    """Judge an order; where two timestamps really tie, leave a second between the articles and judge once more."""
    quick = await world.once(shelf)
    try:
        await judge(quick)
    except Failed:
        answer = await slice_of(world, quick.author.username)
        if len(set(map(str, answer.fields("articles", "createdAt")))) == len(quick.articles):
            raise
        await judge(await world.once(shelf, True))


def exactly(answer: Answer, articles: Sequence[Article]) -> None:
    """These articles, each once, in any order."""
    slugs = sorted(map(str, answer.fields("articles", "slug")))
    equal(answer, "the slugs, sorted", slugs, sorted(article.slug for article in articles))


def equal(answer: Answer, what: str, found: object, expected: object) -> None:
    """`what` was found as expected."""
    if found != expected:
        raise answer.fail(f"{what}: {expected}", f"{what}: {found}")


def as_written(answer: Answer, story: Shelf) -> None:
    """Each article of the shelf has the title, description, tags and author that it was written with."""
    items = {item.get("slug"): item for item in answer.items("articles")}
    for article in story.articles:
        item = items.get(article.slug, {})
        for field in ("title", "description"):
            equal(answer, f"{field} of {article.slug}", item.get(field), article.sent[field])
        tags = item.get("tagList")
        sorted_tags = sorted(map(str, tags)) if isinstance(tags, list) else tags
        equal(answer, f"tagList of {article.slug}, sorted", sorted_tags, sorted(article.sent["tagList"]))
        author = item.get("author")
        name = author.get("username") if isinstance(author, dict) else author
        equal(answer, f"author of {article.slug}", name, story.author.username)


def dated(answer: Answer) -> None:
    """The timestamps of all articles in a list are date-times."""
    for name in ("createdAt", "updatedAt"):
        for value in answer.fields("articles", name):
            if moment_of(value) is None:
                raise answer.fail(f"{name} is a date-time, such as 2026-01-31T12:00:00.000Z", f"{name} is {value!r}")
