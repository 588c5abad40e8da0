"""Text of all kinds, in every field: it comes back unchanged or is refused, and never reaches what it should not."""

from __future__ import annotations

from urllib.parse import quote

from evaluator.contract.answer import Answer
from evaluator.contract.checks import Checks, prose
from evaluator.contract.conduit import operations as operation
from evaluator.contract.conduit.world import CAST, Article, World, article_path, new_article, profile_path

check = Checks()
TEXTS = {
    "accents": "Crème brûlée in Łódź, naïve Ærøskøbing",
    "scripts": "日本語, العربية, עברית, हिन्दी",
    "emoji": "🚀 to 👩‍👩‍👧 in 🇪🇺",
    "quotes": '“So” she said: "it\'s" `that` \\ this',
    "percent": "100% of %s and %d, %20 and %%",
    "underscore": "__proto__ and snake_case_ and _",
    "markup": "<script>alert('x')</script> & &amp; <b>bold</b>",
    "sql": "Robert'); DROP TABLE articles; -- or 1=1",
    "lines": "first\nsecond\ttabbed\r\nthird",
    "long": "lorem " * 1666 + "ipsum",
}
UNCHANGED = prose("Text comes back unchanged, or is refused with a 4xx; never a 5xx.")
ONLY_TEXT = prose("What one sends is text: it never reaches another's data.")


def _described(kind: str) -> str:
    return "10,000 characters" if kind == "long" else f"“{' '.join(TEXTS[kind].split())}”"


# In every field


def _in_a_body(kind: str) -> None:
    @check(
        f"text.body.{kind}",
        operation.CREATE_ARTICLE,
        f"An article that says {_described(kind)} says just that to B",
        UNCHANGED,
    )
    async def body(world: World) -> None:
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
        ann, text = await world.person("ann"), TEXTS[kind]
        article = await ann.publishes()
        answer = (await ann.post(article.comments, {"comment": {"body": text}})).is_no_crash()
        if answer.succeeded:
            again = (await world.visitor.get(article.comments)).or_blocked_by("comments.list.status")
            if again.fields("comments", "body") != [text]:
                raise again.fail("the comment, unchanged")


def _in_a_bio(kind: str, name: str) -> None:
    @check(
        f"text.bio.{kind}",
        operation.UPDATE_USER,
        f"A bio that says {_described(kind)} says just that in A's profile",
        UNCHANGED,
    )
    async def bio(world: World) -> None:
        person, text = await world.person(name), TEXTS[kind]
        answer = (await person.put("/user", {"user": {"bio": text}})).is_no_crash()
        if answer.succeeded:
            (await world.visitor.reads(person)).or_blocked_by("profiles.read.status").shows("profile.bio", text)


def _in_a_tag(kind: str) -> None:
    @check(
        f"text.tag.{kind}",
        operation.LIST_ARTICLES,
        f"A tag {_described(kind)} comes back, and finds its article",
        UNCHANGED,
        needs="articles.list.tag",
    )
    async def tag(world: World) -> None:
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
for _kind in ("emoji", "quotes", "markup", "sql", "lines", "long"):
    _in_a_comment(_kind)
for _kind, _name in zip(("scripts", "emoji", "quotes", "markup", "sql", "long"), CAST[4:], strict=True):
    _in_a_bio(_kind, _name)
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
    await (await world.person("ann")).publishes()
    (await world.visitor.get(article_path("' OR '1'='1"))).is_refused()


async def liked_article(world: World) -> Article:
    """A publishes an article with a tag, and favourites it."""
    ann = await world.person("ann")
    article = await ann.publishes(tags=[world.unique("safe")])
    await ann.favorites(article)
    return article


def _finds_nothing(id: str, title: str, name: str, value: str) -> None:
    @check(f"text.filter.{id}", operation.LIST_ARTICLES, title, ONLY_TEXT, needs="articles.list.status")
    async def finds_nothing(world: World) -> None:
        article = await world.once(liked_article)
        answer: Answer = (await world.visitor.lists(**{name: value})).is_no_crash()
        if answer.succeeded and article.slug in answer.fields("articles", "slug"):
            raise answer.fail(f"no article for {name}={quote(value)}")


_finds_nothing("tag-sql", "SQL for a tag finds no article", "tag", "' OR '1'='1")
_finds_nothing("author-sql", "SQL for an author finds no article", "author", "' OR '1'='1")
_finds_nothing("tag-percent", "tag=% finds no article that has another tag", "tag", "%")
_finds_nothing("author-percent", "author=% finds no article of A's", "author", "%")
_finds_nothing("favorited-percent", "favorited=% finds no article that A favourites", "favorited", "%")
