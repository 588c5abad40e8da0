"""Which files differ between two states of a backend: changed, added, removed, renamed, with their counts of lines.

Pure: no Django, no I/O; bounded by that of `compare_lines` for every file.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

from annotations.diffs import compare_lines, split_lines
from annotations.documents import open_document

Kind = Literal["changed", "added", "removed", "renamed"]

ALIKE = 0.5  # of the lines of both, below which a file is new, not renamed; as git's default
MOST_RENAMES_TRIED = 400  # pairs of a removed and an added file


@dataclass(frozen=True)
class FileChange:
    """One file that differs. `before` and `after` are its paths on either side, None where it is not there.

    `added` and `removed` count lines; both are 0 for a file that is not text.
    """

    before: str | None
    after: str | None
    added: int
    removed: int

    @property
    def path(self) -> str:
        """What people call it: its name after the change, or the name it had."""
        return self.after or self.before or ""

    @property
    def kind(self) -> Kind:
        if self.before is None:
            return "added"
        if self.after is None:
            return "removed"
        return "changed" if self.before == self.after else "renamed"


def file_changes(before: Mapping[str, bytes], after: Mapping[str, bytes]) -> list[FileChange]:
    """Every file that differs, in order of path; a file that moved is one change, even where it was edited as well."""
    renamed = _renames(before, after)
    old_names = set(renamed.values())
    pairs: list[tuple[str | None, str | None]] = [(old, new) for new, old in renamed.items()]
    for path in before.keys() | after.keys():
        if path in before and path in after:
            if before[path] != after[path]:
                pairs.append((path, path))
        elif path in before and path not in old_names:
            pairs.append((path, None))
        elif path in after and path not in renamed:
            pairs.append((None, path))
    changes = [
        FileChange(old, new, *_counts(before[old] if old else b"", after[new] if new else b"")) for old, new in pairs
    ]
    return sorted(changes, key=lambda change: change.path)


@lru_cache(maxsize=256)
def _counts(before: bytes, after: bytes) -> tuple[int, int]:
    """Lines added and removed."""
    if before == after:
        return 0, 0
    documents = open_document(before), open_document(after)
    if documents[0] is None or documents[1] is None:
        return 0, 0
    changed = [code for code in compare_lines(documents[0].text, documents[1].text)[0].opcodes if code.tag != "equal"]
    return sum(code.j2 - code.j1 for code in changed), sum(code.i2 - code.i1 for code in changed)


def _renames(before: Mapping[str, bytes], after: Mapping[str, bytes]) -> dict[str, str]:
    """New path → old path: the same bytes first, then the most alike of the rest."""
    gone = sorted(before.keys() - after.keys())
    fresh = sorted(after.keys() - before.keys())
    renames: dict[str, str] = {}
    for new in fresh:
        same = next((old for old in gone if after[new] and before[old] == after[new]), None)
        if same is not None:
            renames[new] = same
            gone.remove(same)
    fresh = [new for new in fresh if new not in renames]
    if len(gone) * len(fresh) > MOST_RENAMES_TRIED:
        return renames
    lines = {content: _lines(content) for content in [*(before[o] for o in gone), *(after[n] for n in fresh)]}
    scores = sorted(
        ((_likeness(lines[before[old]], lines[after[new]]), old, new) for old in gone for new in fresh), reverse=True
    )
    for score, old, new in scores:
        if score >= ALIKE and old in gone and new not in renames:
            renames[new] = old
            gone.remove(old)
    return renames


def _lines(content: bytes) -> Counter[str]:
    document = open_document(content)
    return Counter(line.strip() for line in split_lines(document.text) if line.strip()) if document else Counter()


def _likeness(before: Counter[str], after: Counter[str]) -> float:
    total = before.total() + after.total()
    return 2 * (before & after).total() / total if total else 0.0
