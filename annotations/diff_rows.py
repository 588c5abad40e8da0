"""The rows of a comparison: which lines stand beside each other, which blocks moved, what is folded away.

Pure: no Django, no I/O.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import repeat
from typing import NamedTuple

from annotations.matching import Opcode
from annotations.word_marks import WordMarks

CONTEXT_LINES = 3
SHORTEST_MOVE = 3  # lines; shorter ones are closing brackets and coincidences
LEAST_LETTERS_OF_A_MOVE = 20  # letters and digits, as `git diff --color-moved=blocks`
MOST_PLACES_OF_A_LINE = 8  # a line that was removed more often says nothing about where a block came from
MOST_LINES_TRIED = 200_000  # of one diff


class Row(NamedTuple):
    """One line of the table: the index of its line before and after, None where that side has none."""

    before: int | None
    after: int | None
    changed: bool


@dataclass(frozen=True)
class Fold:
    """Unchanged rows that are folded away."""

    rows: tuple[Row, ...]


@dataclass(frozen=True)
class Hunk:
    """Rows shown together: changes and the lines around them."""

    rows: tuple[Row, ...]


@dataclass
class Moves:
    """Lines that were removed in one place and added in another: index before → index after, and the way back."""

    to: dict[int, int] = field(default_factory=dict)
    origin: dict[int, int] = field(default_factory=dict)

    def add(self, i: int, j: int, size: int) -> None:
        self.to.update(zip(range(i, i + size), range(j, j + size), strict=True))
        self.origin.update(zip(range(j, j + size), range(i, i + size), strict=True))


def table_rows(
    opcodes: Sequence[Opcode], before: Sequence[str], after: Sequence[str], moves: Moves, words: WordMarks
) -> Iterator[Row]:
    """Every line of both sides once, in order; lines of a replaced block are paired where they have words in common."""
    for tag, i1, i2, j1, j2 in opcodes:
        if tag == "equal":
            yield from map(Row, range(i1, i2), range(j1, j2), repeat(False))
            continue
        for i, j in words.pair_lines(list(before[i1:i2]), list(after[j1:j2])):
            old, new = None if i is None else i1 + i, None if j is None else j1 + j
            if old is not None and new is not None and (old in moves.to or new in moves.origin):
                # A line that moved is a line of its own, not an earlier form of what stands here now.
                yield Row(old, None, changed=True)
                yield Row(None, new, changed=True)
            else:
                yield Row(old, new, changed=True)


def find_moves(opcodes: Sequence[Opcode], before: Sequence[str], after: Sequence[str]) -> Moves:
    """Blocks of at least three lines that were removed in one place and added in another; the longest wins."""
    changed = [code for code in opcodes if code.tag != "equal"]
    removed = {i for code in changed for i in range(code.i1, code.i2)}
    places: dict[str, list[int]] = {}
    for i in sorted(removed):
        if before[i].strip():
            places.setdefault(before[i], []).append(i)
    moves, tried = Moves(), 0
    for code in changed:
        j = code.j1
        while j < code.j2 and tried < MOST_LINES_TRIED:
            best, longest = -1, 0
            candidates = places.get(after[j], [])
            for i in candidates if len(candidates) <= MOST_PLACES_OF_A_LINE else []:
                size = 0
                while (
                    j + size < code.j2
                    and i + size in removed
                    and i + size not in moves.to
                    and before[i + size] == after[j + size]
                ):
                    size += 1
                tried += size + 1
                if size > longest:
                    best, longest = i, size
            if longest >= SHORTEST_MOVE and _letters(after[j : j + longest]) >= LEAST_LETTERS_OF_A_MOVE:
                moves.add(best, j, longest)
                j += longest
            else:
                j += 1
    return moves


def folded(rows: Sequence[Row]) -> Iterator[Hunk | Fold]:
    """Hunks with their context, and folds between them. A fold of one line would save nothing, so it is shown."""
    near = bytearray(len(rows))
    for index, row in enumerate(rows):
        if row.changed:
            first, last = max(0, index - CONTEXT_LINES), min(len(rows), index + CONTEXT_LINES + 1)
            near[first:last] = b"\1" * (last - first)
    for index in range(1, len(rows) - 1):
        if near[index - 1] and near[index + 1]:
            near[index] = 1
    start = 0
    while start < len(rows):
        end = near.find(b"\0" if near[start] else b"\1", start)
        end = len(rows) if end < 0 else end
        yield (Hunk if near[start] else Fold)(tuple(rows[start:end]))
        start = end


def _letters(lines: Sequence[str]) -> int:
    return sum(character.isalnum() for line in lines for character in line)
