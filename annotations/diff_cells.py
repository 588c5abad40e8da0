"""The HTML of one line of code: words with class names, marks around what changed, nothing hidden, nothing executed.

Pure: no Django, no I/O.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from html import escape
from typing import Literal

from annotations.highlighting import Line
from annotations.word_marks import Mark

MOST_CHARACTERS_A_LINE = 1_000


def code_html(line: Line, marks: Sequence[Mark], element: Literal["ins", "del"]) -> str:
    """The HTML of one line; the stretches in `marks` (start and end, in characters) lie in an `<ins>` or `<del>`."""
    pieces = []
    edges = [edge for mark in marks for edge in mark]
    position, marked = 0, False
    for name, text in line:
        if position >= MOST_CHARACTERS_A_LINE:
            break
        text = text[: MOST_CHARACTERS_A_LINE - position]
        start = 0
        while edges and edges[0] < position + len(text):
            edge = edges.pop(0) - position
            pieces.append(_word(name, text[start:edge]))
            start, marked = edge, not marked
            pieces.append(f"<{element}>" if marked else f"</{element}>")
        pieces.append(_word(name, text[start:]))
        position += len(text)
    if marked:
        pieces.append(f"</{element}>")
    left_out = sum(len(text) for _, text in line) - position
    if left_out > 0:
        pieces.append(f' <span class="quiet xs">and {left_out:,} more characters</span>')
    return "".join(pieces)


def _word(name: str, text: str) -> str:
    if not text:
        return ""
    visible = escape(visible_text(text))
    return f'<span class="{name}">{visible}</span>' if name else visible


_HIDING = re.compile("[\x00-\x08\x0a-\x1f\x7f-\x9f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff\ud800-\udfff]")


def visible_text(text: str) -> str:
    """Characters that hide or reorder what stands beside them, by name: a carriage return as ␍, U+202E as ⟦U+202E⟧."""
    return text if text.isascii() and text.isprintable() else _HIDING.sub(lambda found: _name(found.group()), text)


def _name(character: str) -> str:
    code = ord(character)
    return chr(0x2400 + code) if code < 0x20 else "␡" if code == 0x7F else f"⟦U+{code:04X}⟧"
