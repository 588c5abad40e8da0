"""The data set of a study: one zip that explains itself, made while it is sent."""

from __future__ import annotations

import datetime
from collections.abc import Iterator, Sequence

from analysis.records import SessionRecord
from analysis.tables import to_csv, to_parquet
from reports.archive import Member, streamed_zip
from reports.dictionary import dictionary_csv, dictionary_markdown
from reports.incident_table import INCIDENT_COLUMNS, incident_rows
from reports.judgement_tables import (
    DISPUTE_COLUMNS,
    LABEL_COLUMNS,
    REQUEST_COLUMNS,
    dispute_rows,
    label_rows,
    request_rows,
)
from reports.long_tables import (
    CHECK_RESULT_COLUMNS,
    RUN_COLUMNS,
    check_result_rows,
    csv_chunks,
    event_lines,
    parquet_chunks,
    run_rows,
    runs_of,
)
from reports.session_records import session_records
from studies.models import Study

README = """# {name}: data set

Made {moment} by Amend from the study `{slug}`. It holds {sessions} closed repair sessions of {people} people;
sessions that were still open then are left out.

| file | one row is |
|---|---|
| `sessions.csv`, `sessions.parquet` | a closed session: effort, outcome, checks before and after |
| `runs.csv`, `runs.parquet` | an evaluation that ended, void ones too: baselines and the runs of these sessions |
| `check_results.csv`, `check_results.parquet` | what one run said of one check |
| `labels.csv`, `labels.parquet` | a root cause that somebody gave to a group of failures, in the benchmark's taxonomy |
| `requests.csv`, `requests.parquet` | a request that somebody composed and sent to the running backend |
| `disputes.csv`, `disputes.parquet` | a check that somebody called wrong, with the researcher's ruling |
| `incidents.csv`, `incidents.parquet` | what went wrong while a session was recorded: gap, clock jump, take-over … |
| `events.jsonl` | one entry of the event log, as the browser sent it |
| `dictionary.csv`, `dictionary.md` | a column: type, unit, meaning, source |

CSV and Parquet hold the same rows. CSV is UTF-8; in it, a text that a spreadsheet would run as a formula has an
apostrophe in front, which Parquet does not have.

## How to read it

- People appear under their pseudonyms only. The event log holds what was typed: look it through before you publish it.
- Active time is the sum of the gaps between events that last up to the idle limit of {idle} seconds. From
  `events.jsonl` it can be computed again with any other limit.
- `censored` sessions ended without repair: their effort is a lower bound. Do not drop them, and do not read it as the
  time of a repair.
- `excluded` sessions have no valid final run (our side failed, it had not ended yet, or the log does not replay): keep
  them out of effort, report how many they are.
- `seeded` backends carry a fault that we put there: `practice` and `gold` tasks. Their sessions are `set_apart`, that
  is in no figure, unless the study counts its gold tasks.
- `partial` runs judged a few chosen checks while somebody worked. They are no verdicts: leave them out of every rate.
- Labels and disputes are never changed: whoever changes their mind adds a row, and `stands` marks those that hold. A
  ruling changes no outcome here; whoever drops an upheld check does so in their own analysis.
- `void` runs failed on our side and count for nothing; they are listed so that they can be counted.
"""


def data_set(*, study: Study, now: datetime.datetime) -> Iterator[bytes]:
    """The bytes of the zip: README, dictionary, and the tables and events of the closed sessions."""
    records = session_records(study=study)
    return streamed_zip(_members(study, records, now), made_at=now)


def _members(study: Study, records: Sequence[SessionRecord], now: datetime.datetime) -> Iterator[Member]:
    runs = runs_of(study, records)
    yield Member("README.md", [_readme(study, records, now).encode()])
    yield Member("dictionary.csv", dictionary_csv())
    yield Member("dictionary.md", [dictionary_markdown().encode()])
    yield Member("sessions.csv", [to_csv(records).encode()])
    yield Member("sessions.parquet", [to_parquet(records)])
    yield Member("runs.csv", csv_chunks(RUN_COLUMNS, run_rows(study, runs)))
    yield Member("runs.parquet", parquet_chunks(RUN_COLUMNS, run_rows(study, runs)))
    yield Member("check_results.csv", csv_chunks(CHECK_RESULT_COLUMNS, check_result_rows(runs)))
    yield Member("check_results.parquet", parquet_chunks(CHECK_RESULT_COLUMNS, check_result_rows(runs)))
    yield Member("labels.csv", csv_chunks(LABEL_COLUMNS, label_rows(records)))
    yield Member("labels.parquet", parquet_chunks(LABEL_COLUMNS, label_rows(records)))
    yield Member("disputes.csv", csv_chunks(DISPUTE_COLUMNS, dispute_rows(records)))
    yield Member("disputes.parquet", parquet_chunks(DISPUTE_COLUMNS, dispute_rows(records)))
    yield Member("incidents.csv", csv_chunks(INCIDENT_COLUMNS, incident_rows(records)))
    yield Member("incidents.parquet", parquet_chunks(INCIDENT_COLUMNS, incident_rows(records)))
    yield Member("requests.csv", csv_chunks(REQUEST_COLUMNS, request_rows(records)))
    yield Member("requests.parquet", parquet_chunks(REQUEST_COLUMNS, request_rows(records)))
    yield Member("events.jsonl", event_lines(records))


def _readme(study: Study, records: Sequence[SessionRecord], now: datetime.datetime) -> str:
    return README.format(
        name=study.name,
        slug=study.slug,
        moment=now.astimezone(datetime.UTC).isoformat(timespec="seconds"),
        sessions=len(records),
        people=len({record.person for record in records}),
        idle=study.idle_limit_seconds,
    )
