"""Ten articles under one title, published at the same moment: that they all live is a check; then others use them.

An article costs a backend as much as several reads. Where all ten live, each serves one scene, which is its subject
no longer than that; where one of them does not, every scene publishes an article of its own.
"""

from __future__ import annotations

import asyncio
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


async def all_alive(world: World) -> dict[str, Article]:
    """These ten, by what they are for. Raises Failed where one of them was refused, or shares its slug."""
    story = await world.once(published_at_once)
    articles = [article_from(one.answer.is_success(), one.sent) for one in story.articles]
    slugs = {article.slug for article in articles}
    listed = set(map(str, story.listed.is_success().fields("articles", "slug")))
    if len(slugs) != len(articles) or listed != slugs:
        expected = f"{len(articles)} articles under {len(articles)} slugs"
        raise story.listed.fail(expected, f"the slugs {sorted(slugs)} in the answers, {sorted(listed)} in the list")
    return dict(zip(FOR, articles, strict=True))


async def article_for(world: World, purpose: str) -> Article:
    """The article for this purpose, the same one for everybody who asks."""
    return await world.once(_article_for, purpose)


async def _article_for(world: World, purpose: str) -> Article:
    alive = await world.shown_together(all_alive)
    return alive[purpose] if alive is not None else await (await world.person(FOR[purpose])).publishes()
