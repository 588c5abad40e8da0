"""The seeded faults of a study: what was put where, who has it, and who found it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from annotations.known_answers import KnownAnswer, known_answer
from annotations.models import RepairSession
from annotations.outcomes import Outcome, outcome_of
from evaluator.faults import Fault
from reports.session_records import measured
from runs.baselines import baselines_of
from runs.models import Run
from studies.models import Backend, SeededUse, Study
from studies.seeding import fault_of


@dataclass(frozen=True)
class SeededSession:
    """A session on a seeded backend. `answer` is None until its final verdict is there."""

    session: RepairSession
    outcome: Outcome
    answer: KnownAnswer | None
    active_seconds: float

    @property
    def word(self) -> str:
        """found, mended elsewhere or not found; without a final verdict the outcome: open, judging or void."""
        return self.answer.word if self.answer else self.outcome.sentence


@dataclass(frozen=True)
class SeededRow:
    """A seeded backend of a study. `fault` is None where the catalogue has it no longer."""

    backend: Backend
    fault: Fault | None
    baseline: Run | None
    assigned: int
    sessions: Sequence[SeededSession]

    @property
    def answered(self) -> list[SeededSession]:
        return [one for one in self.sessions if one.answer is not None]

    @property
    def found(self) -> int:
        return sum(one.answer.found for one in self.sessions if one.answer is not None)


@dataclass(frozen=True)
class SeededReport:
    """Everything the page of seeded faults shows."""

    study: Study
    rows: Sequence[SeededRow]

    @property
    def gold(self) -> list[SeededRow]:
        return [row for row in self.rows if row.backend.seeded_use == SeededUse.GOLD]

    @property
    def sessions(self) -> list[SeededSession]:
        return [one for row in self.rows for one in row.sessions]

    @property
    def gold_answered(self) -> int:
        return sum(len(row.answered) for row in self.gold)

    @property
    def gold_found(self) -> int:
        return sum(row.found for row in self.gold)


def seeded_report(*, study: Study) -> SeededReport:
    """The seeded backends of a study: practice first, then gold tasks, each with its sessions."""
    backends = list(study.backends.exclude(fault_id="").select_related("study", "snapshot"))
    backends.sort(key=lambda backend: (backend.seeded_use != SeededUse.PRACTICE, backend.name))
    baselines = baselines_of(backends)
    return SeededReport(study, [_row(study, backend, baselines.get(backend.pk)) for backend in backends])


def _row(study: Study, backend: Backend, baseline: Run | None) -> SeededRow:
    sessions = RepairSession.objects.filter(assignment__backend=backend).select_related(
        "assignment__backend__study", "assignment__annotator", "generated", "repaired"
    )
    return SeededRow(
        backend=backend,
        fault=fault_of(backend),
        baseline=baseline,
        assigned=backend.assignments.count(),
        sessions=[_session(study, session) for session in sessions.order_by("opened_at", "pk")],
    )


def _session(study: Study, session: RepairSession) -> SeededSession:
    effort = measured(session, idle_limit_seconds=study.idle_limit_seconds).effort
    return SeededSession(session, outcome_of(session), known_answer(session), effort.active_seconds)
