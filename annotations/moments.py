"""What of an entry of the log tells when and what it was, without what was typed. Pure: no Django, no I/O.

Measures of time, the ledger and the list of incidents need no more, and it is read three times as fast. Nor does the
garbage collector follow a dict of numbers and texts alone, and a long log has hundred thousand of them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Required, TypedDict

import msgspec

from annotations import log_json

Moment = TypedDict(
    "Moment",
    {
        "seq": Required[int],
        "at": Required[int],
        "mono": Required[int],
        "page": Required[str],
        "kind": Required[str],
        "path": str,
        "to": str,
        "from": str,
        "run": int,
        "answer": str,
        "entries": int,
        "length": int,
        "seconds": float,
    },
    total=False,
)
_decoder = msgspec.json.Decoder(list[Moment])


def decode_moments(body: bytes) -> Sequence[Mapping[str, Any]]:
    """The moments of a batch of entries; where one of them does not fit, the entries with all that they have.

    Raises ValueError where the batch is no JSON.
    """
    try:
        return _decoder.decode(body)
    except (msgspec.MsgspecError, UnicodeError):
        entries: list[dict[str, Any]] = log_json.decode(body)
        return entries
