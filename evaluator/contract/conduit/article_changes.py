"""Changing an article: what is sent changes, what is not sent stays, and only the author may."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

from evaluator.contract.answer import Answer
from evaluator.contract.checks import Checks, openapi, prose
from evaluator.contract.conduit.articles import SHAPE, TAGS, UNKNOWN, WRITTEN, has_tags, moment_at, the_article
from evaluator.contract.conduit.operations import LIST_ARTICLES, READ_ARTICLE, READ_COMMENTS, UPDATE_ARTICLE
from evaluator.contract.conduit.shapes import ARTICLE
from evaluator.contract.conduit.spares import article_for
from evaluator.contract.conduit.world import TIE_SECONDS, Article, Comment, Person, World, article_path

check = Checks()
AUTHOR_ONLY = prose("Only the author may change or delete an article.")
PARTIAL = prose("What is not sent stays as it was.")


# A changes the body of an article, and then the title and the description


async def to_be_changed(world: World) -> Article:
    """A publishes an article with two tags."""
    return await (await world.person("ann")).publishes(tags=[world.unique(tag) for tag in TAGS])


async def commented(world: World) -> Comment:
    """B comments on it."""
    article, bob = await world.once(to_be_changed), await world.person("bob")
    return await bob.comments_on(article, "Keep this.")


async def liked(world: World) -> Answer:
    """B favourites it."""
    article, bob = await world.once(to_be_changed), await world.person("bob")
    return await bob.favorites(article)


@dataclass(frozen=True)
class Changed:
    author: Person
    before: Article
    body: str
    answer: Answer

    @property
    def path(self) -> str:
        """Where the article is found after the change."""
        slug = self.answer.text_at("article.slug") if self.answer.succeeded else self.before.slug
        return article_path(slug)


async def with_new_body(world: World) -> Changed:
    """A changes the body of the article, and nothing else."""
    article, ann = await world.once(to_be_changed), await world.person("ann")
    await world.after(commented, liked)
    body = f"Rewritten by {ann.username}."
    return Changed(ann, article, body, await ann.put(article.path, {"article": {"body": body}}))


async def read_with_new_body(world: World) -> Answer:
    """B reads the article after that."""
    path = (await world.once(with_new_body)).path
    return await (await world.person("bob")).get(path)


@dataclass(frozen=True)
class Retitled:
    title: str
    answer: Answer


async def with_new_title(world: World) -> Retitled:
    """A changes the title and the description of the article."""
    await world.after(read_with_new_body)
    story = await world.once(with_new_body)
    title = f"Another {world.unique('title')}"
    answer = await story.author.put(story.path, {"article": {"title": title, "description": "Another description"}})
    return Retitled(title, answer.or_blocked_by("articles.update.status"))


@check(
    "articles.update.status",
    UPDATE_ARTICLE,
    "A changes A's article with 200",
    openapi("PUT /articles/{slug} declares 200."),
)
async def update_status(world: World) -> None:
    (await world.once(with_new_body)).answer.has_status(200)


@check("articles.update.shape", UPDATE_ARTICLE, "The answer to a change has the shape of an article", SHAPE)
async def update_shape(world: World) -> None:
    (await world.once(with_new_body)).answer.or_blocked_by("articles.update.status").matches(ARTICLE)


@check(
    "articles.update.body", UPDATE_ARTICLE, "The answer to a change shows the new body", prose("What is sent changes.")
)
async def update_body(world: World) -> None:
    story = await world.once(with_new_body)
    story.answer.or_blocked_by("articles.update.status").shows("article.body", story.body)


@check(
    "articles.update.title",
    UPDATE_ARTICLE,
    "The answer to a change shows the new title and description",
    prose("What is sent changes."),
)
async def update_title(world: World) -> None:
    story = await world.once(with_new_title)
    story.answer.shows("article.title", story.title).shows("article.description", "Another description")


@check("articles.update.keeps-text", UPDATE_ARTICLE, "A new body leaves title and description as they were", PARTIAL)
async def update_keeps_text(world: World) -> None:
    story = await world.once(with_new_body)
    answer = story.answer.or_blocked_by("articles.update.status")
    for field in ("title", "description"):
        answer.shows(f"article.{field}", story.before.sent[field])


@check("articles.update.keeps-tags", UPDATE_ARTICLE, "A new body leaves the tags as they were", PARTIAL)
async def update_keeps_tags(world: World) -> None:
    story = await world.once(with_new_body)
    has_tags(story.answer.or_blocked_by("articles.update.status"), story.before)


@check("articles.update.persists", READ_ARTICLE, "B reads the new body of A's article", WRITTEN)
async def update_persists(world: World) -> None:
    story = await world.once(with_new_body)
    story.answer.or_blocked_by("articles.update.status")
    again = await world.once(read_with_new_body)
    again.or_blocked_by("articles.read.status").shows("article.body", story.body)


@check(
    "articles.update.slug",
    UPDATE_ARTICLE,
    "After a new title, A's article is found under the slug in the answer",
    prose("What is answered can be followed."),
)
async def update_slug(world: World) -> None:
    story = await world.once(with_new_title)
    again = await world.visitor.get(article_path(story.answer.text_at("article.slug")))
    again.is_success().shows("article.title", story.title)


@check(
    "articles.update.in-list",
    LIST_ARTICLES,
    "After a new title, the list shows A's article with the new title and description",
    prose("What was written is read back, wherever it is shown."),
    needs="articles.list.tag",
)
async def update_in_list(world: World) -> None:
    article, story = await world.once(to_be_changed), await world.once(with_new_title)
    listed = (await world.visitor.lists(tag=article.sent["tagList"][0])).or_blocked_by("articles.list.status")
    shown = [(item.get("title"), item.get("description")) for item in listed.items("articles")]
    if shown != [(story.title, "Another description")]:
        raise listed.fail(f"one article, titled {story.title}", f"the titles and descriptions {shown}")


async def other_title(world: World) -> tuple[Article, Article, Answer]:
    """A gives an article the title of an article of B's."""
    ann, dan = await world.people("ann", "dan")
    theirs, mine = await dan.publishes(), await article_for(world, "another title")
    return theirs, mine, await ann.put(mine.path, {"article": {"title": theirs.sent["title"]}})


@check(
    "articles.update.slug-taken",
    UPDATE_ARTICLE,
    "A gives an article the title of B's article, and both live",
    prose("Two articles may have one title; their slugs differ."),
)
async def update_slug_taken(world: World) -> None:
    theirs, mine, answer = await world.once(other_title)
    answer.is_success().shows("article.title", theirs.sent["title"])
    (await world.visitor.reads(theirs)).is_success().shows("article.body", theirs.sent["body"])
    renamed = await world.visitor.get(article_path(answer.text_at("article.slug")))
    renamed.is_success().shows("article.body", mine.sent["body"])


@check("articles.update.updated-at", UPDATE_ARTICLE, "A change moves updatedAt", prose("An update moves updatedAt."))
async def update_moves_updated_at(world: World) -> None:
    story = await world.once(with_new_body)
    answer = story.answer.or_blocked_by("articles.update.status")
    before = moment_at(story.before.answer, "article.updatedAt")
    if moment_at(answer, "article.updatedAt") <= before:
        # Both may lie in one second, and a database may keep fewer digits than the first answer showed.
        renamed = await world.shown_together(with_new_title)
        path = article_path(renamed.answer.text_at("article.slug")) if renamed is not None else story.path
        await asyncio.sleep(TIE_SECONDS)
        answer = await story.author.put(path, {"article": {"body": story.body}})
        answer.or_blocked_by("articles.update.status")
    if moment_at(answer, "article.updatedAt") <= before:
        raise answer.fail(f"updatedAt later than {story.before.answer.value('article.updatedAt')}")


@check(
    "articles.update.created-at",
    UPDATE_ARTICLE,
    "A change leaves createdAt as it was",
    prose("An update does not move createdAt."),
)
async def update_keeps_created_at(world: World) -> None:
    story = await world.once(with_new_body)
    answer = story.answer.or_blocked_by("articles.update.status")
    before, after = moment_at(story.before.answer, "article.createdAt"), moment_at(answer, "article.createdAt")
    # A database may keep fewer digits of a second than the first answer showed.
    if abs((after - before).total_seconds()) >= 1:
        raise answer.fail(f"createdAt is {story.before.answer.value('article.createdAt')}")


@check(
    "articles.update.keeps-comments",
    READ_COMMENTS,
    "A new title keeps the comments of A's article",
    prose("What is not sent stays as it was."),
)
async def update_keeps_comments(world: World) -> None:
    await world.once(commented)
    slug = (await world.once(with_new_title)).answer.text_at("article.slug")
    comments = (await world.visitor.get(f"{article_path(slug)}/comments")).or_blocked_by("comments.list.status")
    if comments.fields("comments", "body") != ["Keep this."]:
        raise comments.fail("the comment that was there before the change")


@check(
    "articles.update.keeps-favorites",
    UPDATE_ARTICLE,
    "A change keeps B's favourite of A's article",
    prose("What is not sent stays as it was."),
)
async def update_keeps_favorites(world: World) -> None:
    await world.once(liked)
    answer = (await world.once(with_new_body)).answer
    answer.or_blocked_by("articles.update.status").shows("article.favoritesCount", 1)


# B tries to change A's article


async def changed_by_another(world: World) -> tuple[Article, Answer]:
    """B tries to change an article of A's."""
    article, bob = await article_for(world, "another to change"), await world.person("bob")
    sent = {"title": "Taken over", "description": "B's", "body": "B was here."}
    return article, await bob.put(article.path, {"article": sent})


@check("articles.update.by-other-user", UPDATE_ARTICLE, "B cannot change A's article", AUTHOR_ONLY)
async def update_by_other_user(world: World) -> None:
    _, answer = await world.once(changed_by_another)
    answer.is_refused()


@check(
    "articles.update.by-other-user-unchanged",
    READ_ARTICLE,
    "A's article is unchanged after B tried to change it",
    AUTHOR_ONLY,
)
async def update_by_other_user_unchanged(world: World) -> None:
    article, _ = await world.once(changed_by_another)
    answer = (await world.visitor.reads(article)).is_success()
    for field in ("title", "description", "body"):
        answer.shows(f"article.{field}", article.sent[field])


# Odd changes of one article, and what it is after them


@dataclass(frozen=True)
class Odd:
    author: Person
    article: Article
    to_another: Answer
    empty: Answer
    after: Answer


async def oddly_changed(world: World) -> Odd:
    """A tries to give the article to B, changes it without any field, and reads it."""
    ann, bob = await world.people("ann", "bob")
    article = await article_for(world, "odd changes")
    sent = {"body": "Mine.", "author": {"username": bob.username}, "favoritesCount": 99}
    to_another = await ann.put(article.path, {"article": sent})
    empty = await ann.put(article.path, {"article": {}})
    return Odd(ann, article, to_another, empty, await ann.reads(article))


@check(
    "articles.update.author-stays",
    UPDATE_ARTICLE,
    "A cannot give A's article to B by sending another author",
    prose("The author is who published it."),
)
async def update_author_stays(world: World) -> None:
    story = await world.once(oddly_changed)
    story.to_another.is_no_crash()
    after = story.after.or_blocked_by("articles.read.status")
    after.shows("article.author.username", story.author.username).shows("article.favoritesCount", 0)


@check("articles.update.nothing", UPDATE_ARTICLE, "A change without any field changes nothing", PARTIAL)
async def update_nothing(world: World) -> None:
    story = await world.once(oddly_changed)
    story.empty.is_no_crash()
    after = story.after.or_blocked_by("articles.read.status")
    for field in ("title", "description"):
        after.shows(f"article.{field}", story.article.sent[field])
    if after.value("article.body") not in ("Mine.", story.article.sent["body"]):
        raise after.fail("the body that was sent before")


@check(
    "articles.update.malformed-json",
    UPDATE_ARTICLE,
    "A change in malformed JSON is refused",
    prose("Malformed JSON is the sender's mistake: a 4xx, never a 5xx."),
)
async def update_malformed_json(world: World) -> None:
    ann, article = await world.person("ann"), await world.once(the_article)
    (await ann.put(article.path, raw_body='{"article": ')).is_refused()


@check(
    "articles.update.wrong-type",
    UPDATE_ARTICLE,
    "A change whose title is an object is refused",
    openapi("title is a string."),
)
async def update_wrong_type(world: World) -> None:
    await world.after(oddly_changed)
    ann, article = await world.person("ann"), await article_for(world, "odd changes")
    (await ann.put(article.path, {"article": {"title": {"en": "Title"}}})).is_refused()


@check("articles.update.unknown", UPDATE_ARTICLE, "Changing an article that is not there is refused", UNKNOWN)
async def update_unknown(world: World) -> None:
    ann = await world.person("ann")
    (await ann.put(article_path(world.unique("nowhere")), {"article": {"body": "?"}})).is_refused()
