"""The data dictionary: every column of the session table, in order, with unit, meaning and source.

Tested against the fields of `SessionRecord`, for a codebook that is wrong is worse than none: the replication of a
well-known trial shipped an inverted one.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

ColumnType = Literal["text", "texts", "integer", "number", "boolean", "time"]


@dataclass(frozen=True)
class Column:
    """One column. `unit` is empty where there is none; `nullable`: a cell may be empty."""

    name: str
    type: ColumnType
    unit: str
    meaning: str
    source: str
    nullable: bool = False


_LOG = "event log; docs/measures.md"
_FILES = "generated and repaired snapshot; docs/measures.md"
_DESIGN = "study design"
_SESSION = "repair session"
_BEFORE = "baseline run"
_AFTER = "final run"

COLUMNS: tuple[Column, ...] = (
    Column("study", "text", "", "The study the session belongs to.", _DESIGN),
    Column("session_id", "integer", "", "Number of the session, unique in this installation.", _SESSION),
    Column("person", "text", "", "Pseudonym of the annotator, stable within the study.", _DESIGN),
    Column("backend", "text", "", "The generated backend.", _DESIGN),
    Column("task", "text", "", "Task id of the benchmark.", _DESIGN),
    Column("framework", "text", "", "Web framework the task demands.", _DESIGN),
    Column("level", "integer", "constraints", "Number of constraints in force, 0 to 3.", "derived from the task"),
    Column("constraints", "texts", "", "The constraints in force.", "task"),
    Column("position", "integer", "", "Place of the assignment in the person's order, from 1.", _DESIGN),
    Column("generation_condition", "text", "", "The model, agent and settings that wrote the backend.", _DESIGN),
    Column("opened_at", "time", "UTC", "When the session was opened.", _SESSION),
    Column("closed_at", "time", "UTC", "When the session was closed.", _SESSION),
    Column("closing_reason", "text", "", "Why it was closed: submitted, gave_up or timed_out.", _SESSION),
    Column(
        "outcome", "text", "", "repaired (the final run is sound), unrepaired or excluded.", "records.session_outcome"
    ),
    Column("censored", "boolean", "", "Ended without repair: the effort is a lower bound.", "derived from outcome"),
    Column("forecast_minutes", "number", "minutes", "What the person expected before the start.", _SESSION, True),
    Column("wall_seconds", "number", "seconds", "Time from the first event to the last.", _LOG),
    Column("active_seconds", "number", "seconds", "Gaps between events up to the idle limit.", _LOG),
    Column("reading_seconds", "number", "seconds", "Active time that is neither editing nor waiting.", _LOG),
    Column("editing_seconds", "number", "seconds", "Active time that ends in an edit or lies near one.", _LOG),
    Column("waiting_seconds", "number", "seconds", "Active time between asking for checks and seeing them.", _LOG),
    Column("away_seconds", "number", "seconds", "Wall time that is not active.", _LOG),
    Column(
        "time_to_first_edit_seconds", "number", "seconds", "Wall time up to the first edit; empty: no edit.", _LOG, True
    ),
    Column("edits", "integer", "edits", "Change sets made.", _LOG),
    Column("keystrokes", "integer", "edits", "Edits that typed a single character.", _LOG),
    Column("pastes", "integer", "edits", "Edits that pasted.", _LOG),
    Column("characters_inserted", "integer", "UTF-16 code units", "Characters put in by all edits.", _LOG),
    Column("characters_deleted", "integer", "UTF-16 code units", "Characters taken out by all edits.", _LOG),
    Column("changed_lines", "integer", "lines", "Lines that differ from the generated files.", _FILES),
    Column("files_touched", "integer", "files", "Files edited, created, renamed or deleted.", _LOG),
    Column("code_hter", "number", "edits per word", "Word edits over the words of the repaired files.", _FILES),
    Column("checks_requested", "integer", "runs", "How often checks were asked for.", _LOG),
    Column("checks_total", "integer", "checks", "Counted checks of the contract.", _AFTER),
    Column("passed_before", "integer", "checks", "Counted checks that passed as generated.", _BEFORE, True),
    Column("passed_after", "integer", "checks", "Counted checks that passed at the end.", _AFTER, True),
    Column("pass_rate_before", "number", "share, 0 to 1", "passed_before over checks_total.", _BEFORE, True),
    Column("pass_rate_after", "number", "share, 0 to 1", "passed_after over checks_total.", _AFTER, True),
    Column("conforming_before", "boolean", "", "Every constraint held as generated; empty: uncertain.", _BEFORE, True),
    Column("conforming_after", "boolean", "", "Every constraint holds at the end; empty: uncertain.", _AFTER, True),
    Column("void_runs", "integer", "runs", "Runs of this session that failed on our side.", "runs"),
    Column("hash_mismatches", "integer", "hashes", "Times the browser's hash was not that of the log.", "event log"),
    Column("final_run_state", "text", "", "finished or void; empty: not made.", _AFTER, True),
    Column("seeded", "text", "", "practice or gold: we put a fault into it; empty: as generated.", _DESIGN),
    Column("fault", "text", "", "The seeded fault, by its id in the catalogue.", _DESIGN),
    Column("fault_category", "text", "", "Its category in the benchmark's taxonomy.", _DESIGN),
    Column("set_apart", "boolean", "", "Seeded, and not counted by the study: in no figure.", _DESIGN),
)
