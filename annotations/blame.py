"""Between which two states of a file each changed line came to be: so that a comparison can say what an edit bought.

Pure: no Django, no I/O; one `compare_lines` per pair of neighbouring states.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from annotations.diffs import compare_lines, split_lines


def last_changes(texts: Sequence[str]) -> tuple[list[int], list[int]]:
    """Two lists of indices into `texts`, the states of one file, oldest first, at least one.

    For each line of the last text, the index of the text in which it first stood; for each line of the first text,
    the index of the text from which it was gone. 0: from the start, and never gone.
    """
    lines = len(split_lines(texts[0]))
    came, gone = [0] * lines, [0] * lines
    originals = list(range(lines))  # of each line of the present text, which line of the first it is; -1: none
    for step, (earlier, later) in enumerate(pairwise(texts), start=1):
        length = len(split_lines(later))
        fresh_came, fresh_originals = [step] * length, [-1] * length
        for code in compare_lines(earlier, later)[0].opcodes:
            if code.tag == "equal":
                fresh_came[code.j1 : code.j2] = came[code.i1 : code.i2]
                fresh_originals[code.j1 : code.j2] = originals[code.i1 : code.i2]
            else:
                for line in originals[code.i1 : code.i2]:
                    if line >= 0:
                        gone[line] = step
        came, originals = fresh_came, fresh_originals
    return came, gone
