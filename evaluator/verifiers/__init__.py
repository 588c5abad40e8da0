"""Decides from the program text whether the constraints of a task hold.

One verifier per kind of constraint, registered in VERIFIERS; each yields findings. A constraint is violated where a
certain finding exists, uncertain where only uncertain ones do, else conforming. May not import the contract, the
sandbox or a runtime. docs/verifiers.md states the rules.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from evaluator.tasks import Constraint, Task
from evaluator.verdict import Conformance, Finding
from evaluator.verifiers.architecture import verify_architecture
from evaluator.verifiers.authentication import verify_authentication
from evaluator.verifiers.backend import BackendCode, Verifier, unread_findings
from evaluator.verifiers.database import verify_database
from evaluator.verifiers.migrations import verify_migrations
from evaluator.verifiers.orm import verify_orm
from evaluator.verifiers.routing import verify_routing
from evaluator.verifiers.schema import verify_schema
from evaluator.verifiers.transactions import verify_transactions

VERIFIERS: dict[str, Verifier] = {
    "architecture": verify_architecture,
    "database": verify_database,
    "orm": verify_orm,
    "transactions": verify_transactions,
    "routing": verify_routing,
    "authentication": verify_authentication,
    "migrations": verify_migrations,
    "schema": verify_schema,
}

Verified = tuple[tuple[Finding, ...], dict[str, Conformance]]


def verify_files(files: Mapping[str, bytes], task: Task) -> Verified:
    """The findings on a backend's files, and the state of each constraint of its task by the constraint's value.

    `files` maps names relative to the project to bytes. Never raises for what is in them.
    """
    return verify_constraints(files, task.constraints)


def verify_constraints(files: Mapping[str, bytes], constraints: Iterable[Constraint]) -> Verified:
    """The same for any constraints. Raises KeyError for a kind without a verifier."""
    constraints = tuple(constraints)
    if not constraints:
        return (), {}
    backend = BackendCode(files)
    findings: list[Finding] = []
    states: dict[str, Conformance] = {}
    for constraint in constraints:
        found = [*VERIFIERS[constraint.kind](backend, constraint), *unread_findings(backend, constraint)]
        found = sorted(set(found), key=lambda one: (one.certainty, one.rule, one.path, one.line, one.message))
        states[constraint.value] = conformance(found)
        findings.extend(found)
    return tuple(findings), states


def conformance(findings: Iterable[Finding]) -> Conformance:
    """What findings on one constraint amount to."""
    certainties = {finding.certainty for finding in findings}
    if "certain" in certainties:
        return "violated"
    return "uncertain" if certainties else "conforming"
