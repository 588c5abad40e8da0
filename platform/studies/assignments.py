"""Giving backends to annotators."""

from __future__ import annotations

from collections.abc import Iterable

from django.db import transaction
from django.db.models import Max

from accounts.models import Person
from studies.models import Assignment, Backend


@transaction.atomic
def assign_backends(*, backends: Iterable[Backend], annotator: Person) -> list[Assignment]:
    """Append backends to an annotator's order of work; those already assigned keep their place. The new assignments."""
    own = Assignment.objects.select_for_update().filter(annotator=annotator)
    taken = set(own.values_list("backend_id", flat=True))
    position = own.aggregate(last=Max("position"))["last"] or 0
    fresh = []
    for backend in backends:
        if backend.pk not in taken:
            position += 1
            fresh.append(Assignment(backend=backend, annotator=annotator, position=position))
    return Assignment.objects.bulk_create(fresh)


@transaction.atomic
def assign_at(*, backend: Backend, annotator: Person, position: int) -> Assignment | None:
    """Put a backend at a position (from 1) of an annotator's order; what stood there and after moves on by one.

    None where the annotator has it already: it keeps its place.
    """
    own = Assignment.objects.select_for_update().filter(annotator=annotator)
    if own.filter(backend=backend).exists():
        return None
    for later in own.filter(position__gte=position).order_by("-position"):
        later.position += 1
        later.save(update_fields=["position"])
    last = own.aggregate(last=Max("position"))["last"] or 0
    return Assignment.objects.create(backend=backend, annotator=annotator, position=min(position, last + 1))
