"""Articles: writing and reading them."""

from __future__ import annotations

from datetime import datetime

from evaluator.contract.answer import Answer
from evaluator.contract.checks import Checks, openapi, prose
from evaluator.contract.conduit.circle import follows
from evaluator.contract.conduit.operations import CREATE_ARTICLE, READ_ARTICLE
from evaluator.contract.conduit.shapes import ARTICLE, REFUSAL, moment_of
from evaluator.contract.conduit.shelf import essay
from evaluator.contract.conduit.spares import Sent, two_alike
from evaluator.contract.conduit.world import Article, Person, World, article_from, article_path, new_article

check = Checks()
SHAPE = openapi(
    "The answer is {article: {slug, title, description, body, tagList, createdAt, updatedAt, favorited, …}}."
)
DATE_TIME = openapi("createdAt and updatedAt are date-times (RFC 3339, with an offset).")
UNKNOWN = prose("An unknown slug is a 4xx on every route that takes one.")
WRITTEN = prose("What was written is read back, by another client too.")
TAGS = ("dragons", "training")


# Writing


async def published(world: World) -> tuple[Person, dict[str, object], Answer]:
    """A publishes an article with two tags."""
    ann = await world.person("ann")
    sent = new_article(f"How {world.unique('ann')} trains dragons", tags=[world.unique(tag) for tag in TAGS])
    return ann, sent, await ann.post("/articles", {"article": sent})


async def the_article(world: World) -> Article:
    """That article, once it is there."""
    _, sent, answer = await world.once(published)
    return article_from(answer.or_blocked_by("articles.create.slug"), sent)


async def told_again(world: World) -> tuple[Sent, ...]:
    """A, B and A again publish articles with one title, one after the other, each with a body of its own."""
    ann, dan = await world.people("ann", "dan")
    title = f"Told {world.unique('again')}"
    told: list[Sent] = []
    for author in (ann, dan, ann):
        sent = {**new_article(title), "body": f"As told by {author.username}, story {len(told)}."}
        told.append(Sent(author, sent, await author.post("/articles", {"article": sent})))
    return tuple(told)


@check(
    "articles.create.slug",
    CREATE_ARTICLE,
    "A publishes an article, and it has a slug",
    openapi("The answer is the article, with its slug."),
    needs="auth.token-scheme",
)
async def create_slug(world: World) -> None:
    _, _, answer = await world.once(published)
    answer.is_success().text_at("article.slug")


@check(
    "articles.create.status",
    CREATE_ARTICLE,
    "An article is published with 201",
    openapi("POST /articles declares 201."),
)
async def create_status(world: World) -> None:
    _, _, answer = await world.once(published)
    answer.has_status(201)


@check("articles.create.shape", CREATE_ARTICLE, "The answer to publishing has the shape of an article", SHAPE)
async def create_shape(world: World) -> None:
    (await world.once(the_article)).answer.matches(ARTICLE)


@check(
    "articles.create.text",
    CREATE_ARTICLE,
    "The article has the title, description and body that A sent",
    prose("An article is what was sent."),
)
async def create_text(world: World) -> None:
    article = await world.once(the_article)
    for field in ("title", "description", "body"):
        article.answer.shows(f"article.{field}", article.sent[field])


@check(
    "articles.create.tags",
    CREATE_ARTICLE,
    "The article has exactly the tags that A sent",
    prose("tagList has exactly the sent tags."),
)
async def create_tags(world: World) -> None:
    article = await world.once(the_article)
    has_tags(article.answer, article)


@check(
    "articles.create.author", CREATE_ARTICLE, "A is the author of A's article", prose("The author is who published it.")
)
async def create_author(world: World) -> None:
    ann, _, _ = await world.once(published)
    (await world.once(the_article)).answer.shows("article.author.username", ann.username)


@check(
    "articles.create.unfavorited",
    CREATE_ARTICLE,
    "Nobody favourites an article that is new",
    prose("A new article has no favourites."),
)
async def create_unfavorited(world: World) -> None:
    article = await world.once(the_article)
    article.answer.shows("article.favorited", False).shows("article.favoritesCount", 0)


@check("articles.create.timestamps", CREATE_ARTICLE, "The timestamps of a new article are date-times", DATE_TIME)
async def create_timestamps(world: World) -> None:
    article = await world.once(the_article)
    moment_at(article.answer, "article.createdAt")
    moment_at(article.answer, "article.updatedAt")


@check(
    "articles.create.without-tags",
    CREATE_ARTICLE,
    "An article without tagList is published with an empty one",
    openapi("tagList is optional when writing and a list when reading."),
)
async def create_without_tags(world: World) -> None:
    ann = await world.person("ann")
    sent = new_article(f"Plain {world.unique('words')}")
    del sent["tagList"]
    (await ann.post("/articles", {"article": sent})).is_success().shows("article.tagList", [])


@check(
    "articles.create.same-title",
    CREATE_ARTICLE,
    "Two articles with one title both live, each with its own body",
    prose("Two articles may have one title; their slugs differ."),
)
async def create_same_title(world: World) -> None:
    for one in await two_alike(world, "ann", "dan") or (await world.once(told_again))[:2]:
        again = await world.visitor.get(article_path(one.answer.is_success().text_at("article.slug")))
        again.is_success().shows("article.body", one.sent["body"])
        again.shows("article.author.username", one.author.username)


@check(
    "articles.create.same-title-slugs",
    CREATE_ARTICLE,
    "Two articles of A with one title have different slugs",
    prose("Two articles may have one title; their slugs differ."),
)
async def create_same_title_slugs(world: World) -> None:
    if await two_alike(world, "ann", "ann"):
        return
    first, _, again = [one.answer for one in await world.once(told_again)]
    slug = first.or_blocked_by("articles.create.slug").text_at("article.slug")
    if again.is_success().text_at("article.slug") == slug:
        raise again.fail("a slug of its own", f"the slug of the first article: {slug}")


async def without(world: World, field: str) -> Answer:
    """A tries to publish an article that leaves this field out."""
    sent = {name: value for name, value in new_article(world.unique("gap")).items() if name != field}
    return await (await world.person("ann")).post("/articles", {"article": sent})


def _refused_without(field: str) -> None:
    @check(
        f"articles.create.missing-{field}",
        CREATE_ARTICLE,
        f"An article without a {field} is refused with 422",
        openapi("title, description and body are required; what cannot be taken is answered with 422."),
    )
    async def missing(world: World) -> None:
        (await world.once(without, field)).has_status(422)


for _field in ("title", "description", "body"):
    _refused_without(_field)


@check(
    "articles.create.errors",
    CREATE_ARTICLE,
    "A refused article says why, in an object “errors”",
    openapi("422 is answered with {errors: {…}}."),
    needs="articles.create.missing-title",
)
async def create_errors(world: World) -> None:
    (await world.once(without, "title")).has_status(422).matches(REFUSAL)


@check(
    "articles.create.blank-title",
    CREATE_ARTICLE,
    "An article with a blank title is refused, or is found under its slug",
    prose("What is accepted can be read back."),
)
async def create_blank_title(world: World) -> None:
    ann = await world.person("ann")
    answer = (await ann.post("/articles", {"article": new_article("") | {"title": ""}})).is_no_crash()
    if answer.succeeded:
        (await ann.get(article_path(answer.text_at("article.slug")))).is_success()


@check(
    "articles.create.wrong-type",
    CREATE_ARTICLE,
    "An article whose title is an object is refused",
    openapi("title is a string."),
)
async def create_wrong_type(world: World) -> None:
    ann = await world.person("ann")
    sent = {**new_article(world.unique("odd")), "title": {"en": "Title"}}
    (await ann.post("/articles", {"article": sent})).is_refused()


@check(
    "articles.create.no-article",
    CREATE_ARTICLE,
    "A body without the object “article” is refused",
    openapi("The body is {article: {…}}; article is required."),
)
async def create_no_article(world: World) -> None:
    (await (await world.person("ann")).post("/articles", {})).is_refused()


@check(
    "articles.create.malformed-json",
    CREATE_ARTICLE,
    "An article in malformed JSON is refused",
    prose("Malformed JSON is the sender's mistake: a 4xx, never a 5xx."),
)
async def create_malformed_json(world: World) -> None:
    (await (await world.person("ann")).post("/articles", raw_body='{"article": {"title": "')).is_refused()


# Reading


async def read_by_a_visitor(world: World) -> tuple[Article, Answer]:
    """A visitor reads A's article."""
    article = await world.once(the_article)
    return article, await world.visitor.reads(article)


@check(
    "articles.read.status",
    READ_ARTICLE,
    "A visitor without a token reads A's article with 200",
    openapi("GET /articles/{slug} declares 200, without a token."),
)
async def read_status(world: World) -> None:
    _, answer = await world.once(read_by_a_visitor)
    answer.has_status(200)


@check("articles.read.shape", READ_ARTICLE, "An article that is read has the shape of an article", SHAPE)
async def read_shape(world: World) -> None:
    _, answer = await world.once(read_by_a_visitor)
    answer.or_blocked_by("articles.read.status").matches(ARTICLE)


@check("articles.read.text", READ_ARTICLE, "A visitor reads the title, description and body that A wrote", WRITTEN)
async def read_text(world: World) -> None:
    article, answer = await world.once(read_by_a_visitor)
    answer.or_blocked_by("articles.read.status")
    for field in ("title", "description", "body"):
        answer.shows(f"article.{field}", article.sent[field])


@check(
    "articles.read.tags",
    READ_ARTICLE,
    "A visitor reads exactly the tags that A gave",
    prose("tagList has exactly the sent tags."),
)
async def read_tags(world: World) -> None:
    article, answer = await world.once(read_by_a_visitor)
    has_tags(answer.or_blocked_by("articles.read.status"), article)


@check(
    "articles.read.author",
    READ_ARTICLE,
    "A visitor reads that A is the author, and follows nobody",
    prose("“following” depends on who asks."),
)
async def read_author(world: World) -> None:
    ann, _, _ = await world.once(published)
    _, answer = await world.once(read_by_a_visitor)
    answer.or_blocked_by("articles.read.status").shows("article.author.username", ann.username)
    answer.shows("article.author.following", False)


@check("articles.read.timestamps", READ_ARTICLE, "The timestamps of an article that is read are date-times", DATE_TIME)
async def read_timestamps(world: World) -> None:
    _, answer = await world.once(read_by_a_visitor)
    answer.or_blocked_by("articles.read.status")
    moment_at(answer, "article.createdAt")
    moment_at(answer, "article.updatedAt")


@check(
    "articles.read.following",
    READ_ARTICLE,
    "A, who follows B, sees it in B's article; C does not",
    prose("“following” depends on who asks."),
    needs="profiles.follow.persists",
)
async def read_following(world: World) -> None:
    (await world.once(follows)).or_blocked_by("profiles.follow.status")
    article = await world.once(essay)
    for name, following in (("ann", True), ("cleo", False)):
        answer = await (await world.person(name)).reads(article)
        answer.or_blocked_by("articles.read.status").shows("article.author.following", following)


@check("articles.read.unknown", READ_ARTICLE, "An article that is not there is refused", UNKNOWN)
async def read_unknown(world: World) -> None:
    (await world.visitor.get(article_path(world.unique("nowhere")))).is_refused()


def has_tags(answer: Answer, article: Article) -> None:
    """The same tags, each once; the contract says nothing about their order."""
    tags, sent = answer.value("article.tagList"), article.sent["tagList"]
    if not isinstance(tags, list) or sorted(map(str, tags)) != sorted(sent):
        raise answer.fail(f"article.tagList is {sent}, in any order", f"article.tagList is {tags}")


def moment_at(answer: Answer, path: str) -> datetime:
    """The moment at `path`, which is a date-time."""
    moment = moment_of(answer.value(path))
    if moment is None:
        raise answer.fail(
            f"{path} is a date-time, such as 2026-01-31T12:00:00.000Z", f"{path} is {answer.value(path)!r}"
        )
    return moment
