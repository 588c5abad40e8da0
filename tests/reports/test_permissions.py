"""Figures are for researchers and team leads among a study's members; to everybody else it is as if there were none."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import Person, Role
from reports.urls import urlpatterns
from studies.models import Study
from tests.reports.synthetic import person

CHANGES = {"add-seeded-faults", "count-gold-tasks"}
PAGES = [pattern.name for pattern in urlpatterns if pattern.name not in CHANGES]


@pytest.mark.parametrize("name", PAGES)
def test_a_researcher_and_a_team_lead_of_the_study_see_it(
    client: Client, study: Study, researcher: Person, lead: Person, name: str
) -> None:
    for one in (researcher, lead):
        client.force_login(one)
        assert client.get(reverse(f"reports:{name}", args=[study.slug])).status_code == 200


@pytest.mark.parametrize("name", PAGES)
def test_an_annotator_of_the_study_is_refused(client: Client, study: Study, annotator: Person, name: str) -> None:
    client.force_login(annotator)
    assert client.get(reverse(f"reports:{name}", args=[study.slug])).status_code == 403


@pytest.mark.parametrize("name", PAGES)
def test_a_researcher_who_is_no_member_finds_nothing(client: Client, study: Study, name: str) -> None:
    client.force_login(person("oscar", Role.RESEARCHER))
    assert client.get(reverse(f"reports:{name}", args=[study.slug])).status_code == 404


@pytest.mark.parametrize("name", PAGES)
def test_somebody_who_is_not_signed_in_is_sent_to_sign_in(client: Client, study: Study, name: str) -> None:
    response = client.get(reverse(f"reports:{name}", args=[study.slug]))
    assert response.status_code == 302
    assert response.headers["Location"].startswith(reverse("accounts:sign-in"))


@pytest.mark.parametrize("name", PAGES)
def test_a_report_cannot_be_posted_to(client: Client, study: Study, researcher: Person, name: str) -> None:
    client.force_login(researcher)
    assert client.post(reverse(f"reports:{name}", args=[study.slug])).status_code == 405


@pytest.mark.parametrize("name", sorted(CHANGES))
def test_only_a_researcher_of_the_study_changes_what_is_seeded(
    client: Client, study: Study, researcher: Person, lead: Person, annotator: Person, name: str
) -> None:
    address = reverse(f"reports:{name}", args=[study.slug])
    answers = []
    for one in (lead, annotator, person("oscar", Role.RESEARCHER), researcher):
        client.force_login(one)
        answers.append(client.post(address).status_code)
    assert answers[:3] == [403, 403, 404]
    assert answers[3] in {302, 400}
