"""Ten articles under one title, published at the same moment: that they all live is a check; then others use them.

An article costs a backend as much as several reads, so each of the ten that lives serves one scene; in the place of one
that does not, the scene publishes an article of its own.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from dataclasses import dataclass

from evaluator.contract.answer import Answer
from evaluator.contract.conduit.world import Article, Person, World, article_from, new_article

# What each is for, and who publishes it.
FOR = {
    "a forger to change": "ann",
    "a forger to delete": "ann",
    "another to change": "ann",
    "another to delete": "ann",
    "odd changes": "ann",
    "another title": "ann",
    "two comments, and favourites of one": "ann",
    "many comments, and favourites at once": "ann",
    "favourites of two": "dan",
    "favourites of one, at once": "dan",
}


@dataclass(frozen=True)
class Sent:
    """An article that was sent, by whom, and what was answered."""

    author: Person
    sent: dict[str, object]
    answer: Answer


@dataclass(frozen=True)
class Alike:
    """Ten articles that were sent at once under one title, and the list of what has their tag afterwards."""

    articles: tuple[Sent, ...]
    listed: Answer


async def published_at_once(world: World) -> Alike:
    """A and B publish ten articles with one title at the same moment, each with a body of its own."""
    people = dict(zip(("ann", "dan"), await world.people("ann", "dan"), strict=True))
    tag = world.unique("now")
    sent = [
        (people[name], {**new_article(f"All at once {tag}", tags=[tag]), "body": f"For {purpose}."})
        for purpose, name in FOR.items()
    ]
    answers = await asyncio.gather(
        *(person.post("/articles", {"article": article}, at_once=True) for person, article in sent)
    )
    articles = tuple(Sent(person, article, answer) for (person, article), answer in zip(sent, answers, strict=True))
    return Alike(articles, await world.visitor.lists(tag=tag))


async def alive(world: World) -> dict[str, Article]:
    """Those of the ten that live, by what they are for: published under a slug of their own, and listed."""
    story = await world.once(published_at_once)
    listed = story.listed.is_success().fields("articles", "slug")
    found = {
        purpose: article_from(one.answer, one.sent)
        for purpose, one in zip(FOR, story.articles, strict=True)
        if one.answer.succeeded
    }
    times = Counter(article.slug for article in found.values())
    return {
        purpose: article for purpose, article in found.items() if times[article.slug] == 1 and article.slug in listed
    }


async def all_alive(world: World) -> None:
    """Raises Failed where not all of the ten live."""
    story = await world.once(published_at_once)
    answers = [one.answer.is_success() for one in story.articles]
    living, listed = await world.once(alive), story.listed.fields("articles", "slug")
    if len(living) != len(answers) or len(listed) != len(answers):
        slugs = sorted(answer.text_at("article.slug") for answer in answers)
        expected = f"{len(answers)} articles under {len(answers)} slugs"
        raise story.listed.fail(expected, f"the slugs {slugs} in the answers, {sorted(map(str, listed))} in the list")


async def article_for(world: World, purpose: str) -> Article:
    """The article for this purpose, the same one for everybody who asks."""
    return await world.once(_article_for, purpose)


async def _article_for(world: World, purpose: str) -> Article:
    living = await world.shown_together(alive) or {}
    return living.get(purpose) or await (await world.person(FOR[purpose])).publishes()


async def two_alike(world: World, *authors: str) -> list[Sent]:
    """Two articles with one title that live, by these authors; an empty list where there are no such two."""
    living = await world.shown_together(alive) or {}
    told = dict(zip(FOR, (await world.once(published_at_once)).articles, strict=True)) if living else {}
    found: list[Sent] = []
    for author in authors:
        candidates = (one for purpose, one in told.items() if purpose in living and FOR[purpose] == author)
        found += [one for one in candidates if one not in found][:1]
    return found if len(found) == len(authors) else []
