"""How passwords are kept: rule P1 of the verifier of authentication."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from evaluator.tasks import Constraint
from evaluator.verdict import Finding
from evaluator.verifiers.backend import BackendCode, finding
from evaluator.verifiers.expressions import (
    Choice,
    Expression,
    Invoke,
    Join,
    Listing,
    Member,
    Name,
    Record,
    Text,
    last_name,
)
from evaluator.verifiers.program import Program
from evaluator.verifiers.source import GuardedCall
from evaluator.verifiers.words import words

_PASSWORD = re.compile(r"passw(or)?d|^pwd|_pwd|passphrase", re.IGNORECASE)
_STRONG = re.compile(
    r"(bcrypt|bcryptjs|bcrypt-nodejs|@node-rs/bcrypt|@node-rs/argon2|argon2|passlib|flask_bcrypt|pwdlib|scrypt-js|"
    r"nacl\.pwhash|hash-wasm|fastapi_users|flask_security|flask_user|cryptography\.hazmat\.primitives\.kdf)\b.*|"
    r"werkzeug\.security\.generate_password_hash|django\.contrib\.auth\.hashers\.make_password|"
    r"@noble/hashes/(scrypt|pbkdf2|argon2)\b.*|hashlib\.(scrypt|pbkdf2_hmac)|"
    r"\??crypto(\.default|\.webcrypto)?\.(scrypt|scryptSync|pbkdf2|pbkdf2Sync|subtle\.deriveBits)|\?Bun\.password\..*"
)
_WEAK = re.compile(
    r"hashlib\.(md5|sha\d+|sha3_\d+|blake2[bs]|new)(\(\)\.update)?|hmac\.(new|digest)|zlib\.crc32|base64\.\w+|"
    r"\??crypto(\.default)?\.(createHash|createHmac)\(\)(\.update\(\))*\.update|\??crypto(\.default)?\.hash|"
    r"(md5|sha1|sha256|js-sha256|js-md5|js-sha512)(\.default)?(\.\w+)?|crypto-js(\.default)?(/\w+|\.(MD5|SHA\d+))"
)
_OF_DJANGO = words("set_password create_user create_superuser make_password check_password")
_WEAK_SCHEMES = re.compile(r"^(plaintext|hex_|md5|des_crypt|ldap_|django_(disabled|plain)|unix_disabled)")


def password_findings(backend: BackendCode, constraint: Constraint) -> Iterator[Finding]:
    """A finding where passwords are put through a quick hash, or through none."""
    strong = False
    weak: list[tuple[str, int, str]] = []
    for path, guarded, origin in calls_with_origins(backend.program):
        call = guarded.call
        arguments = (*call.arguments, *call.named.values())
        strong = strong or _is_strong(backend.program, path, call, origin)
        if _WEAK.fullmatch(origin) and _speaks_of_passwords(arguments):
            weak.append((path, call.line, origin))
        for scheme in _schemes(call):
            if _WEAK_SCHEMES.match(scheme):
                weak.append((path, call.line, f"passlib’s {scheme}"))
    for path, line, how in weak:
        yield finding(
            constraint,
            "P1",
            path,
            line,
            f"A password is put through {_told(how)}, which is quick to try out and made for other things.",
            "uncertain" if strong else "certain",
            mend="Hash passwords with bcrypt, argon2, scrypt or PBKDF2, each with a salt of its own.",
        )
    place = _where_passwords_are_kept(backend.program)
    if strong or weak or place is None:
        return
    yield finding(
        constraint,
        "P1",
        *place,
        "Passwords are handled here, but no production code hashes them with a hash made for passwords.",
        backend.certainty_of_absence,
        mend="Hash them with bcrypt, argon2, scrypt or PBKDF2 before they are stored; compare by the same library.",
    )


def _is_strong(program: Program, path: str, call: Invoke, origin: str) -> bool:
    if _STRONG.fullmatch(origin):
        return True
    if last_name(call.of) in _OF_DJANGO and "django" in program.all_packages:
        return True
    # promisify(scrypt), run_in_threadpool(bcrypt.hashpw, …)
    handed_on = (one for one in call.arguments if isinstance(one, (Name, Member)))
    return any(_STRONG.fullmatch(program.origin(path, one)) for one in handed_on)


def _schemes(call: Invoke) -> Iterator[str]:
    listed = call.named.get("schemes") if last_name(call.of) == "CryptContext" else None
    for item in listed.items[:1] if isinstance(listed, Listing) else ():
        if isinstance(item, Text):
            yield item.value


def _speaks_of_passwords(expressions: Iterable[Expression]) -> bool:
    return any(_PASSWORD.search(one.name) for one in _parts(expressions) if isinstance(one, (Name, Member)))


def _parts(expressions: Iterable[Expression]) -> Iterator[Expression]:
    """Expressions and what they are made of; their depth is bounded where they are read."""
    pending = list(expressions)
    while pending:
        one = pending.pop()
        yield one
        match one:
            case Member(of=of):
                pending.append(of)
            case Invoke(of=of, arguments=arguments, named=named):
                pending.extend((of, *arguments, *named.values()))
            case Record(entries=entries):
                pending.extend(entries.values())
            case Listing(items=parts) | Join(parts=parts) | Choice(options=parts):
                pending.extend(parts)


def _where_passwords_are_kept(program: Program) -> tuple[str, int] | None:
    """The first field or key for a password that is given a value; only in a whole backend."""
    if not program.serves:
        return None
    for path, source in program.sources.items():
        for name, values in source.attributes.items():
            if _PASSWORD.search(name) and any(isinstance(one.expression, (Name, Member, Invoke)) for one in values):
                return path, values[0].line
    for path, guarded, _ in calls_with_origins(program):
        if _speaks_of_passwords(guarded.call.arguments):
            return path, guarded.call.line
    return None


def calls_with_origins(program: Program) -> Iterator[tuple[str, GuardedCall, str]]:
    """Every call of production code with the origin of what is called."""
    for path, source in program.sources.items():
        for guarded in source.calls:
            if guarded.guard != "test":
                yield path, guarded, program.origin(path, guarded.call.of)


def _told(how: str) -> str:
    return "“" + how.replace("()", "").replace(".default", "").lstrip("?") + "”"
