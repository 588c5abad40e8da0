"""The classes that an ORM maps to tables: SQLAlchemy (all its ways), Flask-SQLAlchemy, SQLModel, Sequelize, Django."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from evaluator.verifiers.ancestors import Ancestors
from evaluator.verifiers.expressions import Invoke, Member, Name, Record, Text, last_name
from evaluator.verifiers.program import Program
from evaluator.verifiers.source import ClassStatement, Source

Orm = Literal["sqlalchemy", "sqlmodel", "sequelize", "django"]

_SQLALCHEMY_BASE = re.compile(
    r"sqlalchemy(\.\w+)*\.(DeclarativeBase|DeclarativeBaseNoMeta|MappedAsDataclass|DeclarativeMeta)|"
    r"sqlalchemy(\.\w+)*\.(declarative_base|automap_base)\(\)|sqlalchemy(\.\w+)*\.registry\(\)\.generate_base\(\)|"
    r"flask_sqlalchemy(\.\w+)*\.SQLAlchemy\(\)\.Model|flask_appbuilder\.Model"
)
_SQLALCHEMY_DECORATOR = re.compile(
    r"sqlalchemy(\.\w+)*\.(registry\(\)\.mapped(_as_dataclass)?(\(\))?|as_declarative\(\))"
)
_IMPERATIVE = re.compile(r"sqlalchemy(\.\w+)*\.(registry\(\)\.map_imperatively|mapper|registry\(\)\.map_declaratively)")
_SQLMODEL_BASE = re.compile(r"sqlmodel(\.\w+)*\.SQLModel")
_DJANGO_BASE = re.compile(
    r"django\.db\.models(\.base)?\.Model|django\.contrib\.auth\.(models|base_user)\.(AbstractUser|"
    r"AbstractBaseUser|User)"
)
_SEQUELIZE_BASE = re.compile(
    r"(sequelize|@sequelize/core)(\.default)?(\.Sequelize)?\.Model|sequelize-typescript\.Model"
)
_TABLE_FIELDS = frozenset({"__tablename__", "__table__"})


@dataclass(frozen=True, slots=True)
class MappedClass:
    """A class with a table. `defined_by_call` marks what `define` or `init` makes."""

    orm: Orm
    path: str
    line: int
    name: str


def mapped_classes(program: Program) -> tuple[MappedClass, ...]:
    """Every class with a table, in the order of files."""
    classes = _Classes(program)
    found: list[MappedClass] = []
    for path, source in program.sources.items():
        for statement in source.classes.values():
            orm = classes.orm_of(path, source, statement)
            if orm is not None:
                found.append(MappedClass(orm, path, statement.line, statement.name))
        found.extend(_defined_by_call(program, path, source))
    return tuple(found)


class _Classes:
    """The classes of one program, with what is worked out once for all of them."""

    def __init__(self, program: Program) -> None:
        self._program = program
        self._ancestors = Ancestors(program)
        calls = [(path, guarded.call.of) for path, source in program.sources.items() for guarded in source.calls]
        self._initialising = {path for path, of in calls if last_name(of) in ("init", "initModel")}
        self._initialised = {last_name(of.of) for _, of in calls if isinstance(of, Member) and of.name == "init"}

    def orm_of(self, path: str, source: Source, statement: ClassStatement) -> Orm | None:
        """The ORM that maps a class, if one does."""
        program = self._program
        origins = self._ancestors.of(path, statement)
        if any(_DJANGO_BASE.fullmatch(origin) for origin in origins):
            return "django"
        if any(_SQLMODEL_BASE.fullmatch(origin) for origin in origins):
            return "sqlmodel" if "table" in statement.keywords else None
        if any(_is_sequelize_base(origin, source) for origin in origins):
            return "sequelize" if self._is_initialised(path, statement) else None
        if any(_SQLALCHEMY_DECORATOR.match(program.origin(path, one)) for one in statement.decorators):
            return "sqlalchemy"
        if any(_is_sqlalchemy_base(program, origin) for origin in origins):
            direct = {program.origin(path, base) for base in statement.bases}
            by_flask = any(origin.endswith(".Model") for origin in direct)
            has_table = statement.fields & _TABLE_FIELDS or by_flask or _inherits_table(origins)
            return "sqlalchemy" if has_table and "__abstract__" not in statement.fields else None
        return None

    def _is_initialised(self, path: str, statement: ClassStatement) -> bool:
        """Sequelize's classes have a table only once `init` was called, or a decorator did so."""
        if any("Table" in last_name(one.of if isinstance(one, Invoke) else one) for one in statement.decorators):
            return True
        return path in self._initialising or statement.name in self._initialised


def _inherits_table(origins: tuple[str, ...]) -> bool:
    """Whether a class has a base of the project between it and the ORM: its table may be named there."""
    return sum("#" in origin for origin in origins) > 0


def _is_sqlalchemy_base(program: Program, origin: str) -> bool:
    if _SQLALCHEMY_BASE.fullmatch(origin):
        return True
    return bool(re.fullmatch(r"\?\w*db\.Model", origin)) and "flask_sqlalchemy" in program.all_packages


def _is_sequelize_base(origin: str, source: Source) -> bool:
    if _SEQUELIZE_BASE.fullmatch(origin):
        return True
    return (
        origin in ("?Model", "?Sequelize.Model", "?sequelize.Model", "?sequelize.Sequelize.Model")
        and source.language == "javascript"
    )


def _defined_by_call(program: Program, path: str, source: Source) -> Iterator[MappedClass]:
    bound_by_line = {
        value.line: name
        for name, values in source.bindings.items()
        for value in values
        if isinstance(value.expression, Invoke)
    }
    for guarded in source.calls:
        call = guarded.call
        called = last_name(call.of)
        if called == "define" and _is_sequelize_define(program, path, source, call):
            first = call.arguments[0]
            name = bound_by_line.get(call.line) or (first.value if isinstance(first, Text) else "")
            yield MappedClass("sequelize", path, call.line, name)
        elif called in ("map_imperatively", "mapper", "map_declaratively") and call.arguments:
            origin = program.origin(path, call.of)
            if _IMPERATIVE.fullmatch(origin) or "sqlalchemy" in program.all_packages:
                yield MappedClass("sqlalchemy", path, call.line, last_name(call.arguments[0]))


def _is_sequelize_define(program: Program, path: str, source: Source, call: Invoke) -> bool:
    if source.language != "javascript" or len(call.arguments) < 2 or not isinstance(call.of, Member):
        return False
    origin = program.origin(path, call.of)
    if re.match(r"(sequelize|@sequelize/core|sequelize-typescript)", origin):
        return True
    unknown = origin.startswith("?") or not origin
    columns = isinstance(call.arguments[1], (Record, Name))
    return unknown and columns and bool(program.all_packages & {"sequelize", "@sequelize/core", "sequelize-typescript"})
