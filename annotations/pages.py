"""What the pages of the human side show, worked out before a template sees it."""

from __future__ import annotations

import datetime
from dataclasses import dataclass
from typing import Any

from accounts.models import Person
from annotations.access import runs_of_session
from annotations.change_sets import ChangeDoesNotFit
from annotations.effort import Effort, measure_effort
from annotations.event_log import closed_on_the_browsers_clock, read_events
from annotations.events import Event
from annotations.judgements import decision_of, labels_by_cause, standing_disputes, standing_labels
from annotations.models import CauseLabel, CheckRequest, Dispute, DisputeDecision, PartialRequest, RepairSession
from annotations.outcomes import Outcome, final_run, outcome_of
from annotations.replay import BrokenLog, hash_mismatches
from annotations.sessions import baseline_run, next_assignment, replayed
from runs.baselines import baseline_of
from runs.models import Run
from runs.panels import RunPanel, build_panel
from studies.access import assignments_of
from studies.models import Assignment, Backend


@dataclass(frozen=True)
class NextCard:
    """The assignment to work on now. `session` is there where it has been begun."""

    assignment: Assignment
    session: RepairSession | None
    run: Run | None
    files: int
    lines: int


@dataclass(frozen=True)
class DoneRow:
    """A closed session. `active_seconds` is None where its log cannot be measured."""

    session: RepairSession
    outcome: Outcome
    active_seconds: float | None
    run: Run | None


@dataclass(frozen=True)
class Home:
    """An annotator's home: what is next, what comes after, what is done."""

    total: int
    done: list[DoneRow]
    next: NextCard | None
    later: list[Assignment]

    @property
    def closed(self) -> int:
        return len(self.done)


@dataclass(frozen=True)
class SessionReport:
    """A session as its own page shows it. `effort` and `changed` are empty where the log does not replay."""

    session: RepairSession
    outcome: Outcome
    effort: Effort | None
    baseline: Run | None
    final: Run | None
    panel: RunPanel | None
    changed: list[str]
    requests: list[CheckRequest]
    partial: list[PartialRequest]
    labels: list[CauseLabel]
    disputes: list[tuple[Dispute, DisputeDecision | None]]
    mismatches: list[int]
    broken: str

    @property
    def time_parts(self) -> list[tuple[str, str, float, str, str]]:
        """Wall time in parts: look, word, seconds, and where it begins and how long it is on a line of 1000."""
        effort = self.effort
        if effort is None:
            return []
        parts, start = [], 0.0
        for look, word, seconds in (
            ("edit", "editing", effort.editing_seconds),
            ("read", "reading", effort.reading_seconds),
            ("wait", "waiting for a run", effort.waiting_seconds),
            ("away", "away", effort.away_seconds),
        ):
            width = 1000 * seconds / max(effort.wall_seconds, 1)
            parts.append((look, word, seconds, f"{start:.1f}", f"{width:.1f}"))
            start += width
        return parts

    @property
    def wrong_digests(self) -> list[CheckRequest]:
        """Requests for which the browser's hash of the files was not ours."""
        return [request for request in self.requests if not request.digest_matches]


def annotator_home(person: Person) -> Home:
    """The home of an annotator, in the order drawn for them."""
    assignments = list(assignments_of(person).select_related("session"))
    upcoming = next_assignment(person)
    sessions = [session for assignment in assignments if (session := _session_of(assignment)) and session.closed]
    return Home(
        total=len(assignments),
        done=[_done(session) for session in sessions],
        next=_card(upcoming) if upcoming else None,
        later=[
            assignment
            for assignment in assignments
            if upcoming and assignment.position > upcoming.position and not _is_closed(assignment)
        ],
    )


def session_report(session: RepairSession) -> SessionReport:
    """Everything the page of a session shows."""
    effort, changed, mismatches, broken = None, [], [], session.broken
    try:
        events = read_events(session)
        changed = replayed(session).changed_paths()
        mismatches = hash_mismatches(session.generated.files(), events)
        effort = _effort(session, events)
    except (BrokenLog, ChangeDoesNotFit) as error:
        broken = broken or str(error)
    final = final_run(session)
    return SessionReport(
        session=session,
        outcome=outcome_of(session),
        effort=effort,
        baseline=baseline_run(session),
        final=final,
        panel=build_panel(final, story=runs_of_session(session)) if final else None,
        changed=changed,
        requests=list(session.check_requests.select_related("run__snapshot")),
        partial=list(session.partial_requests.select_related("run__snapshot")),
        labels=standing_labels(session),
        disputes=[(dispute, decision_of(dispute)) for dispute in standing_disputes(session)],
        mismatches=mismatches,
        broken=broken,
    )


def panel_context(session: RepairSession, run: Run | None) -> dict[str, Any]:
    """The panel of a run of this session with what people said of it; `panel` is None without a run."""
    panel = build_panel(run, story=runs_of_session(session)) if run else None
    causes = panel.verdict.causes if panel and panel.verdict else ()
    return {
        "run": run,
        "panel": panel,
        "labels": labels_by_cause(standing_labels(session), causes),
        "disputes": {dispute.check_id: dispute for dispute in standing_disputes(session)},
    }


def place_of(assignment: Assignment) -> dict[str, Any]:
    """“Assignment 4 of 8”, as the workspace says it."""
    total = Assignment.objects.filter(annotator=assignment.annotator_id).count()
    return {"id": assignment.pk, "position": assignment.position, "total": total}


def greeting(now: datetime.datetime) -> str:
    """Good morning until noon, good afternoon until six, then good evening."""
    return "Good morning" if now.hour < 12 else "Good afternoon" if now.hour < 18 else "Good evening"


def _card(assignment: Assignment) -> NextCard:
    files, lines = _size(assignment.backend)
    return NextCard(assignment, _session_of(assignment), baseline_of(assignment.backend), files, lines)


def _size(backend: Backend) -> tuple[int, int]:
    contents = backend.snapshot.files().values()
    return len(contents), sum(content.count(b"\n") for content in contents if b"\0" not in content)


def _done(session: RepairSession) -> DoneRow:
    try:
        active = _effort(session, read_events(session)).active_seconds
    except ChangeDoesNotFit:
        active = None
    return DoneRow(session, outcome_of(session), active, final_run(session))


def _effort(session: RepairSession, events: list[Event]) -> Effort:
    return measure_effort(
        events,
        idle_limit_seconds=session.assignment.backend.study.idle_limit_seconds,
        closed_at=closed_on_the_browsers_clock(session),
    )


def _session_of(assignment: Assignment) -> RepairSession | None:
    return RepairSession.objects.filter(assignment=assignment).select_related("assignment__backend__study").first()


def _is_closed(assignment: Assignment) -> bool:
    session = _session_of(assignment)
    return session is not None and session.closed
