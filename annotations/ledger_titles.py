"""What a row of the ledger is called: by the checks that turned, in their own sentences, and by causes people named.

Pure: no Django, no I/O.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol

from annotations.ledger import LedgerRow

MOST_CAUSES = 3


class Label(Protocol):
    """A root cause somebody named for some failed checks: `words` of the taxonomy, `detail` in their own."""

    @property
    def checks(self) -> Sequence[str]: ...
    @property
    def words(self) -> str: ...
    @property
    def detail(self) -> str: ...


def title_of(row: LedgerRow, sentences: Mapping[str, str]) -> str:
    """A heading: the first check it fixed, else the first it broke, and how many more; else what was edited.

    `sentences`: check id → its sentence.
    """
    if row.fixed:
        return _and_more(row.fixed, sentences)
    if row.broken:
        return f"Broken: {_and_more(row.broken, sentences)}"
    if row.edits:
        files = f"{row.paths[0]} and {len(row.paths) - 1} more" if len(row.paths) > 1 else row.paths[0]
        return f"Edits in {files}"
    return "No edit"


def causes_of(row: LedgerRow, labels: Sequence[Label]) -> list[str]:
    """The root causes that were named for checks which turned green here, each once: “Logic: Query. The key …”."""
    fixed = frozenset(row.fixed)
    fitting = [label for label in labels if not fixed.isdisjoint(label.checks)]
    said = [f"{label.words}. {label.detail}" if label.detail else label.words for label in fitting]
    return list(dict.fromkeys(said))[:MOST_CAUSES]


def _and_more(checks: Sequence[str], sentences: Mapping[str, str]) -> str:
    first = sentences.get(checks[0], checks[0])
    return f"{first} and {len(checks) - 1} more" if len(checks) > 1 else first
