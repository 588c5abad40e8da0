"""Queries made on classes of ORMs that no task demands: Peewee, Tortoise and TypeORM's entities. Facts; no rules.

Classes that a task can demand are in `mapped_classes.py`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from evaluator.verifiers.ancestors import Ancestors
from evaluator.verifiers.expressions import Expression
from evaluator.verifiers.program import Program
from evaluator.verifiers.words import words


@dataclass(frozen=True, slots=True)
class _Orm:
    """The packages it is in, the base of its classes, and what is called on a class to read or write rows."""

    packages: frozenset[str]
    base: re.Pattern[str]
    work: frozenset[str]


_ORMS = (
    _Orm(
        words("peewee playhouse"),
        re.compile(r"peewee\.Model|playhouse\.\w+\.\w*Model|playhouse\.flask_utils\.FlaskDB\(\)\.Model"),
        words(
            "select insert insert_many insert_from replace replace_many update delete create raw filter",
            "get get_or_none get_by_id set_by_id delete_by_id get_or_create bulk_create bulk_update",
        ),
    ),
    _Orm(
        words("tortoise"),
        re.compile(r"tortoise\.models\.Model|tortoise\.Model"),
        words(
            "filter exclude all first get get_or_none get_or_create update_or_create create bulk_create bulk_update",
            "in_bulk annotate exists raw select_for_update earliest latest",
        ),
    ),
    _Orm(
        words("typeorm"),
        re.compile(r"typeorm(\.\w+)*\.BaseEntity"),
        words(
            "find findBy findOne findOneBy findOneById findByIds findOneOrFail findOneByOrFail findAndCount",
            "findAndCountBy count countBy exists existsBy sum average minimum maximum save insert update upsert delete",
            "remove softDelete softRemove recover restore increment decrement clear createQueryBuilder query preload",
        ),
    ),
)


class OtherModels:
    """The classes of these ORMs in one program."""

    def __init__(self, program: Program) -> None:
        self._program = program
        self._work: dict[str, frozenset[str]] = {}
        ancestors = Ancestors(program)
        for orm in _ORMS:
            if not orm.packages & program.all_packages:
                continue
            for path, source in program.sources.items():
                for statement in source.classes.values():
                    if any(orm.base.fullmatch(origin) for origin in ancestors.of(path, statement)):
                        self._work[f"{path}#{statement.name}"] = orm.work

    def are_queried(self, path: str, receiver: Expression, method: str) -> bool:
        """Whether a call of `method` on `receiver` reads or writes rows of such a class."""
        return bool(self._work) and method in self._work.get(self._program.origin(path, receiver), ())
