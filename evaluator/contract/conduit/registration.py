"""Registering: an account and a token for each, and no account twice."""

from __future__ import annotations

import re

from evaluator.contract.answer import Answer
from evaluator.contract.checks import Checks, openapi, prose
from evaluator.contract.conduit.operations import REGISTER
from evaluator.contract.conduit.shapes import ACCOUNT, REFUSAL
from evaluator.contract.conduit.subject import signed_in_at_last, signs_in, taken_email
from evaluator.contract.conduit.world import World, registers

check = Checks()
JSON_WEB_TOKEN = re.compile(r"[\w-]+\.[\w-]+\.[\w-]*")
REFUSED_422 = openapi("username, email and password are required; what cannot be taken is answered with 422.")


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
    (await world.once(taken_email)).is_refused()


@check(
    "users.register.duplicate-username",
    REGISTER,
    "B cannot register with A's username",
    prose("A username belongs to one account; a second registration is refused."),
)
async def duplicate_username(world: World) -> None:
    cleo = await world.account("cleo")
    (await _registers_with(world, username=cleo.username)).is_refused()


@check(
    "users.register.duplicate-keeps-account",
    REGISTER,
    "A's password still holds after B tried to register with A's email",
    prose("A refused registration changes nothing."),
    needs=("users.register.duplicate-email", "users.login.status"),
)
async def duplicate_keeps_account(world: World) -> None:
    if await world.shown_together(signed_in_at_last):
        return
    person = await world.newcomer()
    await _registers_with(world, email=person.email, password="Another-secret-1")
    (await signs_in(world, person.email, person.password)).is_success().shows("user.username", person.username)


async def without(world: World, field: str) -> Answer:
    """A registration that leaves this field out."""
    sent = {name: value for name, value in world.new_account().items() if name != field}
    return await world.visitor.post("/users", {"user": sent})


def _refused_without(field: str) -> None:
    @check(
        f"users.register.missing-{field}",
        REGISTER,
        f"A registration without {_an(field)} is refused with 422",
        REFUSED_422,
    )
    async def missing(world: World) -> None:
        (await world.once(without, field)).has_status(422)

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
    (await world.once(without, "email")).has_status(422).matches(REFUSAL)


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


async def _registers_with(world: World, **changed: str) -> Answer:
    return (await registers(world, "newcomer", **changed)).answer
