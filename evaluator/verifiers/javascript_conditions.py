"""When a piece of JavaScript has its turn: what conditions come to where no environment variable is set."""

from __future__ import annotations

import tree_sitter

from evaluator.verifiers.conditions import speaks_of_tests
from evaluator.verifiers.expressions import MOST_DEPTH
from evaluator.verifiers.source import Guard


def branch_guards(condition: tree_sitter.Node, guard: Guard) -> tuple[Guard, Guard]:
    """When the two branches of a condition have their turn."""
    if guard != "always":
        return guard, guard
    if speaks_of_tests(_text(condition)):
        return ("always", "test") if "!" in _text(condition) else ("test", "always")
    holds = truth(condition)
    if holds is None:
        return "unclear", "unclear"
    return ("always", "optional") if holds else ("optional", "always")


def truth(node: tree_sitter.Node, depth: int = 0) -> bool | None:
    """Whether a condition holds where no environment variable is set; None where the text does not tell."""
    if depth > MOST_DEPTH:
        return None
    if node.type == "parenthesized_expression" and node.named_children:
        return truth(node.named_children[0], depth + 1)
    if node.type == "unary_expression" and _text(node).startswith("!") and node.named_children:
        inner = truth(node.named_children[-1], depth + 1)
        return None if inner is None else not inner
    if node.type in ("true", "false"):
        return node.type == "true"
    if is_environment(node):
        return False
    if node.type == "binary_expression":
        return _binary_truth(node, depth + 1)
    return None


def _binary_truth(node: tree_sitter.Node, depth: int) -> bool | None:
    left, right = node.child_by_field_name("left"), node.child_by_field_name("right")
    operator = node.child_by_field_name("operator")
    if left is None or right is None or operator is None:
        return None
    sign = _text(operator)
    if sign in ("||", "&&"):
        values = (truth(left, depth), truth(right, depth))
        decisive = sign == "||"
        if decisive in values:
            return decisive
        return None if None in values else not decisive
    if sign in ("===", "==", "!==", "!=") and (is_environment(left) or is_environment(right)):
        return sign.startswith("!")
    return None


def is_environment(node: tree_sitter.Node) -> bool:
    return node.type in ("member_expression", "subscript_expression") and _text(node).startswith("process.env")


def case_guards(switch: tree_sitter.Node, guard: Guard) -> dict[int, Guard]:
    """When each case of a switch on an environment variable has its turn, by the id of its node."""
    value = switch.child_by_field_name("value")
    body = switch.child_by_field_name("body")
    cases = [] if body is None else [one for one in body.named_children if one.type.startswith("switch_")]
    chosen = _chosen(value) if value is not None else None
    if guard != "always" or chosen is None:
        return {one.id: "unclear" if guard == "always" else guard for one in cases}
    wanted = [one for one in cases if _case_text(one) == chosen] or [one for one in cases if _case_text(one) is None]
    return {one.id: "always" if one in wanted else "optional" for one in cases}


def _chosen(value: tree_sitter.Node) -> str | None:
    """The text that a switch is on where no variable is set, empty for none; None where it is on something else."""
    while value.type == "parenthesized_expression" and value.named_children:
        value = value.named_children[0]
    if is_environment(value):
        return ""
    left, right = value.child_by_field_name("left"), value.child_by_field_name("right")
    if value.type == "binary_expression" and left is not None and right is not None and is_environment(left):
        return _text(right)[1:-1] if right.type == "string" else None
    return None


def _case_text(case: tree_sitter.Node) -> str | None:
    """The text that a case is for; None for the default."""
    value = case.child_by_field_name("value")
    return _text(value).strip("'\"`") if value is not None else None


def _text(node: tree_sitter.Node) -> str:
    return (node.text or b"").decode("utf-8", "replace")
