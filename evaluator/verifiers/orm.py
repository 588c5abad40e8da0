"""The ORM a task demands, from mapped classes and the way data are read and written.

O1  production code declares classes mapped by the demanded ORM, and uses them
O2  data are read and written through them, not by statements of SQL written out, nor through another ORM
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from evaluator.tasks import CONSTRAINTS, Constraint
from evaluator.verdict import Finding
from evaluator.verifiers.backend import BackendCode, finding
from evaluator.verifiers.data_access import Access
from evaluator.verifiers.expressions import Member, Name, last_name
from evaluator.verifiers.mapped_classes import MappedClass
from evaluator.verifiers.openings import is_of_a_driver

TITLES = {constraint.value: constraint.title for constraint in CONSTRAINTS.values() if constraint.kind == "orm"}
HOW_TO_DECLARE = {
    "sqlalchemy": "classes that inherit from a declarative base",
    "sequelize": "models made with sequelize.define or Model.init",
}
_SENDS_ANY_SQL = re.compile(r"(sequelize|@sequelize/core|sequelize-typescript)(\.\w+)*\(\)$")
_OTHER_ORMS = {
    "peewee": "peewee",
    "tortoise": "Tortoise",
    "pony": "Pony",
    "ormar": "ormar",
    "piccolo": "Piccolo",
    "gino": "GINO",
    "mongoengine": "MongoEngine",
    "typeorm": "TypeORM",
    "@prisma/client": "Prisma",
    "drizzle-orm": "Drizzle",
    "knex": "Knex",
    "objection": "Objection",
    "bookshelf": "Bookshelf",
    "mongoose": "Mongoose",
    "@mikro-orm/core": "MikroORM",
    "kysely": "Kysely",
}
_PACKAGES = {
    "sqlalchemy": frozenset({"sqlalchemy", "flask_sqlalchemy", "sqlmodel"}),
    "sequelize": frozenset({"sequelize", "@sequelize/core", "sequelize-typescript"}),
}


def verify_orm(backend: BackendCode, constraint: Constraint) -> Iterator[Finding]:
    """Findings on the ORM of a backend."""
    mapped = [one for one in backend.data.mapped if one.orm == constraint.value]
    through = [one for one in backend.data.mapped if one.orm == "sqlmodel"] if constraint.value == "sqlalchemy" else []
    yield from _not_declared(backend, constraint, mapped, through)
    yield from _not_used(backend, constraint, mapped or through)
    yield from _statements_written_out(backend, constraint)
    yield from _other_orms(backend, constraint)


# O1


def _not_declared(
    backend: BackendCode, constraint: Constraint, mapped: list[MappedClass], through: list[MappedClass]
) -> Iterator[Finding]:
    title = TITLES[constraint.value]
    if mapped:
        return
    if through:
        first = through[0]
        yield finding(
            constraint,
            "O1",
            first.path,
            first.line,
            f"“{first.name}” is mapped by SQLModel, which is {title} underneath but not by name. A person "
            "decides whether that is meant.",
            "uncertain",
            mend=f"To be safe, declare {HOW_TO_DECLARE[constraint.value]}.",
        )
        return
    imported = bool(backend.program.all_packages & _PACKAGES[constraint.value])
    why = f"{title} is imported, but no class is mapped by it" if imported else f"No production code imports {title}"
    yield finding(
        constraint,
        "O1",
        "",
        0,
        f"{why}.",
        backend.certainty_of_absence,
        mend=f"Declare {HOW_TO_DECLARE[constraint.value]} for all data, and query through them.",
    )


def _not_used(backend: BackendCode, constraint: Constraint, mapped: list[MappedClass]) -> Iterator[Finding]:
    """Mapped classes of a whole backend that no query, session or constructor ever touches are for show."""
    if not mapped or not backend.program.serves or _is_used(backend, mapped):
        return
    first = mapped[0]
    yield finding(
        constraint,
        "O1",
        first.path,
        first.line,
        f"“{first.name}” is mapped, but no production code queries or stores through it or any other mapped class.",
        "uncertain" if not backend.wholly_read else "certain",
        mend="Read and write the data through these classes.",
    )


def _is_used(backend: BackendCode, mapped: list[MappedClass]) -> bool:
    if any(access.kind in ("orm", "session") for access in backend.data.accesses):
        return True
    names = {one.name for one in mapped}
    for source in backend.program.sources.values():
        for guarded in source.calls:
            of = guarded.call.of
            if isinstance(of, (Name, Member)) and last_name(of) in names:
                return True
            if isinstance(of, Member) and last_name(of.of) in names and of.name not in ("init", "associate"):
                return not _only_links(of.name)
    return False


def _only_links(method: str) -> bool:
    return method in ("hasMany", "hasOne", "belongsTo", "belongsToMany", "addScope", "addHook", "sync")


# O2


def _statements_written_out(backend: BackendCode, constraint: Constraint) -> Iterator[Finding]:
    title = TITLES[constraint.value]
    for access in backend.data.accesses:
        if access.guard == "test":
            continue
        if access.kind in ("sql", "fragment"):
            yield _statement_finding(backend, constraint, access, title)
        elif access.kind == "unread_sql" and _goes_round_the_orm(access.through):
            yield finding(
                constraint,
                "O2",
                access.path,
                access.line,
                f"A statement is sent here that the text does not show (“{access.what}”).",
                "uncertain",
                mend=f"If it reads or writes rows, say it as a query of {title} on mapped classes.",
            )


def _goes_round_the_orm(through: str) -> bool:
    """Whether statements are sent through a driver itself, or through the method of an ORM that takes any SQL."""
    return is_of_a_driver(through) or bool(_SENDS_ANY_SQL.match(through))


def _statement_finding(backend: BackendCode, constraint: Constraint, access: Access, title: str) -> Finding:
    if access.kind == "fragment":
        return finding(
            constraint,
            "O2",
            access.path,
            access.line,
            f"A statement stands inside a query of {title} (“{access.what}”).",
            "uncertain",
            mend="Where the ORM can say the same (a count, a join, a sub-query), let it.",
        )
    dead = backend.program.is_dead(access.path)
    return finding(
        constraint,
        "O2",
        access.path,
        access.line,
        f"Data are read or written by a statement written out (“{access.what}”).",
        "uncertain" if dead else "certain",
        mend=f"Say it as a query of {title} on mapped classes.",
    )


def _other_orms(backend: BackendCode, constraint: Constraint) -> Iterator[Finding]:
    title = TITLES[constraint.value]
    for path, source in backend.program.sources.items():
        for module, statement in backend.program.packages_of(path):
            top = (
                module.partition(".")[0]
                if source.language == "python"
                else "/".join(module.split("/")[: 1 + module.startswith("@")])
            )
            if top in _OTHER_ORMS:
                yield finding(
                    constraint,
                    "O2",
                    path,
                    statement.line,
                    f"{_OTHER_ORMS[top]} is used here although the task demands {title}.",
                    "uncertain" if backend.program.is_dead(path) else "certain",
                    mend=f"Move these queries to {title} and remove it.",
                )
    for mapped in backend.data.mapped:
        if mapped.orm == "django":
            yield finding(
                constraint,
                "O2",
                mapped.path,
                mapped.line,
                f"“{mapped.name}” is mapped by Django although the task demands {title}.",
                mend=f"Declare it with {title} and query it there.",
            )
