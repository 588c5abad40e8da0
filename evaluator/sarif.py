"""Findings as SARIF 2.1.0, the format in which editors and CI services take the results of static analysis.

One run holds what verifiers found, and one more for each ordinary tool. Certain findings are errors, uncertain ones
warnings. https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html names the sections that are cited below.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote

from evaluator.verdict import Cause, Finding, ToolReport
from evaluator.verifiers.rules import rule_title

SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
PROGRAM = "amend"
FINGERPRINT = "amendFinding/v1"
LEVELS = {"certain": "error", "uncertain": "warning"}
LONGEST_TEXT = 4_000


@dataclass(frozen=True)
class Result:
    """One result of a run: `line` and `column` count from 1 (0: not known), columns in UTF-16 code units."""

    rule: str
    level: str
    message: str
    path: str = ""
    line: int = 0
    column: int = 0
    properties: Mapping[str, Any] = field(default_factory=dict)


def sarif_of(
    findings: Sequence[Finding],
    *,
    version: str,
    tools: Sequence[ToolReport] = (),
    causes: Sequence[Cause] = (),
    files: Mapping[str, bytes] | None = None,
    conformance: Mapping[str, str] | None = None,
    void_reason: str = "",
    name: str = "",
) -> dict[str, Any]:
    """The log as plain JSON values. `version` is the evaluator's, `name` what was judged (a task's id).

    With `files`, fingerprints follow the text of a line instead of its number, so that they outlive edits above it.
    `causes` of failed checks become a run of their own where the server's log named lines of the code.
    """
    lines = _Lines(files or {})
    runs = [_verifier_run(findings, version, lines, conformance or {}, void_reason)]
    located = [cause for cause in causes if cause.path]
    if located:
        runs.append(_contract_run(located, version, lines))
    runs += [_tool_run(report, lines) for report in tools]
    for run in runs:
        run["automationDetails"] = {"id": f"{run['tool']['driver']['name']}/{_text(name)}/"}
    return {"$schema": SCHEMA, "version": "2.1.0", "runs": runs}


def _verifier_run(
    findings: Sequence[Finding], version: str, lines: _Lines, conformance: Mapping[str, str], void_reason: str
) -> dict[str, Any]:
    rules: dict[str, dict[str, Any]] = {}
    results = []
    for finding in findings:
        rules.setdefault(finding.rule, _rule(finding.rule, rule_title(finding), finding.mend or finding.message))
        properties = {"verifier": finding.verifier, "constraint": finding.constraint, "seen": finding.seen}
        message = f"{finding.message} {finding.mend}".strip()
        results.append(
            Result(finding.rule, LEVELS[finding.certainty], message, finding.path, finding.line, properties=properties)
        )
    run = _run(f"{PROGRAM} verifiers", version, rules, results, lines, void_reason=void_reason)
    run["properties"] = {"conformance": dict(conformance)}
    return run


def _contract_run(causes: Iterable[Cause], version: str, lines: _Lines) -> dict[str, Any]:
    """The failed checks whose cause has a place in the code, by the check to look at first."""
    rules, results = {}, []
    for cause in causes:
        rule = cause.checks[0] if cause.checks else "server.starts"
        help = "Mend the line that the server's log names; checks that fail for the same reason turn with it."
        rules[rule] = _rule(rule, rule, help)
        properties = {"checks": list(cause.checks), "notReached": cause.not_reached}
        results.append(Result(rule, "error", cause.title, cause.path, cause.line, properties=properties))
    return _run(f"{PROGRAM} contract", version, rules, results, lines)


def _tool_run(report: ToolReport, lines: _Lines) -> dict[str, Any]:
    found = report.findings
    rules = {one.rule: _rule(one.rule, one.rule, f"See the documentation of {report.tool}.") for one in found}
    results = [Result(one.rule, one.severity, one.message, one.path, one.line, one.column) for one in found]
    reason = "" if report.state in ("finished", "not-applicable") else f"{report.state}: {report.message}"
    run = _run(report.tool, report.version, rules, results, lines, void_reason=reason)
    run["properties"] = {"state": report.state, "message": _text(report.message)}
    return run


def _run(
    driver: str,
    version: str,
    rules: Mapping[str, dict[str, Any]],
    results: Sequence[Result],
    lines: _Lines,
    *,
    void_reason: str = "",
) -> dict[str, Any]:
    index = {rule: number for number, rule in enumerate(rules)}
    seen: Counter[str] = Counter()
    invocation: dict[str, Any] = {"executionSuccessful": not void_reason}
    if void_reason:
        told = {"level": "error", "message": {"text": _text(void_reason)}}
        invocation["toolExecutionNotifications"] = [told]
    component: dict[str, Any] = {"name": driver, "rules": list(rules.values())}
    if version:
        component["version"] = version
    return {
        "tool": {"driver": component},
        "columnKind": "utf16CodeUnits",
        "originalUriBaseIds": {"SRCROOT": {"description": {"text": "The folder of the backend."}}},
        "invocations": [invocation],
        "results": [_result(result, index[result.rule], lines, seen) for result in results],
    }


def _rule(id: str, title: str, help: str) -> dict[str, Any]:
    return {"id": _text(id), "shortDescription": {"text": _text(title)}, "help": {"text": _text(help)}}


def _result(result: Result, index: int, lines: _Lines, seen: Counter[str]) -> dict[str, Any]:
    written: dict[str, Any] = {
        "ruleId": _text(result.rule),
        "ruleIndex": index,
        "level": result.level,
        "message": {"text": _text(result.message) or _text(result.rule)},
        "partialFingerprints": {FINGERPRINT: _fingerprint(result, lines, seen)},
    }
    if result.path:
        written["locations"] = [{"physicalLocation": _place(result)}]
    if result.properties:
        written["properties"] = dict(result.properties)
    return written


def _place(result: Result) -> dict[str, Any]:
    """A file relative to the backend's folder as a URI (§3.4.3), and a region where a line is known (§3.30)."""
    place: dict[str, Any] = {"artifactLocation": {"uri": artifact_uri(result.path), "uriBaseId": "SRCROOT"}}
    if result.line > 0:
        place["region"] = {"startLine": result.line} | ({"startColumn": result.column} if result.column > 0 else {})
    return place


def artifact_uri(path: str) -> str:
    """A relative reference: percent-encoded UTF-8, a colon too, so that no folder is taken for a scheme."""
    return quote(path, safe="/", errors="replace")


def _fingerprint(result: Result, lines: _Lines, seen: Counter[str]) -> str:
    """The same for the same trouble after edits elsewhere; equal lines of a file are told apart by their order."""
    text = lines.text(result.path, result.line) or result.message
    parts = "\0".join((result.rule, result.path, " ".join(text.split())))
    digest = hashlib.sha256(parts.encode("utf-8", "replace")).hexdigest()[:32]
    seen[digest] += 1
    return f"{digest}:{seen[digest]}"


class _Lines:
    """The lines of files; each file is split when first asked for."""

    def __init__(self, files: Mapping[str, bytes]) -> None:
        self._files = files
        self._split: dict[str, list[bytes]] = {}

    def text(self, path: str, line: int) -> str:
        """A line of a file, counting from 1; empty where there is none."""
        if path not in self._files or line < 1:
            return ""
        if path not in self._split:
            self._split[path] = self._files[path].split(b"\n")
        lines = self._split[path]
        return lines[line - 1].decode("utf-8", "replace") if line <= len(lines) else ""


def _text(text: str) -> str:
    """What JSON in UTF-8 can hold of a text, bounded: a lone surrogate would otherwise end the writing."""
    return text[:LONGEST_TEXT].encode("utf-8", "replace").decode()
