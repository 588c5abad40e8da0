"""Text that somebody else wrote, as the database can hold it."""

from __future__ import annotations

LONGEST = 80_000  # characters


def storable(text: str, *, longest: int = LONGEST) -> str:
    """What PostgreSQL can hold of a text: no NUL, no lone surrogates, at most `longest` characters."""
    return text.replace("\0", "␀").encode("utf-8", "replace").decode()[:longest]
