"""Failures are grouped by what they have in common, and each group says where to look."""

from __future__ import annotations

from evaluator.causes import causes_of
from evaluator.verdict import CheckResult, Exchange

PATHS = {"app.py", "src/users.js"}
BROKEN_LINE = "Traceback:\n  File \"/app/app.py\", line 7, in register\nKeyError: 'email'\n"


def exchange(status: int | None, log: str = "") -> Exchange:
    return Exchange("POST", "/api/users", {}, "{}", status, {}, "", 0.01, log=log)


def failed(id: str, operation: str, expected: str, status: int | None, log: str = "") -> CheckResult:
    return CheckResult(
        id,
        f"{id} holds",
        operation,
        "prose",
        "failed",
        expected=expected,
        received=f"{status} something",
        exchange=exchange(status, log),
    )


def blocked(number: int, by: str) -> list[CheckResult]:
    return [
        CheckResult(f"{by}.{n}", "Later", "GET /user", "prose", "not_reached", blocked_by=by) for n in range(number)
    ]


def test_a_failure_that_holds_others_back_says_how_many_and_names_the_line() -> None:
    checks = [failed("register", "POST /users", "status 201", 500, BROKEN_LINE), *blocked(143, "register")]
    (cause,) = causes_of(checks, PATHS)
    assert cause.title == "POST /users: KeyError: 'email'"
    assert (cause.checks, cause.not_reached, cause.path, cause.line) == (("register",), 143, "app.py", 7)
    assert "KeyError" in cause.log


def test_failures_on_one_line_are_one_cause_whatever_their_operations() -> None:
    checks = [failed(f"c{n}", f"GET /thing/{n}", "status 200", 500, BROKEN_LINE) for n in range(4)]
    (cause,) = causes_of(checks, PATHS)
    assert len(cause.checks) == 4 and cause.title == "4 operations: KeyError: 'email'"


def test_a_refusal_is_not_explained_by_what_another_request_printed_at_that_moment() -> None:
    """Requests run side by side: the traceback in the log may be that of another one."""
    (cause,) = causes_of([failed("refused", "POST /users", "status 422", 403, BROKEN_LINE)], PATHS)
    assert (cause.path, cause.line, cause.title) == ("", 0, "refused holds")


def test_the_same_difference_over_three_operations_is_one_cause() -> None:
    checks = [failed(f"no-token.{n}", f"PUT /thing/{n}", "status 401", 403) for n in range(3)]
    (cause,) = causes_of(checks, PATHS)
    assert cause.title == "3 operations: expected status 401, received 403"


def test_of_an_answer_that_succeeded_the_content_is_told_and_not_its_status() -> None:
    checks = [failed(f"follow.{n}", f"GET /thing/{n}", "following is true", 200) for n in range(3)]
    (cause,) = causes_of(checks, PATHS)
    assert cause.title == "3 operations: expected following is true, received 200 something"


def test_over_two_operations_it_may_be_chance() -> None:
    checks = [failed(f"no-token.{n}", f"PUT /thing/{n}", "status 401", 403) for n in range(2)]
    assert len(causes_of(checks, PATHS)) == 2


def test_causes_come_in_the_order_of_what_they_cost() -> None:
    checks = [
        failed("small", "GET /tags", "status 200", 404),
        failed("large", "POST /users", "status 201", 404),
        *blocked(5, "large"),
    ]
    assert [cause.checks[0] for cause in causes_of(checks, PATHS)] == ["large", "small"]


def test_a_backend_that_does_not_start_has_one_cause_for_everything() -> None:
    checks = [failed("server.starts", "GET /health-check", "an HTTP answer", None), *blocked(300, "server.starts")]
    (cause,) = causes_of(checks, PATHS, start_error="run.sh ended with status 1.", log=BROKEN_LINE)
    assert cause.title == "It does not start: KeyError: 'email'"
    assert (cause.not_reached, cause.path, cause.line) == (300, "app.py", 7)


def test_what_only_the_published_collection_asks_for_is_no_cause() -> None:
    asked = CheckResult("body", "Has a body", "GET /articles", "benchmark", "failed", exchange=exchange(200))
    assert causes_of([asked], PATHS) == ()
