"""A list that costs more statements the longer it is, is found; one that costs the same is not."""

from __future__ import annotations

from evaluator.n_plus_one import n_plus_one
from evaluator.verdict import Statements


def measured(statements: int, items: int, operation: str = "GET /articles") -> Statements:
    return Statements(operation, "A list", statements, items)


def test_three_statements_for_each_article_are_a_finding_with_the_figures() -> None:
    (finding,) = n_plus_one([measured(61, 20), measured(4, 1)])
    assert (finding.rule, finding.constraint) == ("N+1", "")
    assert "61 SQL statements for 20 items and 4 for 1: about 3.0 more" in finding.message


def test_the_same_number_for_any_length_is_none() -> None:
    assert n_plus_one([measured(3, 20), measured(3, 1)]) == ()


def test_a_statement_more_for_twenty_items_is_none() -> None:
    assert n_plus_one([measured(4, 20), measured(3, 1)]) == ()


def test_a_single_measurement_shows_no_growth() -> None:
    assert n_plus_one([measured(61, 20)]) == ()


def test_operations_are_not_compared_with_each_other() -> None:
    assert n_plus_one([measured(61, 20), measured(1, 1, "GET /user")]) == ()
