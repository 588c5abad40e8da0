"""Who and what the checks speak of: visitors, people with accounts, their articles and comments.

A password hash costs a backend 50 to 250 ms, so a check that only needs somebody takes one of a small shared cast;
where the account itself is the subject, or what it wrote must be known exactly, a newcomer registers. All names carry
the id of the run: the suite passes twice on one database, and its checks side by side.
"""

from __future__ import annotations

import asyncio
import secrets
import string
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import combinations, count
from typing import Any, TypeVar
from urllib.parse import quote, urlencode

from evaluator.contract.answer import Answer, Failed, NotReached
from evaluator.contract.session import Session

CAST = ("ann", "bob", "cleo", "dan", "eve", "finn", "gus", "hana", "ivan", "jo")
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
    _numbers: Iterator[int] = field(default_factory=lambda: count(1))
    _met: set[frozenset[str]] = field(default_factory=set)

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

    async def registration(self, name: str) -> Registration:
        """How this member of the cast registered, whatever was answered."""
        return await self.once(_registers, name)

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

    async def strangers(self, number: int = 2) -> list[Person]:
        """So many of the cast who have never met in another check: none of them follows another of them."""
        for names in combinations(CAST, number):
            pairs = {frozenset(pair) for pair in combinations(names, 2)}
            if not pairs & self._met:
                self._met |= pairs
                return await self.people(*names)
        raise LookupError(f"The cast is too small for another {number} strangers.")

    async def stranger_to(self, name: str) -> Person:
        """One of the cast whom this member of the cast has never met in another check."""
        other = next(other for other in CAST if other != name and frozenset((name, other)) not in self._met)
        self._met.add(frozenset((name, other)))
        return await self.person(other)

    async def newcomer(self, name: str = "newcomer") -> Person:
        """Somebody with an account of their own, for whom everything is still empty."""
        await self.once(_token_is_taken)
        return self.person_from(await _registers(self, name))

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


async def _registers(world: World, name: str) -> Registration:
    sent = world.new_account(name)
    return Registration(sent, await world.visitor.post("/users", {"user": sent}))


async def _token_is_taken(world: World) -> None:
    """Whether a token opens anything: one wrong word in the scheme must not look like a hundred faults."""
    ann = await world.account(CAST[0])
    try:
        answer = await ann.get("/user")
    except Failed:
        return  # GET /user has checks of its own; it is no reason to doubt the token
    if answer.status in (401, 403):
        raise NotReached("auth.token-scheme", answer.fail("a token that is taken"))
