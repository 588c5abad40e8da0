"""A verdict as JUnit XML is what the schema says, and fails a build for what a verdict counts, and for nothing else."""

from __future__ import annotations

import io
from dataclasses import replace
from pathlib import Path
from xml.etree.ElementTree import Element, fromstring

import xmlschema

from evaluator.__main__ import main
from evaluator.files import write_tree
from evaluator.junit import NOT_COUNTED, junit_of
from evaluator.verdict import CheckResult, Exchange, Finding, ToolReport, Verdict, summarise

SCHEMA = xmlschema.XMLSchema(str(Path(__file__).parent / "schemas" / "junit-10.xsd"))
EXCHANGE = Exchange("GET", "/api/tags", {}, None, 500, {}, "oops \x1b[31m\x00", 0.01, log="Traceback \ud800")
CHECKS = (
    CheckResult("server.up", "The server answers", "", "prose", "passed"),
    CheckResult("tags.list", "Tags are listed", "GET /tags", "openapi", "failed", "", "200", "500 <&>", EXCHANGE),
    CheckResult("users.list", "Users", "GET /users", "openapi", "passed"),
    CheckResult("tags.text", "Tags are texts", "GET /tags", "openapi", "not_reached", blocked_by="tags.list"),
    CheckResult("tags.race", "Two at once", "GET /tags", "prose", "unstable"),
    CheckResult("tags.extra", "Only the collection asks", "GET /tags", "benchmark", "failed"),
)
CONFORMANCE = {"clean_architecture": "violated", "postgres": "uncertain", "sqlalchemy": "conforming"}
VERDICT = Verdict(
    task="uv-flask-openapi-clean_architecture-postgres-sqlalchemy",
    level=3,
    constraints=tuple(CONFORMANCE),
    checks=CHECKS,
    findings=(
        Finding("architecture", "clean_architecture", "A2", "a.py", 3, "Imports upward.", mend="Turn it."),
        Finding("database", "postgres", "D1", "", 0, "Perhaps none.", "uncertain"),
    ),
    conformance=CONFORMANCE,  # type: ignore[arg-type]
    summary=summarise(CHECKS, CONFORMANCE),  # type: ignore[arg-type]
    timings={"total": 1234.5678},
    tools=(ToolReport("ruff", "1", "crashed", 0.0, "ended by signal 11"), ToolReport("mypy", "2", "finished", 1, "")),
)


def written(verdict: Verdict) -> Element:
    document = junit_of(verdict)
    SCHEMA.validate(io.BytesIO(document))
    return fromstring(document)


def states(top: Element) -> dict[str, str]:
    """What became of each test case by the id in front of its name."""
    found = {}
    for case in top.iter("testcase"):
        told = [child.tag for child in case if child.tag != "system-out"]
        found[case.attrib["name"].split(":")[0]] = told[0] if told else "passed"
    return found


def test_outcomes_become_what_a_build_understands() -> None:
    assert states(written(VERDICT)) == {
        "server.up": "passed",
        "tags.list": "failure",
        "users.list": "passed",
        "tags.text": "skipped",
        "tags.race": "failure",
        "tags.extra": "skipped",
        "clean_architecture": "failure",
        "postgres": "skipped",
        "sqlalchemy": "passed",
        "ruff 1": "skipped",
        "mypy 2": "passed",
    }


def test_checks_are_grouped_by_operation_and_counted() -> None:
    top = written(VERDICT)
    suites = {suite.attrib["name"]: suite.attrib for suite in top}
    assert list(suites) == ["server", "GET /tags", "GET /users", NOT_COUNTED, "constraints", "tools"]
    tags = suites["GET /tags"]
    assert (tags["tests"], tags["failures"], tags["errors"], tags["skipped"]) == ("3", "2", "0", "1")
    assert (top.attrib["tests"], top.attrib["failures"], top.attrib["errors"]) == ("11", "3", "0")


def test_a_failure_shows_what_was_expected_and_received() -> None:
    (failure,) = [one for one in written(VERDICT).iter("failure") if one.attrib["type"] == "failed"]
    assert failure.attrib["message"] == "expected 200, received 500 <&>"
    assert "GET /api/tags" in str(failure.text)


def test_a_violated_constraint_fails_with_its_findings() -> None:
    (failure,) = [one for one in written(VERDICT).iter("failure") if one.attrib["type"] == "violated"]
    assert failure.text == "a.py:3: A2 Imports upward. Turn it."


def test_control_characters_are_replaced() -> None:
    document = junit_of(VERDICT).decode()
    assert "\x1b" not in document
    assert "\x00" not in document


def test_a_void_run_is_an_error_with_its_reason() -> None:
    checks = tuple(replace(check, outcome="not_reached") for check in CHECKS)
    void = replace(VERDICT, checks=checks, summary=summarise(checks, {}, void_reason="The disk ran short."))
    top = written(void)
    (error,) = top.iter("error")
    assert error.attrib == {"message": "The disk ran short.", "type": "void"}
    assert top.attrib["errors"] == "1"


def test_a_server_that_does_not_start_is_a_failure() -> None:
    top = written(replace(VERDICT, started=False, start_error="It ended with status 1."))
    assert states(top)["the server starts"] == "failure"


def test_verify_writes_a_valid_document(tmp_path: Path) -> None:
    write_tree({"main.py": b"import sqlite3\nsqlite3.connect('x')\n"}, tmp_path / "backend")
    file = tmp_path / "out.xml"
    assert main(["verify", str(tmp_path / "backend"), "--constraint", "database=postgres", "--junit", str(file)]) == 1
    SCHEMA.validate(str(file))
    assert states(fromstring(file.read_bytes())) == {"postgres": "failure"}
