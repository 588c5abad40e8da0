"""Signing in, and reading one's own account."""

from __future__ import annotations

from dataclasses import dataclass

from evaluator.contract.answer import Answer
from evaluator.contract.checks import Checks, openapi, prose
from evaluator.contract.conduit.operations import CURRENT_USER, LOGIN
from evaluator.contract.conduit.shapes import ACCOUNT
from evaluator.contract.conduit.subject import (
    refused_at_last,
    renamed,
    signed_in_at_last,
    signs_in,
    with_new_password,
)
from evaluator.contract.conduit.world import Person, World

check = Checks()


# Signing in


@dataclass(frozen=True)
class SignedIn:
    username: str
    email: str
    password: str
    answer: Answer


async def signed_in(world: World) -> SignedIn:
    """The subject signs in after all its changes; where that goes wrong, B does, who has changed nothing."""
    answer = await world.shown_together(signed_in_at_last)
    if answer is not None:
        names, changed = await world.once(renamed), await world.once(with_new_password)
        return SignedIn(names.username, names.email, changed.password, answer)
    bob = await world.account("bob")
    return SignedIn(bob.username, bob.email, bob.password, await signs_in(world, bob.email, bob.password))


@check("users.login.status", LOGIN, "A sign-in is answered with 200", openapi("POST /users/login declares 200."))
async def login_status(world: World) -> None:
    (await world.once(signed_in)).answer.has_status(200)


@check(
    "users.login.shape",
    LOGIN,
    "The answer to a sign-in has the shape of an account",
    openapi("The answer is {user: {email, token, username, bio, image}}."),
)
async def login_shape(world: World) -> None:
    (await world.once(signed_in)).answer.or_blocked_by("users.login.status").matches(ACCOUNT)


@check(
    "users.login.same-account",
    LOGIN,
    "A signs in to the account that A registered",
    prose("Signing in gives the account back."),
)
async def login_same_account(world: World) -> None:
    story = await world.once(signed_in)
    answer = story.answer.or_blocked_by("users.login.status")
    answer.shows("user.username", story.username).shows("user.email", story.email)


@check(
    "users.login.token",
    LOGIN,
    "The token of a sign-in opens A's account",
    openapi("A token is given by registering or by signing in."),
    needs="auth.token-scheme",
)
async def login_token(world: World) -> None:
    story = await world.once(signed_in)
    token = story.answer.or_blocked_by("users.login.status").text_at("user.token")
    (await world.account_behind(token)).is_success().shows("user.username", story.username)


@check(
    "users.login.no-password",
    LOGIN,
    "The answer to a sign-in does not tell the password",
    prose("No answer carries a password."),
)
async def login_no_password(world: World) -> None:
    story = await world.once(signed_in)
    story.answer.or_blocked_by("users.login.status").tells_no(story.password)


@check(
    "users.login.wrong-password",
    LOGIN,
    "A cannot sign in with a wrong password",
    prose("Signing in takes the right password."),
)
async def login_wrong_password(world: World) -> None:
    if await world.shown_together(refused_at_last):
        return
    bob = await world.account("bob")
    (await signs_in(world, bob.email, "Not-the-password-1")).is_refused()


@check(
    "users.login.others-password",
    LOGIN,
    "B cannot sign in as A with B's own password",
    prose("Signing in takes the password of that account."),
)
async def login_others_password(world: World) -> None:
    if await world.shown_together(refused_at_last):
        return
    ann, bob = await world.account("ann"), await world.account("bob")
    (await signs_in(world, ann.email, bob.password)).is_refused()


@check(
    "users.login.unknown-email",
    LOGIN,
    "Nobody signs in with an email that nobody registered",
    prose("Signing in takes an account."),
)
async def login_unknown_email(world: World) -> None:
    account = world.new_account("nobody")
    (await signs_in(world, account["email"], account["password"])).is_refused()


@check(
    "users.login.missing-password",
    LOGIN,
    "A sign-in without a password is refused",
    openapi("email and password are required."),
)
async def login_missing_password(world: World) -> None:
    bob = await world.account("bob")
    (await world.visitor.post("/users/login", {"user": {"email": bob.email}})).is_refused()


@check(
    "users.login.missing-email",
    LOGIN,
    "A sign-in without an email is refused",
    openapi("email and password are required."),
)
async def login_missing_email(world: World) -> None:
    bob = await world.account("bob")
    (await world.visitor.post("/users/login", {"user": {"password": bob.password}})).is_refused()


@check(
    "users.login.blank-password",
    LOGIN,
    "A cannot sign in with a blank password",
    prose("Signing in takes the right password."),
)
async def login_blank_password(world: World) -> None:
    bob = await world.account("bob")
    (await signs_in(world, bob.email, "")).is_refused()


@check(
    "users.login.no-user",
    LOGIN,
    "A sign-in without the object “user” is refused",
    openapi("The body is {user: {…}}; user is required."),
)
async def login_no_user(world: World) -> None:
    (await world.visitor.post("/users/login", {})).is_refused()


@check(
    "users.login.malformed-json",
    LOGIN,
    "A sign-in in malformed JSON is refused",
    prose("Malformed JSON is the sender's mistake: a 4xx, never a 5xx."),
)
async def login_malformed_json(world: World) -> None:
    (await world.visitor.post("/users/login", raw_body='{"user": [')).is_refused()


@check(
    "users.login.wrong-type",
    LOGIN,
    "A sign-in whose password is an object is refused",
    openapi("password is a string."),
)
async def login_wrong_type(world: World) -> None:
    bob = await world.account("bob")
    (await world.visitor.post("/users/login", {"user": {"email": bob.email, "password": {"ne": ""}}})).is_refused()


# One's own account


async def own_account(world: World) -> tuple[Person, Answer]:
    """A reads their own account."""
    ann = await world.person("ann")
    return ann, await world.account_behind(ann.token)


@check("users.current.status", CURRENT_USER, "A reads A's own account with 200", openapi("GET /user declares 200."))
async def current_status(world: World) -> None:
    _, answer = await world.once(own_account)
    answer.has_status(200)


@check(
    "users.current.shape",
    CURRENT_USER,
    "A's own account has the shape of an account",
    openapi("The answer is {user: {email, token, username, bio, image}}."),
)
async def current_shape(world: World) -> None:
    _, answer = await world.once(own_account)
    answer.or_blocked_by("users.current.status").matches(ACCOUNT)


@check(
    "users.current.same-account",
    CURRENT_USER,
    "A's token opens A's account and no other",
    prose("A token belongs to one account."),
)
async def current_same_account(world: World) -> None:
    for name in ("ann", "bob"):
        person = await world.person(name)
        answer = (await world.account_behind(person.token)).or_blocked_by("users.current.status")
        answer.shows("user.username", person.username).shows("user.email", person.email)


@check(
    "users.current.token",
    CURRENT_USER,
    "The token in A's own account opens A's account",
    openapi("The account carries a token, which is valid."),
)
async def current_token(world: World) -> None:
    ann, answer = await world.once(own_account)
    token = answer.or_blocked_by("users.current.status").text_at("user.token")
    again = await world.account_behind(token)
    again.is_success().shows("user.username", ann.username)


@check(
    "users.current.no-password",
    CURRENT_USER,
    "A's own account does not tell the password",
    prose("No answer carries a password."),
)
async def current_no_password(world: World) -> None:
    ann, answer = await world.once(own_account)
    answer.or_blocked_by("users.current.status").tells_no(ann.password)
