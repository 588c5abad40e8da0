"""Accounts: registering, signing in, reading one's own account."""

from __future__ import annotations

import re

from evaluator.contract.answer import Answer
from evaluator.contract.checks import Checks, openapi, prose
from evaluator.contract.conduit.operations import CURRENT_USER, LOGIN, REGISTER
from evaluator.contract.conduit.shapes import ACCOUNT, REFUSAL
from evaluator.contract.conduit.world import Person, World

check = Checks()
JSON_WEB_TOKEN = re.compile(r"[\w-]+\.[\w-]+\.[\w-]*")
REFUSED_422 = openapi("username, email and password are required; what cannot be taken is answered with 422.")


# Registering


@check(
    "users.register.token",
    REGISTER,
    "A registers and is given a token",
    openapi("A registration is answered with the account, and the account carries a token."),
)
async def gives_a_token(world: World) -> None:
    registration = await world.registration("ann")
    registration.answer.is_success().text_at("user.token")


@check("users.register.status", REGISTER, "A registration is answered with 201", openapi("POST /users declares 201."))
async def register_status(world: World) -> None:
    (await world.registration("ann")).answer.has_status(201)


@check(
    "users.register.shape",
    REGISTER,
    "The answer to a registration has the shape of an account",
    openapi("The answer is {user: {email, token, username, bio, image}}."),
    needs="users.register.token",
)
async def register_shape(world: World) -> None:
    (await world.registration("ann")).answer.matches(ACCOUNT)


@check(
    "users.register.jwt",
    REGISTER,
    "The token that A is given is a JSON Web Token",
    openapi("The token is a JWT: xxxxxx.yyyyyyy.zzzzzz."),
    needs="users.register.token",
)
async def register_jwt(world: World) -> None:
    answer = (await world.registration("ann")).answer
    if not JSON_WEB_TOKEN.fullmatch(answer.text_at("user.token")):
        raise answer.fail("user.token is a JSON Web Token: three parts, joined by dots")


@check(
    "users.register.echo",
    REGISTER,
    "A is registered under the username and email that A sent",
    prose("An account has the username and the email that were sent."),
    needs="users.register.token",
)
async def register_echo(world: World) -> None:
    registration = await world.registration("ann")
    registration.answer.shows("user.username", registration.sent["username"])
    registration.answer.shows("user.email", registration.sent["email"])


@check(
    "users.register.no-password",
    REGISTER,
    "The answer to a registration does not tell the password",
    prose("No answer carries a password."),
    needs="users.register.token",
)
async def register_no_password(world: World) -> None:
    registration = await world.registration("ann")
    registration.answer.tells_no(registration.sent["password"])


@check(
    "users.register.own-token",
    REGISTER,
    "A and B are given different tokens",
    prose("A token belongs to one account."),
    needs="users.register.token",
)
async def register_own_token(world: World) -> None:
    ann, bob = await world.account("ann"), await world.account("bob")
    if ann.token == bob.token:
        raise (await world.registration("bob")).answer.fail("a token of B's own", "the token that A was given")


@check(
    "users.register.duplicate-email",
    REGISTER,
    "B cannot register with A's email",
    prose("An email belongs to one account; a second registration is refused."),
)
async def duplicate_email(world: World) -> None:
    ann = await world.account("ann")
    (await _registers_with(world, email=ann.email)).is_refused()


@check(
    "users.register.duplicate-username",
    REGISTER,
    "B cannot register with A's username",
    prose("A username belongs to one account; a second registration is refused."),
)
async def duplicate_username(world: World) -> None:
    ann = await world.account("ann")
    (await _registers_with(world, username=ann.username)).is_refused()


@check(
    "users.register.duplicate-keeps-account",
    REGISTER,
    "A's password still holds after B tried to register with A's email",
    prose("A refused registration changes nothing."),
    needs=("users.register.duplicate-email", "users.login.status"),
)
async def duplicate_keeps_account(world: World) -> None:
    ann = await world.account("ann")
    await _registers_with(world, email=ann.email, password="Another-secret-1")
    (await _signs_in(world, ann.email, ann.password)).is_success().shows("user.username", ann.username)


def _refused_without(field: str) -> None:
    @check(
        f"users.register.missing-{field}",
        REGISTER,
        f"A registration without {_an(field)} is refused with 422",
        REFUSED_422,
    )
    async def missing(world: World) -> None:
        sent = {name: value for name, value in world.new_account().items() if name != field}
        (await world.visitor.post("/users", {"user": sent})).has_status(422)

    @check(
        f"users.register.blank-{field}",
        REGISTER,
        f"A registration with a blank {field} is refused with 422",
        prose("Blank fields are refused like missing ones, with 422."),
    )
    async def blank(world: World) -> None:
        (await _registers_with(world, **{field: ""})).has_status(422)


def _an(field: str) -> str:
    return f"an {field}" if field[0] in "aeio" else f"a {field}"


for _field in ("username", "email", "password"):
    _refused_without(_field)


@check(
    "users.register.errors",
    REGISTER,
    "A refused registration says why, in an object “errors”",
    openapi("422 is answered with {errors: {…}}."),
    needs="users.register.missing-email",
)
async def register_errors(world: World) -> None:
    sent = world.new_account()
    (await world.visitor.post("/users", {"user": {"username": sent["username"]}})).has_status(422).matches(REFUSAL)


@check(
    "users.register.null-email",
    REGISTER,
    "A registration whose email is null is refused",
    openapi("email is a string."),
)
async def register_null_email(world: World) -> None:
    (await world.visitor.post("/users", {"user": {**world.new_account(), "email": None}})).is_refused()


@check(
    "users.register.wrong-type",
    REGISTER,
    "A registration whose username is an object is refused",
    openapi("username is a string."),
)
async def register_wrong_type(world: World) -> None:
    account = {**world.new_account(), "username": {"first": "A"}}
    (await world.visitor.post("/users", {"user": account})).is_refused()


@check(
    "users.register.no-user",
    REGISTER,
    "A registration without the object “user” is refused",
    openapi("The body is {user: {…}}; user is required."),
)
async def register_no_user(world: World) -> None:
    (await world.visitor.post("/users", {})).is_refused()


@check(
    "users.register.not-an-object",
    REGISTER,
    "A registration whose body is a list is refused",
    openapi("The body is an object."),
)
async def register_not_an_object(world: World) -> None:
    (await world.visitor.post("/users", ["user"])).is_refused()


@check(
    "users.register.malformed-json",
    REGISTER,
    "A registration in malformed JSON is refused",
    prose("Malformed JSON is the sender's mistake: a 4xx, never a 5xx."),
)
async def register_malformed_json(world: World) -> None:
    (await world.visitor.post("/users", raw_body='{"user": {"username": ')).is_refused()


# Signing in


async def signed_in(world: World) -> Answer:
    """B signs in with the right password."""
    bob = await world.account("bob")
    return await _signs_in(world, bob.email, bob.password)


@check("users.login.status", LOGIN, "A sign-in is answered with 200", openapi("POST /users/login declares 200."))
async def login_status(world: World) -> None:
    (await world.once(signed_in)).has_status(200)


@check(
    "users.login.shape",
    LOGIN,
    "The answer to a sign-in has the shape of an account",
    openapi("The answer is {user: {email, token, username, bio, image}}."),
)
async def login_shape(world: World) -> None:
    (await world.once(signed_in)).or_blocked_by("users.login.status").matches(ACCOUNT)


@check(
    "users.login.same-account",
    LOGIN,
    "A signs in to the account that A registered",
    prose("Signing in gives the account back."),
)
async def login_same_account(world: World) -> None:
    bob = await world.account("bob")
    answer = (await world.once(signed_in)).or_blocked_by("users.login.status")
    answer.shows("user.username", bob.username).shows("user.email", bob.email)


@check(
    "users.login.token",
    LOGIN,
    "The token of a sign-in opens A's account",
    openapi("A token is given by registering or by signing in."),
    needs="auth.token-scheme",
)
async def login_token(world: World) -> None:
    bob = await world.account("bob")
    token = (await world.once(signed_in)).or_blocked_by("users.login.status").text_at("user.token")
    answer = await world.visitor.carrying(f"Token {token}").get("/user")
    answer.is_success().shows("user.username", bob.username)


@check(
    "users.login.no-password",
    LOGIN,
    "The answer to a sign-in does not tell the password",
    prose("No answer carries a password."),
)
async def login_no_password(world: World) -> None:
    bob = await world.account("bob")
    (await world.once(signed_in)).or_blocked_by("users.login.status").tells_no(bob.password)


@check(
    "users.login.wrong-password",
    LOGIN,
    "A cannot sign in with a wrong password",
    prose("Signing in takes the right password."),
)
async def login_wrong_password(world: World) -> None:
    bob = await world.account("bob")
    (await _signs_in(world, bob.email, "Not-the-password-1")).is_refused()


@check(
    "users.login.others-password",
    LOGIN,
    "B cannot sign in as A with B's own password",
    prose("Signing in takes the password of that account."),
)
async def login_others_password(world: World) -> None:
    ann, bob = await world.account("ann"), await world.account("bob")
    (await _signs_in(world, ann.email, bob.password)).is_refused()


@check(
    "users.login.unknown-email",
    LOGIN,
    "Nobody signs in with an email that nobody registered",
    prose("Signing in takes an account."),
)
async def login_unknown_email(world: World) -> None:
    account = world.new_account("nobody")
    (await _signs_in(world, account["email"], account["password"])).is_refused()


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
    (await _signs_in(world, bob.email, "")).is_refused()


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
    return ann, await ann.get("/user")


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
        answer = (await person.get("/user")).or_blocked_by("users.current.status")
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
    again = await world.visitor.carrying(f"Token {token}").get("/user")
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


async def _registers_with(world: World, **changed: str) -> Answer:
    return await world.visitor.post("/users", {"user": {**world.new_account(), **changed}})


async def _signs_in(world: World, email: str, password: str) -> Answer:
    return await world.visitor.post("/users/login", {"user": {"email": email, "password": password}})
