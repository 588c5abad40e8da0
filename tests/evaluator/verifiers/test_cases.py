"""Every case is a folder: a backend, and `expected.toml` with the state and the findings it must get.

A new case needs no code: add a folder. Findings are compared as a set of rule, place and certainty, so that a case
fails for a finding too many as it does for one too few.
"""

from __future__ import annotations

import json
import tomllib
from pathlib import Path
from typing import Any

import pytest

from evaluator.tasks import CONSTRAINTS, OFFERED_CONSTRAINTS
from evaluator.verdict import Finding
from evaluator.verifiers import verify_constraints

CASES = sorted(path.parent for path in (Path(__file__).parent / "cases").glob("*/expected.toml"))
SHARED_CASES = Path(__file__).resolve().parents[4] / "shared" / "verifier_cases" / "cases.json"


@pytest.mark.parametrize("folder", CASES, ids=lambda folder: folder.name)
def test_a_case_gets_its_state_and_exactly_its_findings(folder: Path) -> None:
    expected = tomllib.loads((folder / "expected.toml").read_text())
    files = {
        str(path.relative_to(folder)): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file() and path.name != "expected.toml"
    }

    findings, states = verify_constraints(files, [OFFERED_CONSTRAINTS[expected["constraint"]]])

    wanted = {(one["rule"], one["path"], one["line"], one["certainty"]) for one in expected.get("findings", ())}
    assert {(one.rule, one.path, one.line, one.certainty) for one in findings} == wanted, _told(findings)
    assert states == {expected["constraint"]: expected["state"]}, expected["why"]
    assert all(one.mend and one.message.endswith(".") for one in findings)


def _worked_cases() -> list[Any]:
    if not SHARED_CASES.exists():
        skip = pytest.mark.skip(reason=f"the worked cases are not at {SHARED_CASES}")
        return [pytest.param({}, id="none", marks=skip)]
    return [pytest.param(case, id=case["name"]) for case in json.loads(SHARED_CASES.read_text())]


@pytest.mark.parametrize("case", _worked_cases())
def test_a_worked_case_gets_the_right_answer_or_uncertain_where_it_is_debatable(case: dict[str, Any]) -> None:
    files = {path: text.encode() for path, text in case["files"].items()}

    findings, states = verify_constraints(files, [CONSTRAINTS[case["constraint"]]])

    right = "conforming" if case["expected_compliant"] else "violated"
    assert states == {case["constraint"]: "uncertain" if case["debatable"] else right}, _told(findings)
    assert right == "conforming" or case["rule"] in {one.rule for one in findings}


def _told(findings: tuple[Finding, ...]) -> str:
    return "\n".join(f"{one.certainty} {one.rule} {one.path}:{one.line} {one.message}" for one in findings)
