"""Who one is: the token in its scheme, everything that is not a valid token, and the routes that need none."""

from __future__ import annotations

import base64
import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from evaluator.contract.answer import Answer
from evaluator.contract.checks import Checks, openapi, prose
from evaluator.contract.conduit import operations as operation
from evaluator.contract.conduit.articles import the_article
from evaluator.contract.conduit.circle import feed_of_two_authors, follows, seen_by
from evaluator.contract.conduit.favorites import own_article
from evaluator.contract.conduit.spares import article_for
from evaluator.contract.conduit.world import Article, Comment, Visitor, World

check = Checks()
LISTED_401 = "The document lists 401 for {operation}."
SCHEME = openapi("The header is “Authorization: Token xxxxxx.yyyyyyy.zzzzzz”.")


@check("auth.token-scheme", operation.CURRENT_USER, "A's token is taken as “Authorization: Token …”", SCHEME)
async def token_scheme(world: World) -> None:
    ann = await world.account("ann")
    answer = await world.account_behind(ann.token)
    if answer.status in (401, 403):
        raise answer.fail("a token that is taken in the scheme “Token”")


# What is not a valid token


@check(
    "auth.garbage-token",
    operation.CURRENT_USER,
    "A token of garbage is refused with 401",
    openapi("The token must be one that the API has given."),
)
async def garbage_token(world: World) -> None:
    await _refused(world, "Token garbage")


@check(
    "auth.garbage-jwt",
    operation.CURRENT_USER,
    "Garbage in the form of a JSON Web Token is refused with 401",
    openapi("The token must be one that the API has given."),
)
async def garbage_jwt(world: World) -> None:
    await _refused(world, "Token aaaaaa.bbbbbbb.cccccc")


@check(
    "auth.empty-token",
    operation.CURRENT_USER,
    "The word “Token” without a token is refused with 401",
    openapi("The token must be one that the API has given."),
)
async def empty_token(world: World) -> None:
    await _refused(world, "Token ")


@check(
    "auth.no-scheme",
    operation.CURRENT_USER,
    "A's token without the word “Token” is refused with 401",
    SCHEME,
    needs="auth.token-scheme",
)
async def no_scheme(world: World) -> None:
    ann = await world.account("ann")
    await _refused(world, ann.token)


@check(
    "auth.other-scheme",
    operation.CURRENT_USER,
    "A's token in the scheme “Bearer” is refused with 401",
    SCHEME,
    needs="auth.token-scheme",
)
async def other_scheme(world: World) -> None:
    ann = await world.account("ann")
    await _refused(world, f"Bearer {ann.token}")


@check(
    "auth.unsigned-token",
    operation.CURRENT_USER,
    "A's claims under “alg: none”, without a signature, are refused with 401",
    prose("A token is valid by its signature."),
    needs=("auth.token-scheme", "users.register.jwt"),
)
async def unsigned_token(world: World) -> None:
    ann = await world.account("ann")
    await _refused(world, f"Token {without_signature(ann.token)}")


@check(
    "auth.swapped-signature",
    operation.CURRENT_USER,
    "A's claims under the signature of B's token are refused with 401",
    prose("A token is valid by its own signature."),
    needs=("auth.token-scheme", "users.register.jwt"),
)
async def swapped_signature(world: World) -> None:
    ann, bob = await world.account("ann"), await world.account("bob")
    claims, signature = ann.token.rpartition(".")[0], bob.token.rpartition(".")[2]
    await _refused(world, f"Token {claims}.{signature}")


@check(
    "auth.garbage-on-public-route",
    operation.READ_ARTICLE,
    "A garbage token on a public route is refused or overlooked, never a crash",
    prose("An invalid token is the sender's mistake: never a 5xx."),
)
async def garbage_on_public_route(world: World) -> None:
    article = await world.once(the_article)
    (await world.visitor.carrying("Token garbage").get(article.path)).is_no_crash()


# Every operation that the document protects


@dataclass(frozen=True)
class Protected:
    """An operation that needs a token: its path, its body, and how one sees that nothing was done in A's name."""

    prefix: str
    operation: str
    asks_for: str
    path: Callable[[World], Awaitable[str]]
    body: Any = None
    untouched: Callable[[World], Awaitable[None]] | None = None


BY_A_FORGER = "Written by a forger"


async def guarded(world: World) -> Article:
    """A publishes an article, which a forger tries to change, to comment on and to favourite."""
    return await article_for(world, "a forger to change")


async def _to_be_deleted(world: World) -> Article:
    """A publishes an article, which a forger tries to delete."""
    return await article_for(world, "a forger to delete")


async def _comment(world: World) -> Comment:
    """A comments on the guarded article."""
    ann, article = await world.person("ann"), await world.once(guarded)
    return await ann.comments_on(article)


async def _forged_tag(world: World) -> str:
    return world.unique("forged")


async def _own_account(world: World) -> str:
    return "/user"


async def _somebody_to_follow(world: World) -> str:
    await world.after(feed_of_two_authors)
    return f"{(await world.account('dan')).path}/follow"


async def _somebody_followed(world: World) -> str:
    await world.after((seen_by, "ann", "bob"), feed_of_two_authors)
    (await world.once(follows)).or_blocked_by("profiles.follow.status")
    return f"{(await world.account('bob')).path}/follow"


async def _feed(world: World) -> str:
    return "/articles/feed"


async def _articles(world: World) -> str:
    return "/articles"


async def _article(world: World) -> str:
    # A change moves the article to another slug: what else a forger tries with it comes before.
    others = ("favorites.add", "comments.create", "comments.delete")
    await world.after(_comment, *((_forged, prefix) for prefix in others))
    return (await world.once(guarded)).path


async def _article_to_delete(world: World) -> str:
    return (await world.once(_to_be_deleted)).path


async def _comments(world: World) -> str:
    return (await world.once(guarded)).comments


async def _own_comment(world: World) -> str:
    return (await world.once(_comment)).path


async def _article_to_favorite(world: World) -> str:
    return (await world.once(guarded)).favorite


async def _article_favorited(world: World) -> str:
    (await world.once(own_article)).or_blocked_by("favorites.add.own-article")
    return (await world.once(the_article)).favorite


async def _read_afterwards(world: World, path: str, *prefixes: str) -> Answer:
    """A reads this, when a forger has tried these operations."""
    await world.after(*((_forged, prefix) for prefix in prefixes))
    return await (await world.person("ann")).get(path)


async def _still_without_bio(world: World) -> None:
    answer = (await world.once(_read_afterwards, "/user", "users.update")).is_success()
    if answer.value("user.bio") == BY_A_FORGER:
        raise answer.fail("an account that is unchanged")


async def _not_followed(world: World) -> None:
    dan = await world.account("dan")
    (await world.once(_read_afterwards, dan.path, "profiles.follow")).shows("profile.following", False)


async def _followed(world: World) -> None:
    bob = await world.account("bob")
    (await world.once(_read_afterwards, bob.path, "profiles.unfollow")).shows("profile.following", True)


async def _unwritten(world: World) -> None:
    path = f"/articles?tag={await world.once(_forged_tag)}"
    answer = (await world.once(_read_afterwards, path, "articles.create")).is_success()
    if answer.items("articles"):
        raise answer.fail("no article by the forger in A's name", "an article by the forger in A's name")


async def _not_forged(world: World) -> None:
    answer = (await _read_guarded(world)).is_success()
    if answer.value("article.title") == BY_A_FORGER:
        raise answer.fail("an article that is unchanged")


async def _not_favorited(world: World) -> None:
    answer = (await _read_guarded(world)).or_blocked_by("articles.update.tampered-token")
    answer.shows("article.favoritesCount", 0)


async def _read_guarded(world: World) -> Answer:
    article = await world.once(guarded)
    return await world.once(_read_afterwards, article.path, "articles.update", "favorites.add")


async def _still_there(world: World) -> None:
    article = await world.once(_to_be_deleted)
    (await world.once(_read_afterwards, article.path, "articles.delete")).is_success()


async def _the_comments(world: World) -> Answer:
    article = await world.once(guarded)
    return await world.once(_read_afterwards, article.comments, "comments.create", "comments.delete")


async def _no_comment(world: World) -> None:
    answer = (await _the_comments(world)).or_blocked_by("articles.update.tampered-token")
    if BY_A_FORGER in answer.fields("comments", "body"):
        raise answer.fail("no comment by the forger in A's name", "a comment by the forger in A's name")


async def _comment_still_there(world: World) -> None:
    comment = await world.once(_comment)
    answer = (await _the_comments(world)).or_blocked_by("articles.update.tampered-token")
    if comment.id not in answer.fields("comments", "id"):
        raise answer.fail("A's comment, still there")


async def _still_favorited(world: World) -> None:
    article = await world.once(the_article)
    (await world.once(_read_afterwards, article.path, "favorites.remove")).shows("article.favorited", True)


_FORGED_ARTICLE = {"article": {"title": BY_A_FORGER, "description": "d", "body": "b"}}
PROTECTED = (
    Protected("users.current", operation.CURRENT_USER, "Reading one's own account", _own_account),
    Protected(
        "users.update",
        operation.UPDATE_USER,
        "Changing one's own account",
        _own_account,
        {"user": {"bio": BY_A_FORGER}},
        _still_without_bio,
    ),
    Protected("profiles.follow", operation.FOLLOW, "Following", _somebody_to_follow, None, _not_followed),
    Protected("profiles.unfollow", operation.UNFOLLOW, "Unfollowing", _somebody_followed, None, _followed),
    Protected("articles.feed", operation.FEED, "Reading the feed", _feed),
    Protected(
        "articles.create", operation.CREATE_ARTICLE, "Publishing an article", _articles, _FORGED_ARTICLE, _unwritten
    ),
    Protected(
        "articles.update", operation.UPDATE_ARTICLE, "Changing an article", _article, _FORGED_ARTICLE, _not_forged
    ),
    Protected(
        "articles.delete", operation.DELETE_ARTICLE, "Deleting an article", _article_to_delete, None, _still_there
    ),
    Protected(
        "comments.create",
        operation.CREATE_COMMENT,
        "Commenting",
        _comments,
        {"comment": {"body": BY_A_FORGER}},
        _no_comment,
    ),
    Protected(
        "comments.delete", operation.DELETE_COMMENT, "Deleting a comment", _own_comment, None, _comment_still_there
    ),
    Protected("favorites.add", operation.FAVORITE, "Favouriting", _article_to_favorite, None, _not_favorited),
    Protected("favorites.remove", operation.UNFAVORITE, "Unfavouriting", _article_favorited, None, _still_favorited),
)
_BY_PREFIX = {protected.prefix: protected for protected in PROTECTED}


async def _forged(world: World, prefix: str) -> Answer:
    """Somebody sends a request with A's token under another signature."""
    ann, protected = await world.person("ann"), _BY_PREFIX[prefix]
    return await _sent_by(world.visitor.carrying(f"Token {tampered(ann.token)}"), world, protected)


async def _sent_by(somebody: Visitor, world: World, protected: Protected) -> Answer:
    path, body = await protected.path(world), protected.body
    if protected.operation == operation.CREATE_ARTICLE:
        body = {"article": {**body["article"], "tagList": [await world.once(_forged_tag)]}}
    return await somebody.sends(protected.operation.split()[0], path, body)


def _declare(protected: Protected) -> None:
    listed = openapi(LISTED_401.format(operation=protected.operation))

    @check(
        f"{protected.prefix}.no-token",
        protected.operation,
        f"{protected.asks_for} without a token is refused with 401",
        listed,
    )
    async def no_token(world: World) -> None:
        if protected.untouched is not None:
            # What is done without a token must not look as if the forger had done it.
            await world.after((_looked_after, protected.prefix))
        (await _sent_by(world.visitor, world, protected)).has_status(401)

    kept = ", and nothing is done in A's name" if protected.untouched else ""

    @check(
        f"{protected.prefix}.tampered-token",
        protected.operation,
        f"{protected.asks_for} with a tampered token of A's is refused with 401{kept}",
        listed,
    )
    async def tampered_token(world: World) -> None:
        (await world.once(_forged, protected.prefix)).has_status(401)
        if protected.untouched is not None:
            await protected.untouched(world)


async def _looked_after(world: World, prefix: str) -> None:
    untouched = _BY_PREFIX[prefix].untouched
    assert untouched is not None
    await untouched(world)


for _protected in PROTECTED:
    _declare(_protected)


def tampered(token: str) -> str:
    """The token with another signature: its first character counts, the last may hold padding bits only."""
    head, dot, signature = token.rpartition(".")
    return f"{head}{dot}{'B' if signature[:1] == 'A' else 'A'}{signature[1:]}"


def without_signature(token: str) -> str:
    """The same claims under a header that says that there is no signature."""
    header = base64.urlsafe_b64encode(json.dumps({"alg": "none", "typ": "JWT"}).encode()).rstrip(b"=").decode()
    return f"{header}.{token.split('.')[1]}."


async def _refused(world: World, authorization: str) -> None:
    # Where A's own token opens nothing, being refused says nothing about the check of tokens.
    await world.person("ann")
    (await world.visitor.carrying(authorization).get("/user")).has_status(401)
