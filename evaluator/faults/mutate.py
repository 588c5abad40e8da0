"""Runs suites on seeded faults: which suite notices which fault, and by what.

A fault is killed by a claim that held for the original in every one of its runs, and fails with the fault in it. What
fails for the original anyway, or only sometimes, never counts. Every observation is kept in the cache under a hash of
what it was made from, so that a second run costs nothing and an interrupted one goes on where it stopped.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from typing import Literal

from evaluator.cache import cache_root
from evaluator.faults.catalogue import Fault, mutated_files, original_files
from evaluator.faults.suites import OURS, Judging, Observation, Structure, Suite
from evaluator.n_plus_one import RULE as N_PLUS_ONE
from evaluator.tasks import Task

RUNS_OF_THE_ORIGINAL = 3
# A race that is there is not lost every time.
RUNS_OF_A_RACE = 3
# Rules that are about what a backend does, not about its text.
BEHAVIOURAL_RULES = frozenset({N_PLUS_ONE})

Outcome = Literal["killed", "survived", "void", "not given"]


@dataclass(frozen=True)
class Trial:
    """What one suite made of one fault.

    `killed_by` are the claims that noticed, the expected ones first; `failing_anyway` those that the original fails
    too, in any of its runs. `reason` says why our side failed.
    """

    fault: Fault
    suite: str
    outcome: Outcome
    killed_by: tuple[str, ...] = ()
    failing_anyway: tuple[str, ...] = ()
    reason: str = ""

    @property
    def as_expected(self) -> bool:
        """Whether a claim that was expected to notice did."""
        return any(claim in self.killed_by for claim in self.fault.expected)


@dataclass(frozen=True)
class Subject:
    """One evaluation to be made: files, their task, a suite, and the number of the run."""

    files: Mapping[str, bytes]
    task: Task
    suite: Suite
    run: int

    @property
    def key(self) -> str:
        """The hash under which the observation is kept."""
        digest = hashlib.sha256(f"{self.suite.name} {self.suite.fingerprint} {self.task.id} {self.run}".encode())
        for name, content in sorted(self.files.items()):
            digest.update(f"\0{name}\0{len(content)}\0".encode() + content)
        return digest.hexdigest()


def mutate(
    faults: Sequence[Fault],
    suites: Sequence[Suite],
    *,
    jobs: int = 2,
    on_observed: Callable[[], object] = lambda: None,
) -> tuple[Trial, ...]:
    """One trial per fault and suite, fault by fault. `on_observed` is called after each of `evaluations(…)` many."""
    with ThreadPoolExecutor(jobs, thread_name_prefix="mutant") as pool:
        running: dict[str, Future[Observation]] = {}

        def started(files: Mapping[str, bytes], task: Task, suite: Suite, runs: int) -> list[Future[Observation]]:
            subjects = [Subject(files, task, suite, run) for run in range(runs)]
            for subject in subjects:
                if subject.key not in running:
                    running[subject.key] = pool.submit(_observed, subject, on_observed)
            return [running[subject.key] for subject in subjects]

        try:
            pairs = [
                (
                    fault,
                    suite,
                    started(original_files(fault.backend), fault.task, suite, RUNS_OF_THE_ORIGINAL),
                    started(mutated_files(fault), fault.task, suite, _runs_of(fault)),
                )
                for fault in faults
                for suite in (_for_this(fault, suite) for suite in suites)
            ]
            return tuple(
                trial(fault, suite.name, [one.result() for one in originals], [one.result() for one in mutants])
                for fault, suite, originals, mutants in pairs
            )
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            raise


def evaluations(faults: Sequence[Fault], suites: Sequence[Suite]) -> int:
    """How many observations `mutate` needs, known or not."""
    judged = {(fault.backend, _for_this(fault, suite).fingerprint) for fault in faults for suite in suites}
    return len(judged) * RUNS_OF_THE_ORIGINAL + len(suites) * sum(_runs_of(fault) for fault in faults)


def trial(fault: Fault, suite: str, originals: Sequence[Observation], mutants: Sequence[Observation]) -> Trial:
    """What the observations of the original and of the mutant amount to: killed by a claim of any run of the mutant."""
    void = next((one.void for one in (*originals, *mutants) if one.void), "")
    if void:
        return Trial(fault, suite, "void", reason=void)
    noticed = {claim for mutant in mutants for claim in _noticed(fault, suite, originals, mutant)}
    expected = [claim for claim in fault.expected if claim in noticed]
    killed_by = (*expected, *sorted(noticed - set(expected)))
    failing_anyway = tuple(sorted(frozenset().union(*(original.failed for original in originals))))
    return Trial(fault, suite, "killed" if killed_by else "survived", killed_by, failing_anyway)


def _noticed(fault: Fault, suite: str, originals: Sequence[Observation], mutant: Observation) -> frozenset[str]:
    rules = mutant.rules.difference(*(original.rules for original in originals)) if suite == OURS else frozenset()
    if fault.structural:
        # A fault of structure must not show in behaviour; other suites know nothing else and are asked all the same.
        return rules if suite == OURS else _regressions(originals, mutant)
    return _regressions(originals, mutant) | (rules & BEHAVIOURAL_RULES)


def _regressions(originals: Sequence[Observation], mutant: Observation) -> frozenset[str]:
    return mutant.failed.intersection(*(original.passed for original in originals))


def _for_this(fault: Fault, suite: Suite) -> Suite:
    """Of our suite, only what can notice a fault of structure."""
    return Structure() if fault.structural and isinstance(suite, Judging) and suite.name == OURS else suite


def _runs_of(fault: Fault) -> int:
    return RUNS_OF_A_RACE if fault.visible_with == "concurrently" else 1


def _observed(subject: Subject, on_observed: Callable[[], object]) -> Observation:
    """The observation from the cache, else made now and kept unless it is void."""
    file = cache_root() / "mutants" / f"{subject.key}.json"
    try:
        seen = Observation.from_json(json.loads(file.read_text(encoding="utf-8")))
    except (OSError, ValueError, KeyError):
        seen = subject.suite.observe(subject.files, subject.task)
        if not seen.void:
            file.parent.mkdir(parents=True, exist_ok=True)
            writing = file.with_suffix(f".{os.getpid()}")
            writing.write_text(json.dumps(seen.to_json()), encoding="utf-8")
            writing.replace(file)
    on_observed()
    return seen
