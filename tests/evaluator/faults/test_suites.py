"""What each suite says of a backend becomes claims that held and claims that did not.

Why: the benchmark's report leaves out an assertion whose script ended in an error. Counting it as failed would make the
published collection better than it is, and the comparison unfair to it or to us.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import pytest

from evaluator.contract import Transport
from evaluator.contract.postman import read_collection
from evaluator.errors import MachineryFailed
from evaluator.faults import catalogue, original_files
from evaluator.faults import suites as suites_module
from evaluator.faults.serving import Started
from evaluator.faults.suites import Ours, Published, Schemathesis, hash_of_sources, observation_of
from evaluator.newman import installed_newman
from evaluator.verdict import CheckResult, Finding, Measures, Outcome, Statements, Verdict, summarise
from tests.conftest import lacking
from tests.evaluator.contract.reference import Conduit, serving
from tests.evaluator.contract.small_contracts import asking, collection_of

FAULT = catalogue()[0]
COLLECTION = collection_of(
    asking(
        "List",
        "GET",
        "/articles",
        "pm.test('is 200', () => pm.response.to.have.status(200));",
        "const articles = pm.response.json().articles;",
        "pm.test('has articles', () => pm.expect(articles).to.be.an('array'));",
    )
)


def check(id: str, outcome: Outcome, basis: Any = "prose") -> CheckResult:
    return CheckResult(id, id, "", basis, outcome)


def verdict() -> Verdict:
    checks = (
        check("a", "passed"),
        check("b", "failed"),
        check("c", "not_reached"),
        check("d", "unstable"),
        check("e", "failed", "benchmark"),
    )
    return Verdict(
        task=FAULT.task.id,
        level=0,
        constraints=(),
        checks=checks,
        findings=(Finding("architecture", "clean_architecture", "A2", "x.py", 1, "…"),),
        conformance={},
        summary=summarise(checks, {}),
        measures=Measures(statements=(Statements("GET /articles", "a list", 61, 20),)),
    )


@pytest.fixture
def published(monkeypatch: pytest.MonkeyPatch) -> Published:
    try:
        installed_newman()
    except MachineryFailed as error:
        lacking("newman", str(error))
    # asking() names the base "base"; the published collection names it APIURL
    return Published(read_collection(COLLECTION.replace(b"{{base}}", b"{{APIURL}}")))


def answering(monkeypatch: pytest.MonkeyPatch, answer: Callable[..., Any] | None, why_not: str = "") -> None:
    @contextmanager
    def started(files: Mapping[str, bytes], task: object, sandbox: object) -> Iterator[Started]:
        if answer is None:
            yield Started(None, why_not)
            return
        with serving(answer) as port:
            yield Started(Transport(port=port))

    monkeypatch.setattr(suites_module, "serving", started)


def test_only_counted_checks_that_were_decided_are_claims() -> None:
    seen = observation_of(verdict())
    assert (set(seen.passed), set(seen.failed), set(seen.rules)) == ({"a"}, {"b"}, {"A2"})
    assert seen.statements == {"GET /articles": 61}


def test_a_void_verdict_is_void() -> None:
    void = replace(verdict(), summary=summarise((), {}, void_reason="no sandbox"))
    assert observation_of(void).void == "no sandbox"


def test_ours_is_what_the_evaluation_says() -> None:
    assert Ours(judge=lambda files, task: verdict()).observe({}, FAULT.task).failed == {"b"}


def test_an_assertion_of_the_collection_that_does_not_hold_has_failed(
    published: Published, monkeypatch: pytest.MonkeyPatch
) -> None:
    answering(monkeypatch, lambda *request: (500, {"articles": []}))
    seen = published.observe({}, FAULT.task)
    assert "list.is-200" in seen.failed and "list.has-articles" in seen.passed


def test_an_assertion_whose_script_ends_in_an_error_vanishes_as_in_the_benchmark(
    published: Published, monkeypatch: pytest.MonkeyPatch
) -> None:
    answering(monkeypatch, lambda *request: (200, None))
    seen = published.observe({}, FAULT.task)
    assert "list.is-200" in seen.passed
    assert not {id for id in seen.passed | seen.failed if "has-articles" in id}


@pytest.mark.parametrize("suite", ["published", "schemathesis"])
def test_a_backend_that_does_not_start_fails_that_and_nothing_else(
    suite: str, published: Published, monkeypatch: pytest.MonkeyPatch
) -> None:
    answering(monkeypatch, None, "run.sh ended")
    seen = (published if suite == "published" else Schemathesis()).observe({}, FAULT.task)
    assert not seen.passed and set(seen.failed) == {"server.starts"} and not seen.void


def test_a_lost_sandbox_is_void(published: Published, monkeypatch: pytest.MonkeyPatch) -> None:
    def lost(*arguments: object) -> None:
        raise MachineryFailed("The sandbox was lost.")

    monkeypatch.setattr(suites_module, "serving", lost)
    assert published.observe({}, FAULT.task).void == "The sandbox was lost."


def test_schemathesis_has_an_account_on_a_correct_backend(monkeypatch: pytest.MonkeyPatch) -> None:
    answering(monkeypatch, Conduit().answer)
    seen = Schemathesis().observe(original_files(FAULT.backend), FAULT.task)
    assert "account.credentials" in seen.passed and len(seen.passed) > 50


def test_another_collection_is_another_fingerprint() -> None:
    other = read_collection(COLLECTION.replace(b"is 200", b"is fine"))
    assert Published(read_collection(COLLECTION)).fingerprint != Published(other).fingerprint
    assert hash_of_sources("tasks.py") != hash_of_sources("tasks.py", also="x")
