"""Rewrites newer Python syntax so that an older `ast` can read it, line by line where it was.

Backends are written for Python 3.12 and the evaluator may run on 3.11, which refuses type parameters (PEP 695), `type`
statements and quotes reused inside f-strings (PEP 701). tree-sitter reads all of them.
"""

from __future__ import annotations

import tree_sitter
import tree_sitter_python

from evaluator.verifiers.expressions import GAP

_LANGUAGE = tree_sitter.Language(tree_sitter_python.language())
_MOST_BYTES = 300_000


def in_older_syntax(content: bytes) -> bytes | None:
    """The same program without newer syntax; None where it has none, or is broken."""
    if len(content) > _MOST_BYTES:
        return None
    tree = tree_sitter.Parser(_LANGUAGE).parse(content)
    if tree.root_node.has_error:
        return None
    changes: list[tuple[int, int, bytes]] = []
    pending = [tree.root_node]
    while pending:
        node = pending.pop()
        if node.type == "type_parameter" and node.parent and node.parent.type in _GENERIC:
            changes.append((node.start_byte, node.end_byte, b""))
        elif node.type == "type_alias_statement":
            changes.append((node.start_byte, node.end_byte, _with_lines(b"pass", node)))
        elif node.type == "string" and any(child.type == "interpolation" for child in node.named_children):
            changes.append((node.start_byte, node.end_byte, _plain_string(node)))
        else:
            pending.extend(node.named_children)
    for start, end, replacement in sorted(changes, reverse=True):
        content = content[:start] + replacement + content[end:]
    return content if changes else None


_GENERIC = frozenset({"class_definition", "function_definition"})


def _plain_string(node: tree_sitter.Node) -> bytes:
    """An f-string as a string in which its expressions are gaps."""
    pieces = [
        (child.text or b"").decode("utf-8", "replace") if child.type == "string_content" else GAP
        for child in node.named_children
        if child.type in ("string_content", "interpolation")
    ]
    literal = repr("".join(pieces).replace("\n", " ")).encode()
    return b"(" + _with_lines(literal, node) + b")"


def _with_lines(replacement: bytes, node: tree_sitter.Node) -> bytes:
    return replacement + b"\n" * (node.end_point.row - node.start_point.row) if node.type == "string" else replacement
