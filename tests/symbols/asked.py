"""What is asked: every identifier of a backend's sources, as a place in a file."""

from __future__ import annotations

import io
import keyword
import tokenize
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import NamedTuple

import tree_sitter
import tree_sitter_javascript
import tree_sitter_typescript

SCRIPTS = (".js", ".mjs", ".cjs", ".ts", ".mts", ".cts")
_NAMES = frozenset(
    {
        "identifier",
        "property_identifier",
        "shorthand_property_identifier",
        "shorthand_property_identifier_pattern",
        "type_identifier",
        "private_property_identifier",
    }
)


class Place(NamedTuple):
    """Where something stands: the line counts from 1, the column from 0 in UTF-16 code units, as editors count."""

    path: str
    line: int
    column: int


@dataclass(frozen=True)
class Said:
    """What a source of symbols says of one identifier.

    `places` are those in the project, `guessed` those of which only the name fits, `imports` those that do no more than
    import it from a library; `library` is whether it names a place outside the project. `seconds` is what it took.
    """

    places: frozenset[Place] = frozenset()
    guessed: frozenset[Place] = frozenset()
    imports: frozenset[Place] = frozenset()
    library: bool = False
    seconds: float = 0.0


def python_names(files: Mapping[str, str]) -> Iterator[Place]:
    """Every name of the Python files that is no keyword. A file that cannot be read as Python has none."""
    for path, text in files.items():
        if not path.endswith(".py"):
            continue
        try:
            tokens = list(tokenize.generate_tokens(io.StringIO(text).readline))
        except (SyntaxError, tokenize.TokenError):
            continue
        for token in tokens:
            if token.type == tokenize.NAME and not keyword.iskeyword(token.string):
                line, column = token.start
                yield Place(path, line, in_utf16(token.line[:column]))


def script_names(files: Mapping[str, str]) -> Iterator[Place]:
    """Every identifier of the JavaScript and TypeScript files, names of properties and types too."""
    for path, text in files.items():
        if path.endswith(SCRIPTS):
            typed = path.endswith(("ts", "mts", "cts"))
            grammar = tree_sitter_typescript.language_typescript() if typed else tree_sitter_javascript.language()
            lines = text.encode().split(b"\n")
            tree = tree_sitter.Parser(tree_sitter.Language(grammar)).parse(text.encode())
            yield from (_place(path, node, lines) for node in _named(tree.root_node) if not _is_export(node))


def in_utf16(text: str) -> int:
    """How many UTF-16 code units a text has."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def _named(root: tree_sitter.Node) -> Iterator[tree_sitter.Node]:
    waiting = [root]
    while waiting:
        node = waiting.pop()
        if node.type in _NAMES:
            yield node
        waiting.extend(reversed(node.children))


def _is_export(node: tree_sitter.Node) -> bool:
    """Whether it is part of `module.exports`, which is a file's way to say what it gives and no name of anything."""
    around = node.parent
    return around is not None and around.type == "member_expression" and around.text == b"module.exports"


def _place(path: str, node: tree_sitter.Node, lines: list[bytes]) -> Place:
    row, column = node.start_point
    return Place(path, row + 1, in_utf16(lines[row][:column].decode("utf-8", "replace")))
