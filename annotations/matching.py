"""Which lines (or words) of two texts correspond: the API of difflib, with a bound on the time.

`cydifflib.SequenceMatcher` (without its junk heuristic) is fast on ordinary code and cubic on hostile input: 10,000
lines of which every other one changed take it 15 s, 5,000 "x" against "x, y, x, y …" over a minute. So long inputs
are cut first at lines that occur once on each side (patience diff, Bram Cohen), and a stretch that would still be too
dear is compared window by window, which is said by `approximate`. Pure: no Django, no I/O.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Literal, NamedTuple

from cydifflib import SequenceMatcher

Tag = Literal["equal", "replace", "delete", "insert"]

WINDOW = 150  # units a side: the worst window took 3 ms
# Seconds, measured on a 2-core EPYC: looking up one unit, trying one pair of equal units, at each level of recursion.
SECONDS_PER_UNIT = 3e-7
SECONDS_PER_PAIR = 3e-9
DEAREST_STRETCH_SECONDS = 0.05
DEAREST_MATCH_SECONDS = 0.25


class Opcode(NamedTuple):
    """As in difflib: `before[i1:i2]` became `after[j1:j2]`."""

    tag: Tag
    i1: int
    i2: int
    j1: int
    j2: int


@dataclass(frozen=True)
class Matching:
    """Opcodes that cover both sides in order. `approximate`: a shorter list of changes may exist."""

    opcodes: tuple[Opcode, ...]
    approximate: bool


class Block(NamedTuple):
    """`before[i:i+size] == after[j:j+size]`."""

    i: int
    j: int
    size: int


class Stretch(NamedTuple):
    """A part of both sides that is still to be compared."""

    i1: int
    i2: int
    j1: int
    j2: int


def match(before: Sequence[str], after: Sequence[str]) -> Matching:
    """Compare two sequences of lines or words; at most about 0.6 s for 20,000 units a side, whatever they are."""
    prefix, suffix = _common_ends(before, after, Stretch(0, len(before), 0, len(after)))
    middle = Stretch(prefix, len(before) - suffix, prefix, len(after) - suffix)
    comparison = _Comparison(before, after)
    blocks = [Block(0, 0, prefix), *comparison.blocks(middle), Block(middle.i2, middle.j2, suffix)]
    return Matching(tuple(_opcodes(blocks, len(before), len(after))), comparison.approximate)


class _Comparison:
    """One comparison: what it may still spend, and whether it had to be content with less."""

    def __init__(self, before: Sequence[str], after: Sequence[str]) -> None:
        self.before = before
        self.after = after
        self.approximate = False
        self.seconds_left = DEAREST_MATCH_SECONDS

    def blocks(self, stretch: Stretch) -> Iterator[Block]:
        if _cheap(stretch) or self._affordable(stretch):
            yield from self._exactly(stretch)
            return
        for part, anchor in _cut_at_unique_units(self.before, self.after, stretch):
            if part.i1 == part.i2 or part.j1 == part.j2:
                yield anchor
                continue
            prefix, suffix = _common_ends(self.before, self.after, part)
            yield Block(part.i1, part.j1, prefix)
            rest = Stretch(part.i1 + prefix, part.i2 - suffix, part.j1 + prefix, part.j2 - suffix)
            yield from self._exactly(rest) if _empty(rest) or self._affordable(rest) else self._by_windows(rest)
            yield Block(rest.i2, rest.j2, suffix)
            yield anchor

    def _affordable(self, stretch: Stretch) -> bool:
        """Whether the dearest course of SequenceMatcher over this stretch is within bounds; if so, it is paid."""
        i1, i2, j1, j2 = stretch
        before, after = Counter(self.before[i1:i2]), Counter(self.after[j1:j2])
        pairs = sum(count * after[unit] for unit, count in before.items())
        depth = min(pairs, i2 - i1, j2 - j1)
        seconds = depth * ((i2 - i1) * SECONDS_PER_UNIT + pairs * SECONDS_PER_PAIR)
        if seconds > min(DEAREST_STRETCH_SECONDS, self.seconds_left):
            return False
        self.seconds_left -= seconds
        return True

    def _exactly(self, stretch: Stretch) -> Iterator[Block]:
        if _empty(stretch):
            return
        i1, i2, j1, j2 = stretch
        before, after = self.before[i1:i2], self.after[j1:j2]
        if len(before) == 1 and before[0] not in after:
            return  # a word that became another: most of what is compared
        matcher = SequenceMatcher(None, before, after, autojunk=False)
        yield from (Block(i1 + i, j1 + j, size) for i, j, size in matcher.get_matching_blocks())

    def _by_windows(self, stretch: Stretch) -> Iterator[Block]:
        self.approximate = True
        i1, i2, j1, j2 = stretch
        windows = -(-max(i2 - i1, j2 - j1) // WINDOW)
        edges = [(i1 + (i2 - i1) * n // windows, j1 + (j2 - j1) * n // windows) for n in range(windows + 1)]
        for (i, j), (next_i, next_j) in pairwise(edges):
            yield from self._exactly(Stretch(i, next_i, j, next_j))


def _empty(stretch: Stretch) -> bool:
    return stretch.i1 == stretch.i2 or stretch.j1 == stretch.j2


def _cheap(stretch: Stretch) -> bool:
    """Whether a stretch is so small that it is affordable whatever it holds: nothing need be counted."""
    before, after = stretch.i2 - stretch.i1, stretch.j2 - stretch.j1
    seconds = before * SECONDS_PER_UNIT + before * after * SECONDS_PER_PAIR
    return min(before, after) * seconds <= DEAREST_STRETCH_SECONDS


def _common_ends(before: Sequence[str], after: Sequence[str], stretch: Stretch) -> tuple[int, int]:
    """How many units the two sides of a stretch share at the start and at the end, without overlap."""
    i1, i2, j1, j2 = stretch
    most = min(i2 - i1, j2 - j1)
    prefix = 0
    while prefix < most and before[i1 + prefix] == after[j1 + prefix]:
        prefix += 1
    suffix = 0
    while suffix < most - prefix and before[i2 - 1 - suffix] == after[j2 - 1 - suffix]:
        suffix += 1
    return prefix, suffix


def _cut_at_unique_units(
    before: Sequence[str], after: Sequence[str], stretch: Stretch
) -> Iterator[tuple[Stretch, Block]]:
    """Each part between anchors with the anchor that ends it (an empty one for the last part).

    Anchors are runs of units that occur once on each side: the most of them in the same order on both.
    """
    i1, i2, j1, j2 = stretch
    once_before, once_after = Counter(before[i1:i2]), Counter(after[j1:j2])
    place_after = {after[j]: j for j in range(j1, j2) if once_after[after[j]] == 1}
    pairs = [
        (i, place_after[unit])
        for i, unit in enumerate(before[i1:i2], start=i1)
        if once_before[unit] == 1 and unit in place_after
    ]
    start_i = start_j = size = 0  # the run of anchors being gathered
    for i, j in _longest_rising(pairs):
        if size and (i, j) == (start_i + size, start_j + size):
            size += 1
            continue
        if size:
            yield Stretch(i1, start_i, j1, start_j), Block(start_i, start_j, size)
            i1, j1 = start_i + size, start_j + size
        start_i, start_j, size = i, j, 1
    if size:
        yield Stretch(i1, start_i, j1, start_j), Block(start_i, start_j, size)
        i1, j1 = start_i + size, start_j + size
    yield Stretch(i1, i2, j1, j2), Block(i2, j2, 0)


def _longest_rising(pairs: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """The longest subsequence of pairs, sorted by their first, whose second rises too (patience sorting)."""
    if all(second < later for (_, second), (_, later) in pairwise(pairs)):
        return pairs  # nothing changed places, as mostly
    tops: list[int] = []  # the smallest last second of a rising run of each length
    holders: list[int] = []  # the index of that pair
    previous: list[int] = []
    for index, (_, second) in enumerate(pairs):
        length = bisect_left(tops, second)
        previous.append(holders[length - 1] if length else -1)
        tops[length : length + 1] = [second]
        holders[length : length + 1] = [index]
    run = []
    index = holders[-1] if holders else -1
    while index >= 0:
        run.append(pairs[index])
        index = previous[index]
    return run[::-1]


def _opcodes(blocks: list[Block], before_length: int, after_length: int) -> Iterator[Opcode]:
    """difflib's opcodes for matching blocks in order; neighbouring blocks become one."""
    i = j = equal_i = equal_j = 0  # up to (i, j) all is covered; equal from (equal_i, equal_j) on is not yet told
    for block in [*(block for block in blocks if block.size), Block(before_length, after_length, 0)]:
        if (block.i, block.j) != (i, j) or not block.size:
            if i > equal_i:
                yield Opcode("equal", equal_i, i, equal_j, j)
            if block.i > i or block.j > j:
                tag: Tag = "replace" if block.i > i and block.j > j else "delete" if block.i > i else "insert"
                yield Opcode(tag, i, block.i, j, block.j)
            equal_i, equal_j = block.i, block.j
        i, j = block.i + block.size, block.j + block.size
