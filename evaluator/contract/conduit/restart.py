"""After a restart of the server: what was written before it is still there. These checks only read.

They are judged where a database is demanded, in the world of all other checks: what they look for are the scenes
that those have played.
"""

from __future__ import annotations

from contextlib import suppress

from evaluator.contract.answer import Answer, Failed, NotReached
from evaluator.contract.checks import Checks, prose
from evaluator.contract.conduit.articles import moment_at
from evaluator.contract.conduit.circle import reader_follows
from evaluator.contract.conduit.comments import answered, discussed, written
from evaluator.contract.conduit.operations import (
    CURRENT_USER,
    FEED,
    HEALTH,
    LIST_ARTICLES,
    PROFILE,
    READ_ARTICLE,
    READ_COMMENTS,
    TAGS,
)
from evaluator.contract.conduit.shelf import equal, exactly, first_is_liked, shelf
from evaluator.contract.conduit.subject import signs_in
from evaluator.contract.conduit.world import Person, World

check = Checks()
KEPT = prose("Where a database is demanded, what was written is still there after a restart of the server.")
COMES_BACK = "restart.answers"


async def write_what_must_survive(world: World) -> None:
    """Everything that is looked for after the restart: accounts, articles, comments, favourites, who follows whom."""
    await world.after(shelf, first_is_liked, reader_follows, written, answered)


@check(COMES_BACK, HEALTH, "The server starts again and answers", prose("A server can be restarted."))
async def comes_back(world: World) -> None:
    await world.visitor.get("/health-check")


@check(
    "restart.account",
    CURRENT_USER,
    "A's account is still there: A's token is taken, or A signs in",
    KEPT,
    needs=COMES_BACK,
)
async def account(world: World) -> None:
    await world.once(returned)


@check(
    "restart.article",
    READ_ARTICLE,
    "A's article is still there, with its text, author and date",
    KEPT,
    needs=COMES_BACK,
)
async def article(world: World) -> None:
    story, answer = await world.once(shelf), (await world.once(read_again)).is_success()
    before = story.articles[0]
    for field in ("title", "description", "body"):
        answer.shows(f"article.{field}", before.sent[field])
    answer.shows("article.author.username", story.author.username)
    moved = moment_at(answer, "article.createdAt") - moment_at(before.answer, "article.createdAt")
    # A database may keep fewer digits of a second than the first answer showed.
    if abs(moved.total_seconds()) >= 1:
        raise answer.fail(f"createdAt is {before.answer.value('article.createdAt')}")


@check("restart.tags", TAGS, "A's article still has its tags, and they are listed", KEPT, needs=COMES_BACK)
async def tags(world: World) -> None:
    story, answer = await world.once(shelf), (await world.once(read_again)).is_success()
    sent, kept = story.articles[0].sent["tagList"], answer.value("article.tagList")
    if not isinstance(kept, list) or sorted(map(str, kept)) != sorted(sent):
        raise answer.fail(f"article.tagList is {sent}, in any order", f"article.tagList is {kept}")
    listed = (await world.visitor.get("/tags")).is_success()
    if story.tag not in listed.value("tags"):
        raise listed.fail(f"the tag {story.tag}")


@check("restart.list", LIST_ARTICLES, "A's articles are still listed, exactly these", KEPT, needs=COMES_BACK)
async def list_of_author(world: World) -> None:
    story = await world.once(shelf)
    exactly((await world.visitor.lists(author=story.author.username)).is_success(), story.articles)


@check("restart.comments", READ_COMMENTS, "The comments on A's article are still there", KEPT, needs=COMES_BACK)
async def comments(world: World) -> None:
    first = (await world.once(written)).or_blocked_by("comments.create.id").value("comment.id")
    second, path = (await world.once(answered)).id, (await world.once(discussed)).comments
    answer = (await world.visitor.get(path)).is_success()
    equal(
        answer, "the ids, sorted", sorted(map(str, answer.fields("comments", "id"))), sorted(map(str, (first, second)))
    )


@check(
    "restart.favorites",
    READ_ARTICLE,
    "A still favourites the article, and it counts two people",
    KEPT,
    needs=COMES_BACK,
)
async def favorites(world: World) -> None:
    liked, bob = await world.once(first_is_liked), await world.once(returned)
    answer = (await bob.reads(liked)).is_success()
    answer.shows("article.favorited", True).shows("article.favoritesCount", 2)


@check("restart.following", PROFILE, "A still follows B", KEPT, needs=COMES_BACK)
async def following(world: World) -> None:
    await world.once(reader_follows)
    bob, cleo = await world.once(returned), await world.account("cleo")
    (await bob.reads(cleo)).is_success().shows("profile.following", True)


@check("restart.feed", FEED, "A's feed still holds the articles of B, whom A follows", KEPT, needs=COMES_BACK)
async def feed(world: World) -> None:
    await world.once(reader_follows)
    story, bob = await world.once(shelf), await world.once(returned)
    exactly((await bob.get("/articles/feed")).is_success(), story.articles)


async def returned(world: World) -> Person:
    """B, with a token that is taken after the restart: the one of before, or that of a new sign-in."""
    bob = await world.person("bob")
    with suppress(Failed):
        (await bob.get("/user")).is_success().shows("user.username", bob.username)
        return bob
    answer = await signs_in(world, bob.email, bob.password)
    try:
        answer.is_success().shows("user.username", bob.username).text_at("user.token")
    except Failed as failure:
        raise NotReached("restart.account", failure) from None
    bob.takes_token_of(answer)
    return bob


async def read_again(world: World) -> Answer:
    """A visitor reads the first article of the shelf."""
    return await world.visitor.reads((await world.once(shelf)).articles[0])
