"""JavaScript and TypeScript expressions in the common form. Depth is bounded."""

from __future__ import annotations

import tree_sitter

from evaluator.verifiers.conditions import speaks_of_tests
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
from evaluator.verifiers.javascript_conditions import truth
from evaluator.verifiers.javascript_imports import text_of
from evaluator.verifiers.words import words

_LOOKED_THROUGH = words(
    "parenthesized_expression await_expression as_expression satisfies_expression non_null_expression",
    "type_assertion assignment_pattern expression_statement",
)
CALLS = frozenset({"call_expression", "new_expression"})


def expression(node: tree_sitter.Node, depth: int = 0) -> Expression:
    """A JavaScript expression in the common form."""
    kind = node.type
    while kind in _LOOKED_THROUGH and node.named_children:
        depth += 1
        if depth > MOST_DEPTH:
            return UNKNOWN
        node = node.named_children[-1 if kind == "type_assertion" else 0]
        kind = node.type
    if depth > MOST_DEPTH:
        return UNKNOWN
    inner = depth + 1
    if kind in ("identifier", "shorthand_property_identifier", "this", "super", "import", "type_identifier"):
        return Name(_text(node))
    if kind == "string":
        return Text(text_of(node))
    if kind == "template_string":
        return Join(
            tuple(
                Text(_text(part)) if part.type != "template_substitution" else _substitution(part, inner)
                for part in node.named_children
            )
        )
    if kind == "member_expression":
        return _member(node, inner)
    if kind == "subscript_expression":
        return _subscript(node, inner)
    if kind in CALLS:
        return _call(node, inner)
    if kind == "binary_expression":
        return _binary(node, inner)
    if kind == "ternary_expression":
        return _ternary(node, inner)
    if kind == "object":
        return _record(node, inner)
    if kind == "array":
        return Listing(tuple(expression(item, inner) for item in node.named_children[:50]))
    if kind == "assignment_expression":
        right = node.child_by_field_name("right")
        return expression(right, inner) if right is not None else UNKNOWN
    return UNKNOWN


def _substitution(part: tree_sitter.Node, depth: int) -> Expression:
    return expression(part.named_children[0], depth) if part.named_children else Text(GAP)


def _member(node: tree_sitter.Node, depth: int) -> Expression:
    of, name = node.child_by_field_name("object"), node.child_by_field_name("property")
    if of is None or name is None:
        return UNKNOWN
    return Member(expression(of, depth), _text(name))


def _subscript(node: tree_sitter.Node, depth: int) -> Expression:
    of, index = node.child_by_field_name("object"), node.child_by_field_name("index")
    if of is None or index is None:
        return UNKNOWN
    return Member(expression(of, depth), text_of(index) if index.type == "string" else "[]")


def _binary(node: tree_sitter.Node, depth: int) -> Expression:
    left, right = node.child_by_field_name("left"), node.child_by_field_name("right")
    operator = node.child_by_field_name("operator")
    if left is None or right is None or operator is None:
        return UNKNOWN
    if _text(operator) == "+":
        return Join((expression(left, depth), expression(right, depth)))
    if _text(operator) in ("||", "??", "&&"):
        return Choice((expression(left, depth), expression(right, depth)))
    return UNKNOWN


def _ternary(node: tree_sitter.Node, depth: int) -> Expression:
    condition = node.child_by_field_name("condition")
    yes, no = node.child_by_field_name("consequence"), node.child_by_field_name("alternative")
    if condition is None or yes is None or no is None:
        return UNKNOWN
    if speaks_of_tests(_text(condition)):
        return expression(yes if "!" in _text(condition) else no, depth)
    options = (expression(yes, depth), expression(no, depth))
    return Choice(options[::-1] if truth(condition) is False else options)


def _record(node: tree_sitter.Node, depth: int) -> Record:
    entries: dict[str, Expression] = {}
    for child in node.named_children:
        if child.type == "pair":
            key, value = child.child_by_field_name("key"), child.child_by_field_name("value")
            if key is not None and value is not None:
                entries[key_text(key)] = expression(value, depth)
        elif child.type == "shorthand_property_identifier":
            entries[_text(child)] = Name(_text(child))
        elif child.type == "method_definition":
            name = child.child_by_field_name("name")
            if name is not None:
                entries[key_text(name)] = UNKNOWN
    return Record(entries)


def _call(node: tree_sitter.Node, depth: int) -> Expression:
    called = node.child_by_field_name("function") or node.child_by_field_name("constructor")
    arguments = node.child_by_field_name("arguments")
    if called is None:
        return UNKNOWN
    if arguments is not None and arguments.type == "template_string":
        given: tuple[Expression, ...] = (expression(arguments, depth),)
    else:
        given = tuple(
            expression(argument, depth)
            for argument in (arguments.named_children[:50] if arguments is not None else ())
            if argument.type != "comment"
        )
    return Invoke(expression(called, depth), given, {}, node.start_point.row + 1)


def key_text(node: tree_sitter.Node) -> str:
    return text_of(node) if node.type == "string" else _text(node)


def _text(node: tree_sitter.Node) -> str:
    return (node.text or b"").decode("utf-8", "replace")
