"""Whether accounts are safe: how passwords are kept, tokens verified, and where the secret comes from.

P1  passwords are hashed by a hash made for passwords: bcrypt, argon2, scrypt or PBKDF2
P2  tokens are verified: never only decoded, never without signature
P3  the secret that signs tokens is not written in the program
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from evaluator.tasks import Constraint
from evaluator.verdict import Finding
from evaluator.verifiers.backend import BackendCode, finding
from evaluator.verifiers.expressions import (
    Expression,
    Invoke,
    Listing,
    last_name,
)
from evaluator.verifiers.passwords import calls_with_origins, password_findings
from evaluator.verifiers.program import Program
from evaluator.verifiers.secrets import WrittenSecret, written_secret
from evaluator.verifiers.source import GuardedExpression

_ONLY_DECODES = re.compile(
    r"jsonwebtoken(\.default)?\.decode|jwt-decode(\.default|\.jwtDecode)?|jose\.decodeJwt|hono/jwt\.decode|"
    r"(jose\.)?jwt\.get_unverified_claims|jose\.jws\.get_unverified_claims"
)
_VERIFIES = re.compile(
    r"jsonwebtoken(\.default)?\.verify|jose\.(jwtVerify|compactVerify)|hono/jwt\.(verify|jwt)|koa-jwt.*|express-jwt.*|"
    r"(jose\.)?jwt\.decode|authlib\.jose\..*decode|@fastify/jwt|fast-jwt\.createVerifier.*|itsdangerous\..*loads|"
    r"(hmac|secrets)\.compare_digest|\??crypto(\.default)?\.timingSafeEqual"
)
_PYTHON_DECODE = re.compile(r"(jose\.)?jwt\.decode")
_UNSIGNED = re.compile(r"verify_signature['\"]?\s*[:=]\s*False|\bverify\s*=\s*False")
_SIGNS = re.compile(r"(jose\.)?jwt\.(encode|decode)|jsonwebtoken(\.default)?\.(sign|verify)|hono/jwt\.(sign|verify)")
# Which argument of a call is the secret: by position, and by name.
_KEYS: tuple[tuple[re.Pattern[str], int, tuple[str, ...]], ...] = (
    (re.compile(r"(jose\.)?jwt\.(encode|decode)"), 1, ("key",)),
    (re.compile(r"authlib\.jose\..*\.encode"), 2, ("key",)),
    (re.compile(r"itsdangerous\.(\w+\.)?\w*Serializer|itsdangerous\.(\w+\.)?\w*Signer"), 0, ("secret_key",)),
    (re.compile(r"hmac\.(new|digest)"), 0, ("key",)),
    (re.compile(r"jsonwebtoken(\.default)?\.(sign|verify)|hono/jwt\.(sign|verify)|jose\.jwtVerify"), 1, ()),
    (re.compile(r"jose\.SignJWT\(\).*\.sign"), 0, ()),
    (re.compile(r"\??crypto(\.default)?\.createHmac"), 1, ()),
    (re.compile(r"hono/jwt\.jwt|koa-jwt(\.default)?|express-jwt(\.default|\.expressjwt)?"), 0, ()),
    (re.compile(r"fast-jwt\.create(Signer|Verifier)"), 0, ()),
)
_SECRET_FIELDS = ("SECRET_KEY", "secret_key", "JWT_SECRET_KEY")
_SECRET_NAME = re.compile(r"secret(?!s\b)|signing_?key|jwt_?key|token_?key|private_?key", re.IGNORECASE)
_LINES_OF_A_CALL = 12


def verify_authentication(backend: BackendCode, constraint: Constraint) -> Iterator[Finding]:
    """Findings on the accounts of a backend."""
    yield from password_findings(backend, constraint)
    yield from _tokens(backend, constraint)
    yield from _secrets(backend, constraint)


# P2


def _tokens(backend: BackendCode, constraint: Constraint) -> Iterator[Finding]:
    program = backend.program
    calls = list(calls_with_origins(program))
    verified = any(_VERIFIES.fullmatch(origin) for _, _, origin in calls) or _has_fastify_jwt(program)
    for path, guarded, origin in calls:
        call = guarded.call
        if _PYTHON_DECODE.fullmatch(origin) and _UNSIGNED.search(_written_lines(program, path, call.line)):
            yield finding(
                constraint,
                "P2",
                path,
                call.line,
                "A token is decoded here without its signature being verified, so that anybody can write one.",
                mend="Let the library verify the signature, with the secret and one named algorithm.",
            )
        elif _ONLY_DECODES.fullmatch(origin):
            yield finding(
                constraint,
                "P2",
                path,
                call.line,
                "A token is decoded here, which does not verify its signature: anybody can write one.",
                "uncertain" if verified else "certain",
                mend="Verify it (`verify` with the secret) and take the claims from what that returns.",
            )
        if _SIGNS.fullmatch(origin) and _allows_none(program, path, call):
            yield finding(
                constraint,
                "P2",
                path,
                call.line,
                "The algorithm “none” is allowed here: a token without any signature counts.",
                mend="Name one real algorithm, such as HS256.",
            )


def _has_fastify_jwt(program: Program) -> bool:
    return "@fastify/jwt" in program.all_packages and any(
        last_name(guarded.call.of) in ("jwtVerify", "verify") for _, guarded, _ in calls_with_origins(program)
    )


def _written_lines(program: Program, path: str, line: int) -> str:
    """The text of a call's lines without comments; True and False are no part of the facts of a file."""
    lines = program.project.text(path).splitlines()[line - 1 : line - 1 + _LINES_OF_A_CALL]
    kept: list[str] = []
    depth = 0
    for one in lines:
        code = one.partition("#")[0]
        kept.append(code)
        depth += code.count("(") - code.count(")")
        if depth <= 0:
            break
    return "\n".join(kept)


def _allows_none(program: Program, path: str, call: Invoke) -> bool:
    named = [call.named[name] for name in ("algorithms", "algorithm") if name in call.named]
    for argument in call.arguments[1:]:
        for _, record, _ in program.records(path, argument):
            named += [record.entries[name] for name in ("algorithms", "algorithm", "alg") if name in record.entries]
    items = [item for one in named for item in (one.items if isinstance(one, Listing) else (one,))]
    return any(text.value.lower() == "none" for item in items for text in program.texts(path, item))


# P3


def _secrets(backend: BackendCode, constraint: Constraint) -> Iterator[Finding]:
    program = backend.program
    keys = list(_keys(program))
    found = {written_secret(program, path, expression, line): True for path, line, expression in keys}
    found.pop(None, None)
    if keys and not found:  # handed in from elsewhere: what is named like a secret may be it
        found = {
            written_secret(program, path, value.expression, value.line): False
            for path, value in _named_secrets(program)
        }
        found.pop(None, None)
    told: set[tuple[str, int]] = set()
    for secret, is_used in found.items():
        if secret is None or (secret.path, secret.line) in told:
            continue
        told.add((secret.path, secret.line))
        yield _secret_finding(constraint, secret, is_used)


def _secret_finding(constraint: Constraint, secret: WrittenSecret, is_used: bool) -> Finding:
    place = secret.path, secret.line
    if secret.fallback:
        message = "The secret that signs tokens has a fallback written here: where nobody sets it, everybody knows it."
        mend = "Refuse to start without the secret, or make a random one at start."
        return finding(constraint, "P3", *place, message, "uncertain", mend=mend)
    message = "The secret that signs tokens is written here: whoever reads the program can sign tokens."
    mend = "Take it from an environment variable, without a fallback in the program."
    return finding(constraint, "P3", *place, message, "certain" if is_used else "uncertain", mend=mend)


def _named_secrets(program: Program) -> Iterator[tuple[str, GuardedExpression]]:
    """Values of names and fields that are called a secret."""
    for path, source in program.sources.items():
        for table in (source.bindings, source.attributes):
            for name, values in table.items():
                if _SECRET_NAME.search(name):
                    yield from ((path, value) for value in values if value.guard != "test")


def _keys(program: Program) -> Iterator[tuple[str, int, Expression]]:
    """Every expression that is used as a secret."""
    for path, guarded, origin in calls_with_origins(program):
        call = guarded.call
        for pattern, position, names in _KEYS:
            if pattern.fullmatch(origin):
                given = [call.named[name] for name in names if name in call.named] or list(
                    call.arguments[position : position + 1]
                )
                yield from ((path, call.line, one) for key in given for one in _in_options(program, path, key))
        if last_name(call.of) == "register" and len(call.arguments) > 1:
            plugin = program.origin(path, call.arguments[0])
            if plugin in ("@fastify/jwt", "fastify-jwt", "@fastify/cookie", "@fastify/session"):
                yield from ((path, call.line, one) for one in _in_options(program, path, call.arguments[1]))
    if program.all_packages & {"flask", "django", "quart"}:
        for path, source in program.sources.items():
            for name in _SECRET_FIELDS:
                for value in (*source.attributes.get(name, ()), *source.bindings.get(name, ())):
                    if value.guard != "test":
                        yield path, value.line, value.expression


def _in_options(program: Program, path: str, key: Expression) -> Iterator[Expression]:
    """The secret in an object of options, or what was given as it is."""
    records = program.records(path, key)
    if not records:
        yield key
    for _, record, _ in records:
        yield from (record.entries[name] for name in ("secret", "key", "private") if name in record.entries)
