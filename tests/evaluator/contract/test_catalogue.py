"""The catalogue is fixed and complete before any backend starts."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from evaluator.contract import catalogue, contract_named, not_started
from evaluator.contract.conduit.shapes import DOCUMENT
from evaluator.errors import BadInput
from evaluator.verdict import COUNTED_BASES
from tests.evaluator.contract.coverage import matrix


def test_every_id_occurs_once() -> None:
    assert [id for id, times in Counter(check.id for check in catalogue()).items() if times > 1] == []


def test_every_operation_of_the_document_has_checks_and_every_check_has_an_operation() -> None:
    operations = {
        f"{method.upper()} {path}" for path, methods in DOCUMENT.document["paths"].items() for method in methods
    }
    assert len(operations) == 19
    assert {check.operation for check in catalogue()} == operations | {"GET /health-check"}


def test_every_check_cites_a_clause_and_says_a_sentence() -> None:
    for check in catalogue():
        assert check.clause.text.endswith("."), check.id
        assert " " in check.title and not check.title.endswith("."), check.id


def test_only_the_published_collection_s_own_demands_are_left_out_of_the_count() -> None:
    assert Counter(check.clause.basis for check in catalogue())["benchmark"] == 8


def test_what_a_check_needs_is_in_the_catalogue_and_leads_in_no_circle() -> None:
    needs = {check.id: check.needs for check in catalogue()}

    def walk(id: str, path: tuple[str, ...]) -> None:
        assert id not in path, path
        for needed in needs[id]:
            walk(needed, (*path, id))

    for id in needs:
        walk(id, ())


def test_a_backend_that_did_not_start_fails_one_check_and_reaches_no_other() -> None:
    results = not_started("run.sh ended with status 1")
    assert [check.id for check in results] == [check.id for check in catalogue()]
    first, *others = results
    assert (first.id, first.outcome, first.received) == ("server.starts", "failed", "run.sh ended with status 1")
    assert {(check.outcome, check.blocked_by) for check in others} == {("not_reached", "server.starts")}


def test_an_unknown_contract_is_named_with_the_known_ones() -> None:
    with pytest.raises(BadInput, match="conduit"):
        contract_named("pet-store")


def test_the_documentation_gives_the_number_of_checks_and_names_every_file() -> None:
    told = (Path(__file__).resolve().parents[3] / "docs" / "contract.md").read_text()
    counted = sum(check.clause.basis in COUNTED_BASES for check in catalogue())
    assert f"{len(catalogue())} checks over 19 operations, of which {counted}" in " ".join(told.split())
    after = catalogue(restarts=True)[len(catalogue()) :]
    assert f"after a restart: {len(after)} more checks" in told
    for file in {Path(check.judge.__code__.co_filename).name for check in catalogue()}:
        assert f"`{file}`" in told


def test_the_documentation_shows_what_is_covered() -> None:
    """Where this fails, print the matrix (see coverage.py) and put it into docs/contract.md."""
    assert matrix() in (Path(__file__).resolve().parents[3] / "docs" / "contract.md").read_text()
