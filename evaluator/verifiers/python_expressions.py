"""Python expressions in the common form. Depth is bounded."""

from __future__ import annotations

import ast
import re

from evaluator.verifiers.expressions import (
    GAP,
    MOST_DEPTH,
    UNKNOWN,
    Choice,
    Expression,
    Invoke,
    Join,
    Listing,
    Member,
    Name,
    Record,
    Text,
)
from evaluator.verifiers.python_conditions import is_about_tests, last_part, truth

_TAKES_DEFAULT = frozenset({"get", "getenv", "env", "config", "str", "getattr", "pop", "setdefault"})
_PERCENT = re.compile(r"%(?:\(\w+\))?[srd]")
_BRACES = re.compile(r"\{[^{}]{0,80}\}")


def expression(node: ast.expr, depth: int = 0) -> Expression:
    """A Python expression in the common form."""
    if depth > MOST_DEPTH:
        return UNKNOWN
    inner = depth + 1
    match node:
        case ast.Constant(value=str(value)):
            return Text(value)
        case ast.Name(id=name):
            return Name(name)
        case ast.Attribute(value=of, attr=name):
            return Member(expression(of, inner), name)
        case ast.Subscript(value=of, slice=ast.Constant(value=str(key))):
            return Member(expression(of, inner), key)
        case ast.Subscript(value=of, slice=index):
            return _chosen(expression(of, inner), expression(index, inner))
        case ast.Call():
            return _call(node, inner)
        case ast.Await(value=value) | ast.NamedExpr(value=value):
            return expression(value, inner)
        case ast.JoinedStr(values=values):
            return Join(tuple(expression(value, inner) for value in values))
        case ast.FormattedValue(value=value):
            return expression(value, inner)
        case ast.BinOp(op=ast.Add(), left=left, right=right):
            return Join((expression(left, inner), expression(right, inner)))
        case ast.BinOp(op=ast.Mod(), left=ast.Constant(value=str(pattern)), right=right):
            return _filled(_PERCENT.split(pattern), right.elts if isinstance(right, ast.Tuple) else [right], inner)
        case ast.BinOp(op=ast.Mod(), left=left):
            return Join((expression(left, inner), Text(GAP)))
        case ast.BoolOp(values=values):
            return Choice(tuple(expression(value, inner) for value in values))
        case ast.IfExp(test=test, body=body, orelse=orelse) if is_about_tests(test):
            return expression(body if isinstance(test, ast.UnaryOp) else orelse, inner)
        case ast.IfExp(test=test, body=body, orelse=orelse):
            options = (expression(body, inner), expression(orelse, inner))
            return Choice(options[::-1] if truth(test) is False else options)
        case ast.Dict(keys=keys, values=values):
            return Record(
                {
                    key.value: expression(value, inner)
                    for key, value in zip(keys, values, strict=True)
                    if isinstance(key, ast.Constant) and isinstance(key.value, str)
                }
            )
        case ast.List(elts=items) | ast.Tuple(elts=items):
            return Listing(tuple(expression(item, inner) for item in items[:50]))
        case _:
            return UNKNOWN


def _chosen(of: Expression, index: Expression) -> Expression:
    """Something of a dict by a key that is computed: first by the key's default, if it has one, then any other."""
    match index:
        case Choice(options=(Text(value=key), *_)):
            return Choice((Member(of, key), Member(of, "[]")))
        case _:
            return Member(of, "[]")


def _filled(pieces: list[str], values: list[ast.expr], depth: int) -> Join:
    """A pattern cut at its places, with the values put there; a place without a value is a gap."""
    parts: list[Expression] = []
    for number, piece in enumerate(pieces[:50]):
        if number:
            parts.append(expression(values[number - 1], depth) if number <= len(values) else Text(GAP))
        parts.append(Text(piece))
    return Join(tuple(parts))


def _call(node: ast.Call, depth: int) -> Expression:
    """A call; one that names a default for a missing setting is its default."""
    called = last_part(node.func)
    match node.func:
        case ast.Attribute(value=ast.Constant(value=str(pattern)), attr="format"):
            return _filled(_BRACES.split(pattern), [] if node.keywords else node.args, depth)
    named = {keyword.arg: expression(keyword.value, depth) for keyword in node.keywords if keyword.arg}
    if called in _TAKES_DEFAULT and not isinstance(node.func, ast.Call):
        default = named.get("default") or (expression(node.args[1], depth) if len(node.args) > 1 else None)
        if isinstance(default, (Text, Join, Choice, Name, Record)) and called != "setdefault":
            return Choice((default,))
    arguments = tuple(expression(argument, depth) for argument in node.args[:50])
    return Invoke(expression(node.func, depth), arguments, named, node.lineno)
