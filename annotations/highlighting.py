"""Source text as words with the class names of Pygments, line by line. Pure: no Django, no I/O.

Colouring is most of what a comparison costs, so only those passages of a text are coloured that lines are asked of.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator
from functools import lru_cache
from typing import Any, ClassVar

from pygments.lexer import Lexer, inherit
from pygments.lexers import find_lexer_class_for_filename
from pygments.lexers.python import PythonLexer
from pygments.token import STANDARD_TYPES, Punctuation, Text, _TokenType

from annotations.passages import Passages, passages

Word = tuple[str, str]  # class name or "", text
Line = tuple[Word, ...]  # the text of a line without its line break

MOST_CHARACTERS = 400_000
MOST_WORDS = 40_000  # of one text: 0.25 s where a hostile one has a word at every character
# What is remembered is bounded by number and by length: some 20 MB of code, and 100 MB where hostile texts have a word
# at every character. What is longer, nearly all in languages that are not cut, is kept as 16 whole texts would be.
SHORT_PASSAGE = 1_500  # characters
SHORT_PASSAGES_REMEMBERED = 8_000
LONG_PASSAGES_REMEMBERED = 16
SHORT_WORD = 40  # characters; most words of code are one of few thousand, and are kept once


class ColouredText:
    """The lines of one text, in the language that `path` suggests; joined again they are the text.

    A language Pygments does not know gives plain lines; so does a text over 400,000 characters, and what is asked for
    after 40,000 words. There are as many lines as in `text.split("\\n")`.
    """

    def __init__(self, text: str, path: str) -> None:
        self._text = text
        self._lexer = _lexer_class(path) if len(text) <= MOST_CHARACTERS else None
        self._passages = passages(text, self._lexer.name) if self._lexer else Passages((0,), (0,))
        self._lines: dict[int, Line] = {}
        self._words_left = MOST_WORDS

    def __len__(self) -> int:
        return self._text.count("\n") + 1

    def __getitem__(self, index: int) -> Line:
        """The line with this index, from 0. Raises KeyError where there is none."""
        if index not in self._lines:
            self._colour(bisect_right(self._passages.lines, index) - 1)
        return self._lines[index]

    def __iter__(self) -> Iterator[Line]:
        return (self[index] for index in range(len(self)))

    def _colour(self, number: int) -> None:
        """Take in the lines of one passage."""
        start, *ends = self._passages.offsets[number : number + 2]
        passage = self._text[start : ends[0] - 1] if ends else self._text[start:]
        coloured = self._lexer is not None and self._words_left > 0
        lines = _coloured(passage, self._lexer) if self._lexer and coloured else _plain(passage)
        self._words_left -= sum(map(len, lines)) if coloured else 0
        self._lines.update(enumerate(lines, start=self._passages.lines[number]))


class _Python(PythonLexer):
    """Pygments' own, asked for spaces and brackets first: half of all words, which it comes to after thirty rules."""

    tokens: ClassVar[dict[str, list[Any]]] = {
        "root": [(r"(?<=\S)[^\S\n]+", Text), (r"[]{}(),;[]|:(?!=)", Punctuation), inherit]
    }


def _coloured(passage: str, lexer_class: type[Lexer]) -> tuple[Line, ...]:
    return (_short if len(passage) <= SHORT_PASSAGE else _long)(passage, lexer_class)


def _lex(passage: str, lexer_class: type[Lexer]) -> tuple[Line, ...]:
    lines: list[list[Word]] = [[]]
    end = 0
    # get_tokens would normalise line breaks and strip; every character must keep its place.
    for words, (start, kind, value) in enumerate(_lexer(lexer_class).get_tokens_unprocessed(passage)):
        if start != end or words == MOST_WORDS:
            break
        end += len(value)
        name = _class_name(kind)
        first, *further = value.split("\n")
        if first:
            lines[-1].append(_word(name, first))
        lines.extend([_word(name, part)] if part else [] for part in further)
    rest = _plain(passage[end:])
    lines[-1].extend(rest[0])
    return (*(tuple(line) for line in lines), *rest[1:])


_short = lru_cache(maxsize=SHORT_PASSAGES_REMEMBERED)(_lex)
_long = lru_cache(maxsize=LONG_PASSAGES_REMEMBERED)(_lex)


def _plain(text: str) -> tuple[Line, ...]:
    return tuple((("", line),) if line else () for line in text.split("\n"))


def _word(name: str, text: str) -> Word:
    return _short_word(name, text) if len(text) <= SHORT_WORD else (name, text)


@lru_cache(maxsize=8_192)
def _short_word(name: str, text: str) -> Word:
    return name, text


@lru_cache(maxsize=256)
def _lexer_class(path: str) -> type[Lexer] | None:
    found: type[Lexer] | None = find_lexer_class_for_filename(path.rsplit("/", 1)[-1])
    return _Python if found is PythonLexer else found


@lru_cache(maxsize=64)
def _lexer(lexer_class: type[Lexer]) -> Lexer:
    return lexer_class(stripnl=False, ensurenl=False)


@lru_cache(maxsize=1024)
def _class_name(kind: _TokenType) -> str:
    """The short class of a token type or of its nearest ancestor that has one; none for text and white space."""
    while kind not in STANDARD_TYPES and kind.parent is not None:
        kind = kind.parent
    name = STANDARD_TYPES.get(kind, "")
    return "" if name == "w" else name
