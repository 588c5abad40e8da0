"""Where a program reads or writes data. Facts for the verifiers; no rules.

What the calls of drivers, ORMs and query builders mean for this is written down here, and only here.
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
    Listing,
    Member,
    Name,
    Record,
    Text,
    last_name,
    receiver_and_method,
)
from evaluator.verifiers.mapped_classes import MappedClass, mapped_classes
from evaluator.verifiers.openings import Opening, Openings, is_of_a_driver
from evaluator.verifiers.other_models import OtherModels
from evaluator.verifiers.program import Program
from evaluator.verifiers.project import is_production
from evaluator.verifiers.source import Guard, GuardedCall
from evaluator.verifiers.sql import is_other_sql, reads_or_writes_data
from evaluator.verifiers.words import words

Kind = Literal["sql", "unread_sql", "fragment", "orm", "session", "builder"]

_ADDRESS_OF_DATA = re.compile(
    r"(session|db|conn|connection|cursor|cur|database|pool|client|tx|trx|transaction|sequelize|knex|sql|pgp?|"
    r"engine|store_?db)$",
    re.IGNORECASE,
)
_RUNS = words(
    "execute executemany executescript exec_driver_sql fetch fetchrow fetchval fetch_one fetch_all",
    "fetch_val scalar scalars query prepare exec $queryRaw $executeRaw",
)
_MAKES_STATEMENTS = words("text sql SQL literal")
_STATEMENT_KEYS = ("text", "sql", "query", "statement")
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
_INTERFACE_WORK = words("bulkInsert bulkUpdate bulkDelete insert upsert update delete select rawSelect increment")
_INSTANCE_WORK = words("save destroy reload")
_CORE = re.compile(
    r"(sqlalchemy(\.future|\.sql(\.expression)?|\.orm|\.dialects\.\w+)?|sqlmodel(\.\w+)*)\.(select|insert|update|"
    r"delete|exists|Query)"
)
_QUERY_OBJECT = re.compile(_CORE.pattern + r"\(\)")
_DJANGO_SHORTCUTS = words("django.shortcuts.get_object_or_404 django.shortcuts.get_list_or_404")
_BUILDERS = re.compile(
    r"(knex(\.default|\.knex)?\(\)|drizzle-orm/[\w-]+\.drizzle\(\)|@prisma/client(\.default)?\.PrismaClient\(\)|"
    r"kysely\.Kysely\(\)|"
    r"typeorm\.(DataSource|createConnection|getConnection|getManager|getRepository|getMongoRepository|"
    r"getTreeRepository|getCustomRepository)\(\))"
)


@dataclass(frozen=True, slots=True)
class Access:
    """A place where data are read or written.

    `sql`: a statement written out; `unread_sql`: one that the text does not show; `fragment`: SQL inside a query of an
    ORM; `orm`: a query through an ORM; `session`: an ORM's session is steered; `builder`: a query builder, or an
    ORM that no task demands. `through`
    is the origin of what the call is made on.
    """

    path: str
    line: int
    kind: Kind
    what: str
    guard: Guard
    through: str = ""


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
        return Openings(self.program).found()

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

    # Accesses

    def _access_of(self, path: str, guarded: GuardedCall) -> Access | None:
        call = guarded.call
        receiver, method = receiver_and_method(call)
        method = self._real_name(path, call.of) or method
        statement = self._statement(path, call, method)
        if statement is not None and reads_or_writes_data(statement, method):
            kind: Kind = "fragment" if method in ("literal", "literal_column") else "sql"
            return Access(path, call.line, kind, _shortened(statement), guarded.guard)
        if method in _INTERFACE_WORK and self.program.origin(path, receiver).endswith(".getQueryInterface()"):
            return Access(path, call.line, "unread_sql", _called(call), guarded.guard, "sequelize()")
        kind_of_query = self._kind_of_query(path, call, receiver, method)
        if kind_of_query is not None:
            return Access(path, call.line, kind_of_query, _called(call), guarded.guard)
        if method in _RUNS and call.arguments and statement is None and self._is_connection(path, receiver):
            return Access(
                path, call.line, "unread_sql", _called(call), guarded.guard, self.program.origin(path, receiver)
            )
        if method in _RUNS and statement is not None and GAP in statement[:12] and not is_other_sql(statement):
            return Access(
                path, call.line, "unread_sql", _called(call), guarded.guard, self.program.origin(path, receiver)
            )
        return None

    def _is_connection(self, path: str, receiver: Expression) -> bool:
        """Whether statements can be sent through this: by its name, or because a driver gave it."""
        if _ADDRESS_OF_DATA.search(last_name(receiver)):
            return True
        return is_of_a_driver(self.program.origin(path, receiver))

    def _real_name(self, path: str, called: Expression) -> str:
        """The name in its package of a function that was imported, whatever it is called here."""
        imported = self.program.sources[path].imported.get(called.name) if isinstance(called, Name) else None
        return imported.name if imported is not None and imported.name not in ("*", "default") else ""

    def _statement(self, path: str, call: Invoke, method: str) -> str | None:
        """The text that a call is handed as a statement, if it is one the program shows."""
        for argument in call.arguments[:2]:
            written = _in_an_object(argument)
            if isinstance(written, Invoke) and not _is_text_work(written):
                continue
            if isinstance(written, Name) and self._is_told_where_it_is_made(path, written):
                continue
            if isinstance(written, Member) and not isinstance(written.of, Name):
                continue
            texts = [text.value for text in self.program.texts(path, written)]
            if texts:
                return next((text for text in texts if reads_or_writes_data(text, method)), texts[0])
        return None

    def _is_told_where_it_is_made(self, path: str, name: Name) -> bool:
        """Whether a name stands for `text("…")`: then that call is reported, not each use of the name."""
        return any(
            isinstance(value.expression, Invoke)
            and (self._real_name(where, value.expression.of) or last_name(value.expression.of)) in _MAKES_STATEMENTS
            for where, value in self.program.values_of_name(path, name.name)
        )

    def _kind_of_query(self, path: str, call: Invoke, receiver: Expression, method: str) -> Kind | None:
        if self._other_models.are_queried(path, receiver, method):
            return "builder"
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
        if _CORE.fullmatch(origin) or origin in _DJANGO_SHORTCUTS:
            return "orm"
        if method in _RUNS and call.arguments and _QUERY_OBJECT.match(self.program.origin(path, call.arguments[0])):
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
    def _other_models(self) -> OtherModels:
        return OtherModels(self.program)

    @cached_property
    def _mapped_names(self) -> frozenset[str]:
        return frozenset(mapped.name for mapped in self.mapped)


def _in_an_object(argument: Expression) -> Expression:
    """The statement in `query({ text: "…", values: […] })`; the argument itself where it is no such object."""
    if isinstance(argument, Record):
        return next((argument.entries[key] for key in _STATEMENT_KEYS if key in argument.entries), argument)
    return argument


def _is_text_work(call: Invoke) -> bool:
    """Whether a call only puts a text together: `"…".format(…)`, `" ".join([…])`, `NAME.strip()`."""
    of = call.of
    return (
        isinstance(of, Member)
        and isinstance(of.of, (Text, Name, Listing, Join))
        and of.name in ("format", "strip", "join", "replace", "trim")
    )


def _shortened(statement: str) -> str:
    flat = " ".join(statement.replace(GAP, "…").split())
    return flat if len(flat) <= 60 else flat[:57] + "…"


def _called(call: Invoke) -> str:
    receiver, method = receiver_and_method(call)
    before = last_name(receiver)
    return f"{before}.{method}(…)" if before else f"{method or 'call'}(…)"
