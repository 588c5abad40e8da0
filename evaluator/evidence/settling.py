"""Puts what the text says and what the run showed together: agreement says nothing new, the run settles doubts.

A finding of the text is dropped where the run shows the very thing that it doubts; the run adds findings of its own.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping

from evaluator.evidence.database import database_in_run, is_stored_in
from evaluator.evidence.gathering import Evidence
from evaluator.evidence.migrations import are_migrations_applied, migrations_in_run
from evaluator.evidence.orm import is_made_by_orm, orm_in_run
from evaluator.evidence.places import Places
from evaluator.evidence.schema import confirmed_absence, is_schema_known, schema_in_run
from evaluator.tasks import Constraint
from evaluator.verdict import Conformance, Finding
from evaluator.verifiers import conformance

Verified = tuple[tuple[Finding, ...], dict[str, Conformance]]
IN_RUN: dict[str, Callable[[Evidence, Constraint, Places], Iterator[Finding]]] = {
    "database": database_in_run,
    "orm": orm_in_run,
    "schema": schema_in_run,
    "migrations": migrations_in_run,
}


def settled(
    verified: Verified, evidence: Evidence, constraints: Iterable[Constraint], files: Mapping[str, bytes]
) -> Verified:
    """The findings and states after a run, from those of the text; what no run confirms stays as it is.

    `files` are those of the backend, in which the places of findings are looked up.
    """
    places = Places(files)
    findings, states = list(verified[0]), dict(verified[1])
    for constraint in constraints:
        in_run = IN_RUN.get(constraint.kind)
        if in_run is None:
            continue
        shown = list(in_run(evidence, constraint, places))
        findings = [one for one in findings if not _is_settled(one, evidence, constraint)]
        if constraint.kind == "schema":
            findings = [confirmed_absence(one, evidence) for one in findings]
        told = {one.rule for one in findings if one.constraint == constraint.value and one.certainty == "certain"}
        findings += [one for one in shown if not _TEXT_RULES.get(one.rule, frozenset()) & told]
        states[constraint.value] = conformance(one for one in findings if one.constraint == constraint.value)
    return tuple(findings), states


# Where the text is certain already, the same told by the run would be said twice.
_TEXT_RULES: dict[str, frozenset[str]] = {
    "D3": frozenset({"D1"}),
    "D4": frozenset({"D2"}),
    "O3": frozenset({"O2"}),
    "M2": frozenset({"M1", "M2"}),
}


def _is_settled(finding: Finding, evidence: Evidence, constraint: Constraint) -> bool:
    """Whether the run showed what a finding of the text doubts."""
    if finding.constraint != constraint.value or finding.verifier != constraint.kind:
        return False
    if finding.rule == "D1":
        return is_stored_in(evidence, constraint.value)
    if finding.rule == "O1":
        return finding.certainty == "uncertain" and not finding.path and is_made_by_orm(evidence, constraint)
    if finding.rule == "M2":
        return finding.seen == "text" and are_migrations_applied(evidence)
    return finding.rule in ("K1", "K2") and is_schema_known(evidence)
