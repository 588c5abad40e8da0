"""The evaluator's only output: one frozen record per run, and its JSON.

The shape is written down in `verdict.schema.json` beside this file. The denominator is fixed: `checks` holds every
counted and uncounted check of the contract whatever happened; `summary` counts only those whose basis is counted
(`benchmark` checks are reported apart and never counted).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, Literal

Outcome = Literal["passed", "failed", "not_reached", "unstable"]
Basis = Literal["openapi", "prose", "benchmark"]
Conformance = Literal["conforming", "violated", "uncertain"]
Certainty = Literal["certain", "uncertain"]
Seen = Literal["text", "run"]
ToolState = Literal["finished", "not-applicable", "timed-out", "crashed"]
Severity = Literal["error", "warning", "note"]
# The ordinary tools that a verdict can hold, in the order in which they are shown.
TOOL_NAMES = (
    *("ruff", "pylint", "mypy", "bandit", "sqlfluff", "django-check", "django-migrations", "sqlalchemy"),
    *("eslint", "tsc"),
)
COUNTED_BASES = frozenset({"openapi", "prose"})


@dataclass(frozen=True)
class Exchange:
    """One request and its answer as sent over the wire, bodies cut to a few kilobytes.

    `log` holds the server's log lines of that moment. `received_status` is None where no answer came.
    """

    method: str
    path: str
    request_headers: Mapping[str, str]
    request_body: str | None
    received_status: int | None
    received_headers: Mapping[str, str]
    received_body: str
    seconds: float
    error: str = ""
    log: str = ""


@dataclass(frozen=True)
class CheckResult:
    """One check of the contract and what became of it.

    `id` is stable (`articles.delete.by-other-user`), `title` a sentence that could be false, `operation` a method and
    path of the contract, `clause` what the contract says. `expected` and `received` are what a developer must see.
    `blocked_by` names the check whose failure kept this one from being reached; empty otherwise. `exchange` is the
    exchange that decided a failure, `steps` those before it. `unstable` came out differently in repeated judgements.
    """

    id: str
    title: str
    operation: str
    basis: Basis
    outcome: Outcome
    blocked_by: str = ""
    expected: str = ""
    received: str = ""
    exchange: Exchange | None = None
    steps: tuple[Exchange, ...] = ()
    clause: str = ""


@dataclass(frozen=True)
class Finding:
    """What a verifier found: a rule and the place. `line` counts from 1; 0 means the file or project as a whole.

    `message` says what is wrong in a sentence, `mend` what to do about it. `seen` is `text` where it was read in the
    program, `run` where the running backend showed it.
    """

    verifier: str
    constraint: str
    rule: str
    path: str
    line: int
    message: str
    certainty: Certainty = "certain"
    mend: str = ""
    seen: Seen = "text"


@dataclass(frozen=True)
class ToolFinding:
    """What an ordinary tool said of one place: `rule` is the tool's own name for it, `F821` or `no-undef`.

    `line` and `column` count from 1, columns in UTF-16 code units as editors do; 0 where the tool named none.
    """

    path: str
    line: int
    column: int
    rule: str
    severity: Severity
    message: str


@dataclass(frozen=True)
class ToolReport:
    """What became of one ordinary tool (ruff, mypy, eslint …). Nothing of it decides a constraint or a check.

    `message` says in a sentence why it is not `finished`, or what was left out; `seconds` is wall time.
    """

    tool: str
    version: str
    state: ToolState
    seconds: float
    message: str
    findings: tuple[ToolFinding, ...] = ()


@dataclass(frozen=True)
class Cause:
    """What several failures have in common, as far as can be told, in a sentence.

    `checks` are the ids of the failed checks, the one to look at first in front; `not_reached` is how many counted
    checks they hold back. `path` and `line` are the place in the backend's own code that its log names (empty and 0
    where it names none), `log` is what the server printed at that moment.
    """

    title: str
    checks: tuple[str, ...]
    not_reached: int = 0
    path: str = ""
    line: int = 0
    log: str = ""


@dataclass(frozen=True)
class Latency:
    """How long the requests of one operation took, seconds: median and 95th percentile over so many requests."""

    operation: str
    requests: int
    p50_seconds: float
    p95_seconds: float


@dataclass(frozen=True)
class Statements:
    """How many SQL statements one request cost, measured while no other request was under way.

    `items` is the number of things in its answer: statements that grow with it are an N+1.
    """

    operation: str
    title: str
    statements: int
    items: int


@dataclass(frozen=True)
class Measures:
    """What was measured beside the verdict; nothing of it decides a check. None where it could not be measured.

    `ready_seconds` is from launch to the first healthy answer, `serving_seconds` the time in which at least one
    request was under way, `peak_memory_source` is `cgroup` (exact) or `processes` (sampled sum).
    """

    ready_seconds: float | None = None
    serving_seconds: float = 0.0
    requests: int = 0
    latencies: tuple[Latency, ...] = ()
    peak_memory_bytes: int | None = None
    peak_memory_source: str = ""
    statements: tuple[Statements, ...] = ()


@dataclass(frozen=True)
class Summary:
    """Counts over the counted checks. `pass_rate` is passed / checks, 0 to 1; a void run has no meaning in it."""

    checks: int
    passed: int
    failed: int
    not_reached: int
    pass_rate: float
    functional: bool
    conforming: bool
    sound: bool
    void: bool = False
    void_reason: str = ""
    unstable: int = 0


@dataclass(frozen=True)
class Verdict:
    """The judgement over one snapshot. `conformance` maps each constraint in force to its state; timings are seconds.

    `started` is False where the backend never answered its health check; `start_error` then says why, `log` holds the
    last lines that the backend printed (never read as a verdict). `causes` groups the failures, those first that cost
    the most checks. `tools` is what ordinary tools said, apart from the findings on constraints.
    """

    task: str
    level: int
    constraints: tuple[str, ...]
    checks: tuple[CheckResult, ...]
    findings: tuple[Finding, ...]
    conformance: Mapping[str, Conformance]
    summary: Summary
    timings: Mapping[str, float] = field(default_factory=dict)
    environment: Mapping[str, Any] = field(default_factory=dict)
    started: bool = True
    start_error: str = ""
    log: str = ""
    causes: tuple[Cause, ...] = ()
    measures: Measures = field(default_factory=Measures)
    tools: tuple[ToolReport, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """Plain JSON values, as `verdict.schema.json` describes them."""
        return asdict(self)

    @staticmethod
    def from_json(document: Mapping[str, Any]) -> Verdict:
        """The verdict written by `to_json`; raises TypeError or KeyError on another shape."""
        return Verdict(
            **{
                **document,
                "constraints": tuple(document["constraints"]),
                "checks": tuple(_check_from_json(check) for check in document["checks"]),
                "findings": tuple(Finding(**finding) for finding in document["findings"]),
                "summary": Summary(**document["summary"]),
                "causes": tuple(_cause_from_json(cause) for cause in document.get("causes", ())),
                "measures": measures_from_json(document.get("measures", {})),
                "tools": tuple(tool_report_from_json(report) for report in document.get("tools", ())),
            }
        )


def _check_from_json(document: Mapping[str, Any]) -> CheckResult:
    exchange = document.get("exchange")
    return CheckResult(
        **{
            **document,
            "exchange": Exchange(**exchange) if exchange else None,
            "steps": tuple(Exchange(**step) for step in document.get("steps", ())),
        }
    )


def _cause_from_json(document: Mapping[str, Any]) -> Cause:
    return Cause(**{**document, "checks": tuple(document["checks"])})


def measures_from_json(document: Mapping[str, Any]) -> Measures:
    """The measures as `to_json` wrote them; empty ones for an empty document."""
    latencies = tuple(Latency(**latency) for latency in document.get("latencies", ()))
    statements = tuple(Statements(**counted) for counted in document.get("statements", ()))
    return Measures(**{**document, "latencies": latencies, "statements": statements})


def tool_report_from_json(document: Mapping[str, Any]) -> ToolReport:
    """The report of a tool as `to_json` wrote it."""
    return ToolReport(**{**document, "findings": tuple(ToolFinding(**found) for found in document["findings"])})


def summarise(
    checks: tuple[CheckResult, ...], conformance: Mapping[str, Conformance], *, void_reason: str = ""
) -> Summary:
    """Count the checks whose basis is counted; sound means functional and conforming, and never void."""
    counted = [check for check in checks if check.basis in COUNTED_BASES]
    passed = sum(check.outcome == "passed" for check in counted)
    failed = sum(check.outcome == "failed" for check in counted)
    unstable = sum(check.outcome == "unstable" for check in counted)
    void = bool(void_reason)
    functional = bool(counted) and passed == len(counted) and not void
    conforming = all(state == "conforming" for state in conformance.values()) and not void
    return Summary(
        checks=len(counted),
        passed=passed,
        failed=failed,
        not_reached=len(counted) - passed - failed - unstable,
        pass_rate=passed / len(counted) if counted else 0.0,
        functional=functional,
        conforming=conforming,
        sound=functional and conforming,
        void=void,
        void_reason=void_reason,
        unstable=unstable,
    )
