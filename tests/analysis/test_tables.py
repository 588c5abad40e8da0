"""The data set must say what it is, and a cell must never act when a spreadsheet opens it."""

from __future__ import annotations

import csv
import dataclasses
import datetime
import io
import typing
from collections.abc import Callable
from typing import Any

import pytest
from pyarrow import parquet

from analysis.columns import COLUMNS
from analysis.records import SessionRecord
from analysis.tables import to_csv, to_parquet

Make = Callable[..., SessionRecord]
TYPES = {"text": str, "texts": tuple, "integer": int, "number": float, "boolean": bool, "time": datetime.datetime}


def kinds_of(hint: Any) -> set[type]:
    """The plain types a field may hold: `float | None` gives float and NoneType, a Literal the types of its words."""
    origin = typing.get_origin(hint)
    if origin is tuple:
        return {tuple}
    if origin is typing.Literal:
        return {type(word) for word in typing.get_args(hint)}
    return set().union(*map(kinds_of, typing.get_args(hint))) if typing.get_args(hint) else {hint}


def rows(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text)))


def test_the_data_dictionary_has_exactly_the_fields_of_the_record_in_their_order() -> None:
    assert [column.name for column in COLUMNS] == [field.name for field in dataclasses.fields(SessionRecord)]


def test_every_column_has_the_type_of_its_field_a_meaning_and_a_source() -> None:
    hints = typing.get_type_hints(SessionRecord)
    for column in COLUMNS:
        expected = {TYPES[column.type], *([type(None)] if column.nullable else [])}
        assert kinds_of(hints[column.name]) == expected, column.name
        assert column.meaning.endswith(".")
        assert column.source


def test_every_number_with_seconds_or_minutes_in_its_name_has_that_unit() -> None:
    for column in COLUMNS:
        for unit in ("seconds", "minutes"):
            if column.name.endswith(f"_{unit}"):
                assert column.unit == unit


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1"])
def test_text_that_a_spreadsheet_would_run_gets_an_apostrophe(session: Make, text: str) -> None:
    row = rows(to_csv([session(backend=text, constraints=(text,), person=f"P{text}")]))[0]
    assert row["backend"] == f"'{text}"
    assert row["constraints"] == f"'{text}"
    assert row["person"] == f"P{text}"


def test_csv_has_one_row_a_session_and_a_cell_a_column(session: Make) -> None:
    text = to_csv([session(), session(passed_before=None, conforming_after=None, backend='a,"b"\nc', edits=-1)])
    first, second = rows(text)
    assert list(first) == [column.name for column in COLUMNS]
    assert (first["opened_at"], first["conforming_after"], first["code_hter"]) == (
        "2026-11-02T09:00:00+00:00",
        "true",
        "0.12",
    )
    assert (second["passed_before"], second["conforming_after"], second["edits"]) == ("", "", "-1")
    assert second["backend"] == 'a,"b"\nc'


def test_parquet_gives_back_the_values_and_carries_the_data_dictionary(session: Make) -> None:
    records = [session(), session(passed_before=None, constraints=())]
    table = parquet.read_table(io.BytesIO(to_parquet(records)))
    for record, row in zip(records, table.to_pylist(), strict=True):
        assert row == {**dataclasses.asdict(record), "constraints": list(record.constraints)}
    for column in COLUMNS:
        metadata = table.schema.field(column.name).metadata
        assert metadata[b"meaning"].decode() == column.meaning
        assert metadata[b"unit"].decode() == column.unit


def test_an_empty_table_has_its_columns() -> None:
    assert rows(to_csv([])) == []
    assert parquet.read_table(io.BytesIO(to_parquet([]))).column_names == [column.name for column in COLUMNS]
