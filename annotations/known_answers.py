"""Seeded backends in a study: who gets them, and whether a session found what was put there. The answer is known.

The session's files are compared with the fault's reverse patch, and its final run with the checks that the fault broke.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from difflib import SequenceMatcher
from itertools import pairwise
from typing import Literal

from django.db import transaction

from accounts.models import Person
from annotations.models import RepairSession
from annotations.outcomes import final_run
from annotations.sessions import baseline_run
from evaluator.faults import Fault, original_files
from runs.baselines import seed_and_evaluate
from runs.models import Run, RunState
from studies.assignments import assign_at
from studies.models import Assignment, Backend, SeededUse, Study
from studies.seeding import fault_of

Lines = Literal["undone", "changed", "untouched"]


@dataclass(frozen=True)
class KnownAnswer:
    """What a session made of a seeded fault.

    `lines`: the seeded lines are as before the fault, otherwise changed, or untouched. `turned` of the `broken` known
    answers (checks, rules, N+1) that the fault broke hold in the final run.
    """

    lines: Lines
    turned: int
    broken: int

    @property
    def found(self) -> bool:
        """Everything the fault broke holds again, and the seeded lines were changed."""
        return self.lines != "untouched" and self.turned == self.broken

    @property
    def word(self) -> str:
        """`found`, `mended elsewhere` (it holds again, by other lines) or `not found`."""
        if self.found:
            return "found"
        return "mended elsewhere" if self.broken and self.turned == self.broken else "not found"


@transaction.atomic
def add_seeded(
    *, study: Study, faults: Iterable[Fault], use: SeededUse, annotators: Iterable[Person], added_by: Person
) -> list[Backend]:
    """Add seeded backends to a study, evaluate them and give them to annotators. Raises BadInput as seed_backend does.

    Practice comes before everything that an annotator has not begun, gold tasks come last.
    """
    annotators = list(annotators)
    backends = [seed_and_evaluate(study=study, fault=fault, use=use, seeded_by=added_by)[0] for fault in faults]
    for annotator in annotators:
        first, after_last = _free_positions(annotator)
        for offset, backend in enumerate(backends):
            place = first if use == SeededUse.PRACTICE else after_last
            assign_at(backend=backend, annotator=annotator, position=place + offset)
    return backends


def known_answer(session: RepairSession) -> KnownAnswer | None:
    """What a closed session made of the fault in its backend; None for another backend, and without a final verdict."""
    fault = fault_of(session.assignment.backend)
    final = final_run(session)
    if fault is None or final is None or final.state != RunState.FINISHED or session.repaired is None:
        return None
    broken = _broken_by(fault, baseline_run(session))
    still = _broken_by(fault, final)
    return KnownAnswer(
        lines=what_became_of(original_files(fault.backend), session.generated.files(), session.repaired.files()),
        turned=len(broken - still),
        broken=len(broken),
    )


def what_became_of(original: Mapping[str, bytes], seeded: Mapping[str, bytes], repaired: Mapping[str, bytes]) -> Lines:
    """What a repair did to the lines in which the seeded files differ from the original ones."""
    faulty = [path for path in original.keys() | seeded.keys() if original.get(path) != seeded.get(path)]
    if all(_same_text(repaired.get(path), original.get(path)) for path in faulty):
        return "undone"
    if any(_touches(original.get(path), seeded.get(path), repaired.get(path)) for path in faulty):
        return "changed"
    return "untouched"


def _free_positions(annotator: Person) -> tuple[int, int]:
    """The first position that is not begun (nor anything after it), and the one after the last."""
    own = Assignment.objects.filter(annotator=annotator)
    begun = own.filter(session__isnull=False).order_by("position").last()
    last = own.order_by("position").last()
    return (begun.position if begun else 0) + 1, (last.position if last else 0) + 1


def _broken_by(fault: Fault, run: Run | None) -> set[str]:
    """The known answers that a run found broken; all of them without a verdict."""
    known = set(fault.expected)
    if run is None or run.state != RunState.FINISHED:
        return known
    passed = set(run.results.filter(outcome="passed", check_id__in=known).values_list("check_id", flat=True))
    checks = set(run.results.filter(check_id__in=known).values_list("check_id", flat=True))
    rules = set(run.findings.filter(rule__in=known).values_list("rule", flat=True))
    return (checks - passed) | rules


def _same_text(one: bytes | None, other: bytes | None) -> bool:
    """Whether two files hold the same, spaces at line ends and empty lines aside."""
    if one is None or other is None:
        return one is other
    lines = ([line.rstrip() for line in text.splitlines() if line.strip()] for text in (one, other))
    return next(lines) == next(lines)


def _touches(original: bytes | None, seeded: bytes | None, repaired: bytes | None) -> bool:
    """Whether the repair changed a line that the fault had changed, or one right beside it."""
    if seeded is None or repaired is None or original is None:
        return seeded != repaired
    before, now, after = original.splitlines(), seeded.splitlines(), repaired.splitlines()
    faulty = [(start, end) for _, _, start, end in _changes(before, now)]
    mended = [(start, end) for start, end, _, _ in _changes(now, after)]
    return any(a_start <= b_end and b_start <= a_end for a_start, a_end in faulty for b_start, b_end in mended)


def _changes(before: list[bytes], after: list[bytes]) -> list[tuple[int, int, int, int]]:
    """The ranges of lines that differ: from and to in the one, from and to in the other (ends exclusive)."""
    blocks = SequenceMatcher(None, before, after, autojunk=False).get_matching_blocks()
    ranges = [(0, 0, 0), *((a, b, size) for a, b, size in blocks)]
    gaps = [(a + size, next_a, b + size, next_b) for (a, b, size), (next_a, next_b, _) in pairwise(ranges)]
    return [gap for gap in gaps if gap[0] != gap[1] or gap[2] != gap[3]]
