"""Reads a JavaScript or TypeScript file into facts, through tree-sitter. Walks are iterative, depth is bounded."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from pathlib import PurePosixPath

import tree_sitter
import tree_sitter_javascript
import tree_sitter_typescript

from evaluator.verifiers.expressions import (
    MOST_DEPTH,
    UNKNOWN,
    Expression,
    Invoke,
    Member,
    Name,
    Record,
)
from evaluator.verifiers.javascript_conditions import branch_guards, case_guards
from evaluator.verifiers.javascript_expressions import CALLS, expression, key_text
from evaluator.verifiers.javascript_imports import pattern_names, read_import
from evaluator.verifiers.project import Unread
from evaluator.verifiers.source import ClassStatement, Guard, GuardedCall, Source
from evaluator.verifiers.words import words

_FUNCTIONS = words(
    "function_declaration generator_function_declaration class_declaration abstract_class_declaration",
    "interface_declaration type_alias_declaration enum_declaration",
)
_NAMED_FUNCTIONS = words(
    "function_declaration function_expression arrow_function method_definition", "generator_function_declaration"
)
_MOST_PARENTS = 12


def read_javascript(path: str, content: bytes) -> tuple[Source, Unread | None]:
    """The facts of a JavaScript or TypeScript file; what is broken is named, the rest is read. Never raises for it."""
    source = Source(path, "javascript")
    tree = tree_sitter.Parser(_language(PurePosixPath(path).suffix.lower())).parse(_without_bom(content))
    unread = None
    if tree.root_node.has_error:
        unread = Unread(path, _first_error(tree.root_node), "cannot be parsed")
    for node, guard in _walk(tree.root_node):
        _read_node(node, guard, source)
    return source, unread


def parsed_javascript(path: str, content: bytes) -> tree_sitter.Node:
    """The root of a file's syntax tree, whatever is broken in it."""
    return tree_sitter.Parser(_language(PurePosixPath(path).suffix.lower())).parse(_without_bom(content)).root_node


@cache
def _language(suffix: str) -> tree_sitter.Language:
    if suffix in (".ts", ".mts", ".cts"):
        return tree_sitter.Language(tree_sitter_typescript.language_typescript())
    if suffix == ".tsx":
        return tree_sitter.Language(tree_sitter_typescript.language_tsx())
    return tree_sitter.Language(tree_sitter_javascript.language())


def _without_bom(content: bytes) -> bytes:
    return content.removeprefix(b"\xef\xbb\xbf")


def _first_error(root: tree_sitter.Node) -> int:
    node = root
    for _ in range(10_000):
        broken = next((child for child in node.children if child.has_error or child.is_missing), None)
        if broken is None or node.is_error:
            break
        node = broken
    return node.start_point.row + 1


def _walk(root: tree_sitter.Node) -> Iterator[tuple[tree_sitter.Node, Guard]]:
    """Every named node with the condition it stands under."""
    pending: list[tuple[tree_sitter.Node, Guard]] = [(root, "always")]
    while pending:
        node, guard = pending.pop()
        yield node, guard
        if node.type in ("if_statement", "ternary_expression"):
            condition = node.child_by_field_name("condition")
            branches = branch_guards(condition, guard) if condition is not None else (guard, guard)
            alternative = node.child_by_field_name("alternative")
            for child in reversed(node.named_children):
                if child == condition:
                    pending.append((child, guard))
                else:
                    pending.append((child, branches[1] if child == alternative else branches[0]))
        elif node.type == "switch_statement":
            cases = case_guards(node, guard)
            for child in reversed(node.named_children):
                if child.type == "switch_body":
                    pending.extend((case, cases.get(case.id, guard)) for case in reversed(child.named_children))
                else:
                    pending.append((child, guard))
        else:
            pending.extend((child, guard) for child in reversed(node.named_children))


def _read_node(node: tree_sitter.Node, guard: Guard, source: Source) -> None:
    kind = node.type
    if kind in ("import_statement", "call_expression"):
        read_import(node, source)
    if kind in CALLS:
        lowered = expression(node)
        if isinstance(lowered, Invoke):
            source.calls.append(GuardedCall(lowered, guard))
    elif kind == "variable_declarator":
        _read_variable(node, guard, source)
    elif kind == "assignment_expression":
        _read_assignment(node, guard, source)
    elif kind in ("pair", "field_definition", "public_field_definition"):
        key = (
            node.child_by_field_name("key") or node.child_by_field_name("property") or node.child_by_field_name("name")
        )
        value = node.child_by_field_name("value")
        if key is not None and value is not None:
            source.attribute(key_text(key), expression(value), node.start_point.row + 1, guard)
    elif kind == "export_statement":
        read_import(node, source)
        _read_export(node, source)
    elif kind == "return_statement":
        _read_return(node, guard, source)
    elif kind in ("assignment_pattern", "required_parameter"):
        _read_default(node, guard, source)
    elif kind in _FUNCTIONS:
        _define(node, source)
    if kind in ("class_declaration", "class", "abstract_class_declaration"):
        _read_class(node, source)


def _read_return(node: tree_sitter.Node, guard: Guard, source: Source) -> None:
    """What is returned is kept under the name of the function around it."""
    if not node.named_children:
        return
    around = node.parent
    for _ in range(_MOST_PARENTS):
        if around is None or around.type == "program":
            return
        if around.type in _NAMED_FUNCTIONS:
            name = around.child_by_field_name("name")
            if name is None and around.parent is not None and around.parent.type == "variable_declarator":
                name = around.parent.child_by_field_name("name")
            if name is not None:
                source.gives_back(_text(name), expression(node.named_children[0]), node.start_point.row + 1, guard)
            return
        around = around.parent


def _read_default(node: tree_sitter.Node, guard: Guard, source: Source) -> None:
    """The default of a parameter or of a name taken apart is a value of its name."""
    name = node.child_by_field_name("left") or node.child_by_field_name("pattern")
    value = node.child_by_field_name("right") or node.child_by_field_name("value")
    if name is not None and value is not None and name.type == "identifier":
        source.bind(_text(name), expression(value), node.start_point.row + 1, guard)


def _define(node: tree_sitter.Node, source: Source) -> None:
    source.defines = True
    name = node.child_by_field_name("name")
    if name is not None and node.parent is not None and node.parent.type in ("program", "export_statement"):
        source.definitions.add(_text(name))


def _read_variable(node: tree_sitter.Node, guard: Guard, source: Source) -> None:
    name, value = node.child_by_field_name("name"), node.child_by_field_name("value")
    if name is None or value is None:
        return
    line = node.start_point.row + 1
    lowered = expression(value)
    if name.type == "identifier":
        source.bind(_text(name), lowered, line, guard)
        if not _is_require(lowered):
            source.defines = True
    elif name.type == "object_pattern":
        for taken, local in pattern_names(name):
            source.bind(local, Member(lowered, taken), line, guard)


def _is_require(lowered: Expression) -> bool:
    for _ in range(MOST_DEPTH):
        if isinstance(lowered, Invoke) and lowered.of in (Name("require"), Name("import")):
            return True
        if not isinstance(lowered, (Invoke, Member)):
            return False
        lowered = lowered.of
    return False


def _read_assignment(node: tree_sitter.Node, guard: Guard, source: Source) -> None:
    left, right = node.child_by_field_name("left"), node.child_by_field_name("right")
    if left is None or right is None:
        return
    line = node.start_point.row + 1
    target, value = expression(left), expression(right)
    if isinstance(target, Name):
        source.bind(target.name, value, line, guard)
    if not isinstance(target, Member):
        return
    source.attribute(target.name, value, line, guard)
    if target == Member(Name("module"), "exports"):
        source.defines = True
        known = source.exports.get("default")
        source.exports["default"] = known if known is not None and value == UNKNOWN else value
        if isinstance(value, Record):
            source.exports.update(value.entries)
    elif target.of in (Name("exports"), Member(Name("module"), "exports")):
        source.defines = True
        source.exports[target.name] = value
    elif isinstance(target.of, Name):
        source.bind(target.of.name, Record({target.name: value}), line, guard)


def _read_export(node: tree_sitter.Node, source: Source) -> None:
    if node.child_by_field_name("source") is not None:
        for name in [name for name in source.imported if name.startswith("export ")]:
            source.exports[name.removeprefix("export ")] = Name(name)
        return
    value, declared = node.child_by_field_name("value"), node.child_by_field_name("declaration")
    is_default = any(child.type == "default" for child in node.children)
    if value is not None:
        source.defines = True
        named = value.child_by_field_name("name") if value.type in ("class", "function_expression") else None
        source.exports["default"] = Name(_text(named)) if named is not None else expression(value)
    elif declared is not None:
        source.defines = True
        for name in _declared_names(declared):
            source.exports["default" if is_default else name] = Name(name)
    for clause in node.named_children:
        if clause.type == "export_clause":
            for specifier in clause.named_children:
                name_node = specifier.child_by_field_name("name")
                if name_node is not None:
                    alias = specifier.child_by_field_name("alias") or name_node
                    source.exports[_text(alias)] = Name(_text(name_node))
        elif clause.type == "identifier" and value is None and declared is None:
            source.exports["default"] = Name(_text(clause))


def _declared_names(declared: tree_sitter.Node) -> Iterator[str]:
    name = declared.child_by_field_name("name")
    if name is not None:
        yield _text(name)
    for child in declared.named_children:
        if child.type == "variable_declarator":
            pattern = child.child_by_field_name("name")
            if pattern is not None and pattern.type == "identifier":
                yield _text(pattern)
            elif pattern is not None:
                yield from (local for _, local in pattern_names(pattern))


def _read_class(node: tree_sitter.Node, source: Source) -> None:
    source.defines = True
    name_node = node.child_by_field_name("name")
    name = _text(name_node) if name_node is not None else ""
    if not name and node.parent is not None and node.parent.type == "variable_declarator":
        variable = node.parent.child_by_field_name("name")
        name = _text(variable) if variable is not None else ""
    bases = tuple(expression(base) for base in _heritage(node))
    holder = node.parent if node.parent is not None and node.parent.type == "export_statement" else node
    decorators = tuple(
        expression(child.named_children[0])
        for child in (*node.named_children, *(holder.named_children if holder is not node else ()))
        if child.type == "decorator" and child.named_children
    )
    body = node.child_by_field_name("body")
    fields = set()
    for member in body.named_children if body is not None else ():
        key = member.child_by_field_name("name") or member.child_by_field_name("property")
        if key is not None:
            fields.add(key_text(key))
    statement = ClassStatement(name, node.start_point.row + 1, bases, decorators, frozenset(fields))
    source.classes.setdefault(name or f"class at line {statement.line}", statement)


def _heritage(node: tree_sitter.Node) -> Iterator[tree_sitter.Node]:
    for child in node.named_children:
        if child.type == "class_heritage":
            for base in child.named_children:
                if base.type == "extends_clause":
                    value = base.child_by_field_name("value")
                    if value is not None:
                        yield value
                elif base.type != "implements_clause":
                    yield base


def _text(node: tree_sitter.Node) -> str:
    return (node.text or b"").decode("utf-8", "replace")
