"""Reads a Python file into facts, through `ast`. Walks are iterative and expressions bounded in depth."""

from __future__ import annotations

import ast
import threading
from collections.abc import Iterator

from evaluator.verifiers.expressions import (
    Invoke,
    Record,
)
from evaluator.verifiers.project import Unread
from evaluator.verifiers.python_conditions import branch_guards, case_guards
from evaluator.verifiers.python_expressions import expression
from evaluator.verifiers.python_imports import read_import
from evaluator.verifiers.python_syntax import in_older_syntax
from evaluator.verifiers.source import ClassStatement, Guard, GuardedCall, Source

_PARSING = threading.Lock()


def read_python(path: str, content: bytes) -> tuple[Source, Unread | None]:
    """The facts of a Python file; an unreadable one has none, and says why. Never raises for its content."""
    source = Source(path, "python")
    try:
        tree = _parse(content)
    except SyntaxError as error:
        return source, Unread(path, error.lineno or 0, f"cannot be parsed: {error.msg}")
    except (ValueError, RecursionError, MemoryError) as error:
        return source, Unread(path, 0, f"cannot be parsed: {str(error) or type(error).__name__}")
    for node, guard, scope in _walk(tree):
        _read_node(node, guard, scope, source)
    return source, None


def parsed_python(content: bytes) -> ast.Module | None:
    """The syntax tree of a Python file; None where it cannot be parsed."""
    try:
        return _parse(content)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None


def _parse(content: bytes) -> ast.Module:
    try:
        return _parse_alone(content)
    except SyntaxError:
        older = in_older_syntax(content)
        if older is None:
            raise
        return _parse_alone(older)


def _parse_alone(content: bytes) -> ast.Module:
    """One at a time: Python 3.11 keeps one depth for all threads that parse, and raises SystemError where two meet."""
    with _PARSING:
        return ast.parse(content)


def _walk(tree: ast.Module) -> Iterator[tuple[ast.AST, Guard, str]]:
    """Every node with the condition it stands under and its scope: `module`, `class` or `function`."""
    pending: list[tuple[ast.AST, Guard, str]] = [(tree, "always", "module")]
    while pending:
        node, guard, scope = pending.pop()
        yield node, guard, scope
        inner = scope
        if isinstance(node, ast.ClassDef):
            inner = "class"
        elif isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)):
            inner = "function"
        children: list[tuple[ast.AST, Guard, str]] = []
        if isinstance(node, (ast.If, ast.IfExp)):
            for_body, for_else = branch_guards(node.test, guard)
            body = node.body if isinstance(node.body, list) else [node.body]
            orelse = node.orelse if isinstance(node.orelse, list) else [node.orelse]
            children.append((node.test, guard, inner))
            children.extend((child, for_body, inner) for child in body)
            children.extend((child, for_else, inner) for child in orelse)
        elif isinstance(node, ast.Match):
            children.append((node.subject, guard, inner))
            children.extend(
                (case, when, inner) for case, when in zip(node.cases, case_guards(node, guard), strict=True)
            )
        else:
            children.extend((child, guard, inner) for child in ast.iter_child_nodes(node))
        pending.extend(reversed(children))


def _read_node(node: ast.AST, guard: Guard, scope: str, source: Source) -> None:
    read_import(node, source)
    if isinstance(node, ast.Call):
        lowered = expression(node)
        if isinstance(lowered, Invoke):
            source.calls.append(GuardedCall(lowered, guard))
        for keyword in node.keywords:
            if keyword.arg:
                source.attribute(keyword.arg, expression(keyword.value), node.lineno, guard)
    elif isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
        _define(node.name, scope, source)
        _read_function(node, guard, source)
    elif isinstance(node, ast.ClassDef):
        _define(node.name, scope, source)
        source.classes.setdefault(node.name, _class(node))
    elif isinstance(node, ast.Assign):
        for target in node.targets:
            _assign(target, node.value, guard, scope, source)
    elif isinstance(node, (ast.AnnAssign, ast.NamedExpr)) and node.value is not None:
        _assign(node.target, node.value, guard, scope, source)
    elif isinstance(node, (ast.With, ast.AsyncWith)):
        for item in node.items:
            if isinstance(item.optional_vars, ast.Name):
                source.bind(item.optional_vars.id, expression(item.context_expr), node.lineno, guard)
    elif isinstance(node, ast.Dict):
        for key, value in zip(node.keys, node.values, strict=True):
            if isinstance(key, ast.Constant) and isinstance(key.value, str):
                source.attribute(key.value, expression(value), value.lineno, guard)


def _read_function(node: ast.FunctionDef | ast.AsyncFunctionDef, guard: Guard, source: Source) -> None:
    """Defaults of parameters are values of their names; what is returned is kept under the function's name."""
    positional = [*node.args.posonlyargs, *node.args.args]
    pairs = list(zip(reversed(positional), reversed(node.args.defaults), strict=False))
    pairs += [(name, value) for name, value in zip(node.args.kwonlyargs, node.args.kw_defaults, strict=True) if value]
    for name, value in pairs:
        source.bind(name.arg, expression(value), node.lineno, guard)
    for inner in ast.walk(node):
        if isinstance(inner, ast.Return) and inner.value is not None:
            source.gives_back(node.name, expression(inner.value), inner.lineno, guard)


def _define(name: str, scope: str, source: Source) -> None:
    source.defines = True
    if scope == "module":
        source.definitions.add(name)


def _class(node: ast.ClassDef) -> ClassStatement:
    fields = set()
    for statement in node.body:
        if isinstance(statement, ast.Assign):
            fields |= {target.id for target in statement.targets if isinstance(target, ast.Name)}
        elif isinstance(statement, ast.AnnAssign) and isinstance(statement.target, ast.Name):
            fields.add(statement.target.id)
        elif isinstance(statement, ast.FunctionDef):
            fields.add(statement.name)
    return ClassStatement(
        node.name,
        node.lineno,
        tuple(expression(base) for base in node.bases),
        tuple(expression(decorator) for decorator in node.decorator_list),
        frozenset(fields),
        frozenset(
            keyword.arg for keyword in node.keywords if keyword.arg and getattr(keyword.value, "value", None) is True
        ),
    )


def _assign(target: ast.expr, value: ast.expr, guard: Guard, scope: str, source: Source) -> None:
    if isinstance(target, ast.Name):
        if scope == "class":
            source.attribute(target.id, expression(value), target.lineno, guard)
            return
        source.bind(target.id, expression(value), target.lineno, guard)
        if scope == "module" and not target.id.startswith("__"):
            _define(target.id, scope, source)
    elif isinstance(target, ast.Attribute):
        source.attribute(target.attr, expression(value), target.lineno, guard)
    elif isinstance(target, ast.Subscript) and isinstance(target.slice, ast.Constant):
        if isinstance(target.slice.value, str):
            source.attribute(target.slice.value, expression(value), target.lineno, guard)
            if isinstance(target.value, ast.Name):
                entry = Record({target.slice.value: expression(value)})
                source.bind(target.value.id, entry, target.lineno, guard)
    elif isinstance(target, ast.Tuple) and isinstance(value, ast.Tuple) and len(target.elts) == len(value.elts):
        for one_target, one_value in zip(target.elts, value.elts, strict=True):
            if isinstance(one_target, ast.Name):
                source.bind(one_target.id, expression(one_value), target.lineno, guard)
