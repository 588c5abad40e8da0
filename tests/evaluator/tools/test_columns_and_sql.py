"""Columns in UTF-16 code units whatever a tool counts in; statements of SQL with their place in the file."""

from __future__ import annotations

import pytest

from evaluator.tools.columns import Columns
from evaluator.tools.sql_strings import known_parameters, statements_in

LINES = Columns({"a.py": "\ufeffx = 'é'\r\ny = '😀' + z\rlast".encode()})


@pytest.mark.parametrize(
    ("line", "count", "column"), [(1, 0, 1), (1, 7, 7), (2, 13, 12), (3, 4, 5), (3, 5, 0), (9, 0, 0), (0, 0, 0)]
)
def test_bytes_become_code_units(line: int, count: int, column: int) -> None:
    assert LINES.after_bytes("a.py", line, count) == column


@pytest.mark.parametrize(("line", "count", "column"), [(2, 4, 5), (2, 10, 12), (3, 0, 1), (1, -1, 0)])
def test_characters_become_code_units(line: int, count: int, column: int) -> None:
    assert LINES.after_characters("a.py", line, count) == column


@pytest.mark.parametrize(("line", "count", "column"), [(3, 2, 3), (3, 5, 0), (2, 1, 0)])
def test_a_column_that_may_be_wrong_is_not_told(line: int, count: int, column: int) -> None:
    assert LINES.on_ascii_line("a.py", line, count) == column


def test_a_file_that_is_not_there_has_no_columns() -> None:
    assert LINES.after_bytes("b.py", 1, 3) == 0


def found(source: str) -> list[str]:
    return [statement.sql for statement in statements_in(source.encode())]


@pytest.mark.parametrize(
    "source",
    [
        "q = f'SELECT a FROM {t}'",
        "q = 'SELECT a FROM b WHERE c = ' + d",
        "q = 'SELECT a FROM {}'.format(t)",
        "q = 'SELECT a FROM b WHERE c = %s' % d",
        "def f():\n    'select a thing from the list'\n",
        "q = (",
        "q = 'update the list'",
    ],
)
def test_text_that_is_not_what_is_sent_is_left_out(source: str) -> None:
    assert not found(source)


def test_statements_are_found_in_order() -> None:
    assert found("a('DELETE FROM b')\nc('''INSERT INTO d\nVALUES (1)''')") == [
        "DELETE FROM b",
        "INSERT INTO d\nVALUES (1)",
    ]


def test_parameters_of_drivers_become_values_of_the_same_length() -> None:
    for text in ("a = %s", "a = %(name)s", "a = ?"):
        assert len(known_parameters(text)) == len(text)
        assert "%" not in known_parameters(text)


def test_a_statement_with_escapes_is_placed_at_its_string() -> None:
    (statement,) = statements_in(b"x = 'SELECT a\\nFROM b'")
    assert (statement.line, statement.as_written) == (1, False)
