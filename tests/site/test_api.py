"""The REST API: the same verbs as the pages, with a key."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.core.cache import cache
from django.core.files.uploadedfile import SimpleUploadedFile
from rest_framework.test import APIClient

from accounts.models import Person
from runs.models import Run
from studies.models import Assignment, Backend, Study
from tests.personas import PASSWORD
from tests.runs.verdicts import TASK
from tests.site.conftest import FILES, batch, finish, insert
from tests.site.test_importing import zipped

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def no_throttle_from_other_tests() -> Iterator[None]:
    cache.clear()
    yield


def script(who: Person) -> APIClient:
    """A client that signed in as a script does."""
    client = APIClient()
    key = client.post("/api/v1/token", {"username": who.username, "password": PASSWORD}, format="json").json()["token"]
    client.credentials(HTTP_AUTHORIZATION=f"Token {key}")
    return client


def test_a_wrong_password_gives_no_key(ada: Person) -> None:
    answer = APIClient().post("/api/v1/token", {"username": "ada", "password": "x"}, format="json")
    assert answer.status_code in {401, 403}
    assert "wrong" in answer.json()["detail"]


def test_a_script_repairs_a_backend_from_start_to_end(ada: Person, assignment: Assignment) -> None:
    client = script(ada)
    assert client.get("/api/v1/me").json() == {"pseudonym": "P01", "role": "annotator"}
    assert [one["position"] for one in client.get("/api/v1/assignments").json()] == [1, 2]
    session = client.post(f"/api/v1/assignments/{assignment.pk}/session", {"forecast_minutes": 5}, format="json").json()
    base = f"/api/v1/sessions/{session['id']}"
    lease = client.post(f"{base}/lease", {"client": "script-1"}, format="json").json()
    from annotations.event_log import Holder

    holder = Holder("script-1", lease["token"])
    assert client.post(f"{base}/events", batch(holder, insert(1)), format="json").json() == {"accepted": 1}
    ask = {"client": "script-1", "token": lease["token"], "through": 1}
    asked = client.post(f"{base}/checks", ask, format="json")
    assert asked.status_code == 202
    assert client.post(f"{base}/checks", ask, format="json").json()["error"] == "running"
    finish(Run.objects.get(pk=asked.json()["id"]), failing=1)
    verdict = client.get(f"/api/v1/runs/{asked.json()['id']}").json()
    assert (verdict["failed"], verdict["results"][2]["received"]) == (1, "500")
    (cause,) = verdict["causes"]
    assert (cause["title"], cause["path"], cause["line"]) == ("POST /users: KeyError: 'email'", "app.py", 7)
    assert (cause["checks"], cause["not_reached"], verdict["unstable"]) == (["bad.0"], 1, 0)
    assert verdict["measures"]["latencies"] == []
    closed = client.post(f"{base}/close", ask | {"reason": "submitted"}, format="json")
    finish(Run.objects.get(pk=closed.json()["id"]), failing=0)
    assert client.get(base).json()["outcome"] == "repaired"
    assert len(client.get(f"{base}/events").json()["events"]) == 1


def test_a_script_imports_a_backend_and_is_told_what_is_wrong_with_another(rita: Person, study: Study) -> None:
    client = script(rita)
    good = SimpleUploadedFile("a.zip", zipped(FILES))
    made = client.post("/api/v1/studies/pilot/backends", {"archive": good, "task_id": TASK})
    assert made.status_code == 201
    assert made.json()["baseline"]["state"] == "queued"
    bad = SimpleUploadedFile("b.zip", zipped(FILES, "link"))
    refused = client.post("/api/v1/studies/pilot/backends", {"archive": bad, "task_id": TASK, "name": "b"})
    assert refused.status_code == 400
    assert "symbolic link" in refused.json()["archive"][0]
    assert len(client.get("/api/v1/studies/pilot/backends").json()) == 1


def test_a_script_assigns_backends_in_their_order(rita: Person, ada: Person, backend: Backend) -> None:
    client = script(rita)
    third = Backend.objects.create(study=backend.study, task_id=TASK, name="third", snapshot=backend.snapshot)
    answer = client.post(
        "/api/v1/studies/pilot/assignments", {"annotator": "P01", "backends": [third.pk]}, format="json"
    )
    assert answer.json()[0]["position"] == 3
    wrong = client.post(
        "/api/v1/studies/pilot/assignments", {"annotator": "P99", "backends": [third.pk]}, format="json"
    )
    assert wrong.json() == {"annotator": ["The study has no annotator “P99”."]}


def test_the_schema_describes_every_address_and_the_docs_page_has_no_inline_script(
    rita: Person, client: APIClient
) -> None:
    client.force_login(rita)
    schema = client.get("/api/v1/schema?format=json").json()
    assert {"/api/v1/token", "/api/v1/sessions/{id}/checks", "/api/v1/runs/{id}"} <= schema["paths"].keys()
    verdict = schema["components"]["schemas"]["VerdictOut"]["properties"]
    assert verdict["causes"]["items"]["$ref"].endswith("/CauseOut")
    assert {"measures", "unstable", "first_verdict_at"} <= verdict.keys()
    docs = client.get("/api/v1/docs")
    assert docs.status_code == 200
    assert "<script>" not in docs.content.decode()
    assert "script-src 'self';" in docs["Content-Security-Policy"] + ";"
