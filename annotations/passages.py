"""Where a text can be cut into passages that are coloured each for itself: of a long file few lines are shown.

A line starts a passage where nothing that began above it goes on: no string, no comment. That is known of the languages
below; a text of another one is a single passage. Pure: no Django, no I/O.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

# In characters. A line at the margin after a blank one always starts a passage: an edit does not shift the others.
SHORTEST_PASSAGE = 60
LONGEST_PASSAGE = 1_200  # where it can be cut
_NOT_AT_THE_MARGIN = frozenset([*" \t\r\n)]}", ""])
TEXTS_REMEMBERED = 32  # the places alone: a few kB each, and the text they belong to

_QUOTED = r""""(?:[^"\\\n]|\\.)*"?|'(?:[^'\\\n]|\\.)*'?"""
_PYTHON = r'"""(?:[^\\]|\\.)*?(?:"""|\Z)|' + r"'''(?:[^\\]|\\.)*?(?:'''|\Z)|#[^\n]*|" + _QUOTED
_JAVASCRIPT = r"`(?:[^`\\]|\\.)*`?|/\*.*?(?:\*/|\Z)|//[^\n]*|" + _QUOTED


@dataclass(frozen=True)
class _Language:
    """`openers` are all that can begin something of several lines; `spans` is all that such an opener may lie in."""

    openers: tuple[str, ...]
    spans: str

    def line_starts(self, text: str) -> Iterator[int]:
        """Offsets of the lines at which nothing goes on, in order; the first line's among them."""
        pattern = _pattern(f"^|{self.spans}" if any(opener in text for opener in self.openers) else "^")
        for found in pattern.finditer(text):
            start, end = found.span()
            if start == end:
                yield start


_LANGUAGES = {
    "Python": _Language(('"""', "'''", "\\\n"), _PYTHON),
    "JavaScript": _Language(("`", "/*", "\\\n"), _JAVASCRIPT),
    "TypeScript": _Language(("`", "/*", "\\\n"), _JAVASCRIPT),
    "JSON": _Language((), ""),
}


@dataclass(frozen=True)
class Passages:
    """The first line of each passage, counted from 0, and its offset in the text; at least one passage."""

    lines: tuple[int, ...]
    offsets: tuple[int, ...]


@lru_cache(maxsize=TEXTS_REMEMBERED)
def passages(text: str, language: str) -> Passages:
    """The passages of a text in a language by Pygments' name."""
    lines, offsets = [0], [0]
    known = _LANGUAGES.get(language)
    for start in known.line_starts(text) if known else ():
        length = start - offsets[-1]
        if length < LONGEST_PASSAGE:
            if text[start : start + 1] in _NOT_AT_THE_MARGIN:
                continue
            if length < SHORTEST_PASSAGE and (not length or text[start - 2] != "\n"):
                continue
        lines.append(lines[-1] + text.count("\n", offsets[-1], start))
        offsets.append(start)
    return Passages(tuple(lines), tuple(offsets))


@lru_cache(maxsize=16)
def _pattern(spans: str) -> re.Pattern[str]:
    return re.compile(spans, re.DOTALL | re.MULTILINE)
