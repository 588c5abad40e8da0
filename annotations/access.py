"""Who may see or write which session."""

from __future__ import annotations

from django.db.models import Q, QuerySet
from django.http import Http404

from accounts.models import Person
from annotations.models import Dispute, RepairSession
from runs.models import Run, RunPurpose
from studies.access import studies_of
from studies.models import Backend


def get_own_session(person: Person, pk: int) -> RepairSession:
    """The person's own session: the only one they may write. 404 otherwise."""
    session = (
        RepairSession.objects.filter(pk=pk, assignment__annotator=person)
        .select_related("assignment__backend__study", "generated")
        .first()
    )
    if session is None:
        raise Http404("No such session of yours.")
    return session


def get_visible_session(person: Person, pk: int) -> RepairSession:
    """A session the person may read: their own, or any of a study whose figures they may see. 404 otherwise."""
    sessions = RepairSession.objects.filter(pk=pk).select_related("assignment__backend__study", "generated")
    session = sessions.first()
    if session is not None:
        own = session.assignment.annotator_id == person.pk
        study = session.assignment.backend.study
        if own or (person.sees_reports and study.memberships.filter(person=person).exists()):
            return session
    raise Http404("No such session, or you may not see it.")


def get_judged_session(person: Person, pk: int) -> RepairSession:
    """A session the person may label and dispute: their own, or as a researcher any of their studies. 404 otherwise."""
    session = get_visible_session(person, pk)
    if session.assignment.annotator_id != person.pk and not person.is_researcher:
        raise Http404("Only its annotator and the researchers of its study may judge a session.")
    return session


def get_dispute_to_decide(person: Person, session_pk: int, pk: int) -> Dispute:
    """A dispute of a session, for a researcher of its study. 404 otherwise."""
    session = get_judged_session(person, session_pk)
    dispute = Dispute.objects.filter(session=session, pk=pk).first() if person.is_researcher else None
    if dispute is None:
        raise Http404("No such dispute, or it is not yours to decide.")
    return dispute


def check_own_session(person: Person, pk: int) -> None:
    """Raise 404 unless the session is the person's own: one query, for the endpoint that is asked most often."""
    if not RepairSession.objects.filter(pk=pk, assignment__annotator=person).exists():
        raise Http404("No such session of yours.")


def visible_sessions(person: Person) -> QuerySet[RepairSession]:
    """The person's own sessions, and those of studies whose figures they may see."""
    own = Q(assignment__annotator=person)
    if person.sees_reports:
        own |= Q(assignment__backend__study__in=studies_of(person))
    return RepairSession.objects.filter(own).select_related(
        "assignment__backend__study", "assignment__annotator", "generated"
    )


def get_run_of_session(session: RepairSession, pk: int) -> Run:
    """A run asked for in this session, a partial one too, or a baseline of its backend. 404 otherwise."""
    belongs = _belongs_to(session) | Q(partial_request__session=session)
    run = Run.objects.filter(pk=pk).filter(belongs).select_related("snapshot").first()
    if run is None:
        raise Http404("No such run in this session.")
    return run


def runs_of_session(session: RepairSession) -> list[Run]:
    """The baseline runs of the backend, then the runs asked for in this session, oldest first."""
    runs = Run.objects.filter(_belongs_to(session)).defer("log", "environment").order_by("pk")
    return sorted(runs, key=lambda run: (run.purpose != RunPurpose.BASELINE, run.pk))


def get_visible_run(person: Person, pk: int) -> Run:
    """A run of a session the person may read, or a baseline of a backend they may see. 404 otherwise."""
    run = Run.objects.filter(pk=pk).select_related("snapshot").first()
    if run is not None:
        asked_for = Q(check_requests__run=run) | Q(partial_requests__run=run)
        if visible_sessions(person).filter(asked_for).exists():
            return run
        backends = Backend.objects.filter(snapshot=run.snapshot, task_id=run.task_id, study__in=studies_of(person))
        if not person.sees_reports:
            backends = backends.filter(assignments__annotator=person)
        if run.purpose == RunPurpose.BASELINE and backends.exists():
            return run
    raise Http404("No such run, or you may not see it.")


def _belongs_to(session: RepairSession) -> Q:
    baseline = Q(snapshot=session.generated, task_id=session.assignment.backend.task_id, purpose=RunPurpose.BASELINE)
    return baseline | Q(check_request__session=session)
