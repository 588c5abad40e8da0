"""Imports of JavaScript and TypeScript files, every form: ES modules (static, dynamic, side effect, re-export, type
only), `require`, `import x = require()`. `javascript_resolver.py` finds the files.
"""

from __future__ import annotations

from collections.abc import Iterator

import tree_sitter

from evaluator.verifiers.source import ImportedName, ImportStatement, Source


def read_import(node: tree_sitter.Node, source: Source) -> None:
    """Add what an import or re-export statement brings into a file, or a call of `require` or `import()`."""
    if node.type == "import_statement":
        _read_import_statement(node, source)
    elif node.type == "export_statement":
        _read_re_export(node, source)
    elif node.type == "call_expression":
        _read_import_call(node, source)


def _read_import_statement(node: tree_sitter.Node, source: Source) -> None:
    line = node.start_point.row + 1
    clause = next((child for child in node.named_children if child.type.endswith("_clause")), None)
    written = node.child_by_field_name("source") or (clause and clause.child_by_field_name("source"))
    if written is None:
        return
    module = text_of(written)
    names: list[str] = []
    for child in clause.named_children if clause is not None else ():
        if child.type == "identifier":
            required = clause is not None and clause.type == "import_require_clause"
            taken = "*" if required else "default"
            source.imported.setdefault(_text(child), ImportedName(module, taken))
            names.append(taken)
        elif child.type == "namespace_import":
            source.imported.setdefault(_text(child.named_children[-1]), ImportedName(module, "*"))
            names.append("*")
        elif child.type == "named_imports":
            for specifier in child.named_children:
                name = specifier.child_by_field_name("name")
                if name is not None:
                    alias = specifier.child_by_field_name("alias") or name
                    source.imported.setdefault(_text(alias), ImportedName(module, _text(name)))
                    names.append(_text(name))
    source.can_load |= module in ("module", "node:module")
    source.imports.append(ImportStatement(module, line, tuple(names)))


def _read_re_export(node: tree_sitter.Node, source: Source) -> None:
    written = node.child_by_field_name("source")
    if written is None:
        return
    module = text_of(written)
    clause = next((child for child in node.named_children if child.type == "export_clause"), None)
    names: list[str] = []
    for specifier in clause.named_children if clause is not None else ():
        name = specifier.child_by_field_name("name")
        if name is not None:
            alias = _text(specifier.child_by_field_name("alias") or name)
            source.imported.setdefault(f"export {alias}", ImportedName(module, _text(name)))
            names.append(_text(name))
    if clause is None:
        source.star_exports.append(module)
    source.imports.append(ImportStatement(module, node.start_point.row + 1, tuple(names)))


def _read_import_call(node: tree_sitter.Node, source: Source) -> None:
    called = node.child_by_field_name("function")
    if called is None or _text(called) not in ("require", "import", "require.resolve"):
        return
    arguments = node.child_by_field_name("arguments")
    first = arguments.named_children[0] if arguments is not None and arguments.named_children else None
    module = module_text(first) if first is not None else ""
    if module:
        source.can_load |= module in ("module", "node:module")
        source.imports.append(ImportStatement(module, node.start_point.row + 1, _destructured(node)))
    else:
        source.can_load = True


def _destructured(node: tree_sitter.Node) -> tuple[str, ...]:
    """The names taken by `const { a, b: c } = require(…)`; none where another form is used."""
    holder = node.parent
    if holder is not None and holder.type == "await_expression":
        holder = holder.parent
    pattern = (
        holder.child_by_field_name("name") if holder is not None and holder.type == "variable_declarator" else None
    )
    if pattern is None or pattern.type != "object_pattern":
        return ()
    return tuple(name for name, _ in pattern_names(pattern))


def pattern_names(pattern: tree_sitter.Node) -> Iterator[tuple[str, str]]:
    """The pairs (taken, local name) of an object pattern."""
    for child in pattern.named_children:
        if child.type == "shorthand_property_identifier_pattern":
            yield _text(child), _text(child)
        elif child.type == "object_assignment_pattern" and child.named_children:
            yield _text(child.named_children[0]), _text(child.named_children[0])
        elif child.type == "pair_pattern":
            key, value = child.child_by_field_name("key"), child.child_by_field_name("value")
            if value is not None and value.type == "assignment_pattern":
                value = value.child_by_field_name("left")
            if key is not None and value is not None and value.type == "identifier":
                yield _text(key), _text(value)


def module_text(node: tree_sitter.Node) -> str:
    """The module named by an argument: a written string, or `path.join(__dirname, "…")`; empty where it is computed."""
    if node.type == "string":
        return text_of(node)
    if node.type == "template_string" and not any(part.type == "template_substitution" for part in node.named_children):
        return text_of(node)
    if node.type == "call_expression":
        arguments = node.child_by_field_name("arguments")
        parts = arguments.named_children if arguments is not None else []
        if len(parts) > 1 and _text(parts[0]) == "__dirname" and all(part.type == "string" for part in parts[1:]):
            return "./" + "/".join(text_of(part) for part in parts[1:])
    return ""


def text_of(node: tree_sitter.Node) -> str:
    """The text between the quotes of a string or template."""
    return _text(node)[1:-1]


def _text(node: tree_sitter.Node) -> str:
    return (node.text or b"").decode("utf-8", "replace")
