"""Who finds which page: nobody reaches a study, backend or session that is not theirs to see."""

from __future__ import annotations

import pytest
from django.test import Client

from accounts.models import Person, Role
from annotations.models import RepairSession
from studies.models import Backend, Study
from tests.personas import join, person, signed_in

pytestmark = pytest.mark.django_db

ADDRESSES = {
    "home": "/",
    "studies": "/studies/",
    "study": "/studies/pilot/",
    "backend": "/studies/backends/{backend}/",
    "workspace": "/sessions/{session}/repair/",
    "session": "/sessions/{session}/",
    "state": "/sessions/{session}/state",
    "panel": "/sessions/{session}/run-panel",
    "api study": "/api/v1/studies/pilot",
    "api session": "/api/v1/sessions/{session}",
    "api events": "/api/v1/sessions/{session}/events",
}
#            home studies study backend workspace session state panel api-study api-session api-events
MATRIX = {
    "ada": (200, 200, 200, 200, 200, 302, 200, 200, 200, 200, 200),
    "bob": (200, 200, 200, 404, 404, 404, 404, 404, 200, 404, 404),
    "rita": (302, 200, 200, 200, 404, 200, 200, 200, 200, 200, 200),
    "tom": (302, 200, 200, 200, 404, 200, 200, 200, 200, 200, 200),
    "eve": (302, 200, 404, 404, 404, 404, 404, 404, 404, 404, 404),
    "nobody": (302, 302, 302, 302, 302, 302, 401, 401, 401, 401, 401),
}


@pytest.mark.parametrize("who", MATRIX)
def test_everybody_finds_exactly_what_is_theirs_to_see(
    who: str,
    study: Study,
    backend: Backend,
    session: RepairSession,
    ada: Person,
    rita: Person,
    tom: Person,
    eve: Person,
) -> None:
    people = {"ada": ada, "rita": rita, "tom": tom, "eve": eve}
    people["bob"] = person("bob", Role.ANNOTATOR, pseudonym="P02")
    join(study, people["bob"])
    client = Client() if who == "nobody" else signed_in(people[who])
    found = tuple(
        client.get(address.format(backend=backend.pk, session=session.pk)).status_code for address in ADDRESSES.values()
    )
    assert dict(zip(ADDRESSES, found, strict=True)) == dict(zip(ADDRESSES, MATRIX[who], strict=True))


@pytest.mark.parametrize("verb", ["lease", "events", "checks", "close"])
def test_nobody_writes_a_session_of_somebody_else(
    verb: str, session: RepairSession, rita: Person, study: Study
) -> None:
    bob = person("bob", Role.ANNOTATOR, pseudonym="P02")
    join(study, bob)
    for other in (bob, rita):
        for address in (f"/sessions/{session.pk}/{verb}", f"/api/v1/sessions/{session.pk}/{verb}"):
            assert signed_in(other).post(address, "{}", content_type="application/json").status_code == 404


@pytest.mark.parametrize(
    "address", ["/studies/pilot/import/", "/studies/pilot/assign/", "/studies/backends/{}/evaluate/"]
)
def test_only_researchers_change_a_study(address: str, backend: Backend, ada: Person, tom: Person) -> None:
    for other in (ada, tom):
        answer = signed_in(other).post(address.format(backend.pk))
        assert answer.status_code == 403
        assert "Only researchers change a study." in answer.content.decode()


def test_an_annotator_does_not_see_how_a_backend_was_generated(backend: Backend, ada: Person, rita: Person) -> None:
    """Knowing that a backend was written without knowledge of newer libraries tells what to look for."""
    backend.generator = {"model": "m-1", "condition": {"knowledge": "2021"}}
    backend.save()
    for address in ("/studies/pilot/", f"/studies/backends/{backend.pk}/"):
        assert "knowledge: 2021" not in signed_in(ada).get(address).content.decode()
        assert "knowledge: 2021" in signed_in(rita).get(address).content.decode()


def test_a_page_that_is_missing_says_what_to_do(ada: Person) -> None:
    answer = signed_in(ada).get("/studies/nowhere/")
    assert answer.status_code == 404
    assert "No such study, or you are not a member of it." in answer.content.decode()


def test_a_wrong_password_is_answered_with_a_sentence_and_a_right_one_leads_home(ada: Person) -> None:
    client = Client()
    wrong = client.post("/accounts/login/", {"username": "ada", "password": "guess"})
    assert "is not right" in wrong.content.decode()
    right = client.post("/accounts/login/", {"username": "ada", "password": "correct-horse-1", "next": "/studies/"})
    assert right["Location"] == "/studies/"
    assert client.post("/accounts/logout/")["Location"] == "/accounts/login/"
