"""A kill means that a claim held for the original, always, and fails with the fault in it.

Why: the original backends fail some checks themselves, and lose a race now and then. Counting that as a kill would
flatter every suite.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from evaluator.faults import Fault, catalogue, mutated_files, original_files
from evaluator.faults.mutate import RUNS_OF_A_RACE, RUNS_OF_THE_ORIGINAL, evaluations, mutate, trial
from evaluator.faults.suites import OURS, PUBLISHED, Observation
from evaluator.faults.table import document_of, originals_of, table_of, totals_of
from evaluator.tasks import Task


def seen(passed: str = "", failed: str = "", rules: str = "") -> Observation:
    return Observation(frozenset(passed.split()), frozenset(failed.split()), frozenset(rules.split()))


def one(*, structural: bool = False, visible_with: str = "one user") -> Fault:
    return next(
        fault
        for fault in catalogue()
        if fault.structural == structural and (structural or fault.visible_with == visible_with)
    )


@dataclass
class Scripted:
    """A suite that says what it was told to say about originals and mutants, and counts how often it is asked."""

    original: Observation
    mutant: Observation
    name: str = OURS
    fingerprint: str = "1"
    asked: Counter[str] = field(default_factory=Counter)

    def observe(self, files: Mapping[str, bytes], task: Task) -> Observation:
        is_original = any(files == original_files(fault.backend) for fault in catalogue() if fault.task == task)
        self.asked["original" if is_original else "mutant"] += 1
        return self.original if is_original else self.mutant


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AMEND_CACHE", str(tmp_path))


def test_a_check_that_held_and_fails_kills() -> None:
    result = trial(one(), OURS, [seen("a b c")] * 3, [seen("a", "b c")])
    assert (result.outcome, result.killed_by) == ("killed", ("b", "c"))


def test_what_failed_for_the_original_does_not_kill() -> None:
    assert trial(one(), OURS, [seen("a", "b")] * 3, [seen("a", "b")]).outcome == "survived"


def test_what_held_for_the_original_only_sometimes_does_not_kill() -> None:
    assert trial(one(), OURS, [seen("a b"), seen("a", "b"), seen("a b")], [seen("a", "b")]).outcome == "survived"


def test_what_was_not_reached_does_not_kill() -> None:
    assert trial(one(), OURS, [seen("a b")] * 3, [seen("a")]).outcome == "survived"


def test_a_race_is_killed_by_any_of_its_runs() -> None:
    assert trial(one(), OURS, [seen("a")] * 3, [seen("a"), seen("", "a"), seen("a")]).outcome == "killed"


def test_a_failure_of_our_side_is_void_and_says_why() -> None:
    result = trial(one(), OURS, [seen("a")] * 3, [Observation(void="no sandbox")])
    assert (result.outcome, result.reason, result.killed_by) == ("void", "no sandbox", ())


def test_the_expected_claim_is_named_first() -> None:
    fault = one()
    expected = fault.expected[0]
    result = trial(fault, OURS, [seen(f"a {expected}")] * 3, [seen("", f"a {expected}")])
    assert result.killed_by == (expected, "a") and result.as_expected
    assert not trial(fault, OURS, [seen("a")] * 3, [seen("", "a")]).as_expected


def test_a_fault_of_structure_is_killed_by_a_new_rule_and_not_by_a_check() -> None:
    fault = one(structural=True)
    assert trial(fault, OURS, [seen("a", rules="O2")] * 3, [seen("", "a", rules="O2")]).outcome == "survived"
    assert trial(fault, OURS, [seen("a", rules="O2")] * 3, [seen("a", rules="O2 A2")]).killed_by == ("A2",)


def test_a_fault_of_behaviour_is_not_killed_by_a_rule() -> None:
    assert trial(one(), OURS, [seen("a")] * 3, [seen("a", rules="A2")]).outcome == "survived"


def test_statements_that_grow_with_a_list_kill_a_fault_of_behaviour() -> None:
    assert trial(one(), OURS, [seen("a")] * 3, [seen("a", rules="A2 N+1")]).killed_by == ("N+1",)
    assert trial(one(), OURS, [seen("a", rules="N+1")] * 3, [seen("a", rules="N+1")]).outcome == "survived"


def test_another_suite_kills_by_its_checks_only() -> None:
    fault = one(structural=True)
    assert trial(fault, PUBLISHED, [seen("a")] * 3, [seen("a", rules="A2")]).outcome == "survived"
    assert trial(fault, PUBLISHED, [seen("a")] * 3, [seen("", "a")]).killed_by == ("a",)


def test_each_original_is_judged_three_times_and_each_mutant_once_whatever_the_number_of_faults() -> None:
    fault = one()
    faults = [other for other in catalogue() if other.backend == fault.backend and other.visible_with == "one user"]
    suite = Scripted(seen("a"), seen("", "a"))
    told = 0

    def tell() -> None:
        nonlocal told
        told += 1

    trials = mutate(faults, [suite], on_observed=tell)
    assert {result.outcome for result in trials} == {"killed"}
    assert suite.asked == {"original": RUNS_OF_THE_ORIGINAL, "mutant": len(faults)}
    assert told == evaluations(faults, [suite]) == RUNS_OF_THE_ORIGINAL + len(faults)


def test_a_race_is_run_more_than_once() -> None:
    suite = Scripted(seen("a"), seen("a"))
    mutate([one(visible_with="concurrently")], [suite])
    assert suite.asked["mutant"] == RUNS_OF_A_RACE


def test_a_second_run_observes_nothing_again_until_the_suite_changes() -> None:
    first, second = Scripted(seen("a"), seen("", "a")), Scripted(seen("a"), seen("", "a"))
    assert mutate([one()], [first]) == mutate([one()], [second])
    assert not second.asked
    changed = Scripted(seen("a"), seen("a"), fingerprint="2")
    assert mutate([one()], [changed])[0].outcome == "survived"


def test_two_suites_do_not_share_what_they_saw() -> None:
    ours, other = Scripted(seen("a"), seen("", "a")), Scripted(seen("a"), seen("a"), name=PUBLISHED)
    assert [result.outcome for result in mutate([one()], [ours, other])] == ["killed", "survived"]


def test_a_void_observation_is_made_again() -> None:
    mutate([one()], [Scripted(seen("a"), Observation(void="no sandbox"))])
    again = Scripted(seen("a"), seen("", "a"))
    assert mutate([one()], [again])[0].outcome == "killed"
    assert again.asked == {"mutant": 1}


def test_a_bug_of_ours_travels() -> None:
    class Broken(Scripted):
        def observe(self, files: Mapping[str, bytes], task: Task) -> Observation:
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        mutate([one()], [Broken(seen(), seen())])


def test_the_tables_say_what_became_of_each_fault() -> None:
    fault, structure = one(), one(structural=True)
    originals = [seen("a b")] * 3
    trials = [
        trial(fault, OURS, originals, [seen("", "a b")]),
        trial(fault, PUBLISHED, originals, [seen("a b")]),
        trial(structure, OURS, originals, [Observation(void="lost")]),
    ]
    rows = table_of(trials).splitlines()
    assert rows[2] == f"| {fault.id} | {fault.category.name} | one user | killed by a +1 | survived | – |"
    assert rows[3].endswith("| void | – | – |")
    totals = totals_of(trials)
    assert "| all that behave wrongly | 1 | 1 of 1 (100%) | 0 of 1 (0%) | – |" in totals
    assert "| all against the structure | 1 | 1 void | – | – |" in totals
    assert [row["outcome"] for row in document_of(trials)] == ["killed", "survived", "void"]


def test_what_the_originals_fail_themselves_is_told() -> None:
    fault = one()
    result = trial(fault, OURS, [seen("a", "b"), seen("a b"), seen("a", "c")], [seen("", "a b")])
    assert result.failing_anyway == ("b", "c")
    told = f"| {fault.backend} | L{fault.task.level} | b, c |"
    assert originals_of([result, trial(fault, PUBLISHED, [seen("", "x")] * 3, [seen("", "x")])]).splitlines()[2:] == [
        told
    ]
    assert originals_of([]) == ""


def test_a_mutant_differs_from_its_original_in_the_key_only_by_its_files() -> None:
    from evaluator.faults.mutate import Subject

    fault = one()
    suite = Scripted(seen(), seen())
    original = Subject(original_files(fault.backend), fault.task, suite, 0)
    assert original.key == Subject(original_files(fault.backend), fault.task, suite, 0).key
    assert original.key != Subject(mutated_files(fault), fault.task, suite, 0).key
    assert original.key != Subject(original_files(fault.backend), fault.task, suite, 1).key
