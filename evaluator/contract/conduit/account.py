"""Changing one's own account: what is sent changes, what is not sent stays, and nobody takes another's name."""

from __future__ import annotations

from evaluator.contract.checks import Checks, Clause, openapi, prose
from evaluator.contract.conduit.operations import LOGIN, PROFILE, READ_ARTICLE, UPDATE_USER
from evaluator.contract.conduit.shapes import ACCOUNT
from evaluator.contract.conduit.subject import (
    BIO,
    IMAGE,
    by_the_old_email,
    described,
    empty_change,
    malformed_change,
    must_be_refused,
    own_names,
    read_by_another,
    read_by_the_owner,
    refused_at_last,
    refused_changes,
    renamed,
    signed_in_at_last,
    signs_in,
    their_article,
    with_new_password,
)
from evaluator.contract.conduit.world import World, profile_path

check = Checks()
PARTIAL = prose("What is not sent stays as it was.")


# A writes a bio, then gives an image: two partial changes of one account


@check(
    "users.update.status",
    UPDATE_USER,
    "A change of A's account is answered with 200",
    openapi("PUT /user declares 200."),
)
async def update_status(world: World) -> None:
    (await world.once(described)).bio.has_status(200)


@check(
    "users.update.shape",
    UPDATE_USER,
    "The answer to a change has the shape of an account",
    openapi("The answer is {user: {email, token, username, bio, image}}."),
)
async def update_shape(world: World) -> None:
    (await world.once(described)).bio.or_blocked_by("users.update.status").matches(ACCOUNT)


@check("users.update.bio", UPDATE_USER, "A writes a bio", prose("What is sent changes."))
async def update_bio(world: World) -> None:
    (await world.once(described)).bio.or_blocked_by("users.update.status").shows("user.bio", BIO)


@check("users.update.image", UPDATE_USER, "A gives an image", prose("What is sent changes."))
async def update_image(world: World) -> None:
    (await world.once(described)).image.or_blocked_by("users.update.status").shows("user.image", IMAGE)


@check("users.update.keeps-names", UPDATE_USER, "A new bio leaves A's username and email as they were", PARTIAL)
async def update_keeps_names(world: World) -> None:
    story = await world.once(described)
    answer = story.bio.or_blocked_by("users.update.status")
    answer.shows("user.username", story.person.username).shows("user.email", story.person.email)


@check("users.update.keeps-bio", UPDATE_USER, "A new image leaves A's bio as it was", PARTIAL, needs="users.update.bio")
async def update_keeps_bio(world: World) -> None:
    story = await world.once(described)
    story.image.or_blocked_by("users.update.status")
    (await world.once(read_by_the_owner)).or_blocked_by("users.current.status").shows("user.bio", BIO)


@check(
    "users.update.keeps-password",
    LOGIN,
    "A new bio leaves A's password as it was",
    PARTIAL,
    needs="users.login.status",
)
async def update_keeps_password(world: World) -> None:
    if await world.shown_together(signed_in_at_last):
        return
    person = await world.newcomer("painter")
    (await person.put("/user", {"user": {"bio": BIO}})).or_blocked_by("users.update.status")
    (await signs_in(world, person.email, person.password)).is_success()


@check(
    "users.update.in-profile",
    PROFILE,
    "B reads A's new bio and image in A's profile",
    prose("What was written is read back, by others too."),
    needs=("users.update.bio", "users.update.image", "profiles.read.status"),
)
async def update_in_profile(world: World) -> None:
    (await world.once(read_by_another)).is_success().shows("profile.bio", BIO).shows("profile.image", IMAGE)


@check(
    "users.update.no-password",
    UPDATE_USER,
    "The answer to a change does not tell the password",
    prose("No answer carries a password."),
)
async def update_no_password(world: World) -> None:
    story = await world.once(described)
    story.bio.or_blocked_by("users.update.status").tells_no(story.person.password)


# A takes another username and email


@check("users.update.username", UPDATE_USER, "A takes another username and email", prose("What is sent changes."))
async def update_username(world: World) -> None:
    story = await world.once(renamed)
    story.answer.shows("user.username", story.username).shows("user.email", story.email)


@check(
    "users.update.token",
    UPDATE_USER,
    "The token in the answer to a change opens A's account",
    openapi("The account carries a token, which is valid."),
)
async def update_token(world: World) -> None:
    story = await world.once(renamed)
    answer = await world.account_behind(story.answer.text_at("user.token"))
    answer.is_success().shows("user.username", story.username)


@check(
    "users.update.new-profile",
    PROFILE,
    "A's profile is found under the new username",
    prose("What was written is read back."),
    needs=("users.update.username", "profiles.read.status"),
)
async def update_new_profile(world: World) -> None:
    story = await world.once(renamed)
    (await world.visitor.get(profile_path(story.username))).is_success().shows("profile.username", story.username)


@check(
    "users.update.old-profile",
    PROFILE,
    "Nobody is found under A's old username",
    prose("A profile that is not there is a 4xx."),
    needs=("users.update.username", "profiles.read.status"),
)
async def update_old_profile(world: World) -> None:
    story = await world.once(renamed)
    (await world.visitor.reads(story.person)).is_refused()


@check(
    "users.update.new-email",
    LOGIN,
    "A signs in with the new email",
    prose("What was written is in force."),
    needs=("users.update.username", "users.login.status"),
)
async def update_new_email(world: World) -> None:
    if await world.shown_together(signed_in_at_last):
        return
    person, username = await world.newcomer("before"), world.unique("after")
    email = f"{username}@example.com"
    answer = await person.put("/user", {"user": {"username": username, "email": email}})
    answer.or_blocked_by("users.update.username")
    (await signs_in(world, email, person.password)).is_success().shows("user.username", username)


@check(
    "users.update.old-email",
    LOGIN,
    "Nobody signs in with A's old email",
    prose("What was changed is no longer in force."),
    needs=("users.update.username", "users.login.status"),
)
async def update_old_email(world: World) -> None:
    (await world.once(by_the_old_email)).is_refused()


@check(
    "users.update.in-articles",
    READ_ARTICLE,
    "A's articles name A by the new username",
    prose("The author of an article is a person, not a copy of a name."),
    needs="users.update.username",
)
async def update_in_articles(world: World) -> None:
    story = await world.once(renamed)
    article = await world.once(their_article)
    answer = (await world.visitor.reads(article)).or_blocked_by("articles.read.status")
    answer.shows("article.author.username", story.username)


# A changes the password


@check(
    "users.update.new-password",
    LOGIN,
    "A signs in with the new password",
    prose("A changed password works."),
    needs="users.login.status",
)
async def new_password(world: World) -> None:
    if await world.shown_together(signed_in_at_last):
        return
    person, password = await world.newcomer("careful"), world.unique("Changed-secret")
    (await person.put("/user", {"user": {"password": password}})).or_blocked_by("users.update.status")
    (await signs_in(world, person.email, password)).is_success()


@check(
    "users.update.old-password",
    LOGIN,
    "A cannot sign in with the old password",
    prose("After a change, the old password does not work."),
    needs="users.login.status",
)
async def old_password(world: World) -> None:
    if await world.shown_together(refused_at_last):
        return
    person, password = await world.newcomer("careful"), world.unique("Changed-secret")
    (await person.put("/user", {"user": {"password": password}})).or_blocked_by("users.update.status")
    (await signs_in(world, person.email, person.password)).is_refused()


@check(
    "users.update.password-untold",
    UPDATE_USER,
    "The answer to a change of password does not tell the password",
    prose("No answer carries a password."),
)
async def password_untold(world: World) -> None:
    story = await world.once(with_new_password)
    story.answer.tells_no(story.password)


# What is refused


def _is_refused(name: str, field: str, title: str, clause: Clause) -> None:
    @check(f"users.update.{name}", UPDATE_USER, title, clause)
    async def changes_nothing(world: World) -> None:
        story = await world.once(refused_changes)
        story.answers[name].is_refused()
        story.after.or_blocked_by("users.current.status")
        if (story.after.value("user.username"), story.after.value("user.email")) != (story.username, story.email):
            await _alone(world, name, field)


async def _alone(world: World, name: str, field: str) -> None:
    """Several changes were tried before the account was read, and one of them was done: was it this one?"""
    person, other = await world.newcomer("subject"), await world.person("dan")
    (await person.put("/user", {"user": must_be_refused(other)[name]})).is_refused()
    after = (await person.get("/user")).or_blocked_by("users.current.status")
    after.shows(f"user.{field}", getattr(person, field))


_is_refused(
    "duplicate-email", "email", "A cannot take B's email", prose("An email belongs to one account, at an update too.")
)
_is_refused(
    "duplicate-username",
    "username",
    "A cannot take B's username",
    prose("A username belongs to one account, at an update too."),
)
_is_refused("blank-email", "email", "A cannot blank A's email", prose("Blank fields are refused, and nothing changes."))
_is_refused(
    "blank-username", "username", "A cannot blank A's username", prose("Blank fields are refused, and nothing changes.")
)
_is_refused("wrong-type", "email", "A change whose email is an object is refused", openapi("email is a string."))


@check(
    "users.update.own-names",
    UPDATE_USER,
    "A may send A's own username and email again",
    prose("One's own username and email are not taken by another."),
)
async def keeps_own_names(world: World) -> None:
    username = (await world.once(renamed)).username
    (await world.once(own_names)).is_success().shows("user.username", username)


@check(
    "users.update.nothing",
    UPDATE_USER,
    "A change without any field changes nothing",
    # The document says that at least one field is required; implementations that answer 200 do no harm.
    openapi("At least one field is required."),
)
async def update_nothing(world: World) -> None:
    (await world.once(empty_change)).is_no_crash()
    story = await world.once(refused_changes)
    after = story.after.or_blocked_by("users.current.status")
    if (after.value("user.username"), after.value("user.email")) != (story.username, story.email):
        person = await world.newcomer("idle")
        (await person.put("/user", {"user": {}})).is_no_crash()
        answer = (await person.get("/user")).or_blocked_by("users.current.status")
        answer.shows("user.username", person.username).shows("user.email", person.email)


@check(
    "users.update.malformed-json",
    UPDATE_USER,
    "A change in malformed JSON is refused",
    prose("Malformed JSON is the sender's mistake: a 4xx, never a 5xx."),
)
async def update_malformed_json(world: World) -> None:
    (await world.once(malformed_change)).is_refused()
