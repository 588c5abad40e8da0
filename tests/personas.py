"""The people of the tests: Ada repairs, Rita researches, Tom leads a team; Eve takes part in nothing."""

from __future__ import annotations

from functools import cache
from typing import Any

import pytest
from django.contrib.auth.hashers import make_password
from django.test import Client

from accounts.models import Person, Role
from studies.models import Membership, Study

PASSWORD = "correct-horse-1"


def person(name: str, role: Role, *, pseudonym: str = "") -> Person:
    """Somebody with this role; signs in with `PASSWORD`."""
    return Person.objects.create(username=name, password=_hash(), role=role, pseudonym=pseudonym or name.title())


@cache
def _hash() -> str:
    """Hashing is slow on purpose: once is enough for all."""
    return make_password(PASSWORD)


def signed_in(who: Person, **options: Any) -> Client:
    """A browser in which this person is signed in."""
    client = Client(**options)
    client.force_login(who)
    return client


def join(study: Study, *people: Person) -> None:
    for one in people:
        Membership.objects.get_or_create(study=study, person=one)


@pytest.fixture
def ada(db: None) -> Person:
    """An annotator."""
    return person("ada", Role.ANNOTATOR, pseudonym="P01")


@pytest.fixture
def rita(db: None) -> Person:
    """A researcher."""
    return person("rita", Role.RESEARCHER, pseudonym="R01")


@pytest.fixture
def tom(db: None) -> Person:
    """A team lead."""
    return person("tom", Role.TEAM_LEAD, pseudonym="T01")


@pytest.fixture
def eve(db: None) -> Person:
    """A researcher of other studies."""
    return person("eve", Role.RESEARCHER, pseudonym="R09")
