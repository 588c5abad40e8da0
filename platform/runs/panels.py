"""What a page shows of a run: counts, what changed, failures by cause, what was sent and received.

`build_panel` is the story. Everything a template needs is worked out here; the templates only place it.
"""

from __future__ import annotations

import shlex
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from http import HTTPStatus
from typing import Any

from evaluator.code_places import LogLine, Place, deepest_place, exception_named, log_lines
from evaluator.tasks import Constraint, Task, task_by_id
from evaluator.verdict import COUNTED_BASES
from runs.models import CheckResult, Finding, Run, RunPurpose, RunState

MOST_LOG_LINES = 60  # of one moment


@dataclass(frozen=True)
class NamedRun:
    """A run and what people call it: “As generated”, “Run 3”, “Final run”."""

    run: Run
    name: str
    number: int


@dataclass(frozen=True)
class Message:
    """An exchange as text: the request as sent, the response as received, and the request as a curl command."""

    request: str
    response: str
    curl: str
    seconds: float


@dataclass(frozen=True)
class Check:
    """One check with everything that explains it. `change` is `fixed`, `broken`, `same` or empty."""

    result: CheckResult
    change: str = ""
    message: Message | None = None
    steps: Sequence[str] = ()
    log: Sequence[LogLine] = ()
    place: Place | None = None


@dataclass(frozen=True)
class Group:
    """Failures that have one cause, as far as can be told: the same line of code, else the same operation."""

    key: str
    title: str
    note: str
    place: Place | None
    checks: Sequence[Check]
    blocks: int

    @property
    def change(self) -> str:
        """What all of its checks did since the last run; empty where they differ."""
        changes = {check.change for check in self.checks}
        return changes.pop() if len(changes) == 1 else ""


@dataclass(frozen=True)
class Demand:
    """A constraint in force with its state (conforming, violated, uncertain or empty) and the findings about it."""

    constraint: Constraint
    state: str
    findings: Sequence[Finding]


@dataclass(frozen=True)
class Verdict:
    """A finished run as its panel shows it."""

    named: NamedRun
    since: str
    groups: Sequence[Group]
    passed: Sequence[Check]
    not_reached: Sequence[Check]
    unstarted: Sequence[Check]
    apart: Sequence[Check]
    fixed: int
    broken: int
    same: int
    demands: Sequence[Demand]
    linter_findings: Sequence[Finding]
    log: Sequence[LogLine]
    cause: str = ""  # the exception that kept the server from starting, where its log names one
    place: Place | None = None  # and the line it was raised from

    @property
    def run(self) -> Run:
        return self.named.run

    @cached_property
    def blockers(self) -> int:
        return len({check.result.blocked_by for check in self.not_reached if check.result.blocked_by})

    @cached_property
    def located_findings(self) -> Sequence[Finding]:
        """All findings that name a line of a file: those about constraints first."""
        return [
            finding
            for findings in (*(demand.findings for demand in self.demands), self.linter_findings)
            for finding in findings
            if finding.path and finding.line
        ]

    @cached_property
    def violated(self) -> int:
        return sum(demand.state == "violated" for demand in self.demands)


@dataclass(frozen=True)
class RunPanel:
    """A run in any state. `verdict` is its own, or that of the last finished run before it, which still stands."""

    named: NamedRun
    verdict: Verdict | None
    history: Sequence[NamedRun] = field(default_factory=list)

    @property
    def run(self) -> Run:
        return self.named.run

    @property
    def waits(self) -> bool:
        return self.run.state in {RunState.QUEUED, RunState.RUNNING}

    @property
    def own_verdict(self) -> bool:
        return self.verdict is not None and self.verdict.run.pk == self.run.pk


def build_panel(run: Run, *, story: Sequence[Run] = ()) -> RunPanel:
    """The panel of a run. `story`: the runs it belongs with, oldest first (the baseline, then those of a session)."""
    named = name_runs(story if run in story else [*story, run])
    at = next(index for index, one in enumerate(named) if one.run.pk == run.pk)
    finished = [one for one in named[: at + 1] if one.run.state == RunState.FINISHED]
    verdict = _verdict(finished[-1], finished[-2] if len(finished) > 1 else None) if finished else None
    return RunPanel(named=named[at], verdict=verdict, history=named)


def name_runs(story: Sequence[Run]) -> list[NamedRun]:
    """What people call the runs of a story; only those asked for are numbered."""
    named = []
    number = 0
    for run in story:
        number += run.purpose != RunPurpose.BASELINE
        names = {RunPurpose.BASELINE: "As generated", RunPurpose.FINAL: "Final run"}
        named.append(NamedRun(run, names.get(RunPurpose(run.purpose), f"Run {number}"), number))
    return named


def _verdict(named: NamedRun, earlier: NamedRun | None) -> Verdict:
    run, task = named.run, task_by_id(named.run.task_id)
    paths = run.snapshot.manifest.keys()
    before = dict(earlier.run.results.values_list("check_id", "outcome")) if earlier else {}
    checks = [_check(result, before, paths, task.runtime.port) for result in run.results.all()]
    counted = [check for check in checks if check.result.basis in COUNTED_BASES]
    failed = [check for check in counted if check.result.outcome == "failed"]
    not_reached = [check for check in counted if check.result.outcome == "not_reached"]
    findings = list(run.findings.all())
    in_force = {constraint.value for constraint in task.constraints}
    changes = [check.change for check in counted]
    log = log_lines(run.log, paths)
    unstarted = failed if run.started is False else ()
    return Verdict(
        named=named,
        since=_sentence_case(earlier) if earlier else "",
        groups=_groups(failed, not_reached) if run.started is not False else (),
        unstarted=unstarted,
        passed=[check for check in counted if check.result.outcome == "passed"],
        not_reached=not_reached,
        apart=[check for check in checks if check.result.basis not in COUNTED_BASES],
        fixed=changes.count("fixed"),
        broken=changes.count("broken"),
        same=changes.count("same"),
        demands=_demands(task, run.conformance, findings),
        linter_findings=[finding for finding in findings if finding.constraint not in in_force],
        log=log,
        cause=exception_named(run.log) if unstarted else "",
        place=deepest_place(log) if unstarted else None,
    )


def _sentence_case(named: NamedRun) -> str:
    return "generation" if named.run.purpose == RunPurpose.BASELINE else named.name.lower()


def _check(result: CheckResult, before: Mapping[str, str], paths: Collection[str], port: int) -> Check:
    change = _change(before.get(result.check_id), result.outcome)
    if result.outcome != "failed" or not result.exchange:
        return Check(result, change)
    log = log_lines(result.exchange.get("log", ""), paths, most=MOST_LOG_LINES)
    return Check(
        result=result,
        change=change,
        message=_message(result.exchange, port),
        steps=[_step(step) for step in result.steps],
        log=log,
        place=deepest_place(log),
    )


def _change(before: str | None, now: str) -> str:
    """What became of a check since the run before: a check that was not there changed nothing."""
    if before is None or before == now == "passed":
        return ""
    if now == "passed":
        return "fixed"
    if before == "passed":
        return "broken"
    return "same" if now == "failed" else ""


def _groups(failed: Sequence[Check], not_reached: Sequence[Check]) -> list[Group]:
    """Failures by cause, those first that hold back the most checks."""
    blocked: dict[str, int] = defaultdict(int)
    for check in not_reached:
        blocked[check.result.blocked_by] += 1
    causes: dict[str, list[Check]] = defaultdict(list)
    for check in failed:
        causes[str(check.place) if check.place else check.result.operation].append(check)
    groups = [
        _group(key, checks, sum(blocked[check.result.check_id] for check in checks)) for key, checks in causes.items()
    ]
    return sorted(groups, key=lambda group: -(len(group.checks) + group.blocks))


def _group(key: str, checks: Sequence[Check], blocks: int) -> Group:
    first = checks[0]
    raised = exception_named((first.result.exchange or {}).get("log", "")) if first.place else ""
    if raised:
        title, note = raised[:120], ""
    else:
        title = first.result.title if len(checks) == 1 else first.result.operation
        note = "" if len({check.result.operation for check in checks}) > 1 else _common_difference(checks)
    return Group(key=key, title=title, note=note, place=first.place, checks=checks, blocks=blocks)


def _common_difference(checks: Sequence[Check]) -> str:
    """“422 expected, 500 received” where that is so for all."""
    differences = {(check.result.expected, check.result.received) for check in checks}
    expected, received = next(iter(differences))
    if len(differences) > 1 or not expected or len(expected) + len(received) > 80:
        return ""
    return f"expected {expected}, received {received}"


def _demands(task: Task, conformance: Mapping[str, str], findings: Sequence[Finding]) -> list[Demand]:
    return [
        Demand(
            constraint=constraint,
            state=conformance.get(constraint.value, ""),
            findings=[finding for finding in findings if finding.constraint == constraint.value],
        )
        for constraint in task.constraints
    ]


def _message(exchange: Mapping[str, Any], port: int) -> Message:
    start = f"{exchange['method']} {exchange['path']}"
    body = exchange.get("request_body")
    request = "\n".join([start, *_headers(exchange["request_headers"])]) + (f"\n\n{body}" if body else "")
    curl = ["curl", "-i", "-X", exchange["method"], f"http://localhost:{port}{exchange['path']}"]
    for header in _headers(exchange["request_headers"]):
        curl += ["-H", header]
    if body:
        curl += ["--data-raw", body]
    return Message(
        request=request,
        response=_response(exchange),
        curl=shlex.join(curl),
        seconds=float(exchange.get("seconds") or 0),
    )


def _response(exchange: Mapping[str, Any]) -> str:
    if exchange.get("received_status") is None:
        return f"No answer came. {exchange.get('error', '')}".strip()
    start = _status(exchange["received_status"])
    body = exchange.get("received_body", "")
    return "\n".join([start, *_headers(exchange["received_headers"])]) + (f"\n\n{body}" if body else "")


def _step(exchange: Mapping[str, Any]) -> str:
    status = exchange.get("received_status")
    return f"{exchange['method']} {exchange['path']} → {_status(status) if status else 'no answer'}"


def _status(status: int) -> str:
    try:
        return f"{status} {HTTPStatus(status).phrase}"
    except ValueError:
        return str(status)


def _headers(headers: Mapping[str, str]) -> list[str]:
    return [f"{name}: {value}" for name, value in headers.items()]
