"""Imports of JavaScript and TypeScript files: every form, resolved to files of the project.

ES modules (static, dynamic, side effect, re-export, type only), `require`, `import x = require()`; index files; endings
left out or swapped (`./a.js` for a.ts); `paths` and `baseUrl` of tsconfig.json; `imports` of package.json.
"""

from __future__ import annotations

import json
import posixpath
import re
from collections.abc import Iterator, Mapping
from pathlib import PurePosixPath
from typing import Any

import tree_sitter

from evaluator.verifiers.project import Project
from evaluator.verifiers.source import ImportedName, ImportStatement, Source

_ENDINGS = (".js", ".ts", ".mjs", ".cjs", ".mts", ".cts", ".tsx", ".jsx", ".json")
_SWAPS = {".js": (".ts", ".tsx", ".jsx"), ".mjs": (".mts",), ".cjs": (".cts",), ".jsx": (".tsx",)}
_CONDITIONS = ("node", "import", "require", "default", "types")
_COMMENT = re.compile(r'("(?:\\.|[^"\\])*(?:"|\Z))|//[^\n]*|/\*.*?(?:\*/|\Z)', re.DOTALL)
_TRAILING_COMMA = re.compile(r",(?=\s*[}\]])")


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
        source.imports.append(ImportStatement(module, node.start_point.row + 1, _destructured(node)))
    else:
        source.dynamic = True


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


class JavaScriptResolver:
    """Finds the file that a module's name stands for."""

    def __init__(self, project: Project) -> None:
        self._files = project.files
        self._folders = project.folders
        self._imports = _records(_json(project, "package.json").get("imports"))
        self._paths = list(_tsconfig_paths(project))
        self._known: dict[tuple[str, str], str | None] = {}

    def find(self, importer: str, module: str) -> str | None:
        """The file of a module, or `folder/` where only the folder is there; None for what is not the project's."""
        folder = str(PurePosixPath(importer).parent)
        key = (folder, module)
        if key not in self._known:
            self._known[key] = self._find(folder, module)
        return self._known[key]

    def _find(self, folder: str, module: str) -> str | None:
        module = module.partition("?")[0]
        if module.startswith("."):
            return self._at(posixpath.normpath(posixpath.join(folder, module)))
        if module.startswith("#"):
            return self._first(_expand(self._imports, module))
        for base, paths in self._paths:
            found = self._first(posixpath.join(base, target) for target in _expand(paths, module))
            if found is not None:
                return found
        return None

    def _first(self, targets: Iterator[str]) -> str | None:
        return next((found for target in targets if (found := self._at(posixpath.normpath(target))) is not None), None)

    def _at(self, base: str) -> str | None:
        if base.startswith(".."):
            return None
        stem, ending = posixpath.splitext(base)
        candidates = [base, *(stem + swap for swap in _SWAPS.get(ending, ())), *(base + end for end in _ENDINGS)]
        candidates += [posixpath.join(base, "index" + end) for end in _ENDINGS]
        for candidate in candidates:
            if candidate in self._files or (base == "." and candidate.removeprefix("./") in self._files):
                return candidate.removeprefix("./")
        return f"{base}/" if base in self._folders and base != "." else None


def package_of(module: str) -> str:
    """The package of a bare module name: `pg` for `pg/lib/x`, `@hono/node-server` for a scoped one; `node:` is "
    "dropped."""
    parts = module.removeprefix("node:").split("/")
    return "/".join(parts[:2]) if module.startswith("@") else parts[0]


def _tsconfig_paths(project: Project) -> Iterator[tuple[str, Mapping[str, Any]]]:
    for name in ("tsconfig.json", "jsconfig.json", "tsconfig.base.json"):
        options = _json(project, name).get("compilerOptions")
        if not isinstance(options, dict):
            continue
        base = options.get("baseUrl")
        base = base if isinstance(base, str) else "."
        yield base, _records(options.get("paths"))
        if "baseUrl" in options:
            yield base, {"*": ["*"]}


def _expand(table: Mapping[str, Any], module: str) -> Iterator[str]:
    """The targets that a table of patterns with at most one `*` gives for a module, longest pattern first."""
    for pattern in sorted(table, key=len, reverse=True):
        start, star, end = pattern.partition("*")
        matches = module == pattern
        if star:
            matches = len(module) >= len(start) + len(end) and module.startswith(start) and module.endswith(end)
        if matches:
            middle = module[len(start) : len(module) - len(end)] if star else ""
            for target in _targets(table[pattern]):
                yield target.replace("*", middle)


def _targets(value: Any) -> Iterator[str]:
    pending = [value]
    for _ in range(50):
        if not pending:
            return
        one = pending.pop(0)
        if isinstance(one, str):
            yield one
        elif isinstance(one, list):
            pending[:0] = one
        elif isinstance(one, dict):
            pending[:0] = [one[condition] for condition in _CONDITIONS if condition in one]


def _json(project: Project, path: str) -> Mapping[str, Any]:
    """A JSON file, comments and trailing commas allowed; empty where it is none."""
    try:
        document = json.loads(_TRAILING_COMMA.sub("", _COMMENT.sub(lambda match: match[1] or "", project.text(path))))
    except (ValueError, RecursionError):
        return {}
    return _records(document)


def _records(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}
