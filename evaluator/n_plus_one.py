"""Lists whose SQL statements grow with their length: an N+1 is a finding of its own, whatever the checks say."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from evaluator.verdict import Finding, Statements

VERIFIER, RULE = "measures", "N+1"
# Half a statement for each further item: below that, it is chance or a page more of the same.
GROWTH_PER_ITEM = 0.5
MEND = "Read what belongs to all items of the list in one statement: a join, or one query with their ids."


@dataclass(frozen=True)
class Growth:
    """The shortest and the longest answer of one operation, and the statements for each further item, a number."""

    operation: str
    short: Statements
    long: Statements
    per_item: float


def n_plus_one(measured: Sequence[Statements]) -> tuple[Finding, ...]:
    """A finding for each operation whose statements grow with its answer."""
    return tuple(
        Finding(VERIFIER, "", RULE, "", 0, _sentence(growth), mend=MEND, seen="run") for growth in growing(measured)
    )


def growing(measured: Sequence[Statements]) -> tuple[Growth, ...]:
    """The operations whose longer answer cost more statements, at least one for every second item."""
    by_operation: dict[str, list[Statements]] = defaultdict(list)
    for statements in measured:
        by_operation[statements.operation].append(statements)
    found = []
    for operation, measurements in by_operation.items():
        short, long = (choose(measurements, key=lambda measured: measured.items) for choose in (min, max))
        per_item = (long.statements - short.statements) / max(1, long.items - short.items)
        if per_item >= GROWTH_PER_ITEM:
            found.append(Growth(operation, short, long, per_item))
    return tuple(found)


def _sentence(growth: Growth) -> str:
    short, long = growth.short, growth.long
    return (
        f"{growth.operation} sends {long.statements} SQL statements for {long.items} items and {short.statements} for "
        f"{short.items}: about {growth.per_item:.1f} more for each further item (N+1)."
    )
