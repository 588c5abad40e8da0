"""The table of what went wrong while sessions were recorded: gaps, clock jumps, take-overs, differing hashes."""

from __future__ import annotations

import datetime
from collections.abc import Iterator, Sequence
from typing import Any

from analysis.columns import Column
from analysis.records import SessionRecord
from annotations.history import History
from annotations.models import RepairSession
from runs.texts import storable_text

INCIDENT_COLUMNS: tuple[Column, ...] = (
    Column("session_id", "integer", "", "The session, as in the table of sessions.", "repair session"),
    Column("seq", "integer", "", "The entry of the log at which it showed.", "event log"),
    Column("at", "time", "UTC", "Wall clock of the browser at that entry; empty where unknown.", "event log", True),
    Column(
        "incident",
        "text",
        "",
        "gap, abrupt_end, clock_jump, take_over, stranded, refused_edit, hash_mismatch or broken; see the recorder.",
        "event log",
    ),
    Column("seconds", "number", "seconds", "How long a gap or a jump was; 0 for others.", "event log"),
    Column("sentence", "text", "", "The incident in words.", "event log"),
)


def incident_rows(records: Sequence[SessionRecord]) -> Iterator[tuple[Any, ...]]:
    """One row per incident, in the order of INCIDENT_COLUMNS."""
    wanted = [record.session_id for record in records]
    sessions = RepairSession.objects.filter(pk__in=wanted).select_related("assignment__backend__study", "generated")
    for session in sessions.order_by("pk").iterator(chunk_size=20):
        for shown in History(session).incidents:
            incident = shown.incident
            at = datetime.datetime.fromtimestamp(incident.at / 1000, datetime.UTC) if incident.at else None
            yield session.pk, incident.seq, at, incident.kind, incident.seconds, storable_text(incident.sentence)
