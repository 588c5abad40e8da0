"""Who may see or write which session."""

from __future__ import annotations

from accounts.models import Person
from django.http import Http404

from annotations.models import RepairSession


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
