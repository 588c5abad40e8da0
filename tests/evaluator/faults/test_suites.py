"""What each suite says of a backend becomes claims that held and claims that did not.

Why: the benchmark's report leaves out an assertion whose script ended in an error. Counting it as failed would make the
published collection better than it is, and the comparison unfair to it or to us.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from evaluator.contract import Transport, not_started, run_contract
from evaluator.errors import BadInput, MachineryFailed
from evaluator.faults import catalogue, mutated_files, original_files
from evaluator.faults.suites import (
    Observation,
    Structure,
    hash_of_sources,
    observation_of,
    ours,
    published,
    schemathesis,
)
from evaluator.newman import installed_newman
from evaluator.tasks import Task
from evaluator.verdict import CheckResult, Finding, Outcome, Verdict, summarise
from tests.conftest import lacking
from tests.evaluator.contract.reference import Conduit
from tests.evaluator.contract.serving import serving
from tests.evaluator.contract.small_contracts import asking, collection_of

FAULT = catalogue()[0]
# asking() names the base of the API “base”; the published collection names it APIURL
COLLECTION = collection_of(
    asking(
        "List",
        "GET",
        "/articles",
        "pm.test('is 200', () => pm.response.to.have.status(200));",
        "const articles = pm.response.json().articles;",
        "pm.test('has articles', () => pm.expect(articles).to.be.an('array'));",
    )
).replace(b"{{base}}", b"{{APIURL}}")


def check(id: str, outcome: Outcome, basis: Any = "prose") -> CheckResult:
    return CheckResult(id, id, "", basis, outcome)


def verdict(checks: tuple[CheckResult, ...]) -> Verdict:
    return Verdict(
        task=FAULT.task.id,
        level=0,
        constraints=(),
        checks=checks,
        findings=(Finding("architecture", "clean_architecture", "A2", "x.py", 1, "…"),),
        conformance={},
        summary=summarise(checks, {}),
    )


DECIDED = (
    check("a", "passed"),
    check("b", "failed"),
    check("c", "not_reached"),
    check("d", "unstable"),
    check("e", "failed", "benchmark"),
)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """A small collection; a skip where newman cannot be installed."""
    try:
        installed_newman()
    except MachineryFailed as error:
        lacking("newman", str(error))
    path = tmp_path / "collection.json"
    path.write_bytes(COLLECTION)
    return path


def served_by(answer: Callable[..., Any]) -> Callable[[Mapping[str, bytes], Task], Verdict]:
    """The evaluation, of a server of ours instead of a backend in a sandbox."""

    def judge(files: Mapping[str, bytes], task: Task) -> Verdict:
        with serving(answer) as port:
            return verdict(run_contract("/api", transport=Transport(port=port), task_contract=task.contract))

    return judge


def seen_by_the_collection(file: Path, answer: Callable[..., Any]) -> Observation:
    return published(file, judge=served_by(answer)).observe({}, FAULT.task)


def test_only_counted_checks_that_were_decided_are_claims() -> None:
    seen = observation_of(verdict(DECIDED))
    assert (set(seen.passed), set(seen.failed), set(seen.rules)) == ({"a"}, {"b"}, {"A2"})


def test_a_void_verdict_is_void() -> None:
    void = replace(verdict(DECIDED), summary=summarise((), {}, void_reason="no sandbox"))
    assert observation_of(void).void == "no sandbox"


def test_ours_is_what_the_evaluation_says_of_the_task() -> None:
    asked: list[Task] = []

    def judge(files: Mapping[str, bytes], task: Task) -> Verdict:
        asked.append(task)
        return verdict(DECIDED)

    assert ours(judge=judge).observe({}, FAULT.task).failed == {"b"}
    assert asked == [FAULT.task]


def test_an_assertion_of_the_collection_that_does_not_hold_has_failed(file: Path) -> None:
    seen = seen_by_the_collection(file, lambda *request: (500, {"articles": []}))
    assert "list.is-200" in seen.failed and "list.has-articles" in seen.passed


def test_an_assertion_whose_script_ends_in_an_error_vanishes_as_in_the_benchmark(file: Path) -> None:
    seen = seen_by_the_collection(file, lambda *request: (200, None))
    assert "list.is-200" in seen.passed
    assert not {id for id in seen.passed | seen.failed if "has-articles" in id}


def test_a_backend_that_does_not_start_fails_that_and_nothing_else(file: Path) -> None:
    def judge(files: Mapping[str, bytes], task: Task) -> Verdict:
        return verdict(not_started("run.sh ended", task_contract=task.contract))

    for suite in (published(file, judge=judge), schemathesis(judge=judge)):
        seen = suite.observe({}, FAULT.task)
        assert not seen.passed and set(seen.failed) == {"server.starts"}


def test_schemathesis_has_an_account_on_a_correct_backend() -> None:
    seen = schemathesis(judge=served_by(Conduit().answer)).observe({}, FAULT.task)
    assert "account.credentials" in seen.passed and len(seen.passed) > 50


def test_a_suite_that_did_not_come_to_its_end_is_void() -> None:
    late = replace(check("server.answers", "failed"), received="The document was not tried to the end: 90 s were over.")
    assert observation_of(verdict((*DECIDED, late))).void.startswith("The document was not tried")


def test_structure_is_the_verifiers_and_starts_nothing() -> None:
    fault = next(one for one in catalogue() if one.structural)
    before = Structure().observe(original_files(fault.backend), fault.task)
    after = Structure().observe(mutated_files(fault), fault.task)
    assert not before.passed and set(fault.expected) & (after.rules - before.rules)


def test_another_collection_is_another_fingerprint(file: Path, tmp_path: Path) -> None:
    other = tmp_path / "other.json"
    other.write_bytes(COLLECTION.replace(b"is 200", b"is fine"))
    assert published(file).fingerprint == published(file).fingerprint != published(other).fingerprint
    assert hash_of_sources("tasks.py") != hash_of_sources("tasks.py", also=b"x")
    everything, less = hash_of_sources("contract"), hash_of_sources("contract", without=["contract/postman"])
    assert everything != less != hash_of_sources("contract", without=["contract/postman", "contract/conduit"])


def test_what_is_no_collection_is_refused_before_anything_runs(tmp_path: Path) -> None:
    other = tmp_path / "other.json"
    with pytest.raises(BadInput, match="cannot be read"):
        published(other)
    other.write_text("{}")
    with pytest.raises(BadInput, match="Postman"):
        published(other)
