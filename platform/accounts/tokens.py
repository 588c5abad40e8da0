"""Keys with which scripts sign in. A person has one at most; a new one ends the old."""

from __future__ import annotations

from django.db import transaction
from rest_framework.authtoken.models import Token

from accounts.models import Person


def has_token(person: Person) -> bool:
    return Token.objects.filter(user=person).exists()


@transaction.atomic
def renew_token(*, person: Person) -> str:
    """A fresh key; the one before stops working."""
    Token.objects.filter(user=person).delete()
    return str(Token.objects.create(user=person).key)


def take_token(*, person: Person) -> str:
    """The person's key, made if there was none: several scripts of one person may sign in side by side."""
    token, _ = Token.objects.get_or_create(user=person)
    return str(token.key)


def revoke_token(*, person: Person) -> None:
    """Scripts of this person are signed out."""
    Token.objects.filter(user=person).delete()
