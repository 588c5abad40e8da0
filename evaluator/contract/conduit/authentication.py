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
from evaluator.contract.conduit.world import Person, World

check = Checks()
LISTED_401 = "The document lists 401 for {operation}."
SCHEME = openapi("The header is “Authorization: Token xxxxxx.yyyyyyy.zzzzzz”.")


@check("auth.token-scheme", operation.CURRENT_USER, "A's token is taken as “Authorization: Token …”", SCHEME)
async def token_scheme(world: World) -> None:
    ann = await world.account("ann")
    answer = await ann.get("/user")
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
    article = await (await world.person("ann")).publishes()
    (await world.visitor.carrying("Token garbage").get(article.path)).is_no_crash()


# Every operation that the document protects


@dataclass(frozen=True)
class Protected:
    """An operation that needs a token: how A would use it, and how one sees that nothing was done in A's name."""

    prefix: str
    operation: str
    asks_for: str
    scene: Callable[[World, str], Awaitable[str]]
    body: Any = None
    untouched: Callable[[Person, str], Awaitable[Answer]] | None = None


async def _own_account(world: World, name: str) -> str:
    return "/user"


async def _somebody_to_follow(world: World, name: str) -> str:
    other = await world.stranger_to(name)
    return f"{other.path}/follow"


async def _somebody_followed(world: World, name: str) -> str:
    ann, other = await world.person(name), await world.stranger_to(name)
    await ann.follows(other)
    return f"{other.path}/follow"


async def _feed(world: World, name: str) -> str:
    return "/articles/feed"


async def _articles(world: World, name: str) -> str:
    return "/articles"


async def _own_article(world: World, name: str) -> str:
    ann = await world.person(name)
    return (await ann.publishes()).path


async def _comments(world: World, name: str) -> str:
    ann = await world.person(name)
    return (await ann.publishes()).comments


async def _own_comment(world: World, name: str) -> str:
    ann = await world.person(name)
    return (await ann.comments_on(await ann.publishes())).path


async def _article_to_favorite(world: World, name: str) -> str:
    ann = await world.person(name)
    return (await ann.publishes()).favorite


async def _article_favorited(world: World, name: str) -> str:
    ann = await world.person(name)
    article = await ann.publishes()
    await ann.favorites(article)
    return article.favorite


async def _still_without_bio(ann: Person, path: str) -> Answer:
    answer = (await ann.get("/user")).is_success()
    if answer.value("user.bio") == "Written by a forger":
        raise answer.fail("an account that is unchanged")
    return answer


async def _not_followed(ann: Person, path: str) -> Answer:
    return (await ann.get(path.removesuffix("/follow"))).shows("profile.following", False)


async def _followed(ann: Person, path: str) -> Answer:
    return (await ann.get(path.removesuffix("/follow"))).shows("profile.following", True)


async def _unwritten(ann: Person, path: str) -> Answer:
    answer = (await ann.lists(author=ann.username, limit=100)).is_success()
    if "Written by a forger" in answer.fields("articles", "title"):
        raise answer.fail("no article by the forger in A's name", "an article by the forger in A's name")
    return answer


async def _not_forged(ann: Person, path: str) -> Answer:
    answer = (await ann.get(path)).is_success()
    if answer.value("article.title") == "Written by a forger":
        raise answer.fail("an article that is unchanged")
    return answer


async def _still_there(ann: Person, path: str) -> Answer:
    return (await ann.get(path)).is_success()


async def _no_comment(ann: Person, path: str) -> Answer:
    return (await ann.get(path)).is_success().shows("comments", [])


async def _one_comment(ann: Person, path: str) -> Answer:
    answer = (await ann.get(path.rpartition("/")[0])).is_success()
    if len(answer.items("comments")) != 1:
        raise answer.fail("A's comment, still there")
    return answer


async def _not_favorited(ann: Person, path: str) -> Answer:
    return (await ann.get(path.removesuffix("/favorite"))).shows("article.favoritesCount", 0)


async def _favorited(ann: Person, path: str) -> Answer:
    return (await ann.get(path.removesuffix("/favorite"))).shows("article.favoritesCount", 1)


_FORGED_ARTICLE = {"article": {"title": "Written by a forger", "description": "d", "body": "b", "tagList": []}}
PROTECTED = (
    Protected("users.current", operation.CURRENT_USER, "Reading one's own account", _own_account),
    Protected(
        "users.update",
        operation.UPDATE_USER,
        "Changing one's own account",
        _own_account,
        {"user": {"bio": "Written by a forger"}},
        _still_without_bio,
    ),
    Protected("profiles.follow", operation.FOLLOW, "Following", _somebody_to_follow, None, _not_followed),
    Protected("profiles.unfollow", operation.UNFOLLOW, "Unfollowing", _somebody_followed, None, _followed),
    Protected("articles.feed", operation.FEED, "Reading the feed", _feed),
    Protected(
        "articles.create", operation.CREATE_ARTICLE, "Publishing an article", _articles, _FORGED_ARTICLE, _unwritten
    ),
    Protected(
        "articles.update", operation.UPDATE_ARTICLE, "Changing an article", _own_article, _FORGED_ARTICLE, _not_forged
    ),
    Protected("articles.delete", operation.DELETE_ARTICLE, "Deleting an article", _own_article, None, _still_there),
    Protected(
        "comments.create",
        operation.CREATE_COMMENT,
        "Commenting",
        _comments,
        {"comment": {"body": "Written by a forger"}},
        _no_comment,
    ),
    Protected("comments.delete", operation.DELETE_COMMENT, "Deleting a comment", _own_comment, None, _one_comment),
    Protected("favorites.add", operation.FAVORITE, "Favouriting", _article_to_favorite, None, _not_favorited),
    Protected("favorites.remove", operation.UNFAVORITE, "Unfavouriting", _article_favorited, None, _favorited),
)


def _declare(protected: Protected) -> None:
    method = protected.operation.split()[0]
    listed = openapi(LISTED_401.format(operation=protected.operation))

    @check(
        f"{protected.prefix}.no-token",
        protected.operation,
        f"{protected.asks_for} without a token is refused with 401",
        listed,
    )
    async def no_token(world: World) -> None:
        path = await protected.scene(world, "cleo")
        (await world.visitor.sends(method, path, protected.body)).has_status(401)

    kept = ", and nothing is done in A's name" if protected.untouched else ""

    @check(
        f"{protected.prefix}.tampered-token",
        protected.operation,
        f"{protected.asks_for} with a tampered token of A's is refused with 401{kept}",
        listed,
    )
    async def tampered_token(world: World) -> None:
        dan = await world.person("dan")
        path = await protected.scene(world, "dan")
        forger = world.visitor.carrying(f"Token {tampered(dan.token)}")
        (await forger.sends(method, path, protected.body)).has_status(401)
        if protected.untouched is not None:
            await protected.untouched(dan, path)


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
