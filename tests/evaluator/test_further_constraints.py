"""Further constraints go with any task, by its id, and leave the tasks and levels of the benchmark as they are."""

from __future__ import annotations

import pytest

from evaluator.errors import UnknownTask
from evaluator.tasks import (
    CONSTRAINTS,
    FURTHER_CONSTRAINTS,
    OFFERED_CONSTRAINTS,
    all_tasks,
    task_by_id,
    with_constraints,
)

LONGEST_ID_OF_THE_SITE = 120


def test_the_benchmark_keeps_its_eighty_tasks_and_five_constraints() -> None:
    assert len(all_tasks()) == 80
    assert list(CONSTRAINTS) == ["clean_architecture", "sqlite", "postgres", "sqlalchemy", "sequelize"]


def test_every_task_takes_further_constraints_and_keeps_its_level() -> None:
    for task in all_tasks().values():
        more = with_constraints(task, FURTHER_CONSTRAINTS.values())
        assert more.level == task.level
        assert more.constraints == (*task.constraints, *FURTHER_CONSTRAINTS.values())
        assert task_by_id(more.id) == more
        assert len(more.id) <= LONGEST_ID_OF_THE_SITE


def test_a_constraint_is_added_once_and_none_changes_nothing() -> None:
    task = task_by_id("uv-flask-openapi-unconstrained")
    once = with_constraints(task, [FURTHER_CONSTRAINTS["keys"]])
    assert once.id == "uv-flask-openapi-keys"
    assert with_constraints(once, [FURTHER_CONSTRAINTS["keys"]]) == once
    assert with_constraints(task, []) == task
    assert with_constraints(once, [FURTHER_CONSTRAINTS["routers"]]).id == "uv-flask-openapi-routers-keys"


@pytest.mark.parametrize("wrong", ["uv-flask-openapi-postgres-keys-routers", "uv-flask-openapi-unconstrained-keys"])
def test_another_spelling_is_refused_with_the_right_one(wrong: str) -> None:
    with pytest.raises(UnknownTask, match=r"Did you mean uv-flask-openapi-(postgres-routers-keys|keys)\?"):
        task_by_id(wrong)


def test_a_token_that_is_no_constraint_makes_no_task() -> None:
    for wrong in ("keys", "uv-flask-openapi-postgres-locks", "uv-flask-openapi-postgres-keys-keys"):
        with pytest.raises(UnknownTask):
            task_by_id(wrong)


def test_kind_and_value_of_a_constraint_name_it_alone() -> None:
    named = [(constraint.kind, constraint.value) for constraint in OFFERED_CONSTRAINTS.values()]
    assert len(set(named)) == len(named) == len(OFFERED_CONSTRAINTS)
    assert all("-" not in value and "=" not in value for _, value in named)
