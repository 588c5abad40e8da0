"""Judges the same backend several times, and marks what came out differently instead of choosing a side.

A check is `unstable` where its outcome is not the same in every repeat: passed once and failed once, but also failed
once and not reached once. It never counts as passed. Void repeats say nothing about the backend and are left out.
"""

from __future__ import annotations

import statistics
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace
from typing import Any

from evaluator.verdict import (
    Cause,
    CheckResult,
    Conformance,
    Finding,
    Latency,
    Measures,
    Outcome,
    Verdict,
    summarise,
)

WORST_FIRST: tuple[Conformance, ...] = ("violated", "uncertain", "conforming")
SHOWN_CHARACTERS = 400


@dataclass
class _Tally:
    """What became of one check so far: how often each outcome, and the first result of each."""

    counts: Counter[Outcome] = field(default_factory=Counter)
    firsts: dict[Outcome, CheckResult] = field(default_factory=dict)

    def add(self, result: CheckResult) -> None:
        self.counts[result.outcome] += 1
        self.firsts.setdefault(result.outcome, result)


@dataclass
class _Repeats:
    """All that is kept of the verdicts seen so far: their number may be large, so none but the first is kept whole."""

    first: Verdict | None = None
    judged: int = 0
    started: int = 0
    start_error: str = ""
    log: str = ""
    ended: str = ""
    void: Verdict | None = None
    void_reasons: list[str] = field(default_factory=list)
    tallies: dict[str, _Tally] = field(default_factory=dict)
    findings: dict[Finding, None] = field(default_factory=dict)
    conformance: dict[str, Conformance] = field(default_factory=dict)
    causes: dict[tuple[str, str, int], Cause] = field(default_factory=dict)
    timings: list[dict[str, float]] = field(default_factory=list)
    measures: list[Measures] = field(default_factory=list)

    def add(self, verdict: Verdict) -> None:
        if verdict.summary.void:
            self.void = self.void or verdict
            self.void_reasons.append(verdict.summary.void_reason)
            return
        self.first = self.first or verdict
        self.judged += 1
        self.started += verdict.started
        self.start_error = self.start_error or verdict.start_error
        self.ended = self.ended or str(verdict.environment.get("ended", ""))
        if not self.log or not verdict.summary.functional:
            self.log = verdict.log
        for check in verdict.checks:
            self.tallies.setdefault(check.id, _Tally()).add(check)
        self.findings |= dict.fromkeys(verdict.findings)
        for constraint, state in verdict.conformance.items():
            known = self.conformance.get(constraint, state)
            self.conformance[constraint] = min(known, state, key=WORST_FIRST.index)
        for cause in verdict.causes:
            self.causes.setdefault((cause.checks[0] if cause.checks else cause.title, cause.path, cause.line), cause)
        self.timings.append(dict(verdict.timings))
        self.measures.append(verdict.measures)


def judge_repeatedly(times: int, judge: Callable[[int], Verdict]) -> Verdict:
    """What `judge` says, or the merged verdict where it is asked more than once; it is told the number, from 1."""
    return judge(1) if times == 1 else merge_repeats(judge(number) for number in range(1, times + 1))


def merge_repeats(verdicts: Iterable[Verdict]) -> Verdict:
    """One verdict over several on the same backend; it is read once, and none is kept but the first.

    Checks that differ are `unstable`; conformance is the worst seen; timings and latencies are medians, peak memory the
    most. `environment["repeats"]` says how many were judged and how many were void, and why. Void where all were.
    Raises ValueError where there is none.
    """
    repeats = _Repeats()
    for verdict in verdicts:
        repeats.add(verdict)
    described: dict[str, Any] = {"judged": repeats.judged, "void": len(repeats.void_reasons)}
    if repeats.void_reasons:
        described["void_reasons"] = list(dict.fromkeys(repeats.void_reasons))
    if repeats.first is None:
        if repeats.void is None:
            raise ValueError("There is no verdict to merge.")
        return replace(repeats.void, environment={**repeats.void.environment, "repeats": described})
    checks = tuple(_merged_check(tally, repeats.judged) for tally in repeats.tallies.values())
    environment = {**repeats.first.environment, "repeats": described}
    if repeats.ended:
        environment["ended"] = repeats.ended
    return replace(
        repeats.first,
        checks=checks,
        findings=tuple(repeats.findings),
        conformance=repeats.conformance,
        summary=summarise(checks, repeats.conformance),
        timings=_merged_timings(repeats.timings),
        environment=environment,
        started=repeats.started > 0,
        start_error=_merged_start_error(repeats),
        log=repeats.log,
        causes=tuple(repeats.causes.values()),
        measures=_merged_measures(repeats.measures),
    )


def _merged_check(tally: _Tally, judged: int) -> CheckResult:
    if len(tally.counts) == 1 and tally.counts.total() == judged:
        return next(iter(tally.firsts.values()))
    # The exchange that a developer must see is that of a failure; a check that was never failed shows what it has.
    shown = next(
        tally.firsts[outcome] for outcome in ("failed", "unstable", "not_reached", "passed") if outcome in tally.firsts
    )
    told = "; ".join(_told(tally, judged))
    return replace(shown, outcome="unstable", blocked_by="", received=told)


def _told(tally: _Tally, judged: int) -> Iterator[str]:
    """Each outcome with how often it came and its cause."""
    for outcome, count in tally.counts.most_common():
        result = tally.firsts[outcome]
        cause = result.received[:SHOWN_CHARACTERS]
        if result.blocked_by:
            cause = f"blocked by {result.blocked_by}" + (f", {cause}" if cause else "")
        yield f"{outcome.replace('_', ' ')} in {count} of {judged}" + (f": {cause}" if cause else "")
    if (missing := judged - tally.counts.total()) > 0:
        yield f"not judged in {missing} of {judged}"


def _merged_start_error(repeats: _Repeats) -> str:
    if not repeats.start_error or repeats.started == 0:
        return repeats.start_error
    return f"in {repeats.judged - repeats.started} of {repeats.judged} repeats: {repeats.start_error}"


def _merged_timings(timings: list[dict[str, float]]) -> dict[str, float]:
    stages = dict.fromkeys(stage for timing in timings for stage in timing)
    return {stage: round(statistics.median(_of(timings, stage)), 3) for stage in stages}


def _of(timings: list[dict[str, float]], stage: str) -> list[float]:
    return [timing[stage] for timing in timings if stage in timing]


def _merged_measures(measures: list[Measures]) -> Measures:
    ready = [measured.ready_seconds for measured in measures if measured.ready_seconds is not None]
    peaks = [measured.peak_memory_bytes for measured in measures if measured.peak_memory_bytes is not None]
    return Measures(
        ready_seconds=statistics.median(ready) if ready else None,
        serving_seconds=statistics.median(measured.serving_seconds for measured in measures),
        requests=round(statistics.median(measured.requests for measured in measures)),
        latencies=_merged_latencies(measures),
        peak_memory_bytes=max(peaks, default=None),
        peak_memory_source=next((one.peak_memory_source for one in measures if one.peak_memory_source), ""),
        statements=next((one.statements for one in measures if one.statements), ()),
    )


def _merged_latencies(measures: list[Measures]) -> tuple[Latency, ...]:
    """Per operation the median of the repeats' medians and of their 95th percentiles, over all requests."""
    by_operation: dict[str, list[Latency]] = {}
    for measured in measures:
        for latency in measured.latencies:
            by_operation.setdefault(latency.operation, []).append(latency)
    return tuple(
        Latency(
            operation,
            sum(one.requests for one in found),
            statistics.median(one.p50_seconds for one in found),
            statistics.median(one.p95_seconds for one in found),
        )
        for operation, found in by_operation.items()
    )
