"""When a piece of Python has its turn: what conditions come to where no environment variable is set."""

from __future__ import annotations

import ast

from evaluator.verifiers.conditions import speaks_of_tests
from evaluator.verifiers.expressions import MOST_DEPTH
from evaluator.verifiers.source import Guard


def branch_guards(test: ast.expr, guard: Guard) -> tuple[Guard, Guard]:
    """When the two branches of a condition have their turn."""
    if guard != "always":
        return guard, guard
    if is_about_tests(test):
        return ("always", "test") if isinstance(test, ast.UnaryOp) else ("test", "always")
    holds = truth(test)
    if holds is None:
        return "unclear", "unclear"
    return ("always", "optional") if holds else ("optional", "always")


def is_about_tests(test: ast.expr) -> bool:
    words = [node.value for node in ast.walk(test) if isinstance(node, ast.Constant) and isinstance(node.value, str)]
    words += [node.id for node in ast.walk(test) if isinstance(node, ast.Name)]
    words += [node.attr for node in ast.walk(test) if isinstance(node, ast.Attribute)]
    return any(speaks_of_tests(word) for word in words)


def truth(test: ast.expr, depth: int = 0) -> bool | None:
    """Whether a condition holds where no environment variable is set; None where the text does not tell."""
    if depth > MOST_DEPTH:
        return None
    if isinstance(test, ast.UnaryOp) and isinstance(test.op, ast.Not):
        inner = truth(test.operand, depth + 1)
        return None if inner is None else not inner
    if isinstance(test, ast.BoolOp):
        values = [truth(value, depth + 1) for value in test.values]
        decisive = isinstance(test.op, ast.Or)
        if decisive in values:
            return decisive
        return None if None in values else not decisive
    if isinstance(test, ast.Compare) and len(test.ops) == 1:
        return _named_in_environment(test) if last_part(test.comparators[0]) == "environ" else _compared(test)
    known, value = _constant(test)
    return bool(value) if known else None


def _named_in_environment(test: ast.Compare) -> bool | None:
    """`"NAME" in os.environ`, where none is set."""
    if isinstance(test.ops[0], (ast.In, ast.NotIn)):
        return isinstance(test.ops[0], ast.NotIn)
    return None


def _compared(test: ast.Compare) -> bool | None:
    known_left, left = _constant(test.left)
    known_right, right = _constant(test.comparators[0])
    operator = test.ops[0]
    if not (known_left and known_right):
        return None
    if isinstance(operator, (ast.Eq, ast.Is)):
        return bool(left == right)
    if isinstance(operator, (ast.NotEq, ast.IsNot)):
        return bool(left != right)
    return None


def _constant(node: ast.expr) -> tuple[bool, object]:
    """Whether a value is known where no environment variable is set, and the value."""
    if isinstance(node, ast.Constant):
        return True, node.value
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
        if node.func.attr in ("lower", "upper", "strip") and not node.args:
            known, value = _constant(node.func.value)
            return known, getattr(value, node.func.attr)() if isinstance(value, str) else value
        if node.func.attr == "getenv" or (node.func.attr == "get" and last_part(node.func.value) == "environ"):
            return _constant(node.args[1]) if len(node.args) > 1 else (True, None)
    return False, None


def case_guards(match: ast.Match, guard: Guard) -> list[Guard]:
    """When each case of a match on an environment variable has its turn."""
    known, chosen = _constant(match.subject)
    if guard != "always" or not known:
        return ["unclear" if guard == "always" else guard for _ in match.cases]
    texts = [_case_text(case.pattern) for case in match.cases]
    wanted = texts.index(chosen) if chosen in texts else len(texts) - 1
    return ["always" if number == wanted else "optional" for number in range(len(texts))]


def _case_text(pattern: ast.pattern) -> object:
    if isinstance(pattern, ast.MatchValue) and isinstance(pattern.value, ast.Constant):
        return pattern.value.value
    return pattern


def last_part(node: ast.expr) -> str:
    """The last name of `a.b.c` or `c`; empty for anything else."""
    return node.attr if isinstance(node, ast.Attribute) else node.id if isinstance(node, ast.Name) else ""
