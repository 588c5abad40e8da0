"""Whether the schema is made by migrations that are kept with the code and applied when the backend starts.

M1  there are migrations, and they make the tables
M2  they are applied at start
M3  nothing makes tables past them
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from evaluator.tasks import Constraint
from evaluator.verdict import Finding
from evaluator.verifiers.backend import BackendCode, finding
from evaluator.verifiers.expressions import Text, last_name, receiver_and_method
from evaluator.verifiers.written_sql import created_tables

# Where migrations lie, and how one makes a table.
_KINDS: tuple[tuple[str, re.Pattern[str], re.Pattern[str]], ...] = (
    (
        "Alembic",
        re.compile(r"(^|/)versions/[^/]+\.py$"),
        re.compile(r"\bop\.create_table\(|\.create_table\(|CREATE TABLE"),
    ),
    ("Django", re.compile(r"(^|/)migrations/\d{4}_\w+\.py$"), re.compile(r"\bCreateModel\(|\bRunSQL\(")),
    (
        "JavaScript",
        re.compile(r"(^|/)(migrations|migrate|migration)/[^/]+\.(js|cjs|mjs|ts|cts|mts)$"),
        re.compile(r"\bcreateTable\w*\(|\bcreate\s+table\b", re.IGNORECASE),
    ),
    (
        "Prisma or Drizzle",
        re.compile(r"(^|/)(prisma/migrations/[^/]+/migration\.sql|drizzle/\d\w*\.sql)$"),
        re.compile(r"\bcreate\s+table\b", re.IGNORECASE),
    ),
)
_PLAIN_SQL = re.compile(r"(^|/)migrations?/[^/]+\.sql$")
_CREATES = re.compile(r"\bcreate\s+table\b", re.IGNORECASE)
_APPLIED_BY_SHELL = re.compile(
    r"alembic\s+(-\S+\s+\S+\s+)*upgrade|(manage\.py|django-admin)\s+migrate|flask\s+db\s+upgrade|"
    r"db:migrate\b|migrate:latest|prisma\s+(migrate\s+deploy|db\s+push)|node-pg-migrate|drizzle-kit\s+(migrate|push)|"
    r"\bumzug\b|migrate\.(js|ts|mjs|cjs|py)\b|aerich\s+upgrade|typeorm\s+migration:run"
)
_SCRIPTS = re.compile(r"(^|/)(run\.sh|[^/]*\.sh|package\.json|Dockerfile|Procfile|Makefile)$")
_COMMENT_LINE = re.compile(r"^\s*#.*$", re.MULTILINE)


def verify_migrations(backend: BackendCode, constraint: Constraint) -> Iterator[Finding]:
    """Findings on how the schema comes to be."""
    files = backend.program.project.files
    found = [path for path in sorted(files) if any(where.search(path) for _, where, _ in _KINDS)]
    making = [path for path in found if _makes_tables(backend, path)]
    plain = [path for path in sorted(files) if _PLAIN_SQL.search(path) and _CREATES.search(_text(backend, path))]
    past = _makers_past_migrations(backend)
    if not making and not plain:
        yield _nothing(constraint, found, past)
        return
    if not making:
        yield finding(
            constraint,
            "M1",
            plain[0],
            1,
            "The tables are made by plain files of SQL; whether what applies them remembers which it did, the text "
            "does not tell.",
            "uncertain",
            mend="Use the migrations of Alembic, Django, Sequelize or Knex, or say how these are applied in order.",
        )
    elif not _are_applied(backend):
        yield finding(
            constraint,
            "M2",
            making[0],
            1,
            "There are migrations, but nothing that run.sh starts applies them.",
            "certain" if past else "uncertain",
            mend="Apply them at start: `alembic upgrade head`, `manage.py migrate`, `umzug.up()`, `migrate.latest()` …",
        )
    for place, how in past[:1] if making else ():
        yield finding(
            constraint,
            "M3",
            *place,
            f"Tables are also made here, by {how}, past the migrations.",
            "uncertain",
            mend="Leave the schema to the migrations alone, or two versions of it drift apart.",
        )


def _nothing(constraint: Constraint, found: list[str], past: list[tuple[tuple[str, int], str]]) -> Finding:
    if found:
        message, place = "There are files of migrations, but none makes a table.", (found[0], 1)
    elif past:
        message, place = f"There are no migrations: the tables are made here, by {past[0][1]}.", past[0][0]
    else:
        message, place = "There are no migrations.", ("", 0)
    mend = "Write a first migration that makes every table (Alembic, Django, Sequelize, Knex), and apply it at start."
    return finding(constraint, "M1", *place, message, mend=mend)


def _makes_tables(backend: BackendCode, path: str) -> bool:
    text = _text(backend, path)
    return any(where.search(path) and how.search(text) for _, where, how in _KINDS)


def _text(backend: BackendCode, path: str) -> str:
    return backend.program.project.text(path)


def _are_applied(backend: BackendCode) -> bool:
    program = backend.program
    for path in program.project.files:
        if _SCRIPTS.search(path) and _APPLIED_BY_SHELL.search(_COMMENT_LINE.sub("", _text(backend, path))):
            return True
    for path, source in program.sources.items():
        for guarded in source.calls:
            receiver, method = receiver_and_method(guarded.call)
            origin = program.origin(path, guarded.call.of)
            first = guarded.call.arguments[0] if guarded.call.arguments else None
            if re.fullmatch(r"alembic(\.\w+)*\.upgrade|flask_migrate(\.\w+)*\.upgrade", origin):
                return True
            if method == "call_command" and first == Text("migrate"):
                return True
            if re.match(r"umzug\b.*\.up$|drizzle-orm/.*migrate$|.*\.migrate\.latest$|node-pg-migrate", origin):
                return True
            if method in ("up", "latest", "runMigrations", "run_migrations") and re.search(
                r"umzug|migrat", last_name(receiver), re.IGNORECASE
            ):
                return True
            for argument in guarded.call.arguments[:2]:
                texts = " ".join(text.value for text in program.texts(path, argument)[:3])
                if _APPLIED_BY_SHELL.search(texts):
                    return True
    return False


def _makers_past_migrations(backend: BackendCode) -> list[tuple[tuple[str, int], str]]:
    """Where production code makes tables itself, and how."""
    program = backend.program
    sequelize = bool(program.all_packages & {"sequelize", "@sequelize/core", "sequelize-typescript"})
    found: list[tuple[tuple[str, int], str]] = []
    for path, source in program.sources.items():
        for guarded in source.calls:
            _, method = receiver_and_method(guarded.call)
            if guarded.guard == "test":
                continue
            handed_on = any(last_name(one) == "create_all" for one in guarded.call.arguments)  # run_sync(….create_all)
            if method == "create_all" or handed_on:
                found.append(((path, guarded.call.line), "create_all()"))
            elif method == "sync" and source.language == "javascript" and sequelize:
                found.append(((path, guarded.call.line), "sync()"))
            elif method in ("createTable", "createTableIfNotExists"):
                found.append(((path, guarded.call.line), f"{method}()"))
    makers = [table for table in created_tables(program) if "migrations/" not in table.path]
    found.extend(((table.path, table.line), f"CREATE TABLE {table.name}") for table in makers)
    return found
