"""The long tables of the data set, as CSV and Parquet in chunks: runs, and what each run said of each check.

The sessions, one row each, are `analysis.tables`; all columns of all tables stand in `dictionary.py`.
"""

from __future__ import annotations

import csv
import datetime
import io
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from typing import Any

from django.db.models import Q

from analysis.columns import Column
from analysis.records import SessionRecord
from annotations import log_json
from annotations.models import EventBatch, RepairSession
from evaluator.n_plus_one import growing
from evaluator.verdict import COUNTED_BASES, TOOL_NAMES
from runs.measured import measures_of
from runs.models import ENDED, CheckResult, Run, RunPurpose, RunState
from studies.models import Study

Cells = tuple[Any, ...]

CHUNK_ROWS = 2_000
_STARTS_A_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")

RUN_COLUMNS: tuple[Column, ...] = (
    Column("run_id", "integer", "", "Number of the run, unique in this installation.", "runs"),
    Column("session_id", "integer", "", "The session that asked for it; empty: a baseline.", "repair session", True),
    Column("backend", "text", "", "The generated backend.", "study design"),
    Column("task", "text", "", "Task id of the benchmark.", "study design"),
    Column("seeded", "text", "", "practice or gold: we put a fault into it; empty: as generated.", "study design"),
    Column(
        "purpose",
        "text",
        "",
        "baseline (as generated), requested (while repairing), final, or partial: no verdict.",
        "runs",
    ),
    Column("only", "text", "", "Ids of the checks a partial run was asked for, a space between.", "runs"),
    Column(
        "state",
        "text",
        "",
        "finished; void: our side failed; stopped: by the annotator. Only finished ones count.",
        "runs",
    ),
    Column("void_reason", "text", "", "Why our side failed; empty for a finished run.", "runs"),
    Column("queued_at", "time", "UTC", "When the run was asked for.", "runs"),
    Column("finished_at", "time", "UTC", "When the verdict was recorded.", "runs", True),
    Column("through", "integer", "", "Last entry of the log in force; empty for a baseline.", "event log", True),
    Column("hash_matches", "boolean", "", "The browser's hash was that of the log.", "event log", True),
    Column(
        "checks",
        "integer",
        "checks",
        "Counted checks of the contract; empty for a void or stopped run.",
        "verdict",
        True,
    ),
    Column("passed", "integer", "checks", "Counted checks that passed.", "verdict", True),
    Column("failed", "integer", "checks", "Counted checks that failed.", "verdict", True),
    Column(
        "not_reached", "integer", "checks", "Counted checks that a failure before kept from running.", "verdict", True
    ),
    Column("unstable", "integer", "checks", "Counted checks that differed when repeated.", "verdict", True),
    Column("functional", "boolean", "", "All counted checks passed.", "verdict", True),
    Column("conforming", "boolean", "", "Every constraint was found to hold.", "verdict", True),
    Column("ready_seconds", "number", "seconds", "From launch to the first healthy answer.", "measures", True),
    Column("requests", "integer", "requests", "Requests the backend answered.", "measures", True),
    Column("serving_seconds", "number", "seconds", "Time with at least one request under way.", "measures", True),
    Column("peak_memory_bytes", "integer", "bytes", "Most memory the backend held.", "measures", True),
    Column("peak_memory_source", "text", "", "cgroup: exact; processes: sampled sum; empty: none.", "measures"),
    Column("n_plus_one", "integer", "requests", "Lists whose SQL statements grow with their length.", "measures", True),
    *(
        Column(
            f"tool_{name.replace('-', '_')}",
            "integer",
            "findings",
            f"What {name} found; empty: it said nothing.",
            "tools",
            True,
        )
        for name in TOOL_NAMES
    ),
)
CHECK_RESULT_COLUMNS: tuple[Column, ...] = (
    Column("run_id", "integer", "", "The run, as in the table of runs.", "runs"),
    Column("check_id", "text", "", "Stable id of the check.", "contract"),
    Column("title", "text", "", "The check as a sentence that could be false.", "contract"),
    Column("operation", "text", "", "Method and path of the contract.", "contract"),
    Column("basis", "text", "", "Who demands it: openapi, prose or benchmark.", "contract"),
    Column("counted", "boolean", "", "Part of the denominator: all but benchmark checks.", "contract"),
    Column("outcome", "text", "", "passed, failed, not_reached or unstable.", "verdict"),
    Column("blocked_by", "text", "", "The check whose failure kept this one from running.", "verdict"),
)


def runs_of(study: Study, records: Sequence[SessionRecord]) -> list[Run]:
    """The runs that have ended: those of the sessions in `records`, and the baselines of all the study's backends."""
    ended = Run.objects.filter(state__in=ENDED)
    sessions = [record.session_id for record in records]
    of_sessions = Q(check_request__session__in=sessions) | Q(partial_request__session__in=sessions)
    of_backends = Q(purpose=RunPurpose.BASELINE, snapshot__in=study.backends.values("snapshot"))
    runs = (
        ended.filter(of_sessions | of_backends)
        .select_related("check_request", "partial_request")
        .defer("log", "environment")
    )
    known = {(backend.snapshot_id, backend.task_id) for backend in study.backends.all()}
    return [run for run in runs if run.purpose != RunPurpose.BASELINE or (run.snapshot_id, run.task_id) in known]


def run_rows(study: Study, runs: Iterable[Run]) -> Iterator[Cells]:
    """One row per run, in the order of RUN_COLUMNS."""
    names = {(one.snapshot_id, one.task_id): (one.name, one.seeded_use) for one in study.backends.all()}
    sessions = RepairSession.objects.filter(assignment__backend__study=study)
    fields = ("pk", "assignment__backend__name", "assignment__backend__seeded_use")
    backends = {pk: (name, seeded) for pk, name, seeded in sessions.values_list(*fields)}
    for run in runs:
        request = getattr(run, "partial_request" if run.partial else "check_request", None)
        backend, seeded = backends[request.session_id] if request else names[run.snapshot_id, run.task_id]
        yield (
            run.pk,
            request.session_id if request else None,
            backend,
            run.task_id,
            seeded,
            run.purpose,
            " ".join(run.only),
            run.state,
            run.void_reason,
            run.queued_at,
            run.finished_at,
            request.through if request else None,
            request.digest_matches if request else None,
            run.checks,
            run.passed,
            run.failed,
            run.not_reached,
            run.unstable if run.checks is not None else None,
            run.functional,
            run.conforming,
            *_measures(run),
            *_tool_counts(run),
        )


def _measures(run: Run) -> Cells:
    """Of the measures of a run those that are one figure; empty cells where a run stored none, or never counts."""
    if not run.measures or run.state != RunState.FINISHED:
        return None, None, None, None, "", None
    measures = measures_of(run)
    return (
        measures.ready_seconds,
        measures.requests,
        measures.serving_seconds,
        measures.peak_memory_bytes,
        measures.peak_memory_source,
        len(growing(measures.statements)) if measures.statements else None,
    )


def _tool_counts(run: Run) -> Cells:
    """Findings of each ordinary tool; empty for one that did not finish or had nothing to do."""
    finished = {report["tool"]: len(report["findings"]) for report in run.tools if report["state"] == "finished"}
    return tuple(finished.get(name) for name in TOOL_NAMES)


def check_result_rows(runs: Iterable[Run]) -> Iterator[Cells]:
    """One row per check of each run, in the order of CHECK_RESULT_COLUMNS."""
    results = CheckResult.objects.filter(run__in=[run.pk for run in runs]).order_by("run_id", "position")
    fields = ("run_id", "check_id", "title", "operation", "basis", "outcome", "blocked_by")
    for run_id, check_id, title, operation, basis, outcome, blocked_by in results.values_list(*fields).iterator():
        yield run_id, check_id, title, operation, basis, basis in COUNTED_BASES, outcome, blocked_by


def event_lines(records: Sequence[SessionRecord]) -> Iterator[bytes]:
    """The event logs as JSON lines, batch by batch: each entry as the browser sent it, its `session_id` in front."""
    batches = EventBatch.objects.filter(session__in=[record.session_id for record in records])
    for batch in batches.order_by("session_id", "first").iterator(chunk_size=50):
        entries = [{"session_id": batch.session_id} | event for event in batch.entries()]
        yield b"".join(log_json.encode(entry) + b"\n" for entry in entries)


def csv_chunks(columns: Sequence[Column], rows: Iterable[Cells]) -> Iterator[bytes]:
    """UTF-8 CSV (RFC 4180) with a header; text that a spreadsheet would run as a formula gets an apostrophe."""
    yield _lines([[column.name for column in columns]])
    rows = iter(rows)
    while chunk := list(islice(rows, CHUNK_ROWS)):
        yield _lines([[_cell(value) for value in row] for row in chunk])


def parquet_chunks(columns: Sequence[Column], rows: Iterable[Cells]) -> Iterator[bytes]:
    """A Parquet file, one row group per chunk; unit, meaning and source of a column are metadata of its field."""
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
            for column in columns
        ]
    )
    file = _Parts()
    rows = iter(rows)
    with parquet.ParquetWriter(file, schema) as writer:
        while chunk := list(islice(rows, CHUNK_ROWS)):
            cells = {column.name: [row[index] for row in chunk] for index, column in enumerate(columns)}
            writer.write_table(arrow.Table.from_pydict(cells, schema=schema))
            yield file.taken()
    yield file.taken()


class _Parts(io.RawIOBase):
    """What the Parquet writer has written since it was last taken; it asks for the position, never to go back."""

    def __init__(self) -> None:
        self._parts: list[bytes] = []
        self._length = 0

    def writable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._length

    def write(self, data: Any) -> int:
        part = bytes(data)
        self._parts.append(part)
        self._length += len(part)
        return len(part)

    def taken(self) -> bytes:
        part, self._parts = b"".join(self._parts), []
        return part


def _lines(rows: Iterable[Sequence[str]]) -> bytes:
    file = io.StringIO()
    csv.writer(file).writerows(rows)
    return file.getvalue().encode()


def _cell(value: Any) -> str:
    match value:
        case None:
            return ""
        case bool():
            return "true" if value else "false"
        case str():
            return f"'{value}" if value.startswith(_STARTS_A_FORMULA) else value
        case datetime.datetime():
            return value.astimezone(datetime.UTC).isoformat()
        case _:
            return repr(value)
