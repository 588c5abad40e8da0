"""Findings as SARIF are what the schema of SARIF 2.1.0 says, whatever a backend's files are named or hold."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import jsonschema
import pytest

from evaluator.__main__ import main
from evaluator.files import write_tree
from evaluator.sarif import artifact_uri, sarif_of
from evaluator.verdict import Cause, Finding, ToolFinding, ToolReport
from evaluator.verifiers import VERIFIERS
from evaluator.verifiers.rules import rule_titles

SCHEMA = json.loads((Path(__file__).parent / "schemas" / "sarif-2.1.0.json").read_text())
VALIDATOR = jsonschema.Draft202012Validator(SCHEMA, format_checker=jsonschema.FormatChecker())
FINDINGS = (
    Finding("orm", "sqlalchemy", "O2", "src/übung 1#.py", 3, "A statement of SQL.", mend="Use a mapped class."),
    Finding("orm", "sqlalchemy", "O2", "src/übung 1#.py", 4, "A statement of SQL.", "uncertain"),
    Finding("measures", "", "N+1", "", 0, "Statements grow."),
)
TOOLS = (
    ToolReport("ruff", "0.17.6", "finished", 0.1, "", (ToolFinding("a:b.py", 1, 9, "F821", "error", "Undefined"),)),
    ToolReport("mypy", "2.4.1", "timed-out", 20.0, "mypy was ended after 20 s"),
    ToolReport("eslint", "", "not-applicable", 0.0, "no JavaScript"),
)


def log(**changes: Any) -> dict[str, Any]:
    document = sarif_of(FINDINGS, version="0.1.0", tools=TOOLS, **changes)
    VALIDATOR.validate(json.loads(json.dumps(document)))
    return document


def results(document: dict[str, Any], run: int = 0) -> list[dict[str, Any]]:
    found = document["runs"][run]["results"]
    assert isinstance(found, list)
    return found


def test_the_schema_would_notice_a_wrong_log() -> None:
    document = log()
    document["runs"][0]["results"][0]["level"] = "severe"
    assert not VALIDATOR.is_valid(document)


def test_certain_findings_are_errors_and_uncertain_ones_warnings() -> None:
    assert [result["level"] for result in results(log())] == ["error", "warning", "error"]


def test_a_rule_has_its_demand_as_description_and_the_mend_as_help() -> None:
    rules = {rule["id"]: rule for rule in log()["runs"][0]["tool"]["driver"]["rules"]}
    assert rules["O2"]["shortDescription"]["text"].startswith("data are read and written through them")
    assert rules["O2"]["help"]["text"] == "Use a mapped class."


def test_every_rule_a_verifier_can_give_is_described() -> None:
    import ast
    import inspect
    import sys

    for verifier in VERIFIERS.values():
        tree = ast.parse(inspect.getsource(sys.modules[verifier.__module__]))
        calls = [node for node in ast.walk(tree) if isinstance(node, ast.Call)]
        named = [call.args[1] for call in calls if getattr(call.func, "id", "") == "finding" and len(call.args) > 1]
        rules = {one.value for one in named if isinstance(one, ast.Constant)}
        assert rules <= rule_titles().keys()


@pytest.mark.parametrize("path", ["src/übung 1#.py", "c:/x.py", "100%.py", "a?b.py", "a b.py", "日本.py"])
def test_a_path_is_a_relative_uri_that_reads_back(path: str) -> None:
    uri = artifact_uri(path)
    assert uri.isascii()
    assert not set(uri) & set(" :#?")
    assert unquote(uri) == path


def test_columns_count_utf16_code_units() -> None:
    run = log()["runs"][1]
    assert run["columnKind"] == "utf16CodeUnits"
    assert run["results"][0]["locations"][0]["physicalLocation"]["region"] == {"startLine": 1, "startColumn": 9}


def test_each_tool_has_a_run_and_one_that_did_not_finish_says_so() -> None:
    runs = {run["tool"]["driver"]["name"]: run for run in log()["runs"]}
    assert runs.keys() == {"amend verifiers", "ruff", "mypy", "eslint"}
    assert runs["mypy"]["invocations"][0]["executionSuccessful"] is False
    assert runs["eslint"]["invocations"][0]["executionSuccessful"] is True


def test_a_void_run_is_no_success() -> None:
    run = log(void_reason="The sandbox did not come up.")["runs"][0]
    assert run["invocations"][0]["executionSuccessful"] is False


def fingerprints(document: dict[str, Any]) -> list[str]:
    return [result["partialFingerprints"]["amendFinding/v1"] for result in results(document)]


def test_a_fingerprint_outlives_lines_put_above_and_tells_equal_lines_apart() -> None:
    before = log(files={"src/übung 1#.py": b"\n\nexecute(sql)\nexecute(sql)\n"})
    moved = tuple(
        Finding(one.verifier, one.constraint, one.rule, one.path, one.line and one.line + 1, one.message)
        for one in FINDINGS
    )
    after = sarif_of(moved, version="", files={"src/übung 1#.py": b"\n\n\nexecute(sql)\nexecute(sql)\n"})
    assert fingerprints(before) == fingerprints(after)
    assert len(set(fingerprints(before))) == 3


def test_a_failure_whose_log_names_a_line_is_a_result_there() -> None:
    document = log(causes=(Cause("GET /tags: KeyError", ("tags.list",), 3, "app.py", 7), Cause("other", ("x",))))
    (found,) = results(document, 1)
    assert found["locations"][0]["physicalLocation"]["region"]["startLine"] == 7


def test_hostile_texts_leave_a_log_that_is_valid_and_can_be_written() -> None:
    hostile = Finding("orm", "x", "O9\x00", "\ud800\x1b[31m.py", 2**31, "\udfff" * 9_000 + "\x00", mend="\x1b]0;")
    document = sarif_of((hostile,), version="1", files={hostile.path: b"\xff"})
    VALIDATOR.validate(json.loads(json.dumps(document, ensure_ascii=False).encode().decode()))


def test_verify_writes_a_valid_log(tmp_path: Path) -> None:
    write_tree({"main.py": b"import sqlite3\nsqlite3.connect('x')\n"}, tmp_path / "backend")
    file = tmp_path / "out.sarif"
    assert main(["verify", str(tmp_path / "backend"), "--constraint", "database=postgres", "--sarif", str(file)]) == 1
    document = json.loads(file.read_text())
    VALIDATOR.validate(document)
    assert document["runs"][0]["properties"]["conformance"] == {"postgres": "violated"}
    assert results(document)


def test_two_formats_cannot_both_go_to_standard_output(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["verify", str(tmp_path), "--constraint", "orm=sqlalchemy", "--sarif", "-", "--json", "-"]) == 2
    assert "Only one of" in capsys.readouterr().err
