"""What counts as repaired decides every figure."""

from __future__ import annotations

from typing import Any

import pytest

from analysis.records import session_outcome

SOUND: dict[str, Any] = {
    "excluded": False,
    "final_run_state": "finished",
    "checks_total": 10,
    "passed_after": 10,
    "conforming_after": True,
}


@pytest.mark.parametrize(
    ("changes", "outcome"),
    [
        ({}, "repaired"),
        ({"passed_after": 9}, "unrepaired"),
        ({"passed_after": None}, "unrepaired"),
        ({"conforming_after": False}, "unrepaired"),
        ({"conforming_after": None}, "unrepaired"),
        ({"checks_total": 0, "passed_after": 0}, "unrepaired"),
        ({"final_run_state": "void"}, "excluded"),
        ({"final_run_state": None}, "excluded"),
        ({"excluded": True}, "excluded"),
    ],
)
def test_only_a_final_run_that_is_functional_and_conforming_is_a_repair(changes: dict[str, Any], outcome: str) -> None:
    assert session_outcome(**{**SOUND, **changes}) == outcome
