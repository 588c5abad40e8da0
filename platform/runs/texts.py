"""What somebody else wrote, as the database can hold it."""

from __future__ import annotations

import json
from typing import Any

LONGEST = 20_000  # characters that are kept of one text, unless more are asked for


def storable_text(text: str, *, longest: int = LONGEST) -> str:
    """What PostgreSQL can hold of a text: no NUL, no lone surrogates, at most `longest` characters."""
    return text.replace("\0", "␀").encode("utf-8", "replace").decode()[:longest]


def storable(value: Any) -> Any:
    """A JSON value with all its texts as they can be stored. Raises TypeError for what is no JSON."""
    if isinstance(value, str):
        return storable_text(value)
    if isinstance(value, dict):
        return {storable_text(str(key)): storable(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [storable(item) for item in value]
    json.dumps(value)
    return value
