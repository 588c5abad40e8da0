"""Where a program opens a database and where it reads or writes data. Facts for the verifiers; no rules.

What the calls of drivers, pools, URLs, ORMs and query builders mean is written down here, and only here.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

from evaluator.verifiers.expressions import (
    GAP,
    Expression,
    Invoke,
    Join,
    Member,
    Name,
    Record,
    Text,
    last_name,
    receiver_and_method,
)
from evaluator.verifiers.mapped_classes import MappedClass, mapped_classes
from evaluator.verifiers.program import Program
from evaluator.verifiers.project import is_production
from evaluator.verifiers.source import Guard, GuardedCall
from evaluator.verifiers.sql import is_other_sql, reads_or_writes_data
from evaluator.verifiers.words import words

Kind = Literal["sql", "unread_sql", "fragment", "orm", "session", "builder"]

# Origins of calls that open one kind of database.
_DRIVERS = (
    (
        "sqlite",
        re.compile(
            r"(py)?sqlite3?(\.dbapi2)?\.(connect|Connection)|aiosqlite\.connect|apsw\.Connection|"
            r"better-sqlite3(\.default)?|"
            r"sqlite3(\.default)?(\.verbose\(\))?\.(cached\.)?Database|sqlite\.(DatabaseSync|open|Database)|"
            r"sqlite\.open|bun:sqlite(\.Database)?|"
            r"@libsql/client(/\w+)?\.createClient|sql\.js|sqlite\.default\.(open|DatabaseSync)|"
            r"node-sqlite3-wasm\.Database|"
            r"(peewee|playhouse\.\w+)\.(SqliteDatabase|SqliteExtDatabase|SqliteQueueDatabase|APSWDatabase|"
            r"PooledSqliteDatabase)"
        ),
    ),
    (
        "postgres",
        re.compile(
            r"psycopg2(\.extensions)?\.connect|psycopg2\.pool\.\w*ConnectionPool|"
            r"psycopg\.((Async)?Connection\.)?connect|"
            r"psycopg_pool\.\w*ConnectionPool|psycopg_pool\.pool\w*\.\w*ConnectionPool|asyncpg(\.\w+)?\.(connect|"
            r"create_pool|Pool)|"
            r"aiopg\.(connect|create_pool|sa\.create_engine|pool\.create_pool)|pg8000(\.\w+)?\.(connect|Connection)|"
            r"pg(\.default|\.native)?\.(Pool|Client)|pg-pool(\.default)?|postgres(\.default)?|"
            r"pg-promise(\.default)?\(\)(\(\))?|"
            r"slonik\.createPool|(peewee|playhouse\.\w+)\.(PostgresqlDatabase|PostgresqlExtDatabase|"
            r"PooledPostgresqlDatabase)"
        ),
    ),
)
_PLUGINS = {"@fastify/postgres": "postgres", "fastify-postgres": "postgres", "fastify-sqlite": "sqlite"}
# Origins of calls whose arguments say which database is meant.
_OPENERS = re.compile(
    r"sqlalchemy(\.\w+)*\.(create_engine|create_async_engine|async_engine_from_config|engine_from_config|"
    r"create_pool_from_url)|"
    r"flask_sqlalchemy(\.\w+)*\.SQLAlchemy|sqlmodel(\.\w+)*\.create_engine|databases(\.core)?\.Database|"
    r"(sequelize|sequelize-typescript|@sequelize/core)(\.default)?(\.Sequelize)?|knex(\.default|\.knex)?|"
    r"typeorm\.(DataSource|createConnection)|@prisma/client(\.default)?\.PrismaClient|"
    r"tortoise(\.\w+)*\.(Tortoise\.init|init|register_tortoise|RegisterTortoise)|dataset\.connect|records\.Database|"
    r"playhouse\.db_url\.connect|piccolo\.engine(\.\w+)*\.(PostgresEngine|SQLiteEngine)|gino(\.\w+)*\.Gino"
)
_NAMING_KEYS = (
    *("dialect", "client", "type", "drivername", "ENGINE", "engine", "url", "uri", "dsn", "connectionString"),
    *("connection_string", "db_url", "database_url", "provider", "connection", "default", "SQLALCHEMY_DATABASE_URI"),
    *("connections", "backend", "name_or_url"),
)
_DIALECTS = {
    "postgres": "postgres",
    "postgresql": "postgres",
    "pg": "postgres",
    "pgnative": "postgres",
    "psycopg2": "postgres",
    "tortoise.backends.asyncpg": "postgres",
    "django.db.backends.postgresql": "postgres",
    "django.db.backends.postgresql_psycopg2": "postgres",
    "django.contrib.gis.db.backends.postgis": "postgres",
    "sqlite": "sqlite",
    "sqlite3": "sqlite",
    "better-sqlite": "sqlite",
    "better-sqlite3": "sqlite",
    "aiosqlite": "sqlite",
    "tortoise.backends.sqlite": "sqlite",
    "django.db.backends.sqlite3": "sqlite",
    "django.contrib.gis.db.backends.spatialite": "sqlite",
    "mysql": "mysql",
    "mariadb": "mysql",
    "mongodb": "mongodb",
}
_FLASK_ADDRESS = "SQLALCHEMY_DATABASE_URI"
_ADDRESS = re.compile(r"^\s*(postgres|postgresql|sqlite|mysql|mariadb|mongodb)(\+\w+)?:(//|[^/\s])", re.IGNORECASE)
_DRIVER_NAME = re.compile(r"^(postgresql|postgres|sqlite|mysql)\+\w+$")
_ADDRESS_IN_SHELL = re.compile(
    r"^\s*(?:export\s+)?(\w+)=[\"']?(?:\$\{\w+:[-=])?((?:postgres(?:ql)?|sqlite)(?:\+\w+)?:\S*)", re.MULTILINE
)
_PRISMA = re.compile(r"datasource\s+\w+\s*\{[^}]*provider\s*=\s*\"(\w+)\"", re.DOTALL)

_ADDRESS_OF_DATA = re.compile(
    r"(session|db|conn|connection|cursor|cur|database|pool|client|tx|trx|transaction|sequelize|knex|sql|pgp?|"
    r"engine|store_?db)$",
    re.IGNORECASE,
)
_RUNS = words(
    "execute executemany executescript exec_driver_sql fetch fetchrow fetchval fetch_one fetch_all",
    "fetch_val scalar scalars query prepare exec $queryRaw $executeRaw",
)
_SESSION_QUERIES = words(
    "add add_all merge bulk_save_objects get_one scalars scalar execute query delete",
)
_SESSION_STEERING = words("refresh flush commit rollback expunge")
_DJANGO_WORK = words("objects _default_manager")
_MODEL_WORK = words(
    "findAll findOne findByPk findAndCountAll findOrCreate findCreateFind findOrBuild bulkCreate create",
    "update destroy upsert count increment decrement sum min max truncate scope build bulkBuild restore",
    "aggregate",
)
_INSTANCE_WORK = words("save destroy reload")
_CORE = re.compile(
    r"(sqlalchemy(\.future|\.sql(\.expression)?|\.orm|\.dialects\.\w+)?|sqlmodel(\.\w+)*)\.(select|insert|update|"
    r"delete|exists|Query)"
)
_BUILDERS = re.compile(
    r"(knex(\.default|\.knex)?\(\)|drizzle-orm/[\w-]+\.drizzle\(\)|@prisma/client(\.default)?\.PrismaClient\(\)|"
    r"kysely\.Kysely\(\)|typeorm\.DataSource\(\))"
)


@dataclass(frozen=True, slots=True)
class Opening:
    """A place where a database is opened. `database` is empty where the text does not tell which one."""

    path: str
    line: int
    database: str
    guard: Guard
    how: str


@dataclass(frozen=True, slots=True)
class Access:
    """A place where data are read or written.

    `sql`: a statement written out; `unread_sql`: one that the text does not show; `fragment`: SQL inside a query of an
    ORM; `orm`: a query through an ORM; `session`: an ORM's session is steered; `builder`: a query builder.
    """

    path: str
    line: int
    kind: Kind
    what: str
    guard: Guard


class DataAccess:
    """The openings and accesses of one program, found once."""

    def __init__(self, program: Program) -> None:
        self.program = program

    @cached_property
    def mapped(self) -> tuple[MappedClass, ...]:
        """The classes that an ORM maps to tables."""
        return mapped_classes(self.program)

    @cached_property
    def openings(self) -> tuple[Opening, ...]:
        """Every opening of a database, in the order of files and lines."""
        found = [opening for path, call in self._calls() for opening in self._openings_of(path, call)]
        found.extend(self._django_openings())
        found.extend(self._prisma_openings())
        return tuple(sorted(set(found), key=lambda opening: (opening.path, opening.line)))

    @cached_property
    def accesses(self) -> tuple[Access, ...]:
        """Every reading or writing of data, one per line and kind."""
        found: dict[tuple[str, int, str], Access] = {}
        for path, call in self._calls():
            access = self._access_of(path, call)
            if access is not None:
                found.setdefault((access.path, access.line, access.kind), access)
        return tuple(found.values())

    @cached_property
    def statement_files(self) -> tuple[str, ...]:
        """Files of SQL that read or write data."""
        return tuple(
            path
            for path in self.program.project.files
            if path.endswith(".sql")
            and is_production(path)
            and any(reads_or_writes_data(part, "execute") for part in self.program.project.text(path).split(";"))
        )

    def _calls(self) -> Iterator[tuple[str, GuardedCall]]:
        for path, source in self.program.sources.items():
            for call in source.calls:
                yield path, call

    # Openings

    def _openings_of(self, path: str, guarded: GuardedCall) -> Iterator[Opening]:
        call = guarded.call
        if last_name(call.of) == "register":
            for argument in call.arguments[:1]:
                database = _PLUGINS.get(self.program.origin(path, argument), "")
                if database:
                    yield Opening(path, call.line, database, guarded.guard, self.program.origin(path, argument))
            return
        origin = self.program.origin(path, call.of)
        if not origin or origin.startswith("?"):
            return
        for database, pattern in _DRIVERS:
            if pattern.fullmatch(origin) and self._is_for(path, origin):
                yield Opening(path, call.line, database, guarded.guard, origin)
                return
        if _OPENERS.fullmatch(origin):
            yield from self._named_openings(path, guarded, origin)

    def _is_for(self, path: str, origin: str) -> bool:
        """`sqlite3` and `postgres` name packages of both languages; the capital letter tells the calls apart."""
        python = self.program.sources[path].language == "python"
        return not (python and origin == "postgres") and not (
            not python and origin.endswith((".connect", ".Connection"))
        )

    def _named_openings(self, path: str, guarded: GuardedCall, origin: str) -> Iterator[Opening]:
        call = guarded.call
        named = [
            (database, guard)
            for argument in (*call.arguments, *call.named.values())
            for database, guard in self._databases_named(path, argument)
        ]
        if origin.endswith("SQLAlchemy") and "flask" in origin:
            named.extend(self._named_for_flask())
        if self._from_shell and not any(database in self._from_shell for database, _ in named):
            named = [(database, "optional" if guard == "always" else guard) for database, guard in named]
            named.extend((database, "always") for database in self._from_shell)
        if not named:
            named = self._loose_addresses()
        if not named:
            yield Opening(path, call.line, "", guarded.guard, origin)
        for database, guard in dict.fromkeys(named):
            yield Opening(path, call.line, database, guard if guarded.guard == "always" else guarded.guard, origin)

    def _databases_named(self, path: str, argument: Expression, depth: int = 0) -> list[tuple[str, Guard]]:
        """The databases that an argument names by address, dialect or settings."""
        if depth > 4:
            return []
        found: list[tuple[str, Guard]] = [
            (database, text.guard)
            for text in self.program.texts(path, argument)
            if (database := database_named_by(text.value))
        ]
        if isinstance(argument, Invoke):
            for inner in (*argument.arguments[:3], *argument.named.values()):
                found.extend(self._databases_named(path, inner, depth + 1))
        values: list[tuple[str, Expression]] = []
        if isinstance(argument, Member) or (isinstance(argument, Invoke) and not found):
            name = last_name(argument.of if isinstance(argument, Invoke) else argument)
            values = [(where, value.expression) for where, value in self.program.values_anywhere(path, name)]
        for where, value in values if not found else ():
            if isinstance(value, Invoke):
                found.extend(self._databases_named(where, value, depth + 1))
            elif isinstance(argument, Invoke):
                found.extend(self._databases_named(where, value, depth + 2))
        for where, record, guard in self.program.records(path, argument):
            found.extend(
                (database, inner if guard == "always" else guard)
                for database, inner in self._named_in_record(where, record, depth)
            )
        return found

    def _named_in_record(self, path: str, record: Record, depth: int) -> list[tuple[str, Guard]]:
        for key in _NAMING_KEYS:
            if key in record.entries:
                found = self._databases_named(path, record.entries[key], depth + 1)
                if found:
                    return found
        for entry in record.entries.values():
            if isinstance(entry, Record):
                found = self._named_in_record(path, entry, depth + 1) if depth < 4 else []
                if found:
                    return found
        return []

    def _named_for_flask(self) -> list[tuple[str, Guard]]:
        return [
            (database, guard if value.guard == "always" else value.guard)
            for path, source in self.program.sources.items()
            for value in (*source.attributes.get(_FLASK_ADDRESS, ()), *source.bindings.get(_FLASK_ADDRESS, ()))
            for database, guard in self._databases_named(path, value.expression)
        ]

    def _loose_addresses(self) -> list[tuple[str, Guard]]:
        """Addresses that stand anywhere in production code: what is left where an opener's argument is not written."""
        found = [
            (database, guard)
            for _, _, text, guard in self.program.loose_texts()
            if _ADDRESS.match(text) and (database := database_named_by(text))
        ]
        for path, source in self.program.sources.items():
            for key in ("ENGINE", "dialect", "client", "drivername"):
                for value in source.attributes.get(key, ()):
                    found.extend(
                        (database, value.guard) for database, _ in self._databases_named(path, value.expression)
                    )
        return found

    @cached_property
    def _from_shell(self) -> tuple[str, ...]:
        """Databases whose addresses run.sh or .env give to the program."""
        found = []
        for name in ("run.sh", ".env"):
            for match in _ADDRESS_IN_SHELL.finditer(self.program.project.text(name)):
                found.append(database_named_by(match[2]))
        return tuple(dict.fromkeys(database for database in found if database))

    def _django_openings(self) -> Iterator[Opening]:
        if "django" not in self.program.all_packages and "manage.py" not in self.program.sources:
            return
        for path, source in self.program.sources.items():
            for value in (*source.bindings.get("DATABASES", ()),):
                for database, guard in dict.fromkeys(self._databases_named(path, value.expression)):
                    taken = guard if value.guard == "always" else value.guard
                    yield Opening(path, value.line, database, taken, "DATABASES of Django")

    def _prisma_openings(self) -> Iterator[Opening]:
        for path in self.program.project.files:
            if path.endswith(".prisma") and is_production(path):
                match = _PRISMA.search(self.program.project.text(path))
                if match and "@prisma/client" in self.program.all_packages:
                    yield Opening(path, 0, _DIALECTS.get(match[1], match[1]), "always", "datasource of Prisma")

    # Accesses

    def _access_of(self, path: str, guarded: GuardedCall) -> Access | None:
        call = guarded.call
        receiver, method = receiver_and_method(call)
        statement = self._statement(path, call)
        if statement is not None and reads_or_writes_data(statement, method):
            kind: Kind = "fragment" if method in ("literal", "literal_column") else "sql"
            return Access(path, call.line, kind, _shortened(statement), guarded.guard)
        kind_of_query = self._kind_of_query(path, call, receiver, method)
        if kind_of_query is not None:
            return Access(path, call.line, kind_of_query, _called(call), guarded.guard)
        if method in _RUNS and call.arguments and statement is None and _ADDRESS_OF_DATA.search(last_name(receiver)):
            return Access(path, call.line, "unread_sql", _called(call), guarded.guard)
        if method in _RUNS and statement is not None and GAP in statement[:12] and not is_other_sql(statement):
            return Access(path, call.line, "unread_sql", _called(call), guarded.guard)
        return None

    def _statement(self, path: str, call: Invoke) -> str | None:
        """The text that a call is handed as a statement, if it is one the program shows."""
        for argument in call.arguments[:2]:
            if isinstance(argument, Invoke) and not (
                isinstance(argument.of, Member) and isinstance(argument.of.of, (Text, Name))
                and argument.of.name in ("format", "strip", "join", "replace", "trim")
            ):  # fmt: skip
                continue
            if isinstance(argument, Name) and self._is_told_where_it_is_made(path, argument):
                continue
            texts = [text.value for text in self.program.texts(path, argument)]
            if isinstance(argument, Member) and not isinstance(argument.of, Name):
                continue
            if texts:
                method = last_name(call.of)
                return next((text for text in texts if reads_or_writes_data(text, method)), texts[0])
        return None

    def _is_told_where_it_is_made(self, path: str, name: Name) -> bool:
        """Whether a name stands for `text("…")`: then that call is reported, not each use of the name."""
        return any(
            isinstance(value.expression, Invoke) and last_name(value.expression.of) in ("text", "sql", "SQL", "literal")
            for _, value in self.program.values_of_name(path, name.name)
        )

    def _kind_of_query(self, path: str, call: Invoke, receiver: Expression, method: str) -> Kind | None:
        language = self.program.sources[path].language
        if language == "python":
            return self._kind_of_python_query(path, call, receiver, method)
        if method in _MODEL_WORK and self._is_mapped(path, receiver):
            return "orm"
        origin = self.program.origin(path, call.of)
        found = _BUILDERS.match(origin)
        if found and len(origin) > found.end():
            return "builder"
        if found and call.arguments and isinstance(call.arguments[0], Text):
            return "builder"
        return None

    def _kind_of_python_query(self, path: str, call: Invoke, receiver: Expression, method: str) -> Kind | None:
        origin = self.program.origin(path, call.of)
        if _CORE.fullmatch(origin):
            return "orm"
        if isinstance(receiver, Member) and receiver.name in _DJANGO_WORK:
            return "orm"
        if isinstance(receiver, Member) and receiver.name == "query" and self._is_mapped(path, receiver.of):
            return "orm"
        if method in _SESSION_QUERIES | _SESSION_STEERING and self._is_session(path, receiver):
            to_an_address = bool(call.arguments) and isinstance(call.arguments[0], (Text, Join))
            if method in _SESSION_QUERIES:
                return None if to_an_address else "orm"
            return "session"
        return None

    def _is_session(self, path: str, receiver: Expression) -> bool:
        origin = self.program.origin(path, receiver)
        if re.match(r"^(\?request|\?req\b|flask\.session|\?self\.request)", origin):
            return False
        if re.search(r"sqlalchemy|sqlmodel", origin):
            return True
        named = last_name(receiver)
        return bool(re.search(r"(session|^db)$", named, re.IGNORECASE)) and bool(
            self.program.all_packages & {"sqlalchemy", "flask_sqlalchemy", "sqlmodel"}
        )

    def _is_mapped(self, path: str, receiver: Expression) -> bool:
        name = last_name(receiver)
        if name not in self._mapped_names:
            return False
        origin = self.program.origin(path, receiver)
        target, _, defined = origin.partition("#")
        if target in self.program.sources and defined in self.program.sources[target].classes:
            return any(mapped.path == target and mapped.name == defined for mapped in self.mapped)
        return True

    @cached_property
    def _mapped_names(self) -> frozenset[str]:
        return frozenset(mapped.name for mapped in self.mapped)


def database_named_by(text: str) -> str:
    """The database that an address (`postgresql+asyncpg://…`), a dialect or a Django engine names; empty for "
    "other text."""
    found = _ADDRESS.match(text) or _DRIVER_NAME.match(text)
    if found:
        scheme = found[1].lower()
        return "postgres" if scheme.startswith("postgres") else scheme
    return _DIALECTS.get(text.strip().lower(), "") or _DIALECTS.get(text.strip(), "")


def _shortened(statement: str) -> str:
    flat = " ".join(statement.replace(GAP, "…").split())
    return flat if len(flat) <= 60 else flat[:57] + "…"


def _called(call: Invoke) -> str:
    receiver, method = receiver_and_method(call)
    before = last_name(receiver)
    return f"{before}.{method}(…)" if before else f"{method or 'call'}(…)"
