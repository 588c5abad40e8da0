"""Whose a cookie is: read once as Django reads it, then a guess that the database checks at every use."""

from __future__ import annotations

from dataclasses import dataclass
from importlib import import_module

from django.conf import settings
from django.contrib.auth import get_user
from django.contrib.sessions.models import Session
from django.db import close_old_connections
from django.http import HttpRequest
from django.utils import timezone

from accounts.models import Person


@dataclass(frozen=True, slots=True)
class SignIn:
    """A cookie, what its row holds, and the person whom that row signs in as long as they have this password.

    The row is signed with the key of the site and holds a hash made of the password, so the same content and the same
    password mean the same person. Whoever relies on it compares both with the rows, and looks whether it has expired.
    """

    cookie: str
    content: str
    person: int
    password: str


def read_sign_in(cookie: str) -> SignIn | None:
    """Whom this cookie signs in, as Django's own code says; None for nobody."""
    try:
        row = Session.objects.filter(pk=cookie, expire_date__gt=timezone.now()).first()
        if row is None:
            return None
        request = HttpRequest()
        request.session = import_module(settings.SESSION_ENGINE).SessionStore(cookie)
        person = get_user(request)
        if not isinstance(person, Person):
            return None
        return SignIn(cookie, row.session_data, person.pk, person.password)
    finally:
        close_old_connections()
