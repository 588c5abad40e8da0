"""A backend that keeps the contract passes every counted check, however often and in whatever company."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from evaluator.contract import Transport, catalogue, run_contract
from evaluator.verdict import CheckResult, summarise
from tests.evaluator.contract.reference import Conduit
from tests.evaluator.contract.serving import serving


@pytest.fixture(scope="module")
def twice() -> Iterator[tuple[tuple[CheckResult, ...], tuple[CheckResult, ...]]]:
    """The results of two runs over one store."""
    conduit = Conduit()
    with serving(conduit.answer) as port:
        transport = Transport(port=port)
        yield run_contract("/api", transport=transport), run_contract("/api", transport=transport)


def test_a_backend_that_keeps_the_contract_passes_every_counted_check_twice_on_one_store(
    twice: tuple[tuple[CheckResult, ...], ...],
) -> None:
    for results in twice:
        unpassed = [(check.id, check.received) for check in results if check.outcome != "passed"]
        assert [entry for entry in unpassed if not entry[0].startswith("articles.list.body-")] == []
        assert summarise(results, {}).functional


def test_bodies_in_lists_are_reported_and_do_not_count(twice: tuple[tuple[CheckResult, ...], ...]) -> None:
    bodies = [check for check in twice[0] if check.id.startswith("articles.list.body-")]
    assert [(check.basis, check.outcome) for check in bodies] == [("benchmark", "failed")] * 7


def test_results_come_in_the_order_of_the_catalogue(twice: tuple[tuple[CheckResult, ...], ...]) -> None:
    assert [check.id for check in twice[0]] == [check.id for check in catalogue()]


def test_a_full_address_gives_its_path_as_the_prefix() -> None:
    with serving(Conduit().answer) as port:
        results = run_contract(f"http://localhost:{port}/api/", transport=Transport(port=port))
    assert summarise(results, {}).functional


def test_timestamps_of_whole_seconds_are_no_fault() -> None:
    """Where two timestamps tie, their order cannot be seen: the suite leaves a second and looks again."""
    with serving(Conduit("timestamps have whole seconds").answer) as port:
        results = run_contract("/api", transport=Transport(port=port))
    assert [check.id for check in results if check.outcome != "passed" and check.basis != "benchmark"] == []


def test_each_result_is_told_once() -> None:
    told: list[CheckResult] = []
    with serving(Conduit().answer) as port:
        results = run_contract("/api", transport=Transport(port=port), on_result=told.append)
    assert sorted(check.id for check in told) == sorted(check.id for check in results)
