"""Where a program opens a database, and which. Facts for the verifiers; no rules.

What the calls of drivers, pools, URLs, ORMs and settings mean for this is written down here, and only here.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from evaluator.verifiers.expressions import Expression, Invoke, Member, Name, Record, last_name
from evaluator.verifiers.program import Program
from evaluator.verifiers.project import is_production
from evaluator.verifiers.source import Guard, GuardedCall

# Origins of calls that open one kind of database.
_DRIVERS = (
    (
        "sqlite",
        re.compile(
            r"(py)?sqlite3?(\.dbapi2)?\.(connect|Connection)|aiosqlite\.connect|apsw\.Connection|"
            r"better-sqlite3(\.default)?|"
            r"sqlite3(\.default)?(\.verbose\(\))?\.(cached\.)?Database|sqlite\.(DatabaseSync|open|Database)|"
            r"sqlite\.open|bun:sqlite(\.Database)?|"
            r"@libsql/client(/\w+)?\.createClient|drizzle-orm/(better-sqlite3|libsql(/\w+)?|bun-sqlite|sql-js)\.drizzle|"
            r"@mikro-orm/(sqlite|better-sqlite|libsql)\.(MikroORM\.init(Sync)?|defineConfig)|sql\.js|sqlite\.default\.(open|DatabaseSync)|"
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
            r"slonik\.createPool|drizzle-orm/(node-postgres|postgres-js|neon-http|neon-serverless|pglite)\.drizzle|"
            r"@mikro-orm/postgresql\.(MikroORM\.init(Sync)?|defineConfig)|(peewee|playhouse\.\w+)\.(PostgresqlDatabase|PostgresqlExtDatabase|"
            r"PooledPostgresqlDatabase)"
        ),
    ),
    ("mysql", re.compile(r"(pymysql|MySQLdb|aiomysql|mysql\.connector)\.(connect|create_pool)|"
                         r"mysql2?(/promise)?(\.default)?\.create(Pool|Connection)")),
    ("mongodb", re.compile(r"(pymongo|motor\.motor_asyncio)\.(Async(IOMotor)?)?(Mongo)?Client|"
                           r"mongodb\.MongoClient(\.connect)?|mongoose(\.default)?\.(connect|createConnection)")),
)  # fmt: skip
# The first three drivers' connections and cursors: what a raw statement is sent through.
_OF_DRIVER = re.compile(
    r"(psycopg2?|psycopg_pool|asyncpg|aiopg|pg8000|sqlite3|aiosqlite|apsw|pg|pg-pool|postgres|better-sqlite3)(\.|\()"
)
# Classes and modules of packages that name a database where they are handed over as a dialect or driver.
_TOLD_BY_CLASS = (
    ("postgres", re.compile(r"@sequelize/postgres\b|@mikro-orm/postgresql\b|pg$")),
    ("sqlite", re.compile(r"@sequelize/sqlite3\b|@mikro-orm/(better-)?sqlite\b|(better-)?sqlite3$")),
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
    *("dialect", "client", "type", "driver", "drivername", "ENGINE", "engine", "url", "uri", "dsn", "connectionString"),
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
_IN_MEMORY = re.compile(
    r":memory:|sqlite(\+\w+)?:(//)?/?(:memory:.*)?|sqlite(\+\w+)?:.*mode=memory.*|file:.*(:memory:|mode=memory).*"
)
_MOST_SCHEMA = 100_000
_PRISMA = re.compile(r"datasource\s+\w{1,80}\s*\{[^}]{0,2000}?provider\s*=\s*\"(\w+)\"", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Opening:
    """A place where a database is opened. `database` is empty where the text does not tell which one.

    `in_memory`: an SQLite database without a file.
    """

    path: str
    line: int
    database: str
    guard: Guard
    how: str
    in_memory: bool = False


class Openings:
    """Finds the openings of one program."""

    def __init__(self, program: Program) -> None:
        self.program = program

    def found(self) -> tuple[Opening, ...]:
        """Every opening of a database, in the order of files and lines."""
        found = [
            opening
            for path, source in self.program.sources.items()
            for call in source.calls
            for opening in self._openings_of(path, call)
        ]
        found.extend(self._django_openings())
        found.extend(self._prisma_openings())
        return tuple(sorted(set(found), key=lambda opening: (opening.path, opening.line, opening.database)))

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
                kept = database != "sqlite" or not self._is_in_memory(path, call)
                yield Opening(path, call.line, database, guarded.guard, origin, not kept)
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
            named.extend(self._named_for_flask)
        if self._from_shell and not any(database in self._from_shell for database, _ in named):
            named = [(database, "optional" if guard == "always" else guard) for database, guard in named]
            named.extend((database, "always") for database in self._from_shell)
        if not named:
            named = list(self._loose_addresses)
        if not named:
            yield Opening(path, call.line, "", guarded.guard, origin)
        for database, guard in dict.fromkeys(named):
            in_memory = database == "sqlite" and self._is_in_memory(path, call)
            when = guard if guarded.guard == "always" else guarded.guard
            yield Opening(path, call.line, database, when, origin, in_memory)

    def _is_in_memory(self, path: str, call: Invoke) -> bool:
        """Whether SQLite is told, where no environment variable says otherwise, to keep its tables in memory."""
        given = [*call.arguments[:2], *call.named.values()]
        for argument in given[:1]:
            given.extend(record.entries["storage"] for _, record, _ in self.program.records(path, argument)[:1]
                         if "storage" in record.entries)  # fmt: skip
        told = [texts[0].value.strip() for one in given if (texts := self.program.texts(path, one))]
        return any(_IN_MEMORY.fullmatch(text) for text in told)

    def _databases_named(self, path: str, argument: Expression, depth: int = 0) -> list[tuple[str, Guard]]:
        """The databases that an argument names by address, dialect or settings."""
        if depth > 4:
            return []
        found: list[tuple[str, Guard]] = [
            (database, text.guard)
            for text in self.program.texts(path, argument)
            if (database := database_named_by(text.value))
        ]
        if isinstance(argument, (Name, Member)):
            for database, pattern in _TOLD_BY_CLASS:
                if pattern.match(self.program.origin(path, argument)):
                    return [(database, "always")]
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

    @cached_property
    def _named_for_flask(self) -> list[tuple[str, Guard]]:
        return [
            (database, guard if value.guard == "always" else value.guard)
            for path, source in self.program.sources.items()
            for value in (*source.attributes.get(_FLASK_ADDRESS, ()), *source.bindings.get(_FLASK_ADDRESS, ()))
            for database, guard in self._databases_named(path, value.expression)
        ]

    @cached_property
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
        return list(dict.fromkeys(found))

    @cached_property
    def _from_shell(self) -> tuple[str, ...]:
        """Databases whose addresses run.sh or .env give to the program."""
        found = []
        for name in ("run.sh", ".env"):
            for match in _ADDRESS_IN_SHELL.finditer(self.program.project.text(name)):
                found.append(database_named_by(match[2]))
        return tuple(dict.fromkeys(database for database in found if database))

    def _django_openings(self) -> Iterator[Opening]:
        for path, source in self.program.sources.items():
            for value in source.bindings.get("DATABASES", ()):
                for database, guard in dict.fromkeys(self._databases_named(path, value.expression)):
                    taken = guard if value.guard == "always" else value.guard
                    yield Opening(path, value.line, database, taken, "DATABASES of Django")

    def _prisma_openings(self) -> Iterator[Opening]:
        for path in self.program.project.files:
            if path.endswith(".prisma") and is_production(path):
                match = _PRISMA.search(self.program.project.text(path)[:_MOST_SCHEMA])
                if match and "@prisma/client" in self.program.all_packages:
                    yield Opening(path, 0, _DIALECTS.get(match[1], match[1]), "always", "datasource of Prisma")


def is_of_a_driver(origin: str) -> bool:
    """Whether a value was given by a driver itself, not by an ORM over it."""
    return bool(_OF_DRIVER.match(origin))


def database_named_by(text: str) -> str:
    """The database that an address (`postgresql+asyncpg://…`), a dialect or a Django engine names; empty for "
    "other text."""
    found = _ADDRESS.match(text) or _DRIVER_NAME.match(text)
    if found:
        scheme = found[1].lower()
        return "postgres" if scheme.startswith("postgres") else scheme
    return _DIALECTS.get(text.strip().lower(), "") or _DIALECTS.get(text.strip(), "")
