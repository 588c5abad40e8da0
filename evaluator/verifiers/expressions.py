"""Expressions of a program in one small form for both languages, so that a rule is written once.

    Text       a string written out; GAP stands for a piece that only the running program knows
    Join       pieces put together: concatenation, f-string, template literal
    Name       a name                              Member   something of something: a.b, a["b"]
    Invoke     a call, `new`, or tagged template   Record   a dict or object literal with its written keys
    Listing    a list or tuple                     Choice   one of several; first what an empty environment chooses
    Unknown    anything else

Await, parentheses and type assertions are looked through. Nesting beyond MOST_DEPTH becomes Unknown.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

GAP = "\ufffc"
MOST_DEPTH = 40


@dataclass(frozen=True, slots=True)
class Text:
    """A string written in the program."""

    value: str


@dataclass(frozen=True, slots=True)
class Join:
    """Pieces that make one string."""

    parts: tuple[Expression, ...]


@dataclass(frozen=True, slots=True)
class Name:
    """A name, to be looked up in its file."""

    name: str


@dataclass(frozen=True, slots=True)
class Member:
    """`of.name` or `of["name"]`."""

    of: Expression
    name: str


@dataclass(frozen=True, slots=True)
class Invoke:
    """A call of `of`; `named` holds keyword arguments. A tagged template is a call with one text."""

    of: Expression
    arguments: tuple[Expression, ...]
    named: Mapping[str, Expression]
    line: int


@dataclass(frozen=True, slots=True)
class Record:
    """A dict or object literal: its written keys."""

    entries: Mapping[str, Expression] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Listing:
    """A list, tuple or array literal."""

    items: tuple[Expression, ...]


@dataclass(frozen=True, slots=True)
class Choice:
    """One of several; the first is what a program without environment variables chooses, where that is known."""

    options: tuple[Expression, ...]


@dataclass(frozen=True, slots=True)
class Unknown:
    """What no reader of the text can know, or need not."""


Expression = Text | Join | Name | Member | Invoke | Record | Listing | Choice | Unknown
UNKNOWN = Unknown()


def last_name(expression: Expression) -> str:
    """The last name of `a.b.c` or `c`; empty for anything else."""
    if isinstance(expression, (Name, Member)):
        return expression.name
    return ""


def receiver_and_method(call: Invoke) -> tuple[Expression, str]:
    """What a call is made on, and the name called: (`db`, `execute`) for `db.execute(…)`; Unknown where there "
    "is none."""
    if isinstance(call.of, Member):
        return call.of.of, call.of.name
    return UNKNOWN, last_name(call.of)
