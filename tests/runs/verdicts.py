"""Small real verdicts for tests of what happens to them afterwards."""

from __future__ import annotations

from evaluator.causes import causes_of
from evaluator.verdict import CheckResult, Exchange, Finding, Verdict, summarise

TASK = "uv-flask-openapi-clean_architecture"

EXCHANGE = Exchange(
    method="POST",
    path="/api/users",
    request_headers={"Content-Type": "application/json"},
    request_body='{"user": {}}',
    received_status=500,
    received_headers={"Content-Type": "text/html"},
    received_body="Internal Server Error",
    seconds=0.012,
    log="  File \"/app/app.py\", line 7, in register\nKeyError: 'email'",
)


LATER = CheckResult("later", "A later thing", "GET /user", "openapi", "not_reached", blocked_by="bad.0")


def verdict(*, failing: int = 1, passing: int = 2, void_reason: str = "") -> Verdict:
    """A verdict with `passing` passed checks, `failing` failed ones and one that was not reached."""
    checks = (
        *(CheckResult(f"ok.{n}", f"Thing {n} works", "GET /tags", "openapi", "passed") for n in range(passing)),
        *(
            CheckResult(
                f"bad.{n}", f"Thing {n} is refused", "POST /users", "prose", "failed",
                expected="422", received="500", exchange=EXCHANGE, steps=(EXCHANGE,),
            )
            for n in range(failing)
        ),
        *((LATER,) if failing else ()),
        CheckResult("extra", "The collection wants a body", "GET /articles", "benchmark", "failed"),
    )  # fmt: skip
    findings = (Finding("architecture", "clean_architecture", "A3", "app.py", 7, "A route reads the database."),)
    conformance = {"clean_architecture": "violated" if failing else "conforming"}
    return Verdict(
        task=TASK,
        level=1,
        constraints=("clean_architecture",),
        checks=checks,
        findings=findings if failing else (),
        conformance=conformance,  # type: ignore[arg-type]
        summary=summarise(checks, conformance, void_reason=void_reason),  # type: ignore[arg-type]
        timings={"total": 1.5},
        environment={"python": "3.12"},
        causes=causes_of(checks, {"app.py"}),
    )
