"""Who may see what of a study. There is no other way to fetch these objects for a person."""

from __future__ import annotations

from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import Http404

from accounts.models import Person, Role
from studies.models import Assignment, Backend, Study


def studies_of(person: Person) -> QuerySet[Study]:
    """The studies a person takes part in."""
    return Study.objects.filter(memberships__person=person)


def get_study(person: Person, slug: str) -> Study:
    """A study the person takes part in, or 404."""
    study = studies_of(person).filter(slug=slug).first()
    if study is None:
        raise Http404("No such study, or you are not a member of it.")
    return study


def get_study_for_reports(person: Person, slug: str) -> Study:
    """A study whose figures the person may read: researchers and team leads among its members."""
    study = get_study(person, slug)
    if not person.sees_reports:
        raise PermissionDenied("Only researchers and team leads see the figures of a study.")
    return study


def get_study_for_research(person: Person, slug: str) -> Study:
    """A study the person may change: researchers among its members."""
    study = get_study(person, slug)
    if not person.is_researcher:
        raise PermissionDenied("Only researchers change a study.")
    return study


def annotators_of(study: Study) -> QuerySet[Person]:
    """The members of a study who repair."""
    return Person.objects.filter(memberships__study=study, role=Role.ANNOTATOR).order_by("pseudonym")


def backends_of(person: Person, study: Study) -> QuerySet[Backend]:
    """All backends for those who read reports; for annotators those assigned to them."""
    if person.sees_reports:
        return study.backends.all()
    return study.backends.filter(assignments__annotator=person)


def get_backend(person: Person, pk: int) -> Backend:
    """A backend of one of the person's studies that they may see, or 404."""
    backend = Backend.objects.filter(pk=pk, study__memberships__person=person).select_related("study").first()
    if backend is None or not backends_of(person, backend.study).filter(pk=pk).exists():
        raise Http404("No such backend.")
    return backend


def assignments_of(person: Person) -> QuerySet[Assignment]:
    """A person's own assignments in the order they are to be worked on."""
    return Assignment.objects.filter(annotator=person).select_related("backend__study", "backend__snapshot")


def get_assignment(person: Person, pk: int) -> Assignment:
    """One of the person's own assignments, or 404."""
    assignment = assignments_of(person).filter(pk=pk).first()
    if assignment is None:
        raise Http404("No such assignment.")
    return assignment
