"""From the rows of a study to one record per repair session: what every figure and every export is made of."""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from django.core.cache import cache
from django.db.models import Prefetch, QuerySet

from analysis.records import Outcome, RunState, Seeded, SessionRecord, session_outcome
from annotations.effort import Effort, changed_lines, code_hter, measure_effort
from annotations.event_log import closed_on_the_browsers_clock, read_events
from annotations.events import Event
from annotations.models import CheckRequest, RepairSession
from annotations.replay import BrokenLog, Workspace
from runs.models import Run, RunPurpose
from runs.models import RunState as State
from studies.models import Backend, Study

# Of the measures of an effort, those that are a column of their own.
EFFORT_COLUMNS = (
    *("wall_seconds", "active_seconds", "reading_seconds", "editing_seconds", "waiting_seconds", "away_seconds"),
    *("time_to_first_edit_seconds", "edits", "keystrokes", "pastes", "characters_inserted", "characters_deleted"),
    *("files_touched", "checks_requested"),
)


@dataclass(frozen=True)
class OpenSession:
    """A session that goes on: what it took so far, a lower bound. It is shown and takes part in no figure.

    `broken` says why its log cannot be replayed; empty as it should be.
    """

    session_id: int
    person: str
    backend: str
    level: int
    opened_at: datetime.datetime
    active_seconds: float
    edits: int
    checks_requested: int
    checks_total: int
    passed_before: int | None
    passed_last: int | None
    void_runs: int
    hash_mismatches: int
    broken: str
    seeded: Seeded


@dataclass(frozen=True)
class Measured:
    """What is read off one log and the files it ends in. `broken`: why only the entries before one could be used."""

    effort: Effort
    changed_lines: int
    code_hter: float
    hash_mismatches: int
    broken: str


def session_records(*, study: Study) -> list[SessionRecord]:
    """One record per closed session of a study, in the order they were opened, measured with the study's idle limit.

    A session whose final run is void, or has not ended yet (`final_run_state` is None), is excluded: nobody knows
    whether it was repaired. So is one whose log does not replay. Censored means closed without repair.
    """
    sessions = _sessions(study).filter(closed_at__isnull=False)
    baselines = _baselines(study)
    return [_record(study, session, baselines.get(_judged(session.assignment.backend))) for session in sessions]


def open_sessions(*, study: Study) -> list[OpenSession]:
    """The sessions of a study that are not closed, in the order they were opened."""
    baselines = _baselines(study)
    return [
        _open_session(study, session, baselines.get(_judged(session.assignment.backend)))
        for session in _sessions(study).filter(closed_at__isnull=True)
    ]


def void_runs(*, study: Study) -> list[Run]:
    """Runs of a study that failed on our side, baselines included: shown, never counted."""
    of_sessions = Run.objects.void().filter(check_request__session__assignment__backend__study=study)
    backends = {_judged(backend) for backend in study.backends.all()}
    snapshots = {snapshot for snapshot, _ in backends}
    baselines = Run.objects.void().filter(purpose=RunPurpose.BASELINE, snapshot__in=snapshots)
    return [*(run for run in baselines if (run.snapshot_id, run.task_id) in backends), *of_sessions]


def measured(session: RepairSession, *, idle_limit_seconds: float) -> Measured:
    """The measures of one session. The log is append-only, so what was measured up to an entry is kept in the cache."""
    moments = [moment.timestamp() if moment else 0 for moment in (session.opened_at, session.closed_at)]
    key = ":".join(map(str, ["measured", session.pk, session.accepted, *moments, idle_limit_seconds]))
    known: Measured | None = cache.get(key)
    if known is None:
        known = _measure(session, idle_limit_seconds)
        cache.set(key, known, timeout=24 * 3600)
    return known


def _sessions(study: Study) -> QuerySet[RepairSession]:
    runs = Run.objects.defer("log", "environment", "timings", "progress")
    requests = CheckRequest.objects.prefetch_related(Prefetch("run", runs))
    return (
        RepairSession.objects.filter(assignment__backend__study=study)
        .select_related("assignment__backend__study", "assignment__annotator", "generated", "repaired")
        .prefetch_related(Prefetch("check_requests", requests))
        .order_by("opened_at", "pk")
    )


def _baselines(study: Study) -> dict[tuple[int, str], Run]:
    """The verdict over each backend as it was generated: the last finished baseline of its snapshot and task."""
    runs = (
        Run.objects.finished()
        .filter(purpose=RunPurpose.BASELINE, snapshot__in=study.backends.values("snapshot"))
        .defer("log", "environment", "timings", "progress")
        .order_by("pk")
    )
    return {(run.snapshot_id, run.task_id): run for run in runs}


def _judged(backend: Backend) -> tuple[int, str]:
    return backend.snapshot_id, backend.task_id


def _record(study: Study, session: RepairSession, baseline: Run | None) -> SessionRecord:
    if session.closed_at is None:
        raise ValueError(f"{session} is not closed.")
    assignment, backend = session.assignment, session.assignment.backend
    task = backend.task
    measures = measured(session, idle_limit_seconds=study.idle_limit_seconds)
    final = _final_run(session.check_requests.all())
    outcome: Outcome = session_outcome(
        excluded=bool(measures.broken),
        final_run_state=_run_state(final),
        checks_total=final.checks or 0 if final else 0,
        passed_after=final.passed if final else None,
        conforming_after=_conforming(final),
    )
    return SessionRecord(
        study=study.slug,
        session_id=session.pk,
        person=assignment.annotator.pseudonym,
        backend=backend.name,
        task=backend.task_id,
        framework=task.framework.name,
        level=task.level,
        constraints=tuple(constraint.value for constraint in task.constraints),
        position=assignment.position,
        generation_condition=backend.generation_condition,
        opened_at=session.opened_at,
        closed_at=session.closed_at,
        closing_reason=session.closing_reason,
        outcome=outcome,
        censored=outcome == "unrepaired",
        forecast_minutes=session.forecast_minutes,
        **{name: getattr(measures.effort, name) for name in EFFORT_COLUMNS},
        changed_lines=measures.changed_lines,
        code_hter=measures.code_hter,
        checks_total=next((run.checks for run in (final, baseline) if run and run.checks), 0),
        passed_before=baseline.passed if baseline else None,
        passed_after=final.passed if final else None,
        pass_rate_before=baseline.pass_rate if baseline else None,
        pass_rate_after=final.pass_rate if final else None,
        conforming_before=_conforming(baseline),
        conforming_after=_conforming(final),
        void_runs=_void_runs(session),
        hash_mismatches=measures.hash_mismatches + _mismatched_requests(session),
        final_run_state=_run_state(final),
        seeded=_seeded(backend),
        fault=backend.fault_id,
        fault_category=backend.fault_category,
        set_apart=not backend.counts,
    )


def _seeded(backend: Backend) -> Seeded:
    return backend.seeded_use  # type: ignore[return-value]


def _open_session(study: Study, session: RepairSession, baseline: Run | None) -> OpenSession:
    measures = measured(session, idle_limit_seconds=study.idle_limit_seconds)
    judged = [request.run for request in session.check_requests.all() if request.run.state == State.FINISHED]
    last = judged[-1] if judged else baseline
    return OpenSession(
        session_id=session.pk,
        person=session.assignment.annotator.pseudonym,
        backend=session.assignment.backend.name,
        level=session.assignment.backend.level,
        opened_at=session.opened_at,
        active_seconds=measures.effort.active_seconds,
        edits=measures.effort.edits,
        checks_requested=measures.effort.checks_requested,
        checks_total=last.checks or 0 if last else 0,
        passed_before=baseline.passed if baseline else None,
        passed_last=last.passed if last else None,
        void_runs=_void_runs(session),
        hash_mismatches=measures.hash_mismatches + _mismatched_requests(session),
        broken=session.broken or measures.broken,
        seeded=_seeded(session.assignment.backend),
    )


def _final_run(requests: Iterable[CheckRequest]) -> Run | None:
    """The run after closing: the last finished one, else the last that was tried."""
    runs = [request.run for request in requests if request.run.purpose == RunPurpose.FINAL]
    tried = [run for run in runs if run.state == State.FINISHED] or runs
    return tried[-1] if tried else None


def _run_state(run: Run | None) -> RunState | None:
    if run is None:
        return None
    return {State.FINISHED: "finished", State.VOID: "void"}.get(State(run.state))  # type: ignore[return-value]


def _conforming(run: Run | None) -> bool | None:
    """Whether every constraint holds; None where there is no verdict, or one is uncertain and none violated."""
    if run is None or run.state != State.FINISHED:
        return None
    states = set(run.conformance.values())
    return None if "uncertain" in states and "violated" not in states else run.conforming


def _void_runs(session: RepairSession) -> int:
    return sum(request.run.state == State.VOID for request in session.check_requests.all())


def _mismatched_requests(session: RepairSession) -> int:
    return sum(not request.digest_matches for request in session.check_requests.all())


def _measure(session: RepairSession, idle_limit_seconds: float) -> Measured:
    events = read_events(session)
    generated = session.generated.files()
    workspace, sound, mismatches, broken = _replayed(generated, events)
    repaired = session.repaired.files() if session.repaired else workspace.files()
    return Measured(
        effort=measure_effort(
            sound, idle_limit_seconds=idle_limit_seconds, closed_at=closed_on_the_browsers_clock(session)
        ),
        changed_lines=changed_lines(generated, repaired),
        code_hter=code_hter(generated, repaired),
        hash_mismatches=mismatches,
        broken=broken,
    )


def _replayed(files: Mapping[str, bytes], events: Sequence[Event]) -> tuple[Workspace, list[Event], int, str]:
    """The files after the log, the entries that fit, how many hashes differed, and why the rest does not fit."""
    workspace, fitting, mismatches = Workspace(files), list[Event](), 0
    for event in events:
        try:
            workspace.apply(event)
        except BrokenLog as error:
            return workspace, fitting, mismatches, str(error)
        fitting.append(event)
        mismatches += event["kind"] == "hash" and event["digest"] != workspace.digest()
    return workspace, fitting, mismatches, ""
