"""JSON of the event log: msgspec for speed, the standard library where a text holds half an emoji.

An editor's change may cut a surrogate pair, and JSON can say so (`"\\ud83d"`); msgspec refuses such texts both ways.
"""

from __future__ import annotations

import json
from math import isfinite
from typing import Any

import msgspec


def decode(body: bytes) -> Any:
    """The value of a JSON text. Raises ValueError where it is none; NaN and infinity are no JSON either."""
    try:
        return msgspec.json.decode(body)
    except (msgspec.MsgspecError, UnicodeError):
        return json.loads(body, parse_constant=_finite, parse_float=_finite)


def encode(value: Any) -> bytes:
    """The value as JSON, in bytes that any reader of UTF-8 accepts."""
    try:
        return msgspec.json.encode(value)
    except (UnicodeError, OverflowError):  # half an emoji, or a whole number of over 64 bits
        return json.dumps(value, separators=(",", ":")).encode("ascii")


def _finite(digits: str) -> float:
    number = float(digits)
    if not isfinite(number):
        raise ValueError(f"{digits[:40]} is no number of JSON.")
    return number
