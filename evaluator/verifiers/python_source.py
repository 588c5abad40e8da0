"""Reads a Python file into facts, through `ast`. Walks are iterative and expressions bounded in depth."""

from __future__ import annotations

import ast
import re
import threading
from collections.abc import Iterator

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
from evaluator.verifiers.project import Unread
from evaluator.verifiers.python_imports import read_import
from evaluator.verifiers.python_syntax import in_older_syntax
from evaluator.verifiers.source import ClassStatement, Guard, GuardedCall, Source

_TAKES_DEFAULT = frozenset({"get", "getenv", "env", "config", "str", "getattr", "pop", "setdefault"})
_PERCENT = re.compile(r"%(?:\(\w+\))?[srd]")
_BRACES = re.compile(r"\{[^{}]{0,80}\}")
_PARSING = threading.Lock()
_TEST_WORDS = re.compile(r"(?<![a-z])(py)?test(s|ing)?(?![a-z])", re.IGNORECASE)


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
            for_body, for_else = _guards(node.test, guard)
            body = node.body if isinstance(node.body, list) else [node.body]
            orelse = node.orelse if isinstance(node.orelse, list) else [node.orelse]
            children.append((node.test, guard, inner))
            children.extend((child, for_body, inner) for child in body)
            children.extend((child, for_else, inner) for child in orelse)
        else:
            children.extend((child, guard, inner) for child in ast.iter_child_nodes(node))
        pending.extend(reversed(children))


def _guards(test: ast.expr, guard: Guard) -> tuple[Guard, Guard]:
    """When the two branches of a condition have their turn."""
    if guard != "always":
        return guard, guard
    if _speaks_of_tests(test):
        return ("always", "test") if isinstance(test, ast.UnaryOp) else ("test", "always")
    truth = _truth(test)
    if truth is None:
        return "unclear", "unclear"
    return ("always", "optional") if truth else ("optional", "always")


def _speaks_of_tests(test: ast.expr) -> bool:
    words = [node.value for node in ast.walk(test) if isinstance(node, ast.Constant) and isinstance(node.value, str)]
    words += [node.id for node in ast.walk(test) if isinstance(node, ast.Name)]
    words += [node.attr for node in ast.walk(test) if isinstance(node, ast.Attribute)]
    return any(_TEST_WORDS.search(word) for word in words)


def _truth(test: ast.expr, depth: int = 0) -> bool | None:
    """Whether a condition holds where no environment variable is set; None where the text does not tell."""
    if depth > MOST_DEPTH:
        return None
    if isinstance(test, ast.UnaryOp) and isinstance(test.op, ast.Not):
        inner = _truth(test.operand, depth + 1)
        return None if inner is None else not inner
    if isinstance(test, ast.BoolOp):
        values = [_truth(value, depth + 1) for value in test.values]
        decisive = isinstance(test.op, ast.Or)
        if decisive in values:
            return decisive
        return None if None in values else not decisive
    if isinstance(test, ast.Compare) and len(test.ops) == 1:
        return _named_in_environment(test) if _last(test.comparators[0]) == "environ" else _compared(test)
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
        if node.func.attr == "getenv" or (node.func.attr == "get" and _last(node.func.value) == "environ"):
            return _constant(node.args[1]) if len(node.args) > 1 else (True, None)
    return False, None


def _last(node: ast.expr) -> str:
    return node.attr if isinstance(node, ast.Attribute) else node.id if isinstance(node, ast.Name) else ""


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
        case ast.Subscript(value=of):
            return Member(expression(of, inner), "[]")
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
        case ast.IfExp(test=test, body=body, orelse=orelse):
            options = (expression(body, inner), expression(orelse, inner))
            return Choice(options[::-1] if _truth(test) is False else options)
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
    called = _last(node.func)
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
