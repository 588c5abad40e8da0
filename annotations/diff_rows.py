"""The rows of a comparison: which lines stand beside each other, which blocks moved, what is folded away.

Pure: no Django, no I/O.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import repeat
from typing import NamedTuple

from annotations.matching import Opcode
from annotations.word_marks import Pair, WordMarks

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


class Fold(NamedTuple):
    """`size` unchanged lines that are folded away, from these two on."""

    before: int
    after: int
    size: int

    def rows(self, first: int, last: int) -> Iterator[Row]:
        """Some of its lines as rows: those from `first` up to `last`, counted within the fold."""
        befores = range(self.before + first, self.before + last)
        return map(Row, befores, range(self.after + first, self.after + last), repeat(False))


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


def table_blocks(
    opcodes: Sequence[Opcode], before: Sequence[str], after: Sequence[str], moves: Moves, words: WordMarks
) -> list[Fold | list[Row]]:
    """Every line of both sides once, in order: what is unchanged as folds, what changed as rows.

    Lines of a replaced block are paired where they have words in common.
    """
    return [
        Fold(i1, j1, i2 - i1)
        if tag == "equal"
        else list(_changed_rows(words.pair_lines(before[i1:i2], after[j1:j2]), i1, j1, moves))
        for tag, i1, i2, j1, j2 in opcodes
    ]


def _changed_rows(pairs: Iterable[Pair], i1: int, j1: int, moves: Moves) -> Iterator[Row]:
    for i, j in pairs:
        old, new = None if i is None else i1 + i, None if j is None else j1 + j
        if old is not None and new is not None and (old in moves.to or new in moves.origin):
            # A line that moved is a line of its own, not an earlier form of what stands here now.
            yield Row(old, None, True)
            yield Row(None, new, True)
        else:
            yield Row(old, new, True)


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


def with_context(blocks: Sequence[Fold | list[Row]]) -> Iterator[Hunk | Fold]:
    """Hunks: changes and the unchanged lines beside them; folds between them.

    A fold of one line between two hunks would save nothing, so it is shown.
    """
    rows: list[Row] = []  # of the hunk that is being gathered
    for number, block in enumerate(blocks):
        if not isinstance(block, Fold):
            rows += block
            continue
        head = CONTEXT_LINES if number else 0
        tail = CONTEXT_LINES if number + 1 < len(blocks) else 0
        hidden = block.size - head - tail
        if hidden < (2 if head and tail else 1):
            rows += block.rows(0, block.size)
            continue
        rows += block.rows(0, head)
        if rows:
            yield Hunk(tuple(rows))
        yield Fold(block.before + head, block.after + head, hidden)
        rows = list(block.rows(block.size - tail, block.size))
    if rows:
        yield Hunk(tuple(rows))


def _letters(lines: Sequence[str]) -> int:
    return sum(character.isalnum() for line in lines for character in line)
