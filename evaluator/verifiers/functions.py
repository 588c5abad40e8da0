"""The named functions of a file: from which line to which, what they are handed, and where they repeat themselves."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass, field

import tree_sitter

from evaluator.verifiers.javascript_source import parsed_javascript
from evaluator.verifiers.program import Program
from evaluator.verifiers.python_source import parsed_python

_LOOPS = frozenset({"for_statement", "for_in_statement", "while_statement", "do_statement"})
_REPEATING = frozenset({"map", "forEach", "reduce", "flatMap"})
_HANDLED = frozenset({"get", "post", "put", "patch", "delete", "del", "all", "use", "route", "on", "register"})
_FUNCTIONS = frozenset(
    {
        "function_declaration",
        "generator_function_declaration",
        "function_expression",
        "arrow_function",
        "method_definition",
    }
)
_TOP = (ast.FunctionDef, ast.AsyncFunctionDef)


@dataclass(frozen=True, slots=True)
class Function:
    """A named function; callbacks without a name belong to the function around them, but for handlers of routes."""

    path: str
    name: str
    first: int
    last: int
    parameters: frozenset[str]
    decorators: frozenset[str] = frozenset()
    loops: tuple[tuple[int, int], ...] = field(default=())

    def repeats(self, line: int) -> bool:
        """Whether a line stands in a loop of the function."""
        return any(first <= line <= last for first, last in self.loops)


def functions_of(program: Program, path: str) -> tuple[Function, ...]:
    """The named functions of a production file, inner ones after those around them; none of a broken file."""
    content = program.project.files[path]
    if any(unread.path == path for unread in program.unread):
        return ()
    if program.sources[path].language == "python":
        tree = parsed_python(content)
        return tuple(_of_python(path, tree)) if tree is not None else ()
    return tuple(_of_javascript(path, parsed_javascript(path, content)))


def function_around(functions: tuple[Function, ...], line: int) -> Function | None:
    """The innermost function that a line belongs to."""
    around = [one for one in functions if one.first <= line <= one.last]
    return min(around, key=lambda one: one.last - one.first) if around else None


def _of_python(path: str, tree: ast.Module) -> Iterator[Function]:
    for node in ast.walk(tree):
        if not isinstance(node, _TOP):
            continue
        arguments = node.args
        handed = [*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs]
        loops = tuple(
            (inner.lineno, inner.end_lineno or inner.lineno)
            for inner in ast.walk(node)
            if isinstance(inner, (ast.For, ast.AsyncFor, ast.While))
        )
        decorators = (
            part.attr if isinstance(part, ast.Attribute) else part.id
            for decorator in node.decorator_list
            for part in ast.walk(decorator)
            if isinstance(part, (ast.Attribute, ast.Name))
        )
        names = frozenset(one.arg for one in handed)
        yield Function(
            path, node.name, node.lineno, node.end_lineno or node.lineno, names, frozenset(decorators), loops
        )


def _of_javascript(path: str, root: tree_sitter.Node) -> Iterator[Function]:
    pending = [root]
    while pending:
        node = pending.pop()
        pending.extend(node.named_children)
        if node.type in _FUNCTIONS and (name := _name(node)):
            loops = tuple((one.start_point.row + 1, one.end_point.row + 1) for one in _loops(node))
            first, last = node.start_point.row + 1, node.end_point.row + 1
            yield Function(path, name, first, last, frozenset(_parameters(node)), loops=loops)


def _name(node: tree_sitter.Node) -> str:
    name = node.child_by_field_name("name")
    if name is None and (handles := _handles(node)):
        return handles
    if name is None and node.parent is not None:
        around = node.parent
        if around.type in ("variable_declarator", "assignment_expression", "pair", "public_field_definition"):
            name = around.child_by_field_name("name") or around.child_by_field_name("key")
            if name is None and (left := around.child_by_field_name("left")) is not None:
                name = left.child_by_field_name("property") or left
    return _text(name) if name is not None else ""


def _handles(node: tree_sitter.Node) -> str:
    """What a callback without a name is the handler of; empty where it is part of the function around it."""
    call = node.parent.parent if node.parent is not None and node.parent.type == "arguments" else None
    called = call.child_by_field_name("function") if call is not None else None
    method = called.child_by_field_name("property") if called is not None else None
    return f"{_text(method)} handler" if method is not None and _text(method) in _HANDLED else ""


def _parameters(node: tree_sitter.Node) -> Iterator[str]:
    given = node.child_by_field_name("parameters") or node.child_by_field_name("parameter")
    pending = [given] if given is not None else []
    while pending:
        one = pending.pop()
        if one.type in ("identifier", "shorthand_property_identifier_pattern"):
            yield _text(one)
        elif one.type != "type_annotation":
            pending.extend(one.named_children)


def _loops(function: tree_sitter.Node) -> Iterator[tree_sitter.Node]:
    pending = list(function.named_children)
    while pending:
        node = pending.pop()
        pending.extend(node.named_children)
        if node.type in _LOOPS:
            yield node
        elif node.type == "call_expression":
            called = node.child_by_field_name("function")
            method = called.child_by_field_name("property") if called is not None else None
            if method is not None and _text(method) in _REPEATING:
                yield from (child for child in node.named_children if child.type == "arguments")


def _text(node: tree_sitter.Node) -> str:
    return (node.text or b"").decode("utf-8", "replace")
