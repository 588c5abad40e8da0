"""Who and what the checks speak of: visitors, people with accounts, their articles and comments.

A password hash costs a backend 50 to 250 ms, so everybody is one of a small shared cast, each with a part
of their own (`CAST`). One more account is the subject of all changes (`subject.py`). All names carry the id of
the run: the suite passes twice on one database, and its checks side by side.

Where one request can show that many claims hold, it is made once, for all of them (`shown_together`); where it does
not show them, each check makes its own request, so that a fault is laid at the right door.
"""

from __future__ import annotations

import asyncio
import secrets
import string
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from itertools import count
from typing import Any, TypeVar
from urllib.parse import quote, urlencode

from evaluator.contract.answer import Answer, Failed, NotReached
from evaluator.contract.session import TRAIL, Session, Trail

# ann writes most articles, follows bob for good and cleo for a while; bob has one article, and follows only cleo; cleo
# has the three articles of the shelf, follows nobody, and favourites two articles; dan is known by the token alone.
CAST = ("ann", "bob", "cleo", "dan")
RACER = "dan"
# Two timestamps of one second: the order between them is not shown, and a second chance comes after this pause.
TIE_SECONDS = 1.1
T = TypeVar("T")
Query = str | int


class Visitor:
    """Somebody who sends requests; without an account, so without a token."""

    def __init__(self, session: Session, authorization: str = "") -> None:
        self._session = session
        self._authorization = authorization

    async def get(self, path: str, **query: Query) -> Answer:
        return await self._send("GET", f"{path}?{urlencode(query, quote_via=quote)}" if query else path)

    async def post(self, path: str, body: object = None, **options: Any) -> Answer:
        return await self._send("POST", path, body=body, **options)

    async def put(self, path: str, body: object = None, **options: Any) -> Answer:
        return await self._send("PUT", path, body=body, **options)

    async def delete(self, path: str, **options: Any) -> Answer:
        return await self._send("DELETE", path, **options)

    async def lists(self, **query: Query) -> Answer:
        """GET /articles with these filters."""
        return await self.get("/articles", **query)

    async def reads(self, thing: Article | Person) -> Answer:
        """The article, or the profile of the person."""
        return await self.get(thing.path)

    async def sends(self, method: str, path: str, body: object = None) -> Answer:
        """A request whose method is chosen by the check."""
        return await self._send(method, path, body=body)

    def carrying(self, authorization: str) -> Visitor:
        """The same client with this Authorization header."""
        return Visitor(self._session, authorization)

    async def _send(self, method: str, path: str, **options: Any) -> Answer:
        return await self._session.send(method, path, authorization=self._authorization, **options)


class Person(Visitor):
    """Somebody with an account, who sends their token."""

    def __init__(self, session: Session, username: str, email: str, password: str, token: str) -> None:
        super().__init__(session, f"Token {token}")
        self.username = username
        self.email = email
        self.password = password
        self.token = token

    def takes_token_of(self, answer: Answer) -> None:
        """From now on they send the token of this answer, as a client of the API would, where it carries one."""
        with suppress(Failed):
            self.token = answer.is_success().text_at("user.token")
            self._authorization = f"Token {self.token}"

    @property
    def path(self) -> str:
        """Path of the profile."""
        return profile_path(self.username)

    async def publishes(self, title: str = "", *, tags: Sequence[str] = (), **options: Any) -> Article:
        """A new article of theirs; where that fails, the check at hand is not reached."""
        sent = new_article(title or f"Notes of {self.username} {secrets.token_hex(4)}", tags=tags)
        answer = await self.post("/articles", {"article": sent}, **options)
        return article_from(answer.or_blocked_by("articles.create.slug"), sent)

    async def comments_on(self, article: Article, body: str = "Well said.") -> Comment:
        """A new comment of theirs; where that fails, the check at hand is not reached."""
        answer = await self.post(article.comments, {"comment": {"body": body}})
        answer.or_blocked_by("comments.create.id")
        try:
            id = answer.value("comment.id")
        except Failed as failure:
            raise NotReached("comments.create.id", failure) from None
        return Comment(id, f"{article.comments}/{quote(str(id), safe='')}", body, answer)

    async def follows(self, other: Person) -> Answer:
        """They follow the other; where that fails, the check at hand is not reached."""
        return (await self.post(f"{other.path}/follow")).or_blocked_by("profiles.follow.status")

    async def favorites(self, article: Article) -> Answer:
        """They favourite the article; where that fails, the check at hand is not reached."""
        return (await self.post(article.favorite)).or_blocked_by("favorites.add.status")


@dataclass(frozen=True)
class Article:
    """An article that somebody published: what was sent, what was answered, and its paths."""

    slug: str
    sent: Mapping[str, Any]
    answer: Answer

    @property
    def path(self) -> str:
        return article_path(self.slug)

    @property
    def comments(self) -> str:
        return f"{self.path}/comments"

    @property
    def favorite(self) -> str:
        return f"{self.path}/favorite"


@dataclass(frozen=True)
class Comment:
    """A comment that somebody wrote: its number, its path, its text, and what was answered."""

    id: Any
    path: str
    body: str
    answer: Answer


@dataclass(frozen=True)
class Registration:
    """What was sent to register, and what was answered."""

    sent: Mapping[str, str]
    answer: Answer


@dataclass(eq=False)
class World:
    """What the checks of one run share."""

    session: Session
    run: str = field(default_factory=lambda: "".join(secrets.choice(string.ascii_lowercase) for _ in range(6)))
    one_bio_at_a_time: asyncio.Lock = field(default_factory=asyncio.Lock)
    _numbers: Iterator[int] = field(default_factory=lambda: count(1))

    @property
    def visitor(self) -> Visitor:
        """Somebody without a token."""
        return Visitor(self.session)

    def unique(self, word: str) -> str:
        """A word that no other check, run or suite uses: letters and digits only."""
        return f"{word}{self.run}{next(self._numbers)}"

    def new_account(self, name: str = "newcomer") -> dict[str, str]:
        """What one sends to register under a unique name."""
        username = self.unique(name)
        return {"username": username, "email": f"{username}@example.com", "password": f"Secret-{username}-9"}

    async def once(self, scene: Callable[..., Awaitable[T]], *arguments: Any) -> T:
        """The result of a scene that checks share; it is played once with these arguments."""
        return await self.session.once(scene, self, *arguments)

    async def shown_together(self, scene: Callable[..., Awaitable[T]], *arguments: Any) -> T | None:
        """What a scene gives that shows many claims at once; None where it went wrong, so that each is judged alone."""
        try:
            return await self.once(scene, *arguments)
        except (Failed, NotReached):
            return None

    async def after(self, *scenes: Callable[..., Awaitable[Any]] | tuple[Any, ...]) -> None:
        """Wait until these scenes are over, whatever became of them; their steps do not belong to the check at hand.

        A scene is a function, or a tuple of a function and the arguments with which it is played.
        """

        async def over(scene: Callable[..., Awaitable[Any]], *arguments: Any) -> None:
            TRAIL.set(Trail())
            # Whatever went wrong in it is told by the checks that are about it.
            with suppress(Exception):
                await self.once(scene, *arguments)

        await asyncio.gather(*(over(*scene) if isinstance(scene, tuple) else over(scene) for scene in scenes))

    async def registration(self, name: str) -> Registration:
        """How this member of the cast registered, whatever was answered."""
        return await (self.once(_racer) if name == RACER else self.once(registers, name))

    async def account(self, name: str) -> Person:
        """A member of the cast, registered; whether the token is taken is another question."""
        registration = await self.registration(name)
        return self.person_from(registration)

    async def person(self, name: str) -> Person:
        """A member of the cast, who can send authenticated requests."""
        person, _ = await asyncio.gather(self.account(name), self.once(_token_is_taken))
        return person

    async def people(self, *names: str) -> list[Person]:
        """Several members of the cast."""
        return list(await asyncio.gather(*map(self.person, names)))

    async def newcomer(self, name: str = "newcomer", **changed: str) -> Person:
        """Somebody with an account of their own, for whom everything is still empty."""
        await self.once(_token_is_taken)
        return self.person_from(await registers(self, name, **changed))

    async def account_behind(self, token: str) -> Answer:
        """GET /user with this token, asked once."""
        return await self.once(_account_behind, token)

    def person_from(self, registration: Registration) -> Person:
        """The person who registered; where that failed, the check at hand is not reached."""
        root = "users.register.token"
        answer = registration.answer.or_blocked_by(root)
        try:
            token = answer.text_at("user.token")
        except Failed as failure:
            raise NotReached(root, failure) from None
        return Person(self.session, token=token, **registration.sent)


def article_path(slug: str) -> str:
    """Path of the article with this slug, percent-encoded."""
    return f"/articles/{quote(slug, safe='', errors='replace')}"


def profile_path(username: str) -> str:
    """Path of the profile of this person, percent-encoded."""
    return f"/profiles/{quote(username, safe='', errors='replace')}"


def new_article(title: str, *, tags: Sequence[str] = ()) -> dict[str, Any]:
    """What one sends to publish an article."""
    return {
        "title": title,
        "description": f"What {title} is about",
        "body": f"The whole text of {title}.",
        "tagList": list(tags),
    }


def article_from(answer: Answer, sent: Mapping[str, Any]) -> Article:
    """The article in an answer; where it has no slug, the check at hand is not reached."""
    try:
        return Article(answer.text_at("article.slug"), sent, answer)
    except Failed as failure:
        raise NotReached("articles.create.slug", failure) from None


async def registers(world: World, name: str, **changed: str) -> Registration:
    """Somebody registers under a unique name; what is `changed` is sent instead."""
    sent = {**world.new_account(name), **changed}
    return Registration(sent, await world.visitor.post("/users", {"user": sent}))


async def racing_registrations(world: World) -> tuple[Registration, Registration, Registration]:
    """Three register at the same moment: the first two under one username, the first and the last under one email."""
    first, second, third = (world.new_account(RACER) for _ in range(3))
    second["username"], third["email"] = first["username"], first["email"]
    racers = (first, second, third)
    answers = await asyncio.gather(*(world.visitor.post("/users", {"user": sent}, at_once=True) for sent in racers))
    one, two, three = (Registration(sent, answer) for sent, answer in zip(racers, answers, strict=True))
    return one, two, three


async def _racer(world: World) -> Registration:
    """Whoever won a race for a name, and so costs no further hash; where nobody did cleanly, somebody who registers."""
    await world.once(_token_is_taken)
    for racer in await world.shown_together(racing_registrations) or ():
        with suppress(Failed, NotReached):
            person = world.person_from(racer)
            (await world.account_behind(person.token)).is_success().shows("user.username", person.username)
            return racer
    return await registers(world, RACER)


async def _account_behind(world: World, token: str) -> Answer:
    return await world.visitor.carrying(f"Token {token}").get("/user")


async def _token_is_taken(world: World) -> None:
    """Whether a token opens anything: one wrong word in the scheme must not look like a hundred faults."""
    ann = await world.account(CAST[0])
    try:
        answer = await world.account_behind(ann.token)
    except Failed:
        return  # GET /user has checks of its own; it is no reason to doubt the token
    if answer.status in (401, 403):
        raise NotReached("auth.token-scheme", answer.fail("a token that is taken"))
