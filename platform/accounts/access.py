"""Who is asking."""

from __future__ import annotations

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest
from rest_framework.request import Request

from accounts.models import Person


def person_of(request: HttpRequest | Request) -> Person:
    """The person who is signed in. Raises PermissionDenied for nobody: pages send such visitors to the sign-in."""
    if not isinstance(request.user, Person):
        raise PermissionDenied("Nobody is signed in.")
    return request.user


def researcher_of(request: HttpRequest | Request) -> Person:
    """The person who is signed in, if they are a researcher. Raises PermissionDenied otherwise."""
    person = person_of(request)
    if not person.is_researcher:
        raise PermissionDenied("Only researchers may do this.")
    return person
