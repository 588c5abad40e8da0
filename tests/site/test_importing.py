"""Bringing in a backend as a zip: what is refused is said in a sentence, and nothing is stored then."""

from __future__ import annotations

import io
import stat
import zipfile

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import HttpResponse

from accounts.models import Person
from evaluator.tasks import all_tasks
from runs.models import Run
from studies.archives import read_zip
from studies.models import Backend, Study
from tests.personas import signed_in
from tests.runs.verdicts import TASK
from tests.site.conftest import FILES

pytestmark = pytest.mark.django_db


def zipped(files: dict[str, bytes], *links: str) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
        for link in links:
            entry = zipfile.ZipInfo(link)
            entry.external_attr = (stat.S_IFLNK | 0o777) << 16
            archive.writestr(entry, "/etc/passwd")
    return made.getvalue()


def send(rita: Person, content: bytes, *, name: str = f"{TASK}.zip", **more: str) -> HttpResponse:
    upload = SimpleUploadedFile(name, content, content_type="application/zip")
    return signed_in(rita).post("/studies/pilot/import/", {"archive": upload, **more})


def test_a_zip_named_for_its_task_becomes_a_backend_that_is_evaluated(rita: Person, study: Study) -> None:
    answer = send(rita, zipped({f"project/{name}": content for name, content in FILES.items()}))
    backend = Backend.objects.get()
    assert answer["Location"] == f"/studies/backends/{backend.pk}/"
    assert backend.snapshot.files() == FILES
    assert (backend.task_id, backend.imported_by) == (TASK, rita)
    assert Run.objects.get().purpose == "baseline"


def test_further_constraints_stand_behind_the_task_and_are_what_the_panel_demands(rita: Person, study: Study) -> None:
    send(rita, zipped(FILES), name="uv-flask-openapi-postgres-routers-keys.zip")
    task = Backend.objects.get().task
    assert [demand.constraint.value for demand in task.demands] == ["postgres", "routers", "keys"]
    assert "foreign keys" in task.demands[2].text
    assert task.level == 1


def test_the_page_suggests_the_tasks_of_the_benchmark_and_takes_any_that_the_evaluator_knows(
    rita: Person, study: Study
) -> None:
    page = signed_in(rita).get("/studies/pilot/").content.decode()
    assert 'list="known-tasks"' in page
    assert all(f'<option value="{task}">' in page for task in all_tasks())
    send(rita, zipped(FILES), name="project.zip", task_id=" uv-flask-openapi-sqlite-atomic_writes-keys ")
    backend = Backend.objects.get()
    assert backend.task_id == backend.name == "uv-flask-openapi-sqlite-atomic_writes-keys"
    assert [demand.constraint.kind for demand in backend.task.demands] == ["database", "transactions", "schema"]


@pytest.mark.parametrize(
    ("task_id", "sentence"),
    [
        ("uv-flask-openapi-sqlite-keys-routers", "Did you mean uv-flask-openapi-sqlite-routers-keys?"),
        ("uv-flask-openapi-sqlite-tidy", "There is no task “uv-flask-openapi-sqlite-tidy”."),
        ("x" * 400, "at most 300 characters"),
    ],
)
def test_a_task_that_there_is_not_is_told_and_stays_in_the_field(
    rita: Person, study: Study, task_id: str, sentence: str
) -> None:
    answer = send(rita, zipped(FILES), task_id=task_id)
    assert answer.status_code == 400
    assert sentence in answer.content.decode()
    assert f'value="{task_id}"' in answer.content.decode()
    assert not Backend.objects.exists()


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (zipped(FILES, "config.py"), "“config.py” is a symbolic link"),
        (zipped(FILES | {"../evil.py": b""}), "leaves its folder"),
        (zipped(FILES | {"/etc/passwd": b""}), "is absolute"),
        (zipped(FILES | {"bomb.bin": bytes(3 * 1024 * 1024)}), "3.0 MB unpacked"),
        (zipped(FILES | {f"b{n}": bytes(2 * 1024 * 1024) for n in range(26)}), "52.0 MB unpacked"),
        (zipped({"app.py": b""}), "has no run.sh"),
        (zipped({"run.sh": b"", "package.json": b"{}"}), "has no requirements.txt"),
        (b"PK not a zip", "not a readable zip archive"),
        (b"", "empty"),
    ],
)
def test_what_breaks_a_rule_is_refused_with_a_sentence(
    rita: Person, study: Study, content: bytes, sentence: str
) -> None:
    answer = send(rita, content)
    assert answer.status_code == 400
    assert sentence in answer.content.decode().replace("&quot;", '"')
    assert not Backend.objects.exists()
    assert not Run.objects.exists()


def test_an_unknown_task_and_a_name_taken_are_told(rita: Person, backend: Backend) -> None:
    assert "There is no task" in send(rita, zipped(FILES), name="my-project.zip").content.decode()
    assert "already has a backend named" in send(rita, zipped(FILES)).content.decode()


def test_a_zip_whose_directory_lies_about_sizes_is_read_no_further() -> None:
    honest = zipped(FILES | {"big.txt": b"x" * 100_000})
    lying = honest.replace((100_000).to_bytes(4, "little"), (10).to_bytes(4, "little"))
    from evaluator.errors import RefusedFiles

    with pytest.raises(RefusedFiles, match=r"another size|not a readable zip"):
        read_zip(io.BytesIO(lying), size=len(lying))


def test_backends_are_appended_to_an_annotators_order_and_those_assigned_keep_their_place(
    rita: Person, backend: Backend, ada: Person
) -> None:
    third = Backend.objects.create(study=backend.study, task_id=TASK, name="third", snapshot=backend.snapshot)
    client = signed_in(rita)
    answer = client.post(
        "/studies/pilot/assign/", {"annotator": ada.pk, "backends": [backend.pk, third.pk]}, follow=True
    )
    assert "1 assigned to P01. 1 were already." in answer.content.decode()
    assert list(ada.assignments.values_list("backend__name", "position")) == [(TASK, 1), ("second", 2), ("third", 3)]
    none = client.post("/studies/pilot/assign/", {"annotator": rita.pk}, follow=True).content.decode()
    assert "Choose one backend or more." in none
