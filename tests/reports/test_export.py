"""The data set: what is exported is what the dictionary says, and nobody can be named by it."""

from __future__ import annotations

import csv
import io
import json
import zipfile
from collections.abc import Iterator
from itertools import pairwise
from typing import Any

import pytest
from django.core.handlers.asgi import ASGIRequest
from django.test import Client, RequestFactory
from django.urls import reverse
from django.utils import timezone
from pyarrow import parquet

from accounts.models import Person
from analysis.columns import COLUMNS, Column
from annotations.judgements import decide_dispute, dispute_check, label_cause
from annotations.models import RepairSession, Ruling, SessionBackend
from reports.archive import Member, attachment, streamed_zip
from reports.dictionary import EVENT_KEYS, TABLES
from reports.judgement_tables import DISPUTE_COLUMNS, LABEL_COLUMNS, REQUEST_COLUMNS
from reports.long_tables import CHECK_RESULT_COLUMNS, RUN_COLUMNS
from runs.models import HeldBackend, HeldExchange
from runs.panels import causes_of_run
from studies.models import Study
from tests.reports.synthetic import CHECKS, backend_of, baseline, judge, open_page, person, repaired

PARQUET_TYPES = {
    "text": "string",
    "texts": "list<element: string>",
    "integer": "int64",
    "number": "double",
    "boolean": "bool",
    "time": "timestamp[us, tz=UTC]",
}
EXPORTED: dict[str, tuple[Column, ...]] = {
    "sessions": COLUMNS,
    "runs": RUN_COLUMNS,
    "check_results": CHECK_RESULT_COLUMNS,
    "labels": LABEL_COLUMNS,
    "disputes": DISPUTE_COLUMNS,
    "requests": REQUEST_COLUMNS,
}


@pytest.fixture
def download(client: Client, study: Study, researcher: Person) -> Any:
    client.force_login(researcher)

    def get(name: str) -> bytes:
        response = client.get(reverse(f"reports:{name}", args=[study.slug]))
        assert response.status_code == 200
        return b"".join(response.streaming_content)  # type: ignore[attr-defined]

    return get


@pytest.fixture
def archive(download: Any, study: Study, annotator: Person, researcher: Person) -> zipfile.ZipFile:
    """The data set of two closed sessions, one open one, and a void run; one is labelled and disputed."""
    repaired(study, annotator, level=1, gaps=[30, 60], before=4)
    page = open_page(backend_of(study, 2), annotator)
    page.type("#", after=40)
    page.ask_for_checks(7, after=5)
    page.ask_for_checks(0, after=5, void_reason="=The sandbox was lost.")
    judge(page.close(), 9)
    judged(RepairSession.objects.get(pk=page.session.pk), annotator, researcher)
    open_page(backend_of(study, 2), annotator)
    return zipfile.ZipFile(io.BytesIO(download("export-data-set")))


def judged(session: RepairSession, annotator: Person, researcher: Person) -> None:
    """The annotator labels a group of failures twice and disputes a check; the researcher decides."""
    run = session.check_requests.get(run__purpose="final").run
    cause = causes_of_run(run)[0]
    for category, subcategory in (("other", ""), ("logic_error", "incorrect_query_logic")):
        label_cause(
            session=session, run=run, cause=cause.key, author=annotator, category=category, subcategory=subcategory
        )
    check_id = cause.checks[0].result.check_id
    said = dispute_check(session=session, run=run, check_id=check_id, author=annotator, reason="Nobody asks for it.")
    held = HeldBackend.objects.create(
        person=annotator, snapshot=run.snapshot, task_id=run.task_id, ends_at=timezone.now(), state="ended"
    )
    SessionBackend.objects.create(session=session, held=held, through=3)
    HeldExchange.objects.create(held=held, method="GET", path="/api/tags", received_status=200, seconds=0.01)
    decide_dispute(dispute=said, author=researcher, ruling=Ruling.REJECTED, note="The document does.")


def rows_of(data: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(data.decode())))


@pytest.mark.parametrize("table", EXPORTED)
def test_the_columns_of_the_csv_are_those_of_the_dictionary(archive: zipfile.ZipFile, table: str) -> None:
    header = next(csv.reader(io.StringIO(archive.read(f"{table}.csv").decode())))
    said = [row["column"] for row in rows_of(archive.read("dictionary.csv")) if row["table"] == table]
    assert header == said == [column.name for column in EXPORTED[table]]


@pytest.mark.parametrize("table", EXPORTED)
def test_the_schema_of_the_parquet_file_is_that_of_the_dictionary(archive: zipfile.ZipFile, table: str) -> None:
    schema = parquet.read_schema(io.BytesIO(archive.read(f"{table}.parquet")))
    said = [row for row in rows_of(archive.read("dictionary.csv")) if row["table"] == table]
    assert schema.names == [row["column"] for row in said]
    assert [str(field.type) for field in schema] == [PARQUET_TYPES[row["type"]] for row in said]
    assert [field.nullable for field in schema] == [row["nullable"] == "true" for row in said]
    assert [field.metadata[b"unit"].decode() for field in schema] == [row["unit"] for row in said]


@pytest.mark.parametrize("table", EXPORTED)
def test_csv_and_parquet_hold_the_same_number_of_rows(archive: zipfile.ZipFile, table: str) -> None:
    rows = parquet.read_table(io.BytesIO(archive.read(f"{table}.parquet"))).num_rows
    assert rows == len(rows_of(archive.read(f"{table}.csv"))) > 0


def test_a_cell_is_empty_only_where_the_dictionary_allows_it(archive: zipfile.ZipFile) -> None:
    for table, columns in EXPORTED.items():
        may_be_empty = {column.name for column in columns if column.nullable or column.type in ("text", "texts")}
        for row in rows_of(archive.read(f"{table}.csv")):
            assert {name for name, cell in row.items() if cell == ""} <= may_be_empty


def test_of_two_labels_of_one_group_both_are_exported_and_the_last_one_stands(archive: zipfile.ZipFile) -> None:
    said = [(row["category"], row["subcategory"], row["stands"]) for row in rows_of(archive.read("labels.csv"))]
    assert said == [("other", "", "false"), ("logic_error", "incorrect_query_logic", "true")]


def test_a_dispute_is_exported_with_its_ruling_and_under_a_pseudonym(archive: zipfile.ZipFile) -> None:
    (row,) = rows_of(archive.read("disputes.csv"))
    assert (row["author"], row["own"], row["stands"]) == ("P01", "true", "true")
    assert (row["ruling"], row["ruling_note"]) == ("rejected", "The document does.")


def test_what_went_wrong_while_recording_is_in_the_data_set(download: Any, study: Study) -> None:
    """Ten minutes without an entry: a figure that is computed with another idle limit depends on knowing of them."""
    session = repaired(study, person("eve", pseudonym="P02"), level=1, gaps=[10, 600])
    archive = zipfile.ZipFile(io.BytesIO(download("export-data-set")))
    (row,) = [row for row in rows_of(archive.read("incidents.csv")) if row["incident"] == "gap"]
    assert (row["session_id"], float(row["seconds"])) == (str(session.pk), 600)
    assert parquet.read_table(io.BytesIO(archive.read("incidents.parquet")))["incident"].to_pylist().count("gap") == 1


def test_half_an_emoji_in_a_log_does_not_keep_the_data_set_from_anybody(
    download: Any, study: Study, annotator: Person
) -> None:
    """A legal state of an editor, which neither UTF-8 nor Parquet can hold: in the log it stays what it was."""
    page = open_page(backend_of(study, 1), annotator)
    page.say("file.created", after=5, path="half.py", text="\ud83d")
    page.say("edit.refused", after=5, path="\ud83d.py", length=9)
    judge(page.close(), 9)
    archive = zipfile.ZipFile(io.BytesIO(download("export-data-set")))
    entries = [json.loads(line) for line in archive.read("events.jsonl").splitlines()]
    assert any("\ud83d" in entry.get("text", "") for entry in entries)
    (row,) = [row for row in rows_of(archive.read("incidents.csv")) if row["incident"] == "refused_edit"]
    assert row["sentence"].startswith("?.py")


def test_every_entry_of_the_event_log_has_the_keys_of_the_dictionary(archive: zipfile.ZipFile) -> None:
    entries = [json.loads(line) for line in archive.read("events.jsonl").splitlines()]
    assert entries
    assert all({column.name for column in EVENT_KEYS} <= entry.keys() for entry in entries)


def test_the_markdown_dictionary_names_every_column(archive: zipfile.ZipFile) -> None:
    text = archive.read("dictionary.md").decode()
    assert all(f"| `{column.name}` |" in text for columns in TABLES.values() for column in columns)


def test_known_gaps_give_known_minutes_in_csv_and_parquet(archive: zipfile.ZipFile) -> None:
    assert [float(row["active_seconds"]) for row in rows_of(archive.read("sessions.csv"))] == [90, 50]
    table = parquet.read_table(io.BytesIO(archive.read("sessions.parquet")))
    assert table["active_seconds"].to_pylist() == [90, 50]
    assert table["outcome"].to_pylist() == ["repaired", "unrepaired"]
    assert table["void_runs"].to_pylist() == [0, 1]


def test_open_sessions_stay_out_of_every_file(archive: zipfile.ZipFile) -> None:
    sessions = {row["session_id"] for row in rows_of(archive.read("sessions.csv"))}
    assert len(sessions) == 2
    assert {str(json.loads(line)["session_id"]) for line in archive.read("events.jsonl").splitlines()} == sessions
    assert {row["session_id"] for row in rows_of(archive.read("runs.csv"))} == sessions | {""}


def test_the_event_log_gives_the_active_time_again(archive: zipfile.ZipFile) -> None:
    by_session: dict[int, list[int]] = {}
    for line in archive.read("events.jsonl").splitlines():
        entry = json.loads(line)
        by_session.setdefault(entry["session_id"], []).append(entry["mono"])
    again = [sum(b - a for a, b in pairwise(times)) / 1000 for times in by_session.values()]
    assert again == [90, 50]


def test_each_run_has_a_result_for_every_check_and_a_void_run_has_none(archive: zipfile.ZipFile) -> None:
    runs = {row["run_id"]: row for row in rows_of(archive.read("runs.csv"))}
    results = rows_of(archive.read("check_results.csv"))
    for run_id, run in runs.items():
        of_run = [row for row in results if row["run_id"] == run_id]
        assert len(of_run) == (0 if run["state"] == "void" else CHECKS)
        if run["state"] == "finished":
            assert sum(row["outcome"] == "passed" for row in of_run) == int(run["passed"])


def test_a_text_that_is_a_formula_gets_an_apostrophe_in_csv_and_none_in_parquet(archive: zipfile.ZipFile) -> None:
    reasons = {row["void_reason"] for row in rows_of(archive.read("runs.csv"))} - {""}
    assert reasons == {"'=The sandbox was lost."}
    table = parquet.read_table(io.BytesIO(archive.read("runs.parquet")))
    assert set(table["void_reason"].to_pylist()) - {""} == {"=The sandbox was lost."}


def test_a_backend_that_is_named_like_a_formula_is_harmless_in_the_sessions(download: Any, study: Study) -> None:
    repaired(study, person("eve", pseudonym="@SUM(A1)"), level=1, gaps=[10])
    assert rows_of(download("export-sessions-csv"))[0]["person"] == "'@SUM(A1)"


def test_no_file_holds_a_user_name_or_an_address(archive: zipfile.ZipFile) -> None:
    for name in archive.namelist():
        data = archive.read(name)
        assert b"anna" not in data, name
        assert b"example.org" not in data, name
    assert rows_of(archive.read("sessions.csv"))[0]["person"] == "P01"


def test_the_readme_names_every_file_and_the_idle_limit(archive: zipfile.ZipFile) -> None:
    text = archive.read("README.md").decode()
    assert all(f"`{name}`" in text for name in archive.namelist() if name != "README.md")
    assert "120 seconds" in text


def test_a_study_without_sessions_exports_empty_tables(download: Any, study: Study) -> None:
    empty = zipfile.ZipFile(io.BytesIO(download("export-data-set")))
    assert empty.testzip() is None
    assert rows_of(empty.read("sessions.csv")) == []
    assert parquet.read_table(io.BytesIO(empty.read("runs.parquet"))).num_rows == 0


def test_the_baseline_of_a_backend_nobody_repaired_is_in_the_data_set(download: Any, study: Study) -> None:
    baseline(backend_of(study, 1), 3)
    (run,) = rows_of(zipfile.ZipFile(io.BytesIO(download("export-data-set"))).read("runs.csv"))
    assert (run["purpose"], run["session_id"], run["passed"]) == ("baseline", "", "3")


def test_the_zip_leaves_before_its_last_member_is_made() -> None:
    made = []

    def member(name: str) -> Member:
        def chunks() -> Iterator[bytes]:
            made.append(name)
            yield name.encode() * 1000

        return Member(name, chunks())

    parts = streamed_zip((member(name) for name in ("first", "second")), made_at=timezone.now())
    next(parts)
    assert made == ["first"]
    assert b"".join(parts)


async def _body(response: Any) -> bytes:
    return b"".join([part async for part in response.streaming_content])


def test_under_asgi_a_download_is_sent_chunk_by_chunk(rf: RequestFactory) -> None:
    # Django collects a plain iterator into a list there, so a large data set would be held in memory.
    from asgiref.sync import async_to_sync

    request = ASGIRequest({"type": "http", "method": "GET", "path": "/", "headers": []}, io.BytesIO())
    response = attachment(request, (part for part in (b"a", b"b")), name="x.zip", content_type="application/zip")
    assert response.is_async
    assert async_to_sync(_body)(response) == b"ab"


def test_a_run_brings_its_measures_and_how_many_of_its_lists_are_an_n_plus_one(
    download: Any, study: Study, researcher: Person
) -> None:
    judged = baseline(backend_of(study, 1), 4)
    statements = [
        {"operation": "GET /articles", "title": "A list of 20 articles", "statements": 61, "items": 20},
        {"operation": "GET /articles", "title": "A list of one article", "statements": 4, "items": 1},
        {"operation": "GET /tags", "title": "All tags", "statements": 1, "items": 7},
    ]
    judged.measures = {"ready_seconds": 0.4, "peak_memory_bytes": 9, "statements": statements, "requests": 12}
    judged.unstable = 2
    judged.save()
    old = baseline(backend_of(study, 1), 4)
    old.measures = {}
    old.save()
    first, second = rows_of(zipfile.ZipFile(io.BytesIO(download("export-data-set"))).read("runs.csv"))
    assert (first["ready_seconds"], first["peak_memory_bytes"], first["n_plus_one"]) == ("0.4", "9", "1")
    assert (first["unstable"], second["ready_seconds"], second["n_plus_one"]) == ("2", "", "")
