"""What callers rely on: which constraints are judged, how they are named, and that findings help a developer."""

from __future__ import annotations

import json
import time
from pathlib import Path

import pytest

from evaluator.files import read_tree
from evaluator.tasks import CONSTRAINTS, OFFERED_CONSTRAINTS, all_tasks, task_by_id
from evaluator.verifiers import VERIFIERS, verify_constraints, verify_files

CORPUS = Path(__file__).resolve().parents[4] / "shared" / "corpus"
LIMIT_SECONDS = 0.3


def test_every_constraint_that_is_offered_has_a_verifier() -> None:
    assert {constraint.kind for constraint in OFFERED_CONSTRAINTS.values()} == VERIFIERS.keys()


def test_the_states_are_those_of_the_constraints_in_force_by_their_values() -> None:
    for task in all_tasks().values():
        _, states = verify_files({"app.py": b"x = 1\n"}, task)
        assert list(states) == [constraint.value for constraint in task.constraints]


def test_an_unconstrained_task_gets_no_findings() -> None:
    assert verify_files({"a.py": b"("}, task_by_id("uv-flask-openapi-unconstrained")) == ((), {})


def test_the_same_files_get_the_same_findings_in_the_same_order_whatever_the_order_of_names() -> None:
    files = {
        f"src/{layer}/a.py": b"import src.routes.a\nimport src.services.a\n"
        for layer in ("models", "routes", "services")
    }
    constraints = [CONSTRAINTS["clean_architecture"]]

    assert verify_constraints(files, constraints) == verify_constraints(dict(reversed(files.items())), constraints)


def test_a_finding_names_its_verifier_and_constraint_and_says_how_to_mend_it() -> None:
    findings, _ = verify_constraints({"app.py": b"STORE = {}\n"}, [CONSTRAINTS["postgres"]])

    (finding,) = findings
    assert (finding.verifier, finding.constraint, finding.rule) == ("database", "postgres", "D1")
    assert finding.message == "No production code opens PostgreSQL."
    assert "host postgres, port 5432" in finding.mend


def test_findings_can_be_written_as_json() -> None:
    findings, states = verify_constraints({"a\udcff.py": b"("}, CONSTRAINTS.values())

    json.dumps([[finding.message for finding in findings], states])


def test_a_backend_of_fifteen_hundred_lines_is_judged_within_a_third_of_a_second() -> None:
    folder = CORPUS / "node-fastify-openapi-clean_architecture-postgres"
    if not folder.exists():
        pytest.skip(f"the corpus is not at {CORPUS}")
    files, task = read_tree(folder), task_by_id(folder.name)

    def seconds() -> float:
        begun = time.process_time()
        verify_files(files, task)
        return time.process_time() - begun

    assert min(seconds() for _ in range(5)) < LIMIT_SECONDS
