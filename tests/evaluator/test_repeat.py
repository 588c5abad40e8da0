"""A flaky backend must not be judged by luck: whatever comes out differently is unstable, and never passed.

Choosing a side (the last run, the best run, the majority) would let a race that is lost one time in three count as
repaired, or make the same backend sound on Monday and broken on Tuesday.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import jsonschema
import pytest

import evaluator
from evaluator.repeat import merge_repeats
from evaluator.report import report_of
from evaluator.verdict import (
    Cause,
    CheckResult,
    Conformance,
    Exchange,
    Finding,
    Latency,
    Measures,
    Outcome,
    Verdict,
    summarise,
)

SCHEMA = json.loads((Path(evaluator.__file__).parent / "verdict.schema.json").read_text())
REFUSAL = Exchange("POST", "/api/users", {}, "{}", 500, {}, "oops", 0.1)


def check(name: str, outcome: Outcome, **more: object) -> CheckResult:
    return replace(CheckResult(name, f"The claim of {name}", "GET /tags", "prose", outcome), **more)  # type: ignore[arg-type]


def verdict(
    *checks: CheckResult,
    conformance: Mapping[str, Conformance] | None = None,
    void: str = "",
    measures: Measures | None = None,
    total: float = 1.0,
) -> Verdict:
    return Verdict(
        task="uv-flask-openapi-sqlite",
        level=1,
        constraints=("sqlite",),
        checks=checks,
        findings=(),
        conformance=conformance or {},
        summary=summarise(checks, conformance or {}, void_reason=void),
        timings={"start": 0.5, "total": total},
        measures=measures or Measures(),
    )


PASSED = verdict(check("tags", "passed"))
FAILED = verdict(check("tags", "failed", expected="200", received="500", exchange=REFUSAL))
VOID = verdict(check("tags", "not_reached"), void="The sandbox was lost.")


def outcomes(merged: Verdict) -> dict[str, str]:
    return {one.id: one.outcome for one in merged.checks}


def test_a_check_with_one_outcome_keeps_it_with_its_evidence() -> None:
    merged = merge_repeats([FAILED, FAILED, FAILED])
    assert merged.checks == FAILED.checks
    assert (merged.summary.failed, merged.summary.unstable) == (1, 0)


def test_a_check_that_passed_twice_and_failed_once_is_unstable_and_does_not_count_as_passed() -> None:
    merged = merge_repeats([PASSED, FAILED, PASSED])
    assert outcomes(merged) == {"tags": "unstable"}
    assert (merged.summary.passed, merged.summary.failed, merged.summary.unstable) == (0, 0, 1)
    assert not merged.summary.functional
    assert not merged.summary.sound


def test_an_unstable_check_shows_its_failure_and_says_how_often_each_outcome_came() -> None:
    (unstable,) = merge_repeats([PASSED, FAILED, PASSED]).checks
    assert unstable.exchange == REFUSAL
    assert unstable.expected == "200"
    assert unstable.received == "passed in 2 of 3; failed in 1 of 3: 500"


def test_failed_once_and_not_reached_once_is_unstable_with_both_causes() -> None:
    blocked = verdict(check("tags", "not_reached", blocked_by="users.register.succeeds"))
    (unstable,) = merge_repeats([blocked, FAILED]).checks
    assert unstable.outcome == "unstable"
    assert "failed in 1 of 2: 500" in unstable.received
    assert "not reached in 1 of 2: blocked by users.register.succeeds" in unstable.received
    assert unstable.blocked_by == ""


def test_a_check_that_one_repeat_does_not_hold_is_unstable() -> None:
    merged = merge_repeats([verdict(check("tags", "passed"), check("login", "passed")), PASSED])
    assert outcomes(merged) == {"tags": "passed", "login": "unstable"}


def test_void_repeats_are_left_out_and_said() -> None:
    merged = merge_repeats([VOID, PASSED, VOID, PASSED])
    assert outcomes(merged) == {"tags": "passed"}
    assert not merged.summary.void
    assert merged.environment["repeats"] == {"judged": 2, "void": 2, "void_reasons": ["The sandbox was lost."]}


def test_nothing_but_void_repeats_is_void() -> None:
    merged = merge_repeats([VOID, VOID])
    assert merged.summary.void
    assert merged.summary.void_reason == "The sandbox was lost."
    assert merged.environment["repeats"]["judged"] == 0


def test_no_verdict_at_all_is_a_mistake_of_the_caller() -> None:
    with pytest.raises(ValueError, match="no verdict"):
        merge_repeats([])


def test_a_constraint_is_in_the_worst_state_that_any_repeat_saw() -> None:
    finding = Finding("database", "sqlite", "D1", "app.py", 3, "writes elsewhere")
    seen = replace(verdict(check("tags", "passed"), conformance={"sqlite": "violated"}), findings=(finding,))
    merged = merge_repeats([verdict(check("tags", "passed"), conformance={"sqlite": "conforming"}), seen, seen])
    assert merged.conformance == {"sqlite": "violated"}
    assert merged.findings == (finding,)
    assert not merged.summary.conforming


def test_a_backend_that_did_not_start_once_says_so() -> None:
    dead = replace(FAILED, started=False, start_error="run.sh ended with status 1")
    merged = merge_repeats([PASSED, dead, PASSED])
    assert merged.started
    assert merged.start_error == "in 1 of 3 repeats: run.sh ended with status 1"
    assert not merge_repeats([dead, dead]).started
    assert merge_repeats([dead, dead]).start_error == "run.sh ended with status 1"


def test_the_causes_of_all_repeats_are_told_once() -> None:
    cause = Cause("GET /tags answers 500", ("tags",), path="app.py", line=7)
    merged = merge_repeats([PASSED, replace(FAILED, causes=(cause,)), replace(FAILED, causes=(cause,))])
    assert merged.causes == (cause,)


def test_times_are_medians_and_memory_is_the_most() -> None:
    def measured(seconds: float, memory: int | None) -> Measures:
        return Measures(seconds, seconds, 600, (Latency("GET /tags", 10, seconds, seconds),), memory, "cgroup")

    merged = merge_repeats(
        [
            verdict(check("tags", "passed"), measures=measured(seconds, memory), total=seconds)
            for seconds, memory in ((1.0, 50), (9.0, 70), (2.0, None))
        ]
    )
    assert merged.timings["total"] == 2.0
    assert (merged.measures.ready_seconds, merged.measures.peak_memory_bytes) == (2.0, 70)
    assert merged.measures.latencies == (Latency("GET /tags", 30, 2.0, 2.0),)


def test_the_report_says_what_was_unstable_and_what_was_void() -> None:
    told = report_of(merge_repeats([PASSED, VOID, FAILED]))
    assert "0 failed, 0 not reached, 1 unstable" in told
    assert "judged 2 times; 1 more were void: The sandbox was lost." in told
    assert "UNSTABLE tags: The claim of tags" in told
    assert "passed in 1 of 2; failed in 1 of 2: 500" in told


def test_the_merged_verdict_has_the_shape_of_any_verdict() -> None:
    merged = merge_repeats([PASSED, FAILED, VOID])
    document = json.loads(json.dumps(merged.to_json()))
    jsonschema.validate(document, SCHEMA, cls=jsonschema.Draft202012Validator)
    assert Verdict.from_json(document).summary == merged.summary
