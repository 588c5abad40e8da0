"""Requests whose SQL statements are counted one at a time: a list that costs more the longer it is, is an N+1."""

from __future__ import annotations

from evaluator.contract.answer import Answer
from evaluator.contract.checks import Probe
from evaluator.contract.conduit import operations as operation
from evaluator.contract.conduit.world import CAST, World

LISTED = 20


async def many_articles(world: World) -> Answer:
    return await (await world.person(CAST[0])).lists(limit=LISTED)


async def one_article(world: World) -> Answer:
    return await (await world.person(CAST[0])).lists(limit=1)


async def account(world: World) -> Answer:
    return await (await world.person(CAST[0])).get("/user")


async def all_tags(world: World) -> Answer:
    return await world.visitor.get("/tags")


def articles_in(answer: Answer) -> int:
    return len(answer.items("articles"))


def tags_in(answer: Answer) -> int:
    tags = answer.value("tags")
    return len(tags) if isinstance(tags, list) else 0


PROBES = (
    Probe(operation.LIST_ARTICLES, f"A list of {LISTED} articles", many_articles, articles_in),
    Probe(operation.LIST_ARTICLES, "A list of one article", one_article, articles_in),
    Probe(operation.CURRENT_USER, "The account of the token", account, lambda answer: 1),
    Probe(operation.TAGS, "All tags", all_tags, tags_in),
)
