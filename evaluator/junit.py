"""A verdict as JUnit XML, which CI services show as tests: checks by operation, constraints, tools.

A check that fails or is unstable is a failure, one that was not reached is skipped, a void run is an error. Checks that
only the published collection asks for, uncertain constraints and whatever a tool says fail nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from xml.etree.ElementTree import Element, SubElement, indent, tostring

from evaluator.verdict import COUNTED_BASES, CheckResult, Finding, ToolReport, Verdict

LONGEST_TEXT = 10_000
NOT_COUNTED = "not counted: only the published collection asks for these"
# What XML 1.0 cannot hold, not even as a reference (https://www.w3.org/TR/xml/#charsets), and what steers a terminal.
_FORBIDDEN = re.compile("[^\t\n\u0020-\u007e\u00a0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


@dataclass(frozen=True)
class Case:
    """One test case; `state` is passed, failure, error or skipped, `text` what a person reads of it."""

    suite: str
    name: str
    state: str = "passed"
    kind: str = ""
    message: str = ""
    text: str = ""
    output: str = ""


def junit_of(verdict: Verdict) -> bytes:
    """The verdict as a document in UTF-8, as the schema of Jenkins' xUnit plug-in has it."""
    summary = verdict.summary
    cases = [*_check_cases(verdict.checks)]
    if summary.void:
        cases.insert(0, Case("run", "the run is not void", "error", "void", summary.void_reason))
    elif not verdict.started:
        cases.insert(0, Case("run", "the server starts", "failure", "start", verdict.start_error, verdict.log))
    cases += constraint_cases(verdict.conformance, verdict.findings)
    cases += tool_cases(verdict.tools)
    return document_of(verdict.task or "amend", cases, verdict.timings.get("total"))


def document_of(name: str, cases: Iterable[Case], seconds: float | None = None) -> bytes:
    """Test cases as a document; those of one suite must follow one another."""
    top = Element("testsuites", name=_text(name))
    if seconds is not None:
        top.set("time", f"{seconds:.3f}")
    counts = {"tests": 0, "failures": 0, "errors": 0}
    for suite, group in groupby(cases, key=lambda case: case.suite):
        own = list(group)
        states = [case.state for case in own]
        counted = {"tests": len(own), "failures": states.count("failure"), "errors": states.count("error")}
        element = SubElement(top, "testsuite", name=_text(suite), skipped=str(states.count("skipped")))
        for attribute, count in counted.items():
            element.set(attribute, str(count))
            counts[attribute] += count
        for case in own:
            _add(element, case)
    for attribute, count in counts.items():
        top.set(attribute, str(count))
    indent(top)
    return bytes(tostring(top, encoding="utf-8", xml_declaration=True)) + b"\n"


def _add(suite: Element, case: Case) -> None:
    element = SubElement(suite, "testcase", name=_text(case.name), classname=_text(case.suite))
    if case.state != "passed":
        told = SubElement(element, case.state, message=_text(case.message))
        if case.kind:
            told.set("type", case.kind)
        told.text = _text(case.text)
    if case.output:
        SubElement(element, "system-out").text = _text(case.output)


def _check_cases(checks: Sequence[CheckResult]) -> Iterator[Case]:
    counted = [check for check in checks if check.basis in COUNTED_BASES]
    order = {operation: place for place, operation in enumerate(dict.fromkeys(check.operation for check in counted))}
    for check in sorted(counted, key=lambda check: order[check.operation]):
        yield _check_case(check, check.operation or "server")
    for check in checks:
        if check.basis not in COUNTED_BASES:
            case = _check_case(check, NOT_COUNTED)
            yield case if case.state == "passed" else Case(NOT_COUNTED, case.name, "skipped", "", case.message)


def _check_case(check: CheckResult, suite: str) -> Case:
    name = f"{check.id}: {check.title}"
    if check.outcome == "passed":
        return Case(suite, name)
    if check.outcome == "not_reached":
        return Case(suite, name, "skipped", "", f"not reached, blocked by {check.blocked_by or 'the end of the run'}")
    message = f"expected {check.expected}, received {check.received}"
    return Case(suite, name, "failure", check.outcome, message, _told(check))


def _told(check: CheckResult) -> str:
    lines = [check.title, f"expected: {check.expected}", f"received: {check.received}"]
    if check.clause:
        lines.append(f"the contract says: {check.clause}")
    if check.exchange is not None:
        exchange = check.exchange
        lines.append(f"\n{exchange.method} {exchange.path}\n{exchange.request_body or ''}".rstrip())
        lines.append(f"\n{exchange.received_status or exchange.error}\n{exchange.received_body}".rstrip())
        lines.append(f"\n{exchange.log}".rstrip())
    return "\n".join(lines)


def constraint_cases(conformance: Mapping[str, str], findings: Sequence[Finding]) -> Iterator[Case]:
    """A test case per constraint: a violated one fails with its findings, an uncertain one is skipped with them."""
    for constraint, state in conformance.items():
        found = [finding for finding in findings if finding.constraint == constraint]
        told = "\n".join(_finding_line(finding) for finding in found)
        message = found[0].message if found else ""
        if state == "violated":
            yield Case("constraints", constraint, "failure", "violated", message, told)
        elif state == "uncertain":
            yield Case("constraints", constraint, "skipped", "", f"uncertain, a person decides: {message}", told)
        else:
            yield Case("constraints", constraint)


def _finding_line(finding: Finding) -> str:
    place = f"{finding.path}:{finding.line}" if finding.line else finding.path or "the project"
    doubt = "" if finding.certainty == "certain" else " (uncertain)"
    return f"{place}: {finding.rule}{doubt} {finding.message} {finding.mend}".rstrip()


def tool_cases(tools: Sequence[ToolReport]) -> Iterator[Case]:
    """A test case per tool with what it said; none of them fails, for a tool decides nothing."""
    for report in tools:
        said = "\n".join(f"{one.path}:{one.line}:{one.column}: {one.rule} {one.message}" for one in report.findings)
        name = f"{report.tool} {report.version}".rstrip()
        if report.state == "finished":
            yield Case("tools", f"{name}: {len(report.findings)} findings", output=said)
        else:
            yield Case("tools", name, "skipped", "", f"{report.state}: {report.message}", output=said)


def _text(text: str) -> str:
    return _FORBIDDEN.sub("�", text.replace("\r\n", "\n"))[:LONGEST_TEXT]
