"""Lists whose SQL statements grow with their length: an N+1 is a finding of its own, whatever the checks say."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

from evaluator.verdict import Finding, Statements

VERIFIER, RULE = "measures", "N+1"
# Half a statement for each further item: below that, it is chance or a page more of the same.
GROWTH_PER_ITEM = 0.5


def n_plus_one(measured: Sequence[Statements]) -> tuple[Finding, ...]:
    """A finding for each operation whose longer answer cost more statements, at least one for every second item."""
    by_operation: dict[str, list[Statements]] = defaultdict(list)
    for statements in measured:
        by_operation[statements.operation].append(statements)
    findings = []
    for operation, measurements in by_operation.items():
        short, long = (choose(measurements, key=lambda measured: measured.items) for choose in (min, max))
        growth = (long.statements - short.statements) / max(1, long.items - short.items)
        if growth >= GROWTH_PER_ITEM:
            findings.append(Finding(VERIFIER, "", RULE, "", 0, _sentence(operation, short, long, growth)))
    return tuple(findings)


def _sentence(operation: str, short: Statements, long: Statements, growth: float) -> str:
    return (
        f"{operation} sends {long.statements} SQL statements for {long.items} items and {short.statements} for "
        f"{short.items}: about {growth:.1f} more for each further item (N+1)."
    )
