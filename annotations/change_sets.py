"""CodeMirror's change sets as JSON: what one edit kept, deleted and inserted.

`ChangeSet.toJSON()` is a list of sections over the whole document: a number n keeps n code units; `[n]` deletes n;
`[n, line, line …]` deletes n and inserts the lines joined by LF. Source: `ChangeSet.fromJSON` of @codemirror/state 6.
Pure: no Django, no I/O.
"""

from __future__ import annotations

from itertools import pairwise
from typing import NamedTuple

FEW_SPLICES = 4  # up to here each splice moves the tail; beyond, the document is put together anew


class ChangeDoesNotFit(Exception):
    """The change set is malformed or meant for another document; `str(error)` is a sentence."""


class Splice(NamedTuple):
    """One replacement: `deleted` code units from `start` on, counted before the change, become `text`."""

    start: int
    deleted: int
    text: str


def read_changes(changes: object) -> tuple[list[Splice], int]:
    """The splices of a change set in document order, and the length of the document it is meant for, in code units.

    Raises ChangeDoesNotFit where `changes` is not the JSON of a change set.
    """
    if not isinstance(changes, list):
        raise ChangeDoesNotFit("the changes are not a list of sections.")
    splices = []
    position = 0
    for section in changes:
        if type(section) is int and section >= 0:
            position += section
        elif isinstance(section, list) and section and type(section[0]) is int and section[0] >= 0:
            splices.append(Splice(position, section[0], _joined(section)))
            position += section[0]
        else:
            raise ChangeDoesNotFit(f"a section of the changes is malformed: {section!r:.60}.")
    return splices, position


def apply_changes(document: bytearray, changes: object, *, longest: int) -> None:
    """Carry out `changes` on `document`, UTF-16LE, in place.

    `longest` bounds the length afterwards, in code units; a document that is longer already may still shrink. Raises
    ChangeDoesNotFit, and then leaves the document as it was.
    """
    splices, expected = read_changes(changes)
    length = len(document) // 2
    if expected != length:
        raise ChangeDoesNotFit(f"the change is meant for a text of {expected:,} code units, but it has {length:,}.")
    replacements, growth = [], 0
    for start, deleted, inserted in splices:
        text = inserted.encode("utf-16-le", "surrogatepass")
        replacements.append((2 * start, 2 * (start + deleted), text))
        growth += len(text) // 2 - deleted
    if growth > 0 and length + growth > longest:
        raise ChangeDoesNotFit(f"the file would be larger than {longest:,} characters.")
    if len(replacements) <= FEW_SPLICES:
        for start, end, text in reversed(replacements):
            document[start:end] = text
    else:
        document[:] = _put_together(document, replacements)


def _put_together(document: bytearray, replacements: list[tuple[int, int, bytes]]) -> bytes:
    kept = [0, *(edge for start, end, _ in replacements for edge in (start, end)), len(document)]
    pieces = [bytes(document[start:end]) for start, end in list(pairwise(kept))[::2]]
    inserted = [text for _, _, text in replacements] + [b""]
    return b"".join(piece for pair in zip(pieces, inserted, strict=True) for piece in pair)


def _joined(section: list[object]) -> str:
    lines = section[1:]
    if len(lines) == 1 and isinstance(lines[0], str):
        return lines[0]
    if not all(isinstance(line, str) for line in lines):
        raise ChangeDoesNotFit("an inserted line is not a string.")
    return "\n".join(lines)  # type: ignore[arg-type]  # all are strings
