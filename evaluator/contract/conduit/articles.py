"""Articles: writing, reading, changing and deleting them, and that only their author may."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from datetime import datetime

from evaluator.contract.answer import Answer
from evaluator.contract.checks import Checks, openapi, prose
from evaluator.contract.conduit.operations import (
    CREATE_ARTICLE,
    DELETE_ARTICLE,
    LIST_ARTICLES,
    READ_ARTICLE,
    READ_COMMENTS,
    UPDATE_ARTICLE,
)
from evaluator.contract.conduit.shapes import ARTICLE, REFUSAL, moment_of
from evaluator.contract.conduit.world import (
    TIE_SECONDS,
    Article,
    Comment,
    Person,
    World,
    article_from,
    article_path,
    new_article,
)

check = Checks()
SHAPE = openapi(
    "The answer is {article: {slug, title, description, body, tagList, createdAt, updatedAt, favorited, …}}."
)
DATE_TIME = openapi("createdAt and updatedAt are date-times (RFC 3339, with an offset).")
AUTHOR_ONLY = prose("Only the author may change or delete an article.")
UNKNOWN = prose("An unknown slug is a 4xx on every route that takes one.")
PARTIAL = prose("What is not sent stays as it was.")
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
    _has_tags(article.answer, article)


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
    _moment(article.answer, "article.createdAt")
    _moment(article.answer, "article.updatedAt")


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
    ann, bob = await world.people("ann", "bob")
    title = f"Twice {world.unique('told')}"
    for author in (ann, bob):
        sent = {**new_article(title), "body": f"As {author.username} tells it."}
        answer = (await author.post("/articles", {"article": sent})).is_success()
        again = await world.visitor.get(article_path(answer.text_at("article.slug")))
        again.is_success().shows("article.body", sent["body"]).shows("article.author.username", author.username)


@check(
    "articles.create.same-title-slugs",
    CREATE_ARTICLE,
    "Two articles of A with one title have different slugs",
    prose("Two articles may have one title; their slugs differ."),
)
async def create_same_title_slugs(world: World) -> None:
    ann = await world.person("ann")
    title = f"Again {world.unique('told')}"
    first = await ann.publishes(title)
    second = (await ann.post("/articles", {"article": new_article(title)})).is_success()
    if second.text_at("article.slug") == first.slug:
        raise second.fail("a slug of its own", f"the slug of the first article: {first.slug}")


def _refused_without(field: str) -> None:
    @check(
        f"articles.create.missing-{field}",
        CREATE_ARTICLE,
        f"An article without a {field} is refused with 422",
        openapi("title, description and body are required; what cannot be taken is answered with 422."),
    )
    async def missing(world: World) -> None:
        ann = await world.person("ann")
        sent = {name: value for name, value in new_article(world.unique("gap")).items() if name != field}
        (await ann.post("/articles", {"article": sent})).has_status(422)


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
    ann = await world.person("ann")
    answer = await ann.post("/articles", {"article": {"description": "d", "body": "b"}})
    answer.has_status(422).matches(REFUSAL)


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
    _has_tags(answer.or_blocked_by("articles.read.status"), article)


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
    _moment(answer, "article.createdAt")
    _moment(answer, "article.updatedAt")


@check(
    "articles.read.following",
    READ_ARTICLE,
    "A, who follows B, sees it in B's article; C does not",
    prose("“following” depends on who asks."),
    needs="profiles.follow.persists",
)
async def read_following(world: World) -> None:
    ann, bob, carl = await world.strangers(3)
    article = await bob.publishes()
    await ann.follows(bob)
    (await ann.reads(article)).or_blocked_by("articles.read.status").shows("article.author.following", True)
    (await carl.reads(article)).or_blocked_by("articles.read.status").shows("article.author.following", False)


@check("articles.read.unknown", READ_ARTICLE, "An article that is not there is refused", UNKNOWN)
async def read_unknown(world: World) -> None:
    (await world.visitor.get(article_path(world.unique("nowhere")))).is_refused()


# Changing


@dataclass(frozen=True)
class Changed:
    author: Person
    before: Article
    body: str
    answer: Answer


async def with_new_body(world: World) -> Changed:
    """A changes the body of an article, and nothing else."""
    eve = await world.person("eve")
    article = await eve.publishes(tags=[world.unique(tag) for tag in TAGS])
    body = f"Rewritten by {eve.username}."
    return Changed(eve, article, body, await eve.put(article.path, {"article": {"body": body}}))


async def with_new_title(world: World) -> tuple[Article, str, Answer]:
    """A changes the title and the description of an article."""
    eve = await world.person("eve")
    article = await eve.publishes()
    title = f"Another {world.unique('title')}"
    answer = await eve.put(article.path, {"article": {"title": title, "description": "Another description"}})
    return article, title, answer.or_blocked_by("articles.update.status")


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
    _, title, answer = await world.once(with_new_title)
    answer.shows("article.title", title).shows("article.description", "Another description")


@check("articles.update.keeps-text", UPDATE_ARTICLE, "A new body leaves title and description as they were", PARTIAL)
async def update_keeps_text(world: World) -> None:
    story = await world.once(with_new_body)
    answer = story.answer.or_blocked_by("articles.update.status")
    for field in ("title", "description"):
        answer.shows(f"article.{field}", story.before.sent[field])


@check("articles.update.keeps-tags", UPDATE_ARTICLE, "A new body leaves the tags as they were", PARTIAL)
async def update_keeps_tags(world: World) -> None:
    story = await world.once(with_new_body)
    _has_tags(story.answer.or_blocked_by("articles.update.status"), story.before)


@check("articles.update.persists", READ_ARTICLE, "B reads the new body of A's article", WRITTEN)
async def update_persists(world: World) -> None:
    story, bob = await world.once(with_new_body), await world.person("bob")
    slug = story.answer.or_blocked_by("articles.update.status").text_at("article.slug")
    (await bob.get(article_path(slug))).or_blocked_by("articles.read.status").shows("article.body", story.body)


@check(
    "articles.update.slug",
    UPDATE_ARTICLE,
    "After a new title, A's article is found under the slug in the answer",
    prose("What is answered can be followed."),
)
async def update_slug(world: World) -> None:
    _, title, answer = await world.once(with_new_title)
    (await world.visitor.get(article_path(answer.text_at("article.slug")))).is_success().shows("article.title", title)


@check(
    "articles.update.slug-taken",
    UPDATE_ARTICLE,
    "A gives an article the title of B's article, and both live",
    prose("Two articles may have one title; their slugs differ."),
)
async def update_slug_taken(world: World) -> None:
    ann, bob = await world.people("ann", "bob")
    theirs = await bob.publishes()
    mine = await ann.publishes()
    title = theirs.sent["title"]
    answer = (await ann.put(mine.path, {"article": {"title": title}})).is_success().shows("article.title", title)
    (await world.visitor.reads(theirs)).is_success().shows("article.body", theirs.sent["body"])
    renamed = await world.visitor.get(article_path(answer.text_at("article.slug")))
    renamed.is_success().shows("article.body", mine.sent["body"])


@check("articles.update.updated-at", UPDATE_ARTICLE, "A change moves updatedAt", prose("An update moves updatedAt."))
async def update_moves_updated_at(world: World) -> None:
    story = await world.once(with_new_body)
    answer = story.answer.or_blocked_by("articles.update.status")
    before = _moment(story.before.answer, "article.updatedAt")
    if _moment(answer, "article.updatedAt") <= before:
        # Both may lie in one second, and a database may keep fewer digits than the first answer showed.
        await asyncio.sleep(TIE_SECONDS)
        path = article_path(answer.text_at("article.slug"))
        answer = await story.author.put(path, {"article": {"body": story.body}})
        answer.or_blocked_by("articles.update.status")
    if _moment(answer, "article.updatedAt") <= before:
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
    before, after = _moment(story.before.answer, "article.createdAt"), _moment(answer, "article.createdAt")
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
    ann, bob = await world.people("ann", "bob")
    article = await ann.publishes()
    await bob.comments_on(article, "Keep this.")
    answer = await ann.put(article.path, {"article": {"title": f"Moved {world.unique('on')}"}})
    slug = answer.or_blocked_by("articles.update.status").text_at("article.slug")
    comments = (await ann.get(f"{article_path(slug)}/comments")).or_blocked_by("comments.list.status")
    if comments.fields("comments", "body") != ["Keep this."]:
        raise comments.fail("the comment that was there before the change")


@check(
    "articles.update.keeps-favorites",
    UPDATE_ARTICLE,
    "A change keeps B's favourite of A's article",
    prose("What is not sent stays as it was."),
)
async def update_keeps_favorites(world: World) -> None:
    ann, bob = await world.people("ann", "bob")
    article = await ann.publishes()
    await bob.favorites(article)
    answer = await ann.put(article.path, {"article": {"body": "Still liked."}})
    answer.or_blocked_by("articles.update.status").shows("article.favoritesCount", 1)


@check("articles.update.by-other-user", UPDATE_ARTICLE, "B cannot change A's article", AUTHOR_ONLY)
async def update_by_other_user(world: World) -> None:
    ann, bob = await world.people("ann", "bob")
    article = await ann.publishes()
    (await bob.put(article.path, {"article": {"body": "B was here."}})).is_refused()


@check(
    "articles.update.by-other-user-unchanged",
    READ_ARTICLE,
    "A's article is unchanged after B tried to change it",
    AUTHOR_ONLY,
)
async def update_by_other_user_unchanged(world: World) -> None:
    ann, bob = await world.people("ann", "bob")
    article = await ann.publishes()
    await bob.put(article.path, {"article": {"title": "Taken over", "description": "B's", "body": "B was here."}})
    answer = (await ann.reads(article)).is_success()
    for field in ("title", "description", "body"):
        answer.shows(f"article.{field}", article.sent[field])


@check(
    "articles.update.author-stays",
    UPDATE_ARTICLE,
    "A cannot give A's article to B by sending another author",
    prose("The author is who published it."),
)
async def update_author_stays(world: World) -> None:
    ann, bob = await world.people("ann", "bob")
    article = await ann.publishes()
    sent = {"body": "Mine.", "author": {"username": bob.username}, "favoritesCount": 99}
    (await ann.put(article.path, {"article": sent})).is_no_crash()
    answer = (await ann.reads(article)).or_blocked_by("articles.read.status")
    answer.shows("article.author.username", ann.username).shows("article.favoritesCount", 0)


@check("articles.update.nothing", UPDATE_ARTICLE, "A change without any field changes nothing", PARTIAL)
async def update_nothing(world: World) -> None:
    ann = await world.person("ann")
    article = await ann.publishes()
    (await ann.put(article.path, {"article": {}})).is_no_crash()
    answer = (await ann.reads(article)).or_blocked_by("articles.read.status")
    for field in ("title", "description", "body"):
        answer.shows(f"article.{field}", article.sent[field])


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
    ann = await world.person("ann")
    article = await ann.publishes()
    (await ann.put(article.path, {"article": {"title": {"en": "Title"}}})).is_refused()


@check("articles.update.unknown", UPDATE_ARTICLE, "Changing an article that is not there is refused", UNKNOWN)
async def update_unknown(world: World) -> None:
    ann = await world.person("ann")
    (await ann.put(article_path(world.unique("nowhere")), {"article": {"body": "?"}})).is_refused()


# Deleting


async def deleted(world: World) -> tuple[Article, Answer]:
    """A deletes one of A's articles."""
    finn = await world.person("finn")
    article = await finn.publishes(tags=[world.unique("gone")])
    return article, await finn.delete(article.path)


@check(
    "articles.delete.status",
    DELETE_ARTICLE,
    "A deletes A's article with 200",
    openapi("DELETE /articles/{slug} declares 200."),
)
async def delete_status(world: World) -> None:
    _, answer = await world.once(deleted)
    answer.has_status(200)


@check("articles.delete.gone", READ_ARTICLE, "An article that A deleted is gone", prose("Deletes delete."))
async def delete_gone(world: World) -> None:
    article, answer = await world.once(deleted)
    answer.or_blocked_by("articles.delete.status")
    (await world.visitor.reads(article)).is_refused()


@check(
    "articles.delete.unlisted",
    LIST_ARTICLES,
    "An article that A deleted is no longer listed or counted",
    prose("Deletes delete."),
)
async def delete_unlisted(world: World) -> None:
    article, answer = await world.once(deleted)
    answer.or_blocked_by("articles.delete.status")
    listed = (await world.visitor.lists(tag=article.sent["tagList"][0])).or_blocked_by("articles.list.status")
    listed.shows("articles", []).shows("articlesCount", 0)


@check("articles.delete.twice", DELETE_ARTICLE, "Deleting an article once more is refused", UNKNOWN)
async def delete_twice(world: World) -> None:
    article, answer = await world.once(deleted)
    answer.or_blocked_by("articles.delete.status")
    (await (await world.person("finn")).delete(article.path)).is_refused()


async def discussed_and_deleted(world: World) -> tuple[Article, Comment, Answer]:
    """A deletes an article on which B and C commented, and which they favourite."""
    ann, bob, carl = await world.people("finn", "gus", "hana")
    article = await ann.publishes(tags=[world.unique("talk")])
    comment = await bob.comments_on(article)
    await carl.comments_on(article)
    await bob.favorites(article)
    await carl.favorites(article)
    return article, comment, await ann.delete(article.path)


@check(
    "articles.delete.with-comments",
    DELETE_ARTICLE,
    "A deletes an article that others have commented on and favourite",
    prose("Deletes delete, whatever hangs on it."),
)
async def delete_with_comments(world: World) -> None:
    article, _, answer = await world.once(discussed_and_deleted)
    answer.is_success()
    (await world.visitor.reads(article)).is_refused()


@check("articles.delete.comments-gone", READ_COMMENTS, "The comments of an article that A deleted are refused", UNKNOWN)
async def delete_comments_gone(world: World) -> None:
    article, _, answer = await world.once(discussed_and_deleted)
    answer.or_blocked_by("articles.delete.with-comments")
    (await world.visitor.get(article.comments)).is_refused()


@check(
    "articles.delete.keeps-others",
    READ_ARTICLE,
    "Deleting one article leaves A's other article",
    prose("Deleting one thing leaves the others."),
)
async def delete_keeps_others(world: World) -> None:
    ann = await world.person("ann")
    kept, dropped = await ann.publishes(), await ann.publishes()
    (await ann.delete(dropped.path)).or_blocked_by("articles.delete.status")
    (await world.visitor.reads(kept)).is_success().shows("article.body", kept.sent["body"])


@check("articles.delete.by-other-user", DELETE_ARTICLE, "B cannot delete A's article", AUTHOR_ONLY)
async def delete_by_other_user(world: World) -> None:
    ann, bob = await world.people("ann", "bob")
    article = await ann.publishes()
    (await bob.delete(article.path)).is_refused()


@check(
    "articles.delete.by-other-user-still-there",
    READ_ARTICLE,
    "A's article is still there after B tried to delete it",
    AUTHOR_ONLY,
)
async def delete_by_other_user_still_there(world: World) -> None:
    ann, bob = await world.people("ann", "bob")
    article = await ann.publishes()
    await bob.delete(article.path)
    (await ann.reads(article)).is_success().shows("article.body", article.sent["body"])


@check("articles.delete.unknown", DELETE_ARTICLE, "Deleting an article that is not there is refused", UNKNOWN)
async def delete_unknown(world: World) -> None:
    (await (await world.person("ann")).delete(article_path(world.unique("nowhere")))).is_refused()


def _has_tags(answer: Answer, article: Article) -> None:
    """The same tags, each once; the contract says nothing about their order."""
    tags, sent = answer.value("article.tagList"), article.sent["tagList"]
    if not isinstance(tags, list) or sorted(map(str, tags)) != sorted(sent):
        raise answer.fail(f"article.tagList is {sent}, in any order", f"article.tagList is {tags}")


def _moment(answer: Answer, path: str) -> datetime:
    moment = moment_of(answer.value(path))
    if moment is None:
        raise answer.fail(
            f"{path} is a date-time, such as 2026-01-31T12:00:00.000Z", f"{path} is {answer.value(path)!r}"
        )
    return moment
