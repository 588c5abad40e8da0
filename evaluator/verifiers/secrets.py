"""Where a secret's value comes from: written in the program, written as a fallback, or from outside."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from evaluator.verifiers.expressions import Choice, Expression, Invoke, Join, Member, Name, Text, last_name
from evaluator.verifiers.program import Program
from evaluator.verifiers.source import GuardedExpression

_MOST_STEPS = 8
_MOST_VALUES = 6
_PASSES_ON = frozenset({"encode", "from", "createSecretKey", "SecretStr", "bytes", "str", "String", "strip", "trim"})
_DECLARES_DEFAULT = frozenset({"Field", "field"})
_SETTINGS_PACKAGES = frozenset({"pydantic_settings", "environ", "decouple", "starlette"})


@dataclass(frozen=True, slots=True)
class WrittenSecret:
    """A secret that stands in the text. `fallback` is whether something from outside can take its place."""

    path: str
    line: int
    fallback: bool


def written_secret(program: Program, path: str, expression: Expression, line: int) -> WrittenSecret | None:
    """The text that a key can have, as far as the program shows; None where it comes from outside or is not shown."""
    return _written(program, path, expression, line, 0)


def _written(program: Program, path: str, expression: Expression, line: int, steps: int) -> WrittenSecret | None:
    if steps > _MOST_STEPS:
        return None
    match expression:
        case Text(value=value):
            return WrittenSecret(path, line, False) if value.strip() else None
        case Join(parts=parts):
            return WrittenSecret(path, line, False) if all(isinstance(part, Text) for part in parts) else None
        case Choice(options=options):
            found = (_written(program, path, option, line, steps + 1) for option in options)
            one = next((secret for secret in found if secret is not None), None)
            return WrittenSecret(one.path, one.line, True) if one is not None else None
        case Invoke():
            return _written_by_call(program, path, expression, line, steps)
        case Name(name=name):
            values = program.values_of_name(path, name)
        case Member():
            values = _values_of_member(program, path, expression)
        case _:
            return None
    for where, given in values[:_MOST_VALUES]:
        secret = _written(program, where, given.expression, given.line or line, steps + 1)
        if secret is not None and given.guard != "test":
            overridden = isinstance(expression, Member) and bool(program.all_packages & _SETTINGS_PACKAGES)
            return WrittenSecret(secret.path, secret.line, secret.fallback or overridden or given.guard == "optional")
    return None


def _written_by_call(program: Program, path: str, call: Invoke, line: int, steps: int) -> WrittenSecret | None:
    called = last_name(call.of)
    if called in _DECLARES_DEFAULT:
        default = call.named.get("default") or (call.arguments[0] if call.arguments else None)
        secret = _written(program, path, default, line, steps + 1) if default is not None else None
        return WrittenSecret(secret.path, secret.line, True) if secret is not None else None
    if called in _PASSES_ON:
        receiver = call.of.of if isinstance(call.of, Member) else None
        for inner in (*call.arguments[:1], *([receiver] if receiver is not None else ())):
            if isinstance(inner, Name) and inner.name in ("Buffer", "TextEncoder"):
                continue
            if isinstance(inner, Text) and inner.value.lower() in ("utf-8", "utf8", "ascii", "hex", "base64"):
                continue
            secret = _written(program, path, inner, line, steps + 1)
            if secret is not None:
                return secret
        return None
    if isinstance(call.of, Name):
        for where, value in program.values_anywhere(path, called)[:_MOST_VALUES]:
            secret = _written(program, where, value.expression, value.line, steps + 2)
            if secret is not None:
                return secret
    return None


def _values_of_member(program: Program, path: str, member: Member) -> Sequence[tuple[str, GuardedExpression]]:
    """The values of a field; none where it belongs to the environment."""
    origin = program.origin(path, member.of)
    if origin.endswith(("process.env", "os.environ", "environ", "import.meta.env")):
        return []
    for where, record, guard in program.records(path, member.of):
        if member.name in record.entries:
            entry = record.entries[member.name]
            known = program.sources[where].attributes.get(member.name, ())
            line = next((value.line for value in known if value.expression == entry), 0)
            return [(where, GuardedExpression(entry, line, guard))]
    target = origin.removeprefix("module:")
    if origin.startswith("module:") and target in program.sources:
        found = program.values_of_name(target, member.name)
        if found:
            return found
    return program.values_anywhere(path, member.name)
