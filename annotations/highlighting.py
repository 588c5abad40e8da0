"""Source text as words with the class names of Pygments, line by line. Pure: no Django, no I/O."""

from __future__ import annotations

from functools import lru_cache

from pygments.lexer import Lexer
from pygments.lexers import get_lexer_for_filename
from pygments.token import STANDARD_TYPES, _TokenType
from pygments.util import ClassNotFound

Line = tuple[tuple[str, str], ...]  # (class name or "", text) of each word; the text of a line without its line break

MOST_CHARACTERS = 400_000
MOST_WORDS = 40_000  # a hostile text has a word at every character: 0.25 s
TEXTS_REMEMBERED = 16


@lru_cache(maxsize=TEXTS_REMEMBERED)
def highlighted_lines(text: str, path: str) -> tuple[Line, ...]:
    """The lines of `text`, in the language that `path` suggests; joined again they are the text.

    A language Pygments does not know gives plain lines; so does a text over 400,000 characters, and whatever comes
    after 40,000 words. The number of lines is that of `text.split("\\n")`.
    """
    lexer = _lexer(path)
    if lexer is None or len(text) > MOST_CHARACTERS:
        return _plain(text)
    lines: list[list[tuple[str, str]]] = [[]]
    end = 0
    # get_tokens would normalise line breaks and strip; every character must keep its place.
    for words, (start, kind, value) in enumerate(lexer.get_tokens_unprocessed(text)):
        if start != end or words == MOST_WORDS:
            break
        end += len(value)
        name = _class_name(kind)
        first, *further = value.split("\n")
        if first:
            lines[-1].append((name, first))
        lines.extend([(name, part)] if part else [] for part in further)
    rest = _plain(text[end:])
    lines[-1].extend(rest[0])
    return (*(tuple(line) for line in lines), *rest[1:])


def _plain(text: str) -> tuple[Line, ...]:
    return tuple((("", line),) if line else () for line in text.split("\n"))


@lru_cache(maxsize=256)
def _lexer(path: str) -> Lexer | None:
    try:
        return get_lexer_for_filename(path.rsplit("/", 1)[-1], stripnl=False, ensurenl=False)
    except ClassNotFound:
        return None


@lru_cache(maxsize=1024)
def _class_name(kind: _TokenType) -> str:
    """The short class of a token type or of its nearest ancestor that has one; none for text and white space."""
    while kind not in STANDARD_TYPES and kind.parent is not None:
        kind = kind.parent
    name = STANDARD_TYPES.get(kind, "")
    return "" if name == "w" else name
