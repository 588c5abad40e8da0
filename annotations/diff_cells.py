"""The HTML of one line of code: words with class names, marks around what changed, nothing hidden, nothing executed.

Pure: no Django, no I/O.
"""

from __future__ import annotations

import re
from functools import lru_cache
from html import escape
from typing import Literal

from annotations.highlighting import SHORT_WORD, Line
from annotations.word_marks import Mark

MOST_CHARACTERS_A_LINE = 1_000
SHORT_LINE = 120  # characters, up to which its HTML is remembered


def code_html(line: Line, marks: tuple[Mark, ...], element: Literal["ins", "del"]) -> str:
    """The HTML of one line; the stretches in `marks` (start and end, in characters) lie in an `<ins>` or `<del>`."""
    length = sum([len(text) for _, text in line])
    return (_short_line if length <= SHORT_LINE else _line)(line, marks, element, length)


def _line(line: Line, marks: tuple[Mark, ...], element: str, length: int) -> str:
    if length <= MOST_CHARACTERS_A_LINE and not marks:
        return "".join([_word(name, text) for name, text in line])
    return _marked(line, marks, element, length)


# Two comparisons in a row show mostly the same lines. 10 MB of code; 50 MB where every character is a word of its own.
_short_line = lru_cache(maxsize=16_384)(_line)


def _marked(line: Line, marks: tuple[Mark, ...], element: str, length: int) -> str:
    """The same for a line with marks, or too long to be shown whole."""
    pieces = []
    edges = [edge for mark in marks for edge in mark]
    position, marked = 0, False
    for name, text in line:
        if position >= MOST_CHARACTERS_A_LINE:
            break
        text = text[: MOST_CHARACTERS_A_LINE - position]
        end, start = position + len(text), 0
        while edges and edges[0] < end:
            edge = edges.pop(0) - position
            pieces.append(_word(name, text[start:edge]))
            start, marked = edge, not marked
            pieces.append(f"<{element}>" if marked else f"</{element}>")
        pieces.append(_word(name, text[start:] if start else text))
        position = end
    if marked:
        pieces.append(f"</{element}>")
    if length > position:
        pieces.append(f' <span class="quiet xs">and {length - position:,} more characters</span>')
    return "".join(pieces)


def _word(name: str, text: str) -> str:
    return _short_word(name, text) if len(text) <= SHORT_WORD else _word_html(name, text)


def _word_html(name: str, text: str) -> str:
    if not text:
        return ""
    visible = escape(visible_text(text))
    return f'<span class="{name}">{visible}</span>' if name else visible


# Most words of code are one of few thousand. Some 300 bytes each: 5 MB where no two words of a page are the same.
_short_word = lru_cache(maxsize=16_384)(_word_html)


_HIDING = re.compile("[\x00-\x08\x0a-\x1f\x7f-\x9f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff\ud800-\udfff]")


def visible_text(text: str) -> str:
    """Characters that hide or reorder what stands beside them, by name: a carriage return as ␍, U+202E as ⟦U+202E⟧."""
    return text if text.isascii() and text.isprintable() else _HIDING.sub(lambda found: _name(found.group()), text)


def _name(character: str) -> str:
    code = ord(character)
    return chr(0x2400 + code) if code < 0x20 else "␡" if code == 0x7F else f"⟦U+{code:04X}⟧"
