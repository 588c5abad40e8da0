"""One finished session with ordinary values, of which a test changes what it is about."""

from __future__ import annotations

import datetime
from collections.abc import Callable
from typing import Any

import pytest

from analysis.records import SessionRecord

OPENED = datetime.datetime(2026, 11, 2, 9, 0, tzinfo=datetime.UTC)
ORDINARY: dict[str, Any] = {
    "study": "pilot",
    "session_id": 1,
    "person": "P-01",
    "backend": "flask-L1-a",
    "task": "uv-flask-openapi-clean_architecture",
    "framework": "flask",
    "level": 1,
    "constraints": ("clean_architecture",),
    "position": 1,
    "generation_condition": "model A",
    "opened_at": OPENED,
    "closed_at": OPENED + datetime.timedelta(minutes=50),
    "closing_reason": "submitted",
    "outcome": "repaired",
    "censored": False,
    "forecast_minutes": 30.0,
    "wall_seconds": 2_400.0,
    "active_seconds": 1_800.0,
    "reading_seconds": 900.0,
    "editing_seconds": 700.0,
    "waiting_seconds": 200.0,
    "away_seconds": 600.0,
    "time_to_first_edit_seconds": 120.0,
    "edits": 200,
    "keystrokes": 150,
    "pastes": 3,
    "characters_inserted": 900,
    "characters_deleted": 300,
    "changed_lines": 40,
    "files_touched": 4,
    "code_hter": 0.12,
    "checks_requested": 5,
    "checks_total": 200,
    "passed_before": 120,
    "passed_after": 200,
    "pass_rate_before": 0.6,
    "pass_rate_after": 1.0,
    "conforming_before": False,
    "conforming_after": True,
    "void_runs": 0,
    "hash_mismatches": 0,
    "final_run_state": "finished",
    "seeded": "",
    "fault": "",
    "fault_category": "",
    "set_apart": False,
}


@pytest.fixture
def session() -> Callable[..., SessionRecord]:
    """Makes a record; `minutes` is short for its active minutes, `repaired=False` for a censored one."""

    def make(*, minutes: float = 30.0, repaired: bool = True, **changes: Any) -> SessionRecord:
        values = {**ORDINARY, "active_seconds": minutes * 60, "censored": not repaired}
        values |= {"outcome": "repaired" if repaired else "unrepaired"}
        return SessionRecord(**{**values, **changes})

    return make
