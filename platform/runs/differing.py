"""Which part of “received” differs from “expected”: words that both have stay plain, the others are marked."""

from __future__ import annotations

import re
from dataclasses import dataclass
from difflib import SequenceMatcher

MOST_WORDS = 200  # of one side; comparing costs their product
ALIKE_ENOUGH = 0.2  # of the characters of both; below, all of it differs, and a mark would say nothing

_WORD = re.compile(r"\w+|\s+|[^\w\s]")


@dataclass(frozen=True)
class Stretch:
    """A piece of a text, and whether it differs from the other text."""

    text: str
    differs: bool


def differing(expected: str, received: str) -> tuple[list[Stretch], list[Stretch]]:
    """Both texts in stretches. Nothing is marked where they have hardly a word in common, or are too long."""
    left, right = _WORD.findall(expected), _WORD.findall(received)
    if not left or not right or max(len(left), len(right)) > MOST_WORDS:
        return [Stretch(expected, False)], [Stretch(received, False)]
    codes = SequenceMatcher(None, left, right, autojunk=False).get_opcodes()
    kept = sum(len(word) for tag, i1, i2, _, _ in codes if tag == "equal" for word in left[i1:i2] if word.strip())
    if 2 * kept < ALIKE_ENOUGH * (len(expected) + len(received)):
        return [Stretch(expected, False)], [Stretch(received, False)]
    return (
        [Stretch("".join(left[i1:i2]), tag != "equal") for tag, i1, i2, _, _ in codes if i1 < i2],
        [Stretch("".join(right[j1:j2]), tag != "equal") for tag, _, _, j1, j2 in codes if j1 < j2],
    )
