"""A long file is coloured in passages; cut inside a string, a passage would show prose as code and code as prose."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import pytest
from pygments.lexers import get_lexer_for_filename
from pygments.token import STANDARD_TYPES

from annotations.highlighting import MOST_WORDS, ColouredText
from annotations.passages import LONGEST_PASSAGE, passages

ROOT = Path(__file__).resolve().parent.parent.parent
PYTHON_FILES = [*ROOT.glob("annotations/*.py")]
SCRIPTS = [*ROOT.glob("annotations/editor/src/*.ts"), ROOT / "annotations/editor/package.json"]


def coloured_whole(text: str, name: str) -> list[list[tuple[str, str]]]:
    """Class and text of every word, by Pygments' own lexer and without a cut."""
    lines: list[list[tuple[str, str]]] = [[]]
    for _, kind, value in get_lexer_for_filename(name, stripnl=False, ensurenl=False).get_tokens_unprocessed(text):
        name = STANDARD_TYPES[kind]
        first, *further = value.split("\n")
        lines[-1] += [("" if name == "w" else name, first)] if first else []
        lines.extend([("" if name == "w" else name, part)] if part else [] for part in further)
    return lines


@pytest.mark.parametrize("path", PYTHON_FILES, ids=lambda path: path.name)
def test_passages_have_the_very_colours_of_the_whole_file(path: Path) -> None:
    text = path.read_text()
    assert list(map(list, ColouredText(text, path.name))) == coloured_whole(text, path.name)


@pytest.mark.parametrize("path", SCRIPTS, ids=lambda path: path.name)
def test_passages_have_the_very_words_of_the_whole_file(path: Path) -> None:
    """A colour may differ where Pygments looks ahead over the end of a line, as at `default:` of a switch."""
    text = path.read_text()
    expected = [[word for _, word in line] for line in coloured_whole(text, path.name)]
    assert [[word for _, word in line] for line in ColouredText(text, path.name)] == expected


PYTHON = '''import os


def first():
    """A sentence.

def not_a_function(): in a string that goes on
    """
    return "one\\
def nor_this(): "


TEXT = \'\'\'
class NotAClass:
\'\'\'
# """ a comment that opens nothing


def last():
    return 1
'''
SCRIPT = """const text = `
function notAFunction() {
`;

/* a comment
function norThis() { */

const quote = "`";

function last() {
  return 1;
}
"""


@pytest.mark.parametrize(
    ("text", "language", "starts"),
    [
        (PYTHON, "Python", ["import os", "def first():", "TEXT = '''", "def last():"]),
        (SCRIPT, "JavaScript", ["const text = `", "/* a comment", "const quote = ", "function last() {"]),
        (SCRIPT, "Ruby", ["const text = `"]),
        ("", "Python", [""]),
    ],
)
def test_no_passage_starts_inside_a_string_or_a_comment(text: str, language: str, starts: list[str]) -> None:
    found = passages(text, language)
    lines = text.split("\n")
    for line, offset, start in zip(found.lines, found.offsets, starts, strict=True):
        assert lines[line].startswith(start)
        assert text[offset:].startswith(start)


def test_a_line_inside_a_string_far_above_has_the_colour_of_a_string() -> None:
    text = f'x = 1\n\nTEXT = """\n{"def f(): pass  # prose" + chr(10)}' + "words\n" * 3_000 + '"""\ny = 2\n'
    coloured = ColouredText(text, "a.py")
    assert coloured[2_000] == (("s2", "words"),)
    assert ("n", "y") in coloured[3_005]


def test_what_is_edited_in_one_function_leaves_the_passages_of_the_others_as_they_were() -> None:
    functions = [f"def function_{n}(value):\n    return {n}\n\n\n" for n in range(50)]
    edited = [*functions[:9], "def new():\n    pass\n\n\n", *functions[9:]]
    pieces = []
    for text in ("".join(functions), "".join(edited)):
        edges = [*passages(text, "Python").offsets, len(text)]
        pieces.append({text[start:end] for start, end in pairwise(edges)})
    assert len(pieces[1] - pieces[0]) == 1


def test_without_a_line_at_the_margin_long_code_is_cut_all_the_same() -> None:
    text = "class A:\n" + "    name = 1\n" * 1_000
    edges = [*passages(text, "Python").offsets, len(text)]
    assert max(end - start for start, end in pairwise(edges)) <= LONGEST_PASSAGE + 20


def test_after_so_many_words_the_rest_is_shown_plain_and_whole() -> None:
    text = ("(" * 39 + "\n") * 3_000
    lines = list(ColouredText(text, "a.py"))
    assert "\n".join("".join(word for _, word in line) for line in lines) == text
    coloured = sum(len(line) for line in lines if line and line[0][0])
    assert MOST_WORDS <= coloured <= 2 * MOST_WORDS
    assert lines[-2] == (("", "(" * 39),)
