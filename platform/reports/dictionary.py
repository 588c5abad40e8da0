"""The data dictionary of the data set: every column of every table, with type, unit, meaning and source.

Tested against the headers and schemas that are really exported: the replication of a well-known trial shipped an
inverted codebook.
"""

from __future__ import annotations

from collections.abc import Iterator

from analysis.columns import COLUMNS, Column
from reports.incident_table import INCIDENT_COLUMNS
from reports.judgement_tables import DISPUTE_COLUMNS, LABEL_COLUMNS, REQUEST_COLUMNS
from reports.long_tables import CHECK_RESULT_COLUMNS, RUN_COLUMNS, csv_chunks

# Of events.jsonl, the keys of every entry; those of one kind are in docs/workspace-protocol.md.
EVENT_KEYS: tuple[Column, ...] = (
    Column("session_id", "integer", "", "The session, as in the table of sessions.", "repair session"),
    Column("seq", "integer", "", "1, 2, 3 … within the session, without a gap.", "browser"),
    Column("at", "integer", "milliseconds since 1970", "Wall clock of the browser.", "browser"),
    Column(
        "mono", "integer", "milliseconds", "Monotonic clock of the page; starts anew with every page load.", "browser"
    ),
    Column("page", "text", "", "Random id of the page load.", "browser"),
    Column("kind", "text", "", "What happened; the further keys of each kind are in the protocol.", "browser"),
)
TABLES: dict[str, tuple[Column, ...]] = {
    "sessions": COLUMNS,
    "runs": RUN_COLUMNS,
    "check_results": CHECK_RESULT_COLUMNS,
    "labels": LABEL_COLUMNS,
    "disputes": DISPUTE_COLUMNS,
    "requests": REQUEST_COLUMNS,
    "incidents": INCIDENT_COLUMNS,
    "events": EVENT_KEYS,
}
DICTIONARY_COLUMNS: tuple[Column, ...] = (
    Column("table", "text", "", "The table the column belongs to.", "data dictionary"),
    Column("column", "text", "", "Its name.", "data dictionary"),
    Column("type", "text", "", "text, texts, integer, number, boolean or time.", "data dictionary"),
    Column("unit", "text", "", "Its unit; empty where there is none.", "data dictionary"),
    Column("nullable", "boolean", "", "A cell may be empty.", "data dictionary"),
    Column("meaning", "text", "", "What it says.", "data dictionary"),
    Column("source", "text", "", "Where it comes from.", "data dictionary"),
)


def dictionary_csv() -> Iterator[bytes]:
    """The dictionary as a table of its own."""
    return csv_chunks(
        DICTIONARY_COLUMNS,
        (
            (table, column.name, column.type, column.unit, column.nullable, column.meaning, column.source)
            for table, columns in TABLES.items()
            for column in columns
        ),
    )


def dictionary_markdown() -> str:
    """The dictionary for reading, one section per table."""
    return "# Data dictionary\n" + "".join(_section(table, columns) for table, columns in TABLES.items())


def _section(table: str, columns: tuple[Column, ...]) -> str:
    lines = [
        f"\n## {table}\n",
        "| column | type | unit | may be empty | meaning | source |",
        "|---|---|---|---|---|---|",
    ]
    lines += [
        f"| `{column.name}` | {column.type} | {column.unit} | {'yes' if column.nullable else ''} | {column.meaning} "
        f"| {column.source} |"
        for column in columns
    ]
    return "\n".join(lines) + "\n"
