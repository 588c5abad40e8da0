"""The ORM a task demands, from mapped classes and the way data are read and written.

O1  production code declares classes mapped by the demanded ORM, and uses them
O2  data are read and written through them, not by statements of SQL written out, nor through another ORM
"""

from __future__ import annotations

from collections.abc import Iterator

from evaluator.tasks import CONSTRAINTS, Constraint
from evaluator.verdict import Finding
from evaluator.verifiers.backend import BackendCode, finding
from evaluator.verifiers.data_access import Access
from evaluator.verifiers.expressions import Member, Name, last_name
from evaluator.verifiers.mapped_classes import MappedClass

TITLES = {constraint.value: constraint.title for constraint in CONSTRAINTS.values() if constraint.kind == "orm"}
HOW_TO_DECLARE = {
    "sqlalchemy": "classes that inherit from a declarative base",
    "sequelize": "models made with sequelize.define or Model.init",
}
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
            f"decides whether that is meant; "
            f"to be safe, declare {HOW_TO_DECLARE[constraint.value]}.",
            "uncertain",
        )
        return
    imported = bool(backend.program.all_packages & _PACKAGES[constraint.value])
    why = f"{title} is imported, but no class is mapped by it" if imported else f"No production code imports {title}"
    yield finding(
        constraint,
        "O1",
        "",
        0,
        f"{why}. Declare {HOW_TO_DECLARE[constraint.value]} for users, articles, comments and tags, and query "
        f"through them.",
        backend.certainty_of_absence,
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
        f"“{first.name}” is mapped, but no production code queries or stores through it or any other mapped class. "
        "Read and write the data through these classes.",
        "uncertain" if not backend.wholly_read else "certain",
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
        if access.guard == "test" or access.kind not in ("sql", "fragment"):
            continue
        yield _statement_finding(backend, constraint, access, title)


def _statement_finding(backend: BackendCode, constraint: Constraint, access: Access, title: str) -> Finding:
    if access.kind == "fragment":
        return finding(
            constraint,
            "O2",
            access.path,
            access.line,
            f"A statement stands inside a query of {title} (“{access.what}”). "
            "Where the ORM can say the same (a count, a join, a sub-query), let it.",
            "uncertain",
        )
    dead = backend.program.is_dead(access.path)
    return finding(
        constraint,
        "O2",
        access.path,
        access.line,
        f"Data are read or written by a statement written out (“{access.what}”). Say it as a query of {title} on "
        f"mapped classes.",
        "uncertain" if dead else "certain",
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
                    f"{_OTHER_ORMS[top]} is used here although the task demands {title}. Move these queries to "
                    f"{title} and remove it.",
                    "uncertain" if backend.program.is_dead(path) else "certain",
                )
    for mapped in backend.data.mapped:
        if mapped.orm == "django":
            yield finding(
                constraint,
                "O2",
                mapped.path,
                mapped.line,
                f"“{mapped.name}” is mapped by Django although the task demands {title}. Declare it with {title} "
                f"and query it there.",
            )
