"""Statements of SQL in the strings of a Python file, with their place, so that a finding can be shown there."""

from __future__ import annotations

import ast
import re
import warnings
from dataclasses import dataclass
from functools import lru_cache

MOST_CHARACTERS = 20_000
FORMATS = ("format", "format_map", "join")
MOST_SOURCE_BYTES = 1_000_000
_SQL = re.compile(
    r"\s*(?:select\s.+?\sfrom\s|insert\s+(?:or\s+\w+\s+)?into\s|update\s+\S+\s+set\s|delete\s+from\s|with\s+\w+.*?\sas\s*\("
    r"|create\s+(?:unique\s+)?(?:table|index|view)\s|alter\s+table\s|drop\s+(?:table|index)\s)",
    re.IGNORECASE | re.DOTALL,
)
_OPENING = re.compile(rb"[rRuUbB]{0,2}(\"\"\"|'''|\"|')")
# Parameters of drivers, which a parser of SQL does not know, become ones of the same length that it does.
_NAMED = re.compile(r"%\((\w+)\)s")


@dataclass(frozen=True)
class Statement:
    """A string that holds SQL. `line` from 1 and `column` in bytes of UTF-8 from 0 are where its literal begins,
    `opening` is the number of bytes up to its text; `as_written` whether the file holds the text literally."""

    sql: str
    line: int
    column: int
    opening: int
    as_written: bool


@lru_cache(maxsize=256)
def statements_in(source: bytes) -> tuple[Statement, ...]:
    """The statements in the strings of a file, in order; none where it cannot be parsed. Strings with values put into
    them (f-strings, `%`, `+`) are left out: what is sent is not in the text."""
    if len(source) > MOST_SOURCE_BYTES:
        return ()
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            tree = ast.parse(source)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return ()
    lines = source.removeprefix(b"\xef\xbb\xbf").split(b"\n")
    skipped = _parts_of_larger_texts(tree)
    found = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in skipped:
            text = node.value
            if len(text) <= MOST_CHARACTERS and _SQL.match(text):
                found.append(_statement(node, text, lines))
    return tuple(sorted(found, key=lambda one: (one.line, one.column)))


def _parts_of_larger_texts(tree: ast.AST) -> set[int]:
    """Strings that are only pieces: of f-strings, of sums, and those that are formatted; and docstrings."""
    pieces: set[int] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.JoinedStr):
            pieces.update(id(value) for value in node.values)
        elif isinstance(node, ast.BinOp):
            pieces.update((id(node.left), id(node.right)))
        elif isinstance(node, ast.Expr) or (isinstance(node, ast.Attribute) and node.attr in FORMATS):
            pieces.add(id(node.value))
    return pieces


def _statement(node: ast.Constant, text: str, lines: list[bytes]) -> Statement:
    written = _written(node, lines)
    opening = _OPENING.match(written)
    length = opening.end() if opening else 0
    quote = opening[1] if opening else b""
    literal = bool(opening) and written[length:] == text.encode("utf-8", "replace") + quote
    return Statement(known_parameters(text), node.lineno, node.col_offset, length, literal)


def _written(node: ast.Constant, lines: list[bytes]) -> bytes:
    """The literal as it stands in the file."""
    end_line, end_column = node.end_lineno or node.lineno, node.end_col_offset or 0
    own = lines[node.lineno - 1 : end_line]
    if not own:
        return b""
    own = [*own[:-1], own[-1][:end_column]]
    return b"\n".join([own[0][node.col_offset :], *own[1:]])


def known_parameters(text: str) -> str:
    """The statement with `%s`, `%(name)s` and `?` written so that a parser takes them for values; as long as before."""
    text = _NAMED.sub(lambda match: "1".ljust(len(match[0])), text)
    return text.replace("%s", "1 ").replace("?", "1")
