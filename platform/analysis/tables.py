"""The session table as files: CSV for a spreadsheet, Parquet for a notebook.

CSV cells of text that a spreadsheet would take for a formula get an apostrophe in front (OWASP, "CSV Injection").
"""

from __future__ import annotations

import csv
import datetime
import io
from collections.abc import Sequence
from typing import Any

from analysis.columns import COLUMNS, Column
from analysis.records import SessionRecord

_STARTS_A_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")


def to_csv(records: Sequence[SessionRecord]) -> str:
    """CSV text with a header row and CRLF line ends (RFC 4180).

    Times are ISO 8601 in UTC, booleans true and false, several texts joined by semicolons, unknown values empty.
    """
    file = io.StringIO()
    writer = csv.writer(file)
    writer.writerow([column.name for column in COLUMNS])
    writer.writerows([_cell(column, getattr(record, column.name)) for column in COLUMNS] for record in records)
    return file.getvalue()


def to_parquet(records: Sequence[SessionRecord]) -> bytes:
    """A Parquet file whose columns carry their unit, meaning and source as field metadata."""
    import pyarrow as arrow
    from pyarrow import parquet

    types = {
        "text": arrow.string(),
        "texts": arrow.list_(arrow.string()),
        "integer": arrow.int64(),
        "number": arrow.float64(),
        "boolean": arrow.bool_(),
        "time": arrow.timestamp("us", tz="UTC"),
    }
    schema = arrow.schema(
        [
            arrow.field(
                column.name,
                types[column.type],
                nullable=column.nullable,
                metadata={"unit": column.unit, "meaning": column.meaning, "source": column.source},
            )
            for column in COLUMNS
        ]
    )
    columns = {column.name: [_value(column, getattr(record, column.name)) for record in records] for column in COLUMNS}
    file = io.BytesIO()
    parquet.write_table(arrow.Table.from_pydict(columns, schema=schema), file)
    return file.getvalue()


def _cell(column: Column, value: Any) -> str:
    if value is None:
        return ""
    match column.type:
        case "text":
            return _harmless(value)
        case "texts":
            return _harmless(";".join(value))
        case "boolean":
            return "true" if value else "false"
        case "time":
            return _utc(value).isoformat()
        case _:
            return repr(value)


def _harmless(text: str) -> str:
    return f"'{text}" if text.startswith(_STARTS_A_FORMULA) else text


def _value(column: Column, value: Any) -> Any:
    match column.type:
        case "texts":
            return list(value)
        case "time":
            return _utc(value)
        case _:
            return value


def _utc(moment: datetime.datetime) -> datetime.datetime:
    return moment.astimezone(datetime.UTC)
