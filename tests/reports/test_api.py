"""The reports over HTTP: the same numbers as the pages, for whoever may see the pages."""

from __future__ import annotations

import io
import zipfile
from typing import Any

import pytest
from pyarrow import parquet
from rest_framework.test import APIClient

from accounts.models import Person
from analysis.columns import COLUMNS
from reports.api import urlpatterns
from studies.models import Study
from tests.reports.synthetic import person, repaired

ROOT = "/api/v1"
PATHS = [f"{ROOT}/{str(pattern.pattern).replace('<slug:slug>', 'pilot')}" for pattern in urlpatterns]
RETURN = {"own_minutes": "63", "hourly_rate": "60", "assistant_cost": "10"}


@pytest.fixture
def api(study: Study, researcher: Person) -> APIClient:
    client = APIClient()
    client.force_authenticate(researcher)
    return client


@pytest.fixture
def five(study: Study, annotator: Person) -> None:
    for seconds in (20, 40, 60, 80, 100):
        repaired(study, annotator, level=1, gaps=[seconds])


def test_effort_gives_the_mean_and_its_interval(api: APIClient, five: None) -> None:
    answer: Any = api.get(f"{ROOT}/studies/pilot/effort/").json()
    (level,) = answer["levels"]
    assert (level["level"], level["sessions"], level["too_few"]) == (1, 5, False)
    assert level["mean_active_minutes"] == 1
    assert level["mean_interval"]["low"] < 1 < level["mean_interval"]["high"]
    assert answer["finding"] == "L1 takes 1.0 active minutes; too few sessions elsewhere"


def test_effort_of_too_few_sessions_is_null(api: APIClient, study: Study, annotator: Person) -> None:
    repaired(study, annotator, level=1, gaps=[20])
    (level,) = api.get(f"{ROOT}/studies/pilot/effort/").json()["levels"]
    assert (level["too_few"], level["mean_active_minutes"], level["mean_interval"]) == (True, None, None)


def test_a_record_has_the_columns_of_the_dictionary(api: APIClient, five: None) -> None:
    records: Any = api.get(f"{ROOT}/studies/pilot/records/").json()
    assert [record["active_seconds"] for record in records] == [20, 40, 60, 80, 100]
    assert list(records[0]) == [column.name for column in COLUMNS]


def test_the_files_are_those_of_the_export_page(api: APIClient, five: None) -> None:
    text = b"".join(api.get(f"{ROOT}/studies/pilot/export/sessions.csv").streaming_content)  # type: ignore[attr-defined]
    assert text.decode().splitlines()[0] == ",".join(column.name for column in COLUMNS)
    data = b"".join(api.get(f"{ROOT}/studies/pilot/export/sessions.parquet").streaming_content)  # type: ignore[attr-defined]
    assert parquet.read_table(io.BytesIO(data)).num_rows == 5
    whole = b"".join(api.get(f"{ROOT}/studies/pilot/export/data-set.zip").streaming_content)  # type: ignore[attr-defined]
    assert zipfile.ZipFile(io.BytesIO(whole)).testzip() is None


def test_the_return_is_that_of_the_page(api: APIClient, five: None) -> None:
    # 63 min by hand − 1 min of repair = €62, less €10.
    answer: Any = api.get(f"{ROOT}/studies/pilot/return/", RETURN).json()
    assert answer["verdict"] == "pays"
    assert answer["overall"]["money_saved"] == pytest.approx(52)
    assert answer["levels"][0]["saved"]["minutes_saved"] == pytest.approx(62)


def test_the_return_of_too_few_sessions_is_null(api: APIClient, study: Study, annotator: Person) -> None:
    repaired(study, annotator, level=1, gaps=[20])
    answer: Any = api.get(f"{ROOT}/studies/pilot/return/", RETURN).json()
    assert (answer["verdict"], answer["overall"]["money_saved"]) == ("too few", None)


def test_an_input_that_cannot_be_used_is_answered_with_a_sentence(api: APIClient, study: Study) -> None:
    response = api.get(f"{ROOT}/studies/pilot/return/", RETURN | {"hourly_rate": "-1"})
    assert response.status_code == 400
    assert response.json() == {"problems": {"hourly_rate": ["“Cost of an hour” must be more than 0."]}}


@pytest.mark.parametrize("path", PATHS)
def test_an_annotator_is_refused_and_a_stranger_finds_nothing(study: Study, annotator: Person, path: str) -> None:
    client = APIClient()
    assert client.get(path).status_code in (401, 403)
    client.force_authenticate(annotator)
    assert client.get(path).status_code == 403
    client.force_authenticate(person("oscar"))
    assert client.get(path).status_code == 404


def test_the_api_describes_itself_without_a_warning(capfd: pytest.CaptureFixture[str]) -> None:
    from drf_spectacular.generators import SchemaGenerator

    from reports import api

    generator: Any = SchemaGenerator
    schema = generator(patterns=api.urlpatterns).get_schema(public=True)
    assert len(schema["paths"]) == len(PATHS)
    assert capfd.readouterr().err == ""
