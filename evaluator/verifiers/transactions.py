"""Whether writes that belong together happen together or not at all.

T1  a function that writes more than once does so inside one transaction
T2  nothing is committed between two writes of a function
T3  a function that calls several others which write has a transaction around them
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator

from evaluator.tasks import Constraint
from evaluator.verdict import Finding
from evaluator.verifiers.backend import BackendCode, finding
from evaluator.verifiers.expressions import last_name
from evaluator.verifiers.functions import Function, function_around, functions_of
from evaluator.verifiers.program import Program
from evaluator.verifiers.words import words
from evaluator.verifiers.writes import Write, writes_of

_OPENS_SQL = re.compile(r"\s*(begin|start\s+transaction|savepoint)\b", re.IGNORECASE)
_OPENS = words(
    "transaction atomic begin begin_nested $transaction managed unit_of_work start_transaction beginTransaction",
    "startUnmanagedTransaction withTransaction inTransaction runInTransaction with_transaction tx",
)
_COMMITS = words("commit")
_VERBS_OF_HTTP = words("get post put patch delete all use route")
# Drivers and ORMs that commit each statement by itself, unless told otherwise.
_AUTOCOMMIT_PYTHON = frozenset({"asyncpg", "databases", "django"})
_IMPLICIT_PYTHON = frozenset({"psycopg", "psycopg2", "psycopg_pool", "sqlite3", "aiosqlite", "sqlalchemy"}) | frozenset(
    {"flask_sqlalchemy", "sqlmodel", "pymysql"}
)
_ASKS_FOR_AUTOCOMMIT = re.compile(r"autocommit\s*[=:]\s*True|isolation_level\s*=\s*(None|[\"']AUTOCOMMIT)")
_SETTING_FOR_ALL = re.compile(r"ATOMIC_REQUESTS[\"']?\s*\]?\s*[:=]\s*True|\.useCLS\(")


def verify_transactions(backend: BackendCode, constraint: Constraint) -> Iterator[Finding]:
    """Findings on the writes of a backend."""
    program = backend.program
    if any(_SETTING_FOR_ALL.search(program.project.text(path)) for path in program.sources):
        return
    functions = {path: functions_of(program, path) for path in program.sources}
    opened = {path: _opened(program, path, found) for path, found in functions.items()}
    covered = _called_in_transactions_only(program, functions, opened)
    writing: dict[str, Function] = {}
    for path, found in functions.items():
        writes = writes_of(backend, path, found)
        for function in found:
            if writes.get(function):
                writing.setdefault(function.name, function)
            if function in opened[path] or function.name in covered:
                continue
            if _commits_each(program, path):
                yield from _several_writes(constraint, function, writes.get(function, []))
            else:
                yield from _committed_between(constraint, program, function, found, writes.get(function, []))
    if not any(opened.values()):
        yield from _several_calls(constraint, program, writing, functions)


def _called_in_transactions_only(
    program: Program, functions: dict[str, tuple[Function, ...]], opened: dict[str, set[Function]]
) -> set[str]:
    """The names of functions that are called, and each time by one that opens a transaction."""
    inside: set[str] = set()
    outside: set[str] = set()
    for path, source in program.sources.items():
        for guarded in source.calls:
            around = function_around(functions[path], guarded.call.line)
            within = around in opened[path] or any(one.first <= guarded.call.line <= one.last for one in opened[path])
            (inside if within else outside).add(last_name(guarded.call.of))
    return inside - outside


# T1


def _several_writes(constraint: Constraint, function: Function, writes: list[Write]) -> Iterator[Finding]:
    own = [write for write in writes if write.own]
    times = sum(2 if function.repeats(write.line) else 1 for write in own)
    if times < 2:
        return
    lines = {write.line for write in own if write.guard == "always"}
    certain = len(lines) > 1
    yield finding(
        constraint,
        "T1",
        function.path,
        own[0].line,
        f"“{function.name}” writes more than once ({_listed(own)}), each by itself: if one fails, the rest stays.",
        "certain" if certain else "uncertain",
        mend="Put them into one transaction, and hand its connection to each.",
    )


# T2


def _committed_between(
    constraint: Constraint,
    program: Program,
    function: Function,
    functions: tuple[Function, ...],
    writes: list[Write],
) -> Iterator[Finding]:
    commits = [
        (guarded.call.line, guarded.guard)
        for guarded in program.sources[function.path].calls
        if last_name(guarded.call.of) in _COMMITS and function_around(functions, guarded.call.line) == function
    ]
    for line, guard in sorted(commits):
        before = [write for write in writes if write.line <= line]
        after = [write for write in writes if write.line > line]
        if before and after:
            certain = guard == "always" and before[-1].guard == "always" == after[0].guard
            yield finding(
                constraint,
                "T2",
                function.path,
                line,
                f"“{function.name}” commits here, between two of its writes: if a later one fails, the first stays.",
                "certain" if certain else "uncertain",
                mend="Commit once, after the last write.",
            )
            return
    repeated = [line for line, _ in commits if function.repeats(line)]
    if repeated and any(function.repeats(write.line) for write in writes):
        yield finding(
            constraint,
            "T2",
            function.path,
            repeated[0],
            f"“{function.name}” commits in a loop in which it writes.",
            "uncertain",
            mend="Commit once, after the loop.",
        )


# T3


def _several_calls(
    constraint: Constraint,
    program: Program,
    writing: dict[str, Function],
    functions: dict[str, tuple[Function, ...]],
) -> Iterator[Finding]:
    """Only where nothing in the whole program opens a transaction and each write commits by itself."""
    alone = {
        name: one for name, one in writing.items() if name not in _VERBS_OF_HTTP and _commits_each(program, one.path)
    }
    for path, source in program.sources.items():
        called: dict[Function, dict[str, int]] = defaultdict(dict)
        for guarded in source.calls:
            name = last_name(guarded.call.of)
            function = function_around(functions[path], guarded.call.line)
            if function is not None and name in alone and alone[name] != function and guarded.guard == "always":
                called[function].setdefault(name, guarded.call.line)
        for function, names in called.items():
            if len(names) > 1:
                yield finding(
                    constraint,
                    "T3",
                    path,
                    min(names.values()),
                    f"“{function.name}” calls several functions that write ({', '.join(sorted(names)[:4])}), and no "
                    f"transaction is opened anywhere in the program.",
                    "uncertain",
                    mend="Open a transaction here and hand its connection on.",
                )


# What opens a transaction


def _opened(program: Program, path: str, functions: tuple[Function, ...]) -> set[Function]:
    """The functions that open a transaction."""
    found = {function for function in functions if function.decorators & _OPENS}
    for guarded in program.sources[path].calls:
        call = guarded.call
        opens = last_name(call.of) in _OPENS or any(
            _OPENS_SQL.match(text.value) for one in call.arguments[:1] for text in program.texts(path, one)[:1]
        )
        if opens:
            around = [one for one in functions if one.first <= call.line <= one.last]
            found.update(around)
    return found


def _commits_each(program: Program, path: str) -> bool:
    """Whether a statement of this file is committed by itself, as far as the program's drivers tell."""
    if program.sources[path].language == "javascript":
        return True
    packages = program.all_packages
    if packages & _AUTOCOMMIT_PYTHON and not packages & (_IMPLICIT_PYTHON - {"sqlite3"}):
        return True
    return any(_ASKS_FOR_AUTOCOMMIT.search(program.project.text(one)) for one in program.sources)


def _listed(writes: list[Write]) -> str:
    told = list(dict.fromkeys(write.what for write in writes))
    return ", ".join(told[:3]) + (" …" if len(told) > 3 else "")
