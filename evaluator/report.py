"""A verdict as a short text for a terminal."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby
from textwrap import shorten

from evaluator.verdict import COUNTED_BASES, CheckResult, Measures, ToolReport, Verdict

SHOWN_LOG_LINES = 15
SHOWN_TOOL_FINDINGS = 10
WIDTH = 150


def report_of(verdict: Verdict) -> str:
    """Counts, failures with what was expected and received, findings, timings; lines of 150 characters or so."""
    return "\n".join(harmless(line) for line in _lines(verdict))


def harmless(text: str) -> str:
    """The text without what steers a terminal: the words of a backend are shown and never obeyed."""
    return "".join(character if character.isprintable() or character in "\n\t" else "�" for character in text)


def _lines(verdict: Verdict) -> Iterator[str]:
    summary = verdict.summary
    if verdict.task:
        yield f"{verdict.task}  (L{verdict.level})"
    if summary.void:
        yield f"VOID: {summary.void_reason}"
        return
    if not verdict.started:
        yield f"did not start: {verdict.start_error}"
        yield from (f"  | {line[:WIDTH]}" for line in verdict.log.splitlines()[-SHOWN_LOG_LINES:])
    word = "sound" if summary.sound else "functional" if summary.functional else "not functional"
    yield (
        f"{word}: {summary.passed} of {summary.checks} checks passed ({summary.pass_rate:.1%}), "
        f"{summary.failed} failed, {summary.not_reached} not reached"
        + (f", {summary.unstable} unstable" if summary.unstable else "")
    )
    yield from _repeats(verdict)
    if verdict.environment.get("ended"):
        yield f"ended early: {verdict.environment['ended']}"
    yield from _causes(verdict)
    if verdict.started:
        yield from _failures(verdict.checks)
    yield from _conformance(verdict)
    yield from tool_lines(verdict.tools)
    yield from _measures(verdict.measures)
    yield "  ".join(f"{stage} {seconds:.2f} s" for stage, seconds in verdict.timings.items())


def _repeats(verdict: Verdict) -> Iterator[str]:
    repeats = verdict.environment.get("repeats")
    if repeats:
        void = f"; {repeats['void']} more were void: {'; '.join(repeats['void_reasons'])}" if repeats["void"] else ""
        yield f"judged {repeats['judged']} times{void}"
    for check in verdict.checks:
        if check.outcome == "unstable":
            yield f"  UNSTABLE {check.id}: {check.title}"
            yield f"    {shorten(check.received, 2 * WIDTH, placeholder=' …')}"


def _causes(verdict: Verdict) -> Iterator[str]:
    if verdict.causes:
        yield "\ncauses, those first that cost the most checks"
    for cause in verdict.causes:
        held_back = f", {cause.not_reached} checks not reached" if cause.not_reached else ""
        place = f"  ({cause.path}:{cause.line})" if cause.path else ""
        yield f"  {shorten(cause.title, WIDTH, placeholder=' …')}: {len(cause.checks)} failed{held_back}{place}"


def _failures(checks: tuple[CheckResult, ...]) -> Iterator[str]:
    failed = [check for check in checks if check.outcome == "failed"]
    counted = [check for check in failed if check.basis in COUNTED_BASES]
    for operation, group in groupby(counted, key=lambda check: check.operation):
        yield f"\n{operation or 'server'}"
        for check in group:
            yield f"  FAILED {check.id}: {check.title}"
            yield f"    expected {shorten(check.expected, WIDTH, placeholder=' …')}"
            yield f"    received {shorten(check.received, WIDTH, placeholder=' …')}"
    blocked = [check for check in checks if check.outcome == "not_reached"]
    for blocker in dict.fromkeys(check.blocked_by for check in blocked):
        count = sum(check.blocked_by == blocker for check in blocked)
        yield f"\n{count} not reached, blocked by {blocker or 'the end of the run'}"
    if len(failed) > len(counted):
        yield f"\n{len(failed) - len(counted)} failed that only the published collection asks for; they do not count"


def _measures(measures: Measures) -> Iterator[str]:
    parts = []
    if measures.ready_seconds is not None:
        parts.append(f"ready after {measures.ready_seconds:.2f} s")
    if measures.requests:
        parts.append(f"{measures.requests} requests served in {measures.serving_seconds:.2f} s")
    if measures.latencies:
        slowest = max(measures.latencies, key=lambda latency: latency.p95_seconds)
        parts.append(f"slowest {slowest.operation} (95 % within {slowest.p95_seconds * 1000:.0f} ms)")
    if measures.peak_memory_bytes is not None:
        parts.append(f"peak memory {measures.peak_memory_bytes / 2**20:.0f} MB ({measures.peak_memory_source})")
    if parts:
        yield "; ".join(parts)
    for counted in measures.statements:
        yield f"  {counted.title}: {counted.statements} SQL statements for {counted.items}"


def tool_lines(tools: Sequence[ToolReport]) -> Iterator[str]:
    """What ordinary tools said, the first of each; those with nothing to do here are left out."""
    for report in tools:
        if report.state == "not-applicable":
            continue
        state = f"{len(report.findings)} findings" if report.state == "finished" else report.state.upper()
        why = f" ({report.message})" if report.message else ""
        yield f"{f'{report.tool} {report.version}'.rstrip()}: {state}{why}"
        for found in report.findings[:SHOWN_TOOL_FINDINGS]:
            place = f"{found.path}:{found.line}" if found.line else found.path or "project"
            yield f"  {place}  {found.rule} {shorten(found.message, WIDTH, placeholder=' …')}"
        if len(report.findings) > SHOWN_TOOL_FINDINGS:
            yield f"  and {len(report.findings) - SHOWN_TOOL_FINDINGS} more"


def _conformance(verdict: Verdict) -> Iterator[str]:
    for constraint, state in verdict.conformance.items():
        yield f"{constraint}: {state}"
    for finding in verdict.findings:
        place = f"{finding.path}:{finding.line}" if finding.line else finding.path or "project"
        doubt = "" if finding.certainty == "certain" else " (uncertain)"
        doubt += " (seen in the run)" if finding.seen == "run" else ""
        yield f"  {place}  {finding.rule} {shorten(finding.message, WIDTH, placeholder=' …')}{doubt}"
