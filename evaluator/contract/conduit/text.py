"""Text of all kinds, in every field: it comes back unchanged or is refused, and never reaches what it should not."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import quote

from evaluator.contract.answer import Answer
from evaluator.contract.checks import Checks, prose
from evaluator.contract.conduit import operations as operation
from evaluator.contract.conduit.articles import has_tags, the_article
from evaluator.contract.conduit.comments import commenting
from evaluator.contract.conduit.shelf import exactly, first_is_liked
from evaluator.contract.conduit.subject import named_unusually
from evaluator.contract.conduit.unusual_texts import TEXTS, joined
from evaluator.contract.conduit.world import Article, World, article_from, article_path, new_article, profile_path

check = Checks()
UNCHANGED = prose("Text comes back unchanged, or is refused with a 4xx; never a 5xx.")
ONLY_TEXT = prose("What one sends is text: it never reaches another's data.")


def _described(kind: str) -> str:
    return "10,000 characters" if kind == "long" else f"“{' '.join(TEXTS[kind].split())}”"


# In every field: first several kinds of text in one request; where they do not all come back, each kind alone


@dataclass(frozen=True)
class Carrier:
    """Kinds of text that one article carries in its title, in its description and body, and joined in its tags."""

    titles: tuple[str, ...]
    bodies: tuple[str, ...]
    tags: tuple[tuple[str, ...], ...]


# Titles stay so short that a slug fits into 100 characters, even with “percent” for “%” and “less” for “<”: fastify has
# no routes for longer ones.
CARRIERS = (
    Carrier(("emoji", "percent"), ("accents", "scripts", "emoji", "percent"), (("accents", "emoji"),)),
    Carrier(("scripts", "sql"), ("quotes", "underscore", "lines"), (("quotes", "percent"),)),
    Carrier(("markup",), ("markup", "sql"), (("underscore", "sql"),)),
    Carrier(("accents", "quotes"), ("long",), ()),
)
COMMENTED = ("emoji", "quotes", "markup", "sql", "lines")
DESCRIBING = ("scripts", "emoji", "quotes", "markup", "sql")


async def carried(world: World, carrier: Carrier) -> Article:
    """A publishes an article that carries several kinds of text, and a visitor reads it unchanged."""
    ann, text = await world.person("ann"), joined(*carrier.bodies)
    tags = [f"{joined(*kinds)} {world.unique('t')}" for kinds in carrier.tags]
    sent = {
        **new_article(f"{joined(*carrier.titles)} {world.unique('t')}", tags=tags),
        "description": text,
        "body": text,
    }
    article = article_from((await ann.post("/articles", {"article": sent})).is_success(), sent)
    again = (await world.visitor.reads(article)).is_success()
    for field in ("title", "description", "body"):
        again.shows(f"article.{field}", sent[field])
    return article


async def found_by_tag(world: World, carrier: Carrier, number: int) -> Article:
    """That article is found by one of its tags, all of which came back unchanged."""
    article = await world.once(carried, carrier)
    has_tags(article.answer, article)
    found = (await world.visitor.lists(tag=article.sent["tagList"][number])).is_success()
    exactly(found, [article])
    return article


async def in_one_comment(world: World) -> bool:
    """Whether a comment that holds several kinds of text is taken, and comes back unchanged."""
    return await _comments(world, joined(*COMMENTED))


async def in_one_bio(world: World) -> bool:
    """Whether a bio that holds several kinds of text is taken, and comes back unchanged."""
    return await _describes(world, joined(*DESCRIBING))


def _in_a_body(kind: str) -> None:
    @check(
        f"text.body.{kind}",
        operation.CREATE_ARTICLE,
        f"An article that says {_described(kind)} says just that to B",
        UNCHANGED,
    )
    async def body(world: World) -> None:
        for carrier in CARRIERS:
            if kind in carrier.bodies and await world.shown_together(carried, carrier) is not None:
                return
        ann, text = await world.person("ann"), TEXTS[kind]
        sent = {**new_article(world.unique("text")), "description": text, "body": text}
        answer = (await ann.post("/articles", {"article": sent})).is_no_crash()
        if answer.succeeded:
            again = await world.visitor.get(article_path(answer.text_at("article.slug")))
            again.is_success().shows("article.description", text).shows("article.body", text)


def _in_a_title(kind: str) -> None:
    @check(
        f"text.title.{kind}",
        operation.CREATE_ARTICLE,
        f"An article titled {_described(kind)} is found under its slug, with that title",
        UNCHANGED,
    )
    async def title(world: World) -> None:
        for carrier in CARRIERS:
            if kind in carrier.titles and await world.shown_together(carried, carrier) is not None:
                return
        ann, tag = await world.person("ann"), world.unique("titled")
        text = f"{TEXTS[kind]} {tag}"
        answer = (await ann.post("/articles", {"article": new_article(text, tags=[tag])})).is_no_crash()
        if not answer.succeeded:
            return
        if kind == "long":
            # A slug of 10,000 characters may be longer than a request line can be: look in the list.
            again = (await world.visitor.lists(tag=tag)).or_blocked_by("articles.list.status")
            if again.fields("articles", "title") != [text]:
                raise again.fail("the title, unchanged")
            return
        again = await world.visitor.get(article_path(answer.text_at("article.slug")))
        again.is_success().shows("article.title", text)


def _in_a_comment(kind: str) -> None:
    @check(
        f"text.comment.{kind}",
        operation.CREATE_COMMENT,
        f"A comment that says {_described(kind)} says just that",
        UNCHANGED,
    )
    async def comment(world: World) -> None:
        if kind in COMMENTED and await world.shown_together(in_one_comment) is True:
            return
        await _comments(world, TEXTS[kind])


async def _comments(world: World, text: str) -> bool:
    bob, path = await world.once(commenting)
    answer = (await bob.post(path, {"comment": {"body": text}})).is_no_crash()
    if answer.succeeded:
        id = answer.value("comment.id")
        again = (await world.visitor.get(path)).or_blocked_by("comments.list.status")
        if [item.get("body") for item in again.items("comments") if item.get("id") == id] != [text]:
            raise again.fail("the comment, unchanged")
    return answer.succeeded


def _in_a_bio(kind: str) -> None:
    @check(
        f"text.bio.{kind}",
        operation.UPDATE_USER,
        f"A bio that says {_described(kind)} says just that in A's profile",
        UNCHANGED,
    )
    async def bio(world: World) -> None:
        if kind in DESCRIBING and await world.shown_together(in_one_bio) is True:
            return
        await _describes(world, TEXTS[kind])


async def _describes(world: World, text: str) -> bool:
    cleo = await world.person("cleo")
    async with world.one_bio_at_a_time:
        answer = (await cleo.put("/user", {"user": {"bio": text}})).is_no_crash()
        if answer.succeeded:
            (await world.visitor.reads(cleo)).or_blocked_by("profiles.read.status").shows("profile.bio", text)
    return answer.succeeded


def _in_a_tag(kind: str) -> None:
    @check(
        f"text.tag.{kind}",
        operation.LIST_ARTICLES,
        f"A tag {_described(kind)} comes back, and finds its article",
        UNCHANGED,
        needs="articles.list.tag",
    )
    async def tag(world: World) -> None:
        for carrier in CARRIERS:
            for number, kinds in enumerate(carrier.tags):
                if kind in kinds and await world.shown_together(found_by_tag, carrier, number) is not None:
                    return
        ann = await world.person("ann")
        text = f"{TEXTS[kind]} {world.unique('tagged')}"
        answer = (
            await ann.post("/articles", {"article": new_article(world.unique("text"), tags=[text])})
        ).is_no_crash()
        if answer.succeeded:
            answer.shows("article.tagList", [text])
            found = (await world.visitor.lists(tag=text)).is_success()
            if found.fields("articles", "slug") != [answer.value("article.slug")]:
                raise found.fail("exactly the article with this tag")


def _in_a_username(kind: str) -> None:
    @check(
        f"text.username.{kind}",
        operation.REGISTER,
        f"A username like {_described(kind)} is refused, or its profile is found",
        UNCHANGED,
    )
    async def username(world: World) -> None:
        if await world.shown_together(named_unusually):
            return
        account = world.new_account()
        name = f"{TEXTS[kind]} {account['username']}"
        answer = (await world.visitor.post("/users", {"user": {**account, "username": name}})).is_no_crash()
        if answer.succeeded:
            answer.shows("user.username", name)
            (await world.visitor.get(profile_path(name))).is_success().shows("profile.username", name)


for _kind in TEXTS:
    _in_a_body(_kind)
for _kind in ("accents", "scripts", "emoji", "quotes", "percent", "markup", "sql", "long"):
    _in_a_title(_kind)
for _kind in (*COMMENTED, "long"):
    _in_a_comment(_kind)
for _kind in (*DESCRIBING, "long"):
    _in_a_bio(_kind)
for _kind in ("accents", "emoji", "quotes", "percent", "underscore", "sql"):
    _in_a_tag(_kind)
for _kind in ("emoji", "percent"):
    _in_a_username(_kind)


# Reaching for what it should not


@check(
    "text.title.no-letters",
    operation.CREATE_ARTICLE,
    "An article titled “???” is refused, or is found under its slug",
    prose("What is accepted can be read back."),
)
async def title_without_letters(world: World) -> None:
    ann = await world.person("ann")
    answer = (await ann.post("/articles", {"article": new_article("???")})).is_no_crash()
    if answer.succeeded:
        (await world.visitor.get(article_path(answer.text_at("article.slug")))).is_success().shows(
            "article.title", "???"
        )


@check("text.login.sql", operation.LOGIN, "Nobody signs in with SQL for an email", ONLY_TEXT)
async def login_sql(world: World) -> None:
    await world.account("ann")
    answer = await world.visitor.post("/users/login", {"user": {"email": "' OR '1'='1' --", "password": "' OR '1'='1"}})
    answer.is_refused()


@check("text.profile.wildcard", operation.PROFILE, "The profile of “%” is nobody's", ONLY_TEXT)
async def profile_wildcard(world: World) -> None:
    await world.account("ann")
    (await world.visitor.get(profile_path("%"))).is_refused()


@check("text.slug.sql", operation.READ_ARTICLE, "SQL for a slug finds no article", ONLY_TEXT)
async def slug_sql(world: World) -> None:
    await world.once(the_article)
    (await world.visitor.get(article_path("' OR '1'='1"))).is_refused()


def _finds_nothing(id: str, title: str, name: str, value: str) -> None:
    @check(f"text.filter.{id}", operation.LIST_ARTICLES, title, ONLY_TEXT, needs="articles.list.status")
    async def finds_nothing(world: World) -> None:
        article = await world.once(first_is_liked)
        answer: Answer = (await world.visitor.lists(**{name: value})).is_no_crash()
        if answer.succeeded and article.slug in answer.fields("articles", "slug"):
            raise answer.fail(f"no article for {name}={quote(value)}")


_finds_nothing("tag-sql", "SQL for a tag finds no article", "tag", "' OR '1'='1")
_finds_nothing("author-sql", "SQL for an author finds no article", "author", "' OR '1'='1")
_finds_nothing("tag-percent", "tag=% finds no article that has another tag", "tag", "%")
_finds_nothing("author-percent", "author=% finds no article of A's", "author", "%")
_finds_nothing("favorited-percent", "favorited=% finds no article that A favourites", "favorited", "%")
