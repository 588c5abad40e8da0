"""How much the code changed: lines and words between the generated and the repaired files.

Formulas, units and sources: docs/measures.md, "Technical effort". A pure function of two sets of files; the time is
bounded by that of `matching`. Pure: no Django, no I/O.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from annotations.diffs import compare_lines, split_lines
from annotations.documents import open_document
from annotations.matching import Opcode, match

# A number, a name, or any other single character; white space is no word.
_WORD = re.compile(r"\d+(?:\.\d+)?|\w+|[^\w\s]")
MOST_WORDS = 4_000  # in a changed block, a side; larger ones are compared by lines only


def changed_lines(generated: Mapping[str, bytes], repaired: Mapping[str, bytes]) -> int:
    """Lines inserted, deleted or replaced; m lines replaced by n count max(m, n). A file moved unchanged counts 0.

    Files that are not text count 0.
    """
    return sum(
        _edits(opcode)
        for before, after in _changed_documents(generated, repaired)
        for opcode in compare_lines(before, after)[0].opcodes
    )


def code_hter(generated: Mapping[str, bytes], repaired: Mapping[str, bytes]) -> float:
    """Word edit rate: words inserted, deleted or replaced, over the words of the repaired text files; 0 or more.

    HTER (Snover et al. 2006) with the repaired code as its own reference and without shifts, so it may exceed 1.
    """
    edits = sum(_word_edits(before, after) for before, after in _changed_documents(generated, repaired))
    words = sum(_count_words(content) for content in repaired.values()) if edits else 1
    return edits / max(words, 1)


def _word_edits(before: str, after: str) -> int:
    """Words edited, block by block of changed lines; a block too large to compare counts as written anew."""
    lines_before, lines_after = split_lines(before), split_lines(after)
    edits = 0
    for opcode in compare_lines(before, after)[0].opcodes:
        if opcode.tag == "equal":
            continue
        words_before = _WORD.findall("".join(lines_before[opcode.i1 : opcode.i2]))
        words_after = _WORD.findall("".join(lines_after[opcode.j1 : opcode.j2]))
        if max(len(words_before), len(words_after)) > MOST_WORDS:
            edits += max(len(words_before), len(words_after))
        else:
            edits += sum(_edits(word_code) for word_code in match(words_before, words_after).opcodes)
    return edits


def _edits(opcode: Opcode) -> int:
    return 0 if opcode.tag == "equal" else max(opcode.i2 - opcode.i1, opcode.j2 - opcode.j1)


def _changed_documents(generated: Mapping[str, bytes], repaired: Mapping[str, bytes]) -> Iterator[tuple[str, str]]:
    """The text before and after of every file that differs; "" where there is no such file or it is not text."""
    moved = _moved(generated, repaired)
    for path in sorted((generated.keys() | repaired.keys()) - moved):
        before, after = generated.get(path, b""), repaired.get(path, b"")
        if before != after:
            yield _text(before), _text(after)


def _moved(generated: Mapping[str, bytes], repaired: Mapping[str, bytes]) -> set[str]:
    """Paths, old and new, of files that are the same bytes under another name."""
    gone: dict[bytes, list[str]] = {}
    for path in sorted(generated.keys() - repaired.keys()):
        gone.setdefault(generated[path], []).append(path)
    moved = set()
    for path in sorted(repaired.keys() - generated.keys()):
        if old := gone.get(repaired[path]):
            moved |= {path, old.pop()}
    return moved


def _text(content: bytes) -> str:
    document = open_document(content)
    return document.text if document else ""


def _count_words(content: bytes) -> int:
    return sum(1 for _ in _WORD.finditer(_text(content)))
