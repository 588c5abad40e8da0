"""The two tables of the effort page as CSV: what the page shows, with all digits."""

from __future__ import annotations

from collections.abc import Iterator

from analysis.columns import Column
from reports.effort_report import EffortReport
from reports.long_tables import csv_chunks

_EFFORT = "effort page; docs/measures.md"
LEVEL_COLUMNS: tuple[Column, ...] = (
    Column("level", "integer", "constraints", "Number of constraints in force.", _EFFORT),
    Column("sessions", "integer", "sessions", "Closed sessions that count.", _EFFORT),
    Column("repaired", "integer", "sessions", "Those that ended sound.", _EFFORT),
    Column("censored", "integer", "sessions", "Those that ended without repair.", _EFFORT),
    Column("excluded", "integer", "sessions", "Closed sessions without a valid final run.", _EFFORT),
    Column("estimate", "text", "", "estimated; lower bound: some are censored; too few: below five.", _EFFORT),
    Column("mean_active_minutes", "number", "minutes", "Mean active time.", _EFFORT, True),
    Column("mean_active_minutes_low", "number", "minutes", "Lower end of its 95 % interval.", _EFFORT, True),
    Column("mean_active_minutes_high", "number", "minutes", "Upper end of its 95 % interval.", _EFFORT, True),
    Column("restricted_mean_minutes", "number", "minutes", "Mean time to repair up to the horizon.", _EFFORT, True),
    Column("horizon_minutes", "number", "minutes", "The horizon, common to all levels.", _EFFORT, True),
    Column("mean_edits", "number", "edits", "Mean number of edits.", _EFFORT, True),
    Column("mean_checks_requested", "number", "runs", "Mean number of runs asked for.", _EFFORT, True),
    Column("pass_rate_before", "number", "share, 0 to 1", "Mean share of checks passed as generated.", _EFFORT, True),
    Column("pass_rate_after", "number", "share, 0 to 1", "Mean share of checks passed at the end.", _EFFORT, True),
)
SESSION_COLUMNS: tuple[Column, ...] = (
    Column("session_id", "integer", "", "Number of the session.", _EFFORT),
    Column("person", "text", "", "Pseudonym of the annotator.", _EFFORT),
    Column("backend", "text", "", "The generated backend.", _EFFORT),
    Column("level", "integer", "constraints", "Number of constraints in force.", _EFFORT),
    Column("outcome", "text", "", "repaired, unrepaired, excluded, waiting (final run) or open.", _EFFORT),
    Column("active_minutes", "number", "minutes", "Active time.", _EFFORT),
    Column("lower_bound", "boolean", "", "Ended without repair or still open: it takes longer than that.", _EFFORT),
    Column("edits", "integer", "edits", "Change sets made.", _EFFORT),
    Column("checks_requested", "integer", "runs", "How often checks were asked for.", _EFFORT),
    Column("passed_before", "integer", "checks", "Checks passed as generated.", _EFFORT, True),
    Column("passed_after", "integer", "checks", "Checks passed at the end; of an open session, so far.", _EFFORT, True),
    Column("checks_total", "integer", "checks", "Counted checks of the contract.", _EFFORT),
    Column("seeded", "text", "", "practice or gold: we put a fault into the backend; empty: as generated.", _EFFORT),
)


def levels_csv(report: EffortReport) -> Iterator[bytes]:
    """One row per level; estimates of fewer than five sessions are empty."""
    return csv_chunks(
        LEVEL_COLUMNS,
        (
            (
                *(level.level, level.sessions, level.repaired, level.censored, level.excluded),
                "too few" if level.too_few else "lower bound" if level.mean_is_a_lower_bound else "estimated",
                level.mean_active_minutes,
                level.mean_interval.low if level.mean_interval else None,
                level.mean_interval.high if level.mean_interval else None,
                *(level.restricted_mean_minutes, level.horizon_minutes, level.mean_edits, level.mean_checks_requested),
                *(level.pass_rate_before, level.pass_rate_after),
            )
            for level in report.levels
        ),
    )


def sessions_csv(report: EffortReport) -> Iterator[bytes]:
    """One row per session, open ones last."""
    return csv_chunks(
        SESSION_COLUMNS,
        (
            (
                *(row.session_id, row.person, row.backend, row.level, row.outcome),
                *(row.active_seconds / 60, row.lower_bound, row.edits, row.checks_requested),
                *(row.passed_before, row.passed_after, row.checks_total, row.seeded),
            )
            for row in report.rows
        ),
    )
