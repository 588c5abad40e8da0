"""Finds the assertions of a Postman script without running it, so that their number is known beforehand.

`pm.test("name", …)` and the older `tests["name"] = …` are found wherever they stand. A name that is put together at run
time becomes a pattern: what is written down must match, the rest may be anything.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

import tree_sitter
import tree_sitter_javascript

GAP = "…"
ESCAPE = re.compile(r"\\(?:u\{([0-9a-fA-F]+)\}|u([0-9a-fA-F]{4})|x([0-9a-fA-F]{2})|(.))", re.DOTALL)
CONTROL = {"n": "\n", "t": "\t", "r": "\r", "b": "\b", "f": "\f", "v": "\v", "0": "\0", "\n": ""}


@dataclass(frozen=True)
class Assertion:
    """One place where a script makes an assertion. `name` shows the parts known only at run time as `…`."""

    name: str

    @property
    def is_fixed(self) -> bool:
        """Whether the whole name is written down."""
        return GAP not in self.name

    def matches(self, told: str) -> bool:
        """Whether an assertion of this name, told by the runner, was made here."""
        if self.is_fixed:
            return told == self.name
        return re.fullmatch(".*".join(map(re.escape, self.name.split(GAP))), told, re.DOTALL) is not None


def assertions_of(script: str) -> tuple[Assertion, ...]:
    """The assertions of a script in the order in which they are written; a name of `tests` that is set twice is one."""
    found: list[Assertion] = []
    legacy: set[str] = set()
    for node in _walk(tree_sitter.Parser(_language()).parse(script.encode()).root_node):
        if node.type == "call_expression" and _text(node.child_by_field_name("function")) == "pm.test":
            arguments = node.child_by_field_name("arguments")
            named = arguments.named_children if arguments is not None else []
            found.append(Assertion(_name(named[0]) if named else GAP))
        elif node.type == "assignment_expression":
            name = _legacy_name(node.child_by_field_name("left"))
            if name is not None and (name not in legacy or name == GAP):
                legacy.add(name)
                found.append(Assertion(name))
    return tuple(found)


@cache
def _language() -> tree_sitter.Language:
    return tree_sitter.Language(tree_sitter_javascript.language())


def _walk(root: tree_sitter.Node) -> Iterator[tree_sitter.Node]:
    """Every node in the order of the source; comments and strings hold no calls."""
    waiting = [root]
    while waiting:
        node = waiting.pop()
        yield node
        waiting.extend(reversed(node.named_children))


def _legacy_name(target: tree_sitter.Node | None) -> str | None:
    """The name where the target of an assignment is `tests[…]` or `tests.…`."""
    if target is None or _text(target.child_by_field_name("object")) != "tests":
        return None
    if target.type == "member_expression":
        return _text(target.child_by_field_name("property"))
    index = target.child_by_field_name("index")
    return _name(index) if index is not None else None


def _name(node: tree_sitter.Node) -> str:
    """The name that an expression gives, with `…` for what only running it would tell."""
    if node.type == "string":
        return _unescaped(_text(node)[1:-1])
    if node.type == "template_string":
        return _collapsed("".join(_template_part(child) for child in node.children))
    if node.type == "binary_expression" and _text(node.child_by_field_name("operator")) == "+":
        sides = (node.child_by_field_name("left"), node.child_by_field_name("right"))
        return _collapsed("".join(_name(side) for side in sides if side is not None))
    if node.type == "parenthesized_expression" and node.named_children:
        return _name(node.named_children[0])
    return GAP


def _template_part(node: tree_sitter.Node) -> str:
    if node.type == "template_substitution":
        return GAP
    return "" if node.type == "`" else _unescaped(_text(node))


def _collapsed(name: str) -> str:
    return re.sub(f"{GAP}+", GAP, name)


def _unescaped(text: str) -> str:
    def one(found: re.Match[str]) -> str:
        digits = found[1] or found[2] or found[3]
        if digits:
            return chr(min(int(digits, 16), 0x10FFFF))
        return CONTROL.get(found[4], found[4])

    return ESCAPE.sub(one, text)


def _text(node: tree_sitter.Node | None) -> str:
    return (node.text or b"").decode("utf-8", "replace") if node is not None else ""
