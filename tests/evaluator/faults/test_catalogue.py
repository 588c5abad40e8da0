"""The catalogue is what it says: every fault applies, is small, and is spread over causes, frameworks and levels.

Why: a fault is shown to people as practice, and counted as evidence for a suite. A patch that no longer applies, or one
that changes half a program, would be neither.
"""

from __future__ import annotations

from collections import Counter

import pytest
from unidiff.patch import PatchSet

from evaluator.contract import catalogue as checks
from evaluator.faults import CATEGORIES, Fault, catalogue, fault_named, mutated_files, original_files
from evaluator.faults.mutate import BEHAVIOURAL_RULES
from evaluator.files import check_files
from evaluator.tasks import FRAMEWORKS
from evaluator.verifiers import verify_files

MOST_LINES = 15
DEPENDENCY_FILES = {"requirements.txt", "package.json"}
RULES = {"A1", "A2", "A3", "A4", "A5", "D1", "D2", "O1", "O2"}
faults = pytest.mark.parametrize("fault", catalogue(), ids=lambda fault: fault.id)


@faults
def test_a_fault_applies_and_changes_few_lines_of_a_backend_that_can_still_be_judged(fault: Fault) -> None:
    mutated = mutated_files(fault)
    original = original_files(fault.backend)
    check_files(mutated, fault.task)
    assert {name for name in mutated if mutated[name] != original.get(name)} == {
        change.path for change in PatchSet(fault.patch)
    }
    assert 1 <= fault.lines <= MOST_LINES


@faults
def test_a_fault_expects_checks_or_rules_that_there_are(fault: Fault) -> None:
    known = {check.id for check in checks(restarts=True)}
    assert fault.expected
    assert set(fault.expected) <= (RULES if fault.structural else known | BEHAVIOURAL_RULES)


@faults
def test_a_statement_gives_no_place_away(fault: Fault) -> None:
    words = fault.statement.lower()
    for change in PatchSet(fault.patch):
        assert change.path.lower() not in words
        assert change.path.rsplit("/", 1)[-1].lower() not in words
    assert fault.statement != fault.title
    assert fault.statement[0].isupper() and fault.statement.endswith(".")


@pytest.mark.parametrize("fault", [one for one in catalogue() if one.structural], ids=lambda fault: fault.id)
def test_a_fault_of_structure_is_found_by_a_rule_that_is_silent_without_it(fault: Fault) -> None:
    before, _ = verify_files(original_files(fault.backend), fault.task)
    after, _ = verify_files(mutated_files(fault), fault.task)
    found = {finding.rule for finding in after if finding.certainty == "certain"}
    assert found >= set(fault.expected)
    assert not {finding.rule for finding in before} & set(fault.expected)


def test_the_catalogue_is_large_and_spread() -> None:
    every = catalogue()
    behavioural = [fault for fault in every if not fault.structural]
    assert len(behavioural) >= 60
    assert len(every) - len(behavioural) >= 8
    assert sum(fault.visible_with != "one user" for fault in behavioural) >= 10
    assert {fault.category.name for fault in every} == set(CATEGORIES)
    assert {fault.task.framework.name for fault in every} == set(FRAMEWORKS)
    assert {fault.task.level for fault in every} == {0, 1, 2, 3}
    assert min(Counter(fault.task.runtime.name for fault in every).values()) >= 30
    assert min(Counter(fault.difficulty for fault in every).values()) >= 10


def test_at_most_three_faults_need_an_install_of_their_own() -> None:
    touching = [
        fault.id for fault in catalogue() if {change.path for change in PatchSet(fault.patch)} & DEPENDENCY_FILES
    ]
    assert len(touching) <= 3


def test_no_two_faults_are_the_same_backend() -> None:
    assert len({tuple(sorted(mutated_files(fault).items())) for fault in catalogue()}) == len(catalogue())


def test_what_a_caller_does_to_the_files_does_not_stay() -> None:
    fault = catalogue()[0]
    original_files(fault.backend).clear()
    mutated_files(fault).clear()
    assert original_files(fault.backend) and mutated_files(fault)


def test_the_record_of_an_imported_fault_says_that_it_is_seeded() -> None:
    fault = catalogue()[0]
    assert fault.provenance == {"label": "seeded fault", "seeded_fault": fault.id, "original": fault.backend}


def test_a_fault_is_found_by_its_id_and_a_mistyped_one_is_guessed() -> None:
    from evaluator.errors import BadInput

    fault = catalogue()[0]
    assert fault_named(fault.id) is fault
    with pytest.raises(BadInput, match=fault.id):
        fault_named(fault.id + "x")
