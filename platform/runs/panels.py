"""What a page shows of a run: counts, what changed, failures by cause, what was sent and received.

`build_panel` is the story. Everything a template needs is worked out here; the templates only place it.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from evaluator.code_places import LogLine, Place, deepest_place, exception_named, log_lines, telling_lines
from evaluator.n_plus_one import RULE as N_PLUS_ONE
from evaluator.tasks import Constraint, Task, task_by_id
from evaluator.tracebacks import own_stretch
from evaluator.verdict import COUNTED_BASES, ToolFinding, ToolReport, tool_report_from_json
from runs.differing import Stretch, differing
from runs.exchanges import Message, message_of, step_of
from runs.measured import Measured, measured
from runs.models import CheckResult, Finding, Run, RunPurpose, RunState

MOST_LOG_LINES = 60  # of one moment
SHORT_LOG_LINES = 12  # read as a whole
LAST_LOG_LINES = 16  # of a server that did not start
EXPLAINED = {"failed", "unstable"}


@dataclass(frozen=True)
class NamedRun:
    """A run and what people call it: “As generated”, “Run 3”, “Final run”."""

    run: Run
    name: str
    number: int


@dataclass(frozen=True)
class Check:
    """One check with everything that explains it. `change` is `fixed`, `broken`, `same` or empty."""

    result: CheckResult
    change: str = ""
    message: Message | None = None
    steps: Sequence[str] = ()
    log: Sequence[LogLine] = ()
    own: Sequence[LogLine] = ()  # of the log, what belongs to this request alone, as far as that can be told
    place: Place | None = None

    @cached_property
    def telling(self) -> Sequence[LogLine]:
        """Of a longer log, the lines that name the backend's own code, and the exception; none where all are needed."""
        lines = telling_lines(self.own) if len(self.log) > SHORT_LOG_LINES else []
        return lines if any(line.place for line in lines) else []

    @cached_property
    def differing(self) -> tuple[Sequence[Stretch], Sequence[Stretch]]:
        """What was expected and what was received, with the part that differs."""
        return differing(self.result.expected, self.result.received)

    @property
    def to_come(self) -> bool:
        """Not judged yet: nothing blocks it, its turn is after the restart."""
        return self.result.outcome == "not_reached" and not self.result.blocked_by


@dataclass(frozen=True)
class Cause:
    """What several failures have in common, as the evaluator found: a line of code, one refusal or one operation.

    `not_reached` checks wait for these; `reason` says why a server did not start; `log` are the lines that tell.
    """

    title: str
    place: Place | None
    checks: Sequence[Check]
    not_reached: int
    log: Sequence[LogLine] = ()
    reason: str = ""

    @property
    def key(self) -> str:
        """The same for the same cause in two runs, so that what was unfolded can stay so."""
        return str(self.place) if self.place else self.title

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
    """A run with results as its panel shows it. `to_come` are checks whose turn is after the restart."""

    named: NamedRun
    since: str
    causes: Sequence[Cause]
    unstable: Sequence[Check]
    passed: Sequence[Check]
    not_reached: Sequence[Check]
    to_come: Sequence[Check]
    apart: Sequence[Check]
    fixed: int
    broken: int
    same: int
    demands: Sequence[Demand]
    growing: Sequence[Finding]
    linter_findings: Sequence[Finding]
    tools: Sequence[ToolReport]
    log: Sequence[LogLine]
    measured: Measured | None

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
    def located_tool_findings(self) -> Sequence[ToolFinding]:
        """What ordinary tools call an error in a line of a file: the editor writes these there, and no warnings."""
        found = [one for report in self.tools for one in report.findings]
        return [one for one in found if one.severity == "error" and one.path and one.line]

    @cached_property
    def complaints(self) -> int:
        """Constraints that do not hold, and lists whose statements grow with their length."""
        return sum(demand.state == "violated" for demand in self.demands) + len(self.growing)


@dataclass(frozen=True)
class Awaited:
    """A check that was red before and is judged first: what became of it so far; no outcome while it is open."""

    check_id: str
    title: str
    outcome: str


@dataclass(frozen=True)
class RunPanel:
    """A run in any state. `verdict` is its own, or that of the last run before it with one, which still stands."""

    named: NamedRun
    verdict: Verdict | None
    history: Sequence[NamedRun] = field(default_factory=list)
    awaited: Sequence[Awaited] = ()

    @property
    def run(self) -> Run:
        return self.named.run

    @property
    def waits(self) -> bool:
        return self.run.state in {RunState.QUEUED, RunState.RUNNING}

    @property
    def own_verdict(self) -> bool:
        return self.verdict is not None and self.verdict.run.pk == self.run.pk

    @property
    def green_now(self) -> int:
        return sum(check.outcome == "passed" for check in self.awaited)


def build_panel(run: Run, *, story: Sequence[Run] = ()) -> RunPanel:
    """The panel of a run. `story`: the runs it belongs with, oldest first (the baseline, then those of a session)."""
    named = name_runs(story if run in story else [*story, run])
    at = next(index for index, one in enumerate(named) if one.run.pk == run.pk)
    judged = [one for one in named[: at + 1] if one.run.has_results]
    verdict = _verdict(judged[-1], judged[-2] if len(judged) > 1 else None) if judged else None
    return RunPanel(named=named[at], verdict=verdict, history=named, awaited=_awaited(run))


def causes_of_run(run: Run) -> Sequence[Cause]:
    """The groups of failures of a run that has results; none for any other."""
    return _verdict(NamedRun(run, "", 0), None).causes if run.has_results else ()


def name_runs(story: Sequence[Run]) -> list[NamedRun]:
    """What people call the runs of a story; only those asked for are numbered."""
    named = []
    number = 0
    for run in story:
        number += run.purpose != RunPurpose.BASELINE
        names = {RunPurpose.BASELINE: "As generated", RunPurpose.FINAL: "Final run"}
        named.append(NamedRun(run, names.get(RunPurpose(run.purpose), f"Run {number}"), number))
    return named


def _awaited(run: Run) -> list[Awaited]:
    """The checks that are judged first in a run that goes on, in catalogue order."""
    if run.state != RunState.RUNNING or not run.progress.get("first") or run.after is None:
        return []
    answered = run.progress.get("answered", {})
    red = run.after.results.filter(outcome="failed", basis__in=COUNTED_BASES).values_list("check_id", "title")
    return [Awaited(check_id, title, answered.get(check_id, "")) for check_id, title in red]


def _verdict(named: NamedRun, earlier: NamedRun | None) -> Verdict:
    run, task = named.run, task_by_id(named.run.task_id)
    paths = run.snapshot.manifest.keys()
    before = dict(earlier.run.results.values_list("check_id", "outcome")) if earlier else {}
    checks = [explained(result, before, paths, task.runtime.port) for result in run.results.all()]
    counted = [check for check in checks if check.result.basis in COUNTED_BASES]
    to_come = [check for check in counted if check.to_come] if run.state == RunState.RUNNING else []
    judged = [check for check in counted if not check.to_come] if to_come else counted
    findings = list(run.findings.all())
    in_force = {constraint.value for constraint in task.constraints}
    changes = [check.change for check in judged]
    log = log_lines(run.log, paths)
    return Verdict(
        named=named,
        since=_sentence_case(earlier) if earlier else "",
        causes=_causes(run, counted, log, paths),
        unstable=_with_outcome(counted, "unstable"),
        passed=_with_outcome(counted, "passed"),
        not_reached=_with_outcome(judged, "not_reached"),
        to_come=to_come,
        apart=[check for check in checks if check.result.basis not in COUNTED_BASES],
        fixed=changes.count("fixed"),
        broken=changes.count("broken"),
        same=changes.count("same"),
        demands=_demands(task, run.conformance, findings),
        growing=[finding for finding in findings if finding.rule == N_PLUS_ONE],
        linter_findings=[
            finding for finding in findings if finding.constraint not in in_force and finding.rule != N_PLUS_ONE
        ],
        tools=_tools(run),
        log=log,
        measured=measured(run),
    )


def _sentence_case(named: NamedRun) -> str:
    return "generation" if named.run.purpose == RunPurpose.BASELINE else named.name.lower()


def _with_outcome(checks: Sequence[Check], outcome: str) -> list[Check]:
    return [check for check in checks if check.result.outcome == outcome]


def explained(result: CheckResult, before: Mapping[str, str], paths: Collection[str], port: int) -> Check:
    """A result with what explains it. `before`: each check's outcome in the run before, `paths`: the files' names."""
    change = _change(before.get(result.check_id), result.outcome)
    if result.outcome not in EXPLAINED or not result.exchange:
        return Check(result, change)
    whole = result.exchange.get("log", "")
    own = own_stretch(whole, f"{result.exchange['method']} {result.exchange['path']}")
    own_lines = log_lines(own, paths, most=MOST_LOG_LINES)
    return Check(
        result=result,
        change=change,
        message=message_of(result.exchange, port),
        steps=[step_of(step) for step in result.steps],
        log=log_lines(whole, paths, most=MOST_LOG_LINES),
        own=own_lines,
        place=deepest_place(own_lines),
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


def _causes(run: Run, counted: Sequence[Check], log: Sequence[LogLine], paths: Collection[str]) -> list[Cause]:
    """The causes as they were stored with the run; failures by operation for a run that stored none."""
    failed = {check.result.check_id: check for check in _with_outcome(counted, "failed")}
    if run.started is False:
        return [_no_start(run, list(failed.values()), log)]
    if not run.causes:
        return _by_operation(list(failed.values()), counted)
    return [_cause(stored, failed, paths) for stored in run.causes]


def _cause(stored: Mapping[str, Any], failed: Mapping[str, Check], paths: Collection[str]) -> Cause:
    return Cause(
        title=stored["title"],
        place=Place(stored["path"], stored["line"]) if stored["path"] else None,
        checks=[failed[id] for id in stored["checks"] if id in failed],
        not_reached=stored["not_reached"],
        log=telling_lines(log_lines(stored["log"], paths, most=MOST_LOG_LINES)) if stored["path"] else (),
    )


def _no_start(run: Run, failed: Sequence[Check], log: Sequence[LogLine]) -> Cause:
    raised = exception_named(run.log)
    return Cause(
        title=run.causes[0]["title"] if run.causes else f"It does not start: {raised or run.start_error}"[:160],
        place=deepest_place(list(log)),
        checks=failed,
        not_reached=run.not_reached or 0,
        log=telling_lines(log)[-LAST_LOG_LINES:] or log[-LAST_LOG_LINES:],
        reason=run.start_error,
    )


def _by_operation(failed: Sequence[Check], counted: Sequence[Check]) -> list[Cause]:
    blocked = Counter(check.result.blocked_by for check in _with_outcome(counted, "not_reached"))
    operations: dict[str, list[Check]] = defaultdict(list)
    for check in failed:
        operations[check.result.operation].append(check)
    return [
        Cause(operation, None, checks, sum(blocked[check.result.check_id] for check in checks))
        for operation, checks in operations.items()
    ]


def _tools(run: Run) -> list[ToolReport]:
    """The tools that had something to do with this code."""
    reports = [tool_report_from_json(report) for report in run.tools]
    return [report for report in reports if report.state != "not-applicable"]


def _demands(task: Task, conformance: Mapping[str, str], findings: Sequence[Finding]) -> list[Demand]:
    return [
        Demand(
            constraint=constraint,
            state=conformance.get(constraint.value, ""),
            findings=[finding for finding in findings if finding.constraint == constraint.value],
        )
        for constraint in task.constraints
    ]
