"""Inside a changed block: which old line became which new one, and which words of it changed.

Pure: no Django, no I/O.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from functools import lru_cache
from itertools import accumulate
from typing import NamedTuple

from annotations.matching import match

Mark = tuple[int, int]  # start and end of a stretch in a line, in characters
Marks = tuple[tuple[Mark, ...], tuple[Mark, ...]]  # of the line before and of the line after
Pair = tuple[int | None, int | None]

ALIKE_ENOUGH = 0.4  # of the characters of both lines; below, marks would be confetti
LARGEST_BLOCK = 400  # pairs of lines compared to find which belong together
MOST_BLOCKS = 30_000  # pairs of lines in one diff: 0.2 s
LONGEST_LINE = 20_000  # words before × words after
MOST_LINES = 1_500_000  # words before × words after in one diff: 0.2 s
SHORT_LINES = 240  # characters of both, up to which their marks are remembered
NO_MARKS: Marks = ((), ())

_WORD = re.compile(r"\w+|\s+|[^\w\s]")


class Counted(NamedTuple):
    """The words of a line, white space left out: how often each, and how many there are."""

    words: Counter[str]
    total: int


class WordMarks:
    """Pairs lines and marks words for one diff, until what it may spend is spent; then it does without.

    The bounds count work, not seconds, so that the same texts always give the same marks.
    """

    def __init__(self) -> None:
        self._line_pairs_left = MOST_BLOCKS
        self._word_pairs_left = MOST_LINES

    def pair_lines(self, before: Sequence[str], after: Sequence[str]) -> list[Pair]:
        """Lines of a replaced block side by side, in order on both sides; None where a line has no counterpart.

        Small blocks: the pairing with the most words in common. Large ones: first with first, second with second.
        """
        if not before or not after:
            return [(i, None) for i in range(len(before))] + [(None, j) for j in range(len(after))]
        cost = len(before) * len(after)
        if cost == 1 or cost > min(LARGEST_BLOCK, self._line_pairs_left):
            longest = range(max(len(before), len(after)))
            return [(i if i < len(before) else None, i if i < len(after) else None) for i in longest]
        self._line_pairs_left -= cost
        return _best_pairing([_counted(line) for line in before], [_counted(line) for line in after])

    def mark(self, before: str, after: str) -> Marks:
        """The stretches that changed in each of two lines; none where they are too different or too long to tell."""
        if max(len(before), len(after)) > LONGEST_LINE or not self._word_pairs_left:
            return NO_MARKS
        cost, marks = (_short_marks if len(before) + len(after) <= SHORT_LINES else _marks)(before, after)
        if cost > self._word_pairs_left:
            return NO_MARKS
        self._word_pairs_left -= cost
        return marks


def _marks(before: str, after: str) -> tuple[int, Marks]:
    """The pairs of words that comparing two lines costs, none where that is too dear, and their marks."""
    words_before, words_after = _WORD.findall(before), _WORD.findall(after)
    cost = len(words_before) * len(words_after)
    return (cost, _changed_stretches(words_before, words_after)) if cost <= LONGEST_LINE else (0, NO_MARKS)


# What changed is looked at again and again, by whoever repairs, while one line after the other is added. 8 MB at most.
_short_marks = lru_cache(maxsize=8_192)(_marks)


def _changed_stretches(before: list[str], after: list[str]) -> Marks:
    least = ALIKE_ENOUGH * (sum(map(len, before)) + sum(map(len, after)))
    known = set(after)
    if 2 * sum([len(word) for word in before if word in known]) < least:
        return NO_MARKS  # even if all of these stayed
    opcodes = match(before, after).opcodes
    kept = sum([len(word) for code in opcodes if code.tag == "equal" for word in before[code.i1 : code.i2]])
    if 2 * kept < least:
        return NO_MARKS
    changed = [code for code in opcodes if code.tag != "equal"]
    return (
        _stretches(before, [(code.i1, code.i2) for code in changed]),
        _stretches(after, [(code.j1, code.j2) for code in changed]),
    )


def _stretches(words: list[str], ranges: list[tuple[int, int]]) -> tuple[Mark, ...]:
    starts = list(accumulate(map(len, words), initial=0))
    return tuple([(starts[first], starts[last]) for first, last in ranges if last > first])


def _best_pairing(before: list[Counted], after: list[Counted]) -> list[Pair]:
    """Alignment by dynamic programming (Needleman and Wunsch 1970): gaps are free, unlike lines are never paired."""
    likeness = [[_likeness(old, new) for new in after] for old in before]
    best = [[0.0] * (len(after) + 1) for _ in range(len(before) + 1)]
    for i in range(len(before) - 1, -1, -1):
        for j in range(len(after) - 1, -1, -1):
            best[i][j] = max(best[i + 1][j], best[i][j + 1], best[i + 1][j + 1] + likeness[i][j])
    pairs: list[Pair] = []
    i = j = 0
    while i < len(before) and j < len(after):
        if likeness[i][j] and best[i][j] == best[i + 1][j + 1] + likeness[i][j]:
            pairs.append((i, j))
            i, j = i + 1, j + 1
        elif best[i][j] == best[i + 1][j]:
            pairs.append((i, None))
            i += 1
        else:
            pairs.append((None, j))
            j += 1
    return [*pairs, *((k, None) for k in range(i, len(before))), *((None, k) for k in range(j, len(after)))]


def _likeness(before: Counted, after: Counted) -> float:
    """Share of words two lines have in common, 0 to 1; 0 below `ALIKE_ENOUGH`."""
    total = before.total + after.total
    small, large = (before.words, after.words) if len(before.words) <= len(after.words) else (after.words, before.words)
    share = 2 * sum([min(count, large[word]) for word, count in small.items() if word in large]) / total if total else 0
    return share if share >= ALIKE_ENOUGH else 0.0


def _counted(line: str) -> Counted:
    words = [word for word in _WORD.findall(line[:500]) if not word.isspace()]
    return Counted(Counter(words), len(words))
