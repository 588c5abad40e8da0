"""The places that write rows, function by function: facts for the verifier of transactions."""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import dataclass

from evaluator.verifiers.backend import BackendCode
from evaluator.verifiers.expressions import Expression, Invoke, Member, Name, Record, last_name, receiver_and_method
from evaluator.verifiers.functions import Function, function_around
from evaluator.verifiers.source import Guard
from evaluator.verifiers.words import words

_WRITING_SQL = re.compile(
    r"\s*(insert|update|delete|replace|merge|with\b.*\b(insert|update|delete))\b", re.I | re.DOTALL
)
# Work on a model that writes: of Django and of Sequelize, on classes and on what they give.
_WRITES_OF_MODELS = words(
    "create bulk_create bulkCreate bulk_update update update_or_create get_or_create findOrCreate upsert destroy",
    "increment decrement insertMany",
)
_WRITES_OF_SESSIONS = words("add add_all merge bulk_save_objects")
_WRITES_OF_BUILDERS = words("insert update del delete upsert create createMany updateMany deleteMany")
_WRITES_OF_INSTANCES = words("save destroy delete")
_LINKS = re.compile(r"(set|add|remove)(?P<name>[A-Z]\w*)")
_HANDED_ON = words("transaction tx trx t client conn connection cursor cur session db_session executor manager db")
_RUNS = words(
    "execute executemany query run fetch fetchrow fetchval prepare exec execute_many none one unsafe raw sql all get"
)


@dataclass(frozen=True, slots=True)
class Write:
    """One place that writes rows, in a function; `own` is false where its transaction is handed to it."""

    line: int
    guard: Guard
    what: str
    own: bool


def writes_of(backend: BackendCode, path: str, functions: tuple[Function, ...]) -> dict[Function, list[Write]]:
    """What each function of a file writes itself, in the order of lines."""
    program = backend.program
    found: dict[Function, dict[int, Write]] = defaultdict(dict)
    kinds: dict[int, set[str]] = defaultdict(set)
    for access in backend.data.accesses:
        if access.path == path:
            kinds[access.line].add(access.kind)
    for guarded in program.sources[path].calls:
        call = guarded.call
        function = function_around(functions, call.line)
        if function is None or guarded.guard == "test":
            continue
        what = _written(backend, path, call) or _written_through(call, kinds.get(call.line, set()))
        if what:
            own = not _is_handed_on(call, function)
            found[function].setdefault(call.line, Write(call.line, guarded.guard, what, own))
    return {function: sorted(writes.values(), key=lambda one: one.line) for function, writes in found.items()}


def _written(backend: BackendCode, path: str, call: Invoke) -> str:
    """What a call writes, in a word or two; empty where it writes nothing."""
    program = backend.program
    receiver, method = receiver_and_method(call)
    for argument in call.arguments[:1]:
        for text in program.texts(path, argument)[:1]:
            if _WRITING_SQL.match(text.value) and method.lower() in _RUNS:
                return " ".join(text.value.split()[:3])
    if "django" in program.all_packages and isinstance(receiver, Member) and receiver.name == "objects":
        return f"{last_name(receiver.of)}.{method}" if method in _WRITES_OF_MODELS else ""
    if _is_model(backend, receiver) and method in _WRITES_OF_MODELS:
        return f"{last_name(receiver)}.{method}"
    linked = _LINKS.fullmatch(method)
    if linked and isinstance(receiver, Name) and _singular(linked["name"]) in _linked_names(backend):
        return f"{receiver.name}.{method}"
    by_models = bool(program.all_packages & {"django", "sequelize", "sequelize-typescript"}) and bool(
        backend.data.mapped
    )
    if by_models and method in _WRITES_OF_INSTANCES and isinstance(receiver, (Name, Member)) and not call.arguments:
        return f"{last_name(receiver)}.{method}"
    return ""


def _written_through(call: Invoke, kinds: set[str]) -> str:
    """What a call writes through a session of SQLAlchemy or a query builder, on a line with such access."""
    receiver, method = receiver_and_method(call)
    if ("orm" in kinds and method in _WRITES_OF_SESSIONS) or ("builder" in kinds and method in _WRITES_OF_BUILDERS):
        return f"{last_name(receiver) or 'query'}.{method}"
    return ""


def _linked_names(backend: BackendCode) -> set[str]:
    """What the models of Sequelize are linked by: their own names and those that an association gives."""
    program = backend.program
    if not program.all_packages & {"sequelize", "sequelize-typescript"}:
        return set()
    aliases = (
        text.value
        for path, source in program.sources.items()
        for value in source.attributes.get("as", ())
        for text in program.texts(path, value.expression)[:1]
    )
    return {_singular(name) for name in (*aliases, *(mapped.name for mapped in backend.data.mapped))}


def _singular(name: str) -> str:
    word = name.lower()
    return word[:-1] if word.endswith("s") else word


def _is_model(backend: BackendCode, receiver: Expression) -> bool:
    return last_name(receiver) in {mapped.name for mapped in backend.data.mapped if mapped.name}


def _is_handed_on(call: Invoke, function: Function) -> bool:
    """Whether the connection or transaction of a write was opened by a caller, or is named in its options."""
    receiver = call.of.of if isinstance(call.of, Member) else call.of
    if isinstance(receiver, Name) and receiver.name in function.parameters and receiver.name in _HANDED_ON:
        return True
    return any(
        "transaction" in one.entries or "transacting" in one.entries
        for one in call.arguments
        if isinstance(one, Record)
    )
