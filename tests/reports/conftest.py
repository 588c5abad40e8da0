"""A study with its people: the researcher runs it, the team lead reads it, the annotator repairs."""

from __future__ import annotations

import pytest
from django.core.cache import cache

from accounts.models import Person, Role
from studies.models import Study
from tests.reports.synthetic import member, person


@pytest.fixture(autouse=True)
def _empty_cache() -> None:
    cache.clear()


@pytest.fixture
def study(db: None) -> Study:
    return Study.objects.create(name="Conduit pilot", slug="pilot", idle_limit_seconds=120)


@pytest.fixture
def researcher(study: Study) -> Person:
    return member(study, person("ruth", Role.RESEARCHER, pseudonym="R01"))


@pytest.fixture
def lead(study: Study) -> Person:
    return member(study, person("tom", Role.TEAM_LEAD, pseudonym="T01"))


@pytest.fixture
def annotator(study: Study) -> Person:
    return member(study, person("anna", pseudonym="P01"))
