"""A verdict reads back as it was written, and its JSON is what the schema says."""

from __future__ import annotations

import json
from pathlib import Path

import jsonschema
import pytest

import evaluator
from evaluator.verdict import (
    Cause,
    CheckResult,
    Exchange,
    Finding,
    Latency,
    Measures,
    Statements,
    ToolFinding,
    ToolReport,
    Verdict,
    summarise,
)

SCHEMA = json.loads((Path(evaluator.__file__).parent / "verdict.schema.json").read_text())
EXCHANGE = Exchange("GET", "/api/tags", {"Accept": "*/*"}, None, 500, {}, "oops", 0.01, log="Traceback")
CHECKS = (
    CheckResult("tags.list", "Tags are listed", "GET /tags", "openapi", "failed", exchange=EXCHANGE, steps=(EXCHANGE,)),
    CheckResult("tags.text", "Tags are texts", "GET /tags", "openapi", "not_reached", blocked_by="tags.list"),
    CheckResult("tags.extra", "Only the collection asks", "GET /tags", "benchmark", "passed"),
    CheckResult("tags.race", "Two at once", "GET /tags", "prose", "unstable"),
)
VERDICT = Verdict(
    task="uv-flask-openapi-sqlite",
    level=1,
    constraints=("sqlite",),
    checks=CHECKS,
    findings=(Finding("database", "sqlite", "D1", "app.py", 3, "opens PostgreSQL"),),
    conformance={"sqlite": "violated"},
    summary=summarise(CHECKS, {"sqlite": "violated"}),
    timings={"total": 1.5},
    causes=(Cause("GET /tags answers 500", ("tags.list",), 1, "app.py", 3, "Traceback"),),
    measures=Measures(
        0.4,
        1.2,
        12,
        (Latency("GET /tags", 12, 0.01, 0.02),),
        5_000_000,
        "cgroup",
        (Statements("GET /tags", "Tags", 2, 9),),
    ),
    tools=(
        ToolReport("ruff", "0.17.6", "finished", 0.2, "", (ToolFinding("app.py", 3, 1, "F821", "error", "Undefined"),)),
        ToolReport("eslint", "", "not-applicable", 0.0, "no JavaScript"),
    ),
)


def validate(document: object) -> None:
    jsonschema.validate(document, SCHEMA, cls=jsonschema.Draft202012Validator)


def test_the_schema_is_itself_valid() -> None:
    jsonschema.Draft202012Validator.check_schema(SCHEMA)


def test_a_verdict_matches_the_schema_and_reads_back_the_same() -> None:
    document = json.loads(json.dumps(VERDICT.to_json()))
    validate(document)
    assert Verdict.from_json(document) == VERDICT


@pytest.mark.parametrize("key", ["checks", "summary", "started", "conformance"])
def test_a_verdict_without_a_part_does_not_match(key: str) -> None:
    document = json.loads(json.dumps(VERDICT.to_json()))
    del document[key]
    with pytest.raises(jsonschema.ValidationError):
        validate(document)


def test_an_outcome_that_does_not_exist_does_not_match() -> None:
    document = json.loads(json.dumps(VERDICT.to_json()))
    document["checks"][0]["outcome"] = "skipped"
    with pytest.raises(jsonschema.ValidationError):
        validate(document)


def test_an_unstable_check_counts_neither_as_passed_nor_as_failed() -> None:
    summary = VERDICT.summary
    assert (summary.checks, summary.passed, summary.failed, summary.not_reached, summary.unstable) == (3, 0, 1, 1, 1)
    assert not summary.functional
