"""The one account that is changed: it registers under an unusual name, changes step by step, and signs in at the end.

Each step is a scene; a step waits for the ones before it, whatever became of them, and the person sends whatever token
they have by then. What can be seen only by signing in costs a password hash: two sign-ins show it for all changes
together (`shown_together`), and only where they do not, each check brings an account of its own.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from functools import wraps
from typing import TypeVar

from evaluator.contract.answer import Answer
from evaluator.contract.conduit.unusual_texts import joined
from evaluator.contract.conduit.world import CAST, Article, Person, World, profile_path, registers
from evaluator.contract.gate import LONG_WAY, URGENCY

T = TypeVar("T")
Scene = Callable[[World], Awaitable[T]]
IMAGE = "https://example.com/portrait.png"
BIO = "I paint."


def in_a_hurry(scene: Scene[T]) -> Scene[T]:
    """The requests of this scene go before others that wait: these steps are the longest way of a run."""

    @wraps(scene)
    async def hurried(world: World) -> T:
        URGENCY.set(min(URGENCY.get(), LONG_WAY))
        return await scene(world)

    return hurried


@in_a_hurry
async def named_unusually(world: World) -> Person:
    """Somebody registers with emoji and percent signs in the username, and a visitor finds the profile."""
    # Two people may have one password: so that B's password can be tried on A's account.
    password = (await world.registration(CAST[0])).sent["password"]
    name = f"{joined('emoji', 'percent')} {world.unique('before')}"
    registration = await registers(world, "before", username=name, password=password)
    registration.answer.is_success().shows("user.username", name)
    (await world.visitor.get(profile_path(name))).is_success().shows("profile.username", name)
    return world.person_from(registration)


@in_a_hurry
async def subject(world: World) -> Person:
    """That person; where such a name is refused, somebody with a plain one."""
    await world.person(CAST[0])
    unusual = await world.shown_together(named_unusually)
    return unusual or await world.newcomer("before", password=(await world.registration(CAST[0])).sent["password"])


@in_a_hurry
async def their_article(world: World) -> Article:
    """An article that the subject published at the beginning."""
    return await (await world.once(subject)).publishes(f"Notes {world.unique('before')}")


# The changes, in order


@dataclass(frozen=True)
class NewPassword:
    person: Person
    password: str
    answer: Answer


@in_a_hurry
async def with_new_password(world: World) -> NewPassword:
    """The subject changes the password."""
    await world.after(their_article)
    person = await world.once(subject)
    password = f"Changed-{world.unique('secret')}"
    answer = await changes(person, password=password)
    return NewPassword(person, password, answer.or_blocked_by("users.update.status"))


@dataclass(frozen=True)
class Described:
    person: Person
    bio: Answer
    image: Answer


@in_a_hurry
async def described(world: World) -> Described:
    """The subject writes a bio, and after that gives an image."""
    await world.after(with_new_password)
    person = await world.once(subject)
    return Described(person, await changes(person, bio=BIO), await changes(person, image=IMAGE))


@in_a_hurry
async def read_by_the_owner(world: World) -> Answer:
    """The subject reads the account after that."""
    return await (await world.once(described)).person.get("/user")


@in_a_hurry
async def read_by_another(world: World) -> Answer:
    """B reads the subject's profile after that."""
    story, bob = await world.once(described), await world.person("bob")
    return await bob.reads(story.person)


@in_a_hurry
async def taken_email(world: World) -> Answer:
    """Somebody else tries to register with the subject's email, and a password of their own."""
    await world.after(with_new_password)
    person = await world.once(subject)
    return (await registers(world, "late", email=person.email, password="Another-secret-1")).answer


@dataclass(frozen=True)
class Renamed:
    person: Person
    username: str
    email: str
    answer: Answer


@in_a_hurry
async def renamed(world: World) -> Renamed:
    """The subject takes another username and another email."""
    await world.after(read_by_the_owner, read_by_another, taken_email)
    person = await world.once(subject)
    username = world.unique("after")
    email = f"{username}@example.com"
    answer = await changes(person, username=username, email=email)
    return Renamed(person, username, email, answer.or_blocked_by("users.update.username"))


# Signing in


async def signs_in(world: World, email: str, password: str) -> Answer:
    """Somebody signs in with this email and this password."""
    return await world.visitor.post("/users/login", {"user": {"email": email, "password": password}})


@in_a_hurry
async def signed_in_at_last(world: World) -> Answer:
    """The subject signs in with the new email and the new password, after every change and the refused registration."""
    password = (await world.once(with_new_password)).password
    story = await world.once(described)
    story.bio.or_blocked_by("users.update.status")
    names = await world.once(renamed)
    answer = (await signs_in(world, names.email, password)).is_success()
    return answer.shows("user.username", names.username).shows("user.email", names.email)


@in_a_hurry
async def by_the_old_password(world: World) -> Answer:
    """Somebody tries the new email with the password that the subject had before."""
    await world.once(with_new_password)
    names = await world.once(renamed)
    return await signs_in(world, names.email, names.person.password)


async def refused_at_last(world: World) -> Answer:
    """The subject's old password, which is that of another person too, is refused, while the new one is taken."""
    answer, _ = await asyncio.gather(world.once(by_the_old_password), world.once(signed_in_at_last))
    return answer.is_refused()


@in_a_hurry
async def by_the_old_email(world: World) -> Answer:
    """Somebody tries the email that the subject had before."""
    changed, names = await world.shown_together(with_new_password), await world.once(renamed)
    password = changed.password if changed is not None else names.person.password
    return await signs_in(world, names.person.email, password)


# What changes nothing


@in_a_hurry
async def own_names(world: World) -> Answer:
    """The subject sends the username and email that the account has already."""
    await world.after(signed_in_at_last, refused_at_last, by_the_old_email)
    person = await world.once(subject)
    names = await world.shown_together(renamed) or person
    return await changes(person, username=names.username, email=names.email)


@in_a_hurry
async def empty_change(world: World) -> Answer:
    """A change without any field."""
    await world.after(own_names)
    return await changes(await world.once(subject))


@in_a_hurry
async def malformed_change(world: World) -> Answer:
    """A change in malformed JSON."""
    await world.after(empty_change)
    return await (await world.once(subject)).put("/user", raw_body='{"user": {"bio": ')


@dataclass(frozen=True)
class Refused:
    """Changes that must be refused, by name, with the account after all of them; `username` and `email` are before."""

    answers: dict[str, Answer]
    after: Answer
    username: str
    email: str


@in_a_hurry
async def refused_changes(world: World) -> Refused:
    """The subject tries one change after another that must be refused; the one that may do most harm comes last."""
    await world.after(malformed_change)
    person, other = await world.once(subject), await world.person("dan")
    names = await world.shown_together(renamed) or person
    answers = {}
    for name, change in must_be_refused(other).items():
        answers[name] = await person.put("/user", {"user": change})
    after = (await person.get("/user")).or_blocked_by("users.current.status")
    return Refused(answers, after, names.username, names.email)


def must_be_refused(other: Person) -> dict[str, dict[str, object]]:
    """Changes of somebody's account that must be refused, where `other` is somebody else."""
    return {
        "duplicate-email": {"email": other.email},
        "duplicate-username": {"username": other.username},
        "blank-email": {"email": ""},
        "blank-username": {"username": ""},
        "wrong-type": {"email": {"at": "example.com"}},
    }


async def changes(person: Person, **change: object) -> Answer:
    """The person changes the own account, and takes the token of the answer."""
    answer = await person.put("/user", {"user": change})
    person.takes_token_of(answer)
    return answer
