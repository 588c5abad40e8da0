"""The panel of a run: failures by cause, what was sent and received, and the way to the line."""

from __future__ import annotations

from dataclasses import replace

import pytest
from django.template.loader import render_to_string

from evaluator.code_places import Place, deepest_place, exception_named, log_lines, telling_lines
from evaluator.n_plus_one import n_plus_one
from evaluator.verdict import CheckResult, Latency, Measures, Statements, Verdict, summarise
from runs.evaluation import claim_run, record_first_verdict, record_verdict, request_run
from runs.models import Run, RunPurpose, RunState
from runs.panels import build_panel
from studies.snapshots import store_snapshot
from tests.runs.verdicts import TASK, verdict
from tests.site.conftest import FILES, finish

pytestmark = pytest.mark.django_db


def run_of(purpose: RunPurpose = RunPurpose.REQUESTED) -> Run:
    return request_run(snapshot=store_snapshot(FILES), task_id=TASK, purpose=purpose, announce=False)


def recorded(given: Verdict) -> Run:
    """A run with this verdict, which went through its JSON as one that a script hands in."""
    run = run_of()
    held = claim_run(run.pk)
    assert held is not None
    assert record_verdict(held, Verdict.from_json(given.to_json()))
    run.refresh_from_db()
    return run


def shown(run: Run, *story: Run) -> str:
    return render_to_string("runs/_run_panel.html", {"panel": build_panel(run, story=story), "run": run, "again": True})


def test_the_causes_of_the_verdict_are_what_the_panel_groups_by() -> None:
    run = recorded(verdict(failing=3))
    panel = build_panel(run)
    assert panel.verdict is not None
    (cause,) = panel.verdict.causes
    assert (cause.title, str(cause.place)) == ("POST /users: KeyError: 'email'", "app.py:7")
    assert (len(cause.checks), cause.not_reached) == (3, 1)
    html = shown(run)
    assert "1 check not reached" in html
    assert html.index("From the server log") < html.index('data-check="bad.0"')


def test_of_the_log_of_a_cause_the_lines_that_tell_are_shown_with_their_links() -> None:
    told = verdict(failing=1)
    noisy = replace(told.causes[0], log="GET /api/tags 200\n" + told.causes[0].log + "\nGET /api/tags 200")
    panel = build_panel(recorded(replace(told, causes=(noisy,))))
    assert panel.verdict is not None
    frame, raised = panel.verdict.causes[0].log
    assert (str(frame.place), raised.before) == ("app.py:7", "KeyError: 'email'")


def test_of_a_long_log_of_a_moment_the_lines_that_tell_come_first_and_the_rest_is_folded() -> None:
    told = verdict(failing=1)
    bad = next(check for check in told.checks if check.outcome == "failed")
    assert bad.exchange is not None
    noise = "GET /api/tags 200\n" * 20
    loud = replace(bad, exchange=replace(bad.exchange, log=noise + bad.exchange.log))
    run = recorded(replace(told, checks=tuple(loud if check is bad else check for check in told.checks)))
    html = shown(run)
    detail = html[html.index(f'data-check="{bad.id}"') :]
    assert detail.index("KeyError") < detail.index("lines</summary>") < detail.index("GET /api/tags 200")


def test_a_run_that_stored_no_causes_shows_its_failures_by_operation() -> None:
    old = recorded(replace(verdict(failing=2), causes=()))
    panel = build_panel(old)
    assert panel.verdict is not None
    (cause,) = panel.verdict.causes
    assert (cause.title, cause.place, len(cause.checks), cause.not_reached) == ("POST /users", None, 2, 1)


def test_an_unstable_check_is_neither_passed_nor_failed_and_has_its_own_count() -> None:
    given = verdict(failing=0, passing=2)
    checks = (replace(given.checks[0], outcome="unstable", received="200, then 500"), *given.checks[1:])
    html = shown(recorded(replace(given, checks=checks, summary=summarise(checks, given.conformance))))
    assert "<b>1</b> unstable" in html
    assert 'data-outcome="unstable"' in html
    assert "200, then 500" in html
    assert "1 passed, 0 failed, 1 unstable, 0 not reached" in html


def test_measures_are_shown_in_a_fold_with_the_slowest_operation_first() -> None:
    latencies = (Latency("GET /tags", 9, 0.002, 0.004), Latency("POST /users", 3, 0.18, 0.2))
    measures = Measures(0.41, 1.2, 400, latencies, 90 * 2**20, "cgroup", (Statements("GET /tags", "All tags", 1, 7),))
    html = shown(recorded(replace(verdict(), measures=measures)))
    assert "ready after 0.41 s · 90 MB" in html
    assert "as the kernel counts it" in html
    fold = html[html.index('data-group="measures"') :]
    assert fold.index("POST /users") < fold.index("GET /tags</td>")
    assert "N+1" not in html


def test_a_list_whose_statements_grow_is_one_finding_and_marked_among_the_measures() -> None:
    statements = (
        Statements("GET /articles", "A list of one article", 4, 1),
        Statements("GET /articles", "A list of 20 articles", 61, 20),
        Statements("GET /user", "The account of the token", 2, 1),
    )
    judged = replace(verdict(failing=0), measures=Measures(statements=statements), findings=n_plus_one(statements))
    html = shown(recorded(judged))
    assert html.count("GET /articles sends 61 SQL statements for 20 items and 4 for 1") == 1
    assert html.count('<span class="chip unstable">N+1</span>') == 2  # over the finding, and at the longest list
    assert "Read what belongs to all items of the list in one statement" in html
    assert 'data-group="linters"' not in html


def test_what_limits_a_backend_is_said_where_the_sandbox_says_it() -> None:
    named = replace(verdict(), environment={"limits": {"memory": "cgroup", "processes": "rlimit"}})
    assert "memory: cgroup, processes: rlimit" in shown(recorded(named))
    assert "Limits by" not in shown(recorded(verdict()))


def test_the_red_checks_of_the_run_before_are_shown_with_what_became_of_them() -> None:
    before = finish(run_of(RunPurpose.BASELINE), failing=3)
    run = request_run(
        snapshot=before.snapshot, task_id=TASK, purpose=RunPurpose.REQUESTED, after=before, announce=False
    )
    run.state = RunState.RUNNING
    run.progress = {"stage": "contract", "first": 3, "answered": {"bad.0": "passed", "bad.2": "failed"}}
    run.save()
    html = shown(run, before, run)
    assert "1 of 3 red checks is green now" in html
    marks = html[html.index("green now") : html.index("Waiting for a place")]
    assert [marks.count(word) for word in ("fixed:", "still red:", "to come:")] == [1, 1, 1]
    assert "extra" not in marks


def test_the_first_verdict_is_whole_but_for_what_comes_after_the_restart() -> None:
    before = finish(run_of(RunPurpose.BASELINE), failing=0, passing=2)
    kept = CheckResult("ok.1", "Thing 1 works", "GET /tags", "openapi", "not_reached")
    run = claim_run(run_of().pk)
    assert run is not None
    given = verdict(failing=1, passing=1)
    checks = (*given.checks, kept)
    assert record_first_verdict(run, replace(given, checks=checks, summary=summarise(checks, given.conformance)))
    run.refresh_from_db()
    panel = build_panel(run, story=[before, run])
    assert panel.verdict is not None
    assert panel.own_verdict
    assert [len(panel.verdict.to_come), len(panel.verdict.not_reached), panel.verdict.broken] == [1, 1, 0]
    html = shown(run, before, run)
    assert "Restarting the backend: " in html
    assert "data-results" in html
    assert "is running" not in html


def test_a_failed_check_shows_everything_that_explains_it() -> None:
    html = shown(recorded(verdict(failing=1)))
    for wanted in (
        'data-check="bad.0"',
        "Thing 0 is refused",
        "basis: prose",
        '<dd class="mono o-passed">422</dd>',
        '<dd class="mono o-failed">500</dd>',
        "POST /api/users\nContent-Type: application/json",
        "500 Internal Server Error",
        'data-path="app.py" data-line="7"',
        "Go to line 7",
        "1 not reached",
        "2 passed",
        "not counted",
        "A route reads the database.",
    ):
        assert wanted in html, wanted
    assert " style=" not in html


def test_text_from_a_backend_is_never_markup() -> None:
    hostile = verdict(failing=1)
    checks = tuple(replace(check, received="<script>alert(1)</script>") for check in hostile.checks)
    html = shown(recorded(replace(hostile, checks=checks, log="<img src=x onerror=alert(1)>")))
    assert "<script>" not in html
    assert "<img" not in html


def test_what_changed_is_told_against_the_last_run_that_counted() -> None:
    baseline = finish(run_of(RunPurpose.BASELINE), failing=2, passing=1)
    broken = run_of()
    held = claim_run(broken.pk)
    assert held is not None
    record_verdict(held, verdict(void_reason="The sandbox was lost."))
    broken.refresh_from_db()
    after = finish(run_of(), failing=1, passing=0)
    panel = build_panel(after, story=[baseline, broken, after])
    assert panel.verdict is not None
    assert (panel.named.name, panel.verdict.since) == ("Run 2", "generation")
    assert (panel.verdict.fixed, panel.verdict.broken, panel.verdict.same) == (0, 0, 1)


def test_a_void_run_is_shown_as_ours_and_the_last_verdict_still_stands() -> None:
    before = finish(run_of(RunPurpose.BASELINE), failing=1)
    void = recorded(verdict(void_reason="PostgreSQL for backends did not start."))
    html = shown(void, before, void)
    assert "This run does not count: our side failed." in html
    assert "PostgreSQL for backends did not start." in html
    assert "The verdict below (as generated) still stands." in html
    assert "data-run-again" in html


def test_a_backend_that_did_not_start_shows_why_before_anything_else() -> None:
    dead = replace(verdict(failing=1), causes=())
    run = recorded(replace(dead, started=False, start_error="It ended with status 1.", log="ImportError: no flask_jwt"))
    html = shown(run)
    assert html.index("It ended with status 1.") < html.index("1 not reached</span>")
    assert "It does not start: ImportError: no flask_jwt" in html


def test_a_run_that_goes_on_shows_how_far_it_is() -> None:
    run = run_of()
    run.state, run.progress = (
        "running",
        {"stage": "contract", "done": 8, "total": 20, "sentence": "B reads A's article"},
    )
    run.save()
    html = shown(run)
    assert '<progress max="20" value="8"' in html
    assert "8 of 20 checks" in html
    assert "B reads A&#x27;s article" in html


@pytest.mark.parametrize(
    ("log", "place"),
    [
        (
            '  File "/run/app/app.py", line 7, in f\n  File "/usr/lib/site-packages/flask/app.py", line 99, in g',
            Place("app.py", 7),
        ),
        ('  File "/x/src/a.py", line 3\n  File "/x/src/b.py", line 4', Place("src/b.py", 4)),
        ("    at f (file:///srv/src/a.js:12:5)\n    at g (/srv/src/b.js:3:1)", Place("src/a.js", 12)),
        ("    at f (/srv/node_modules/koa/src/a.js:12:5)", None),
        ("GET /api/articles/app.py 200", None),
    ],
)
def test_a_trace_leads_to_the_deepest_line_of_the_backends_own_code(log: str, place: Place | None) -> None:
    assert deepest_place(log_lines(log, {"app.py", "src/a.py", "src/b.py", "src/a.js", "src/b.js"})) == place


@pytest.mark.parametrize(
    ("log", "named"),
    [
        ("Traceback …\nKeyError: 'email'", "KeyError: 'email'"),
        ("psycopg.errors.UniqueViolation: duplicate key", "psycopg.errors.UniqueViolation: duplicate key"),
        ("    TypeError: x is not a function\n    at f (a.js:1:1)", "TypeError: x is not a function"),
        ("conduit.app INFO: started", ""),
        ("GET /api/articles 200", ""),
    ],
)
def test_the_exception_that_a_log_names_is_found(log: str, named: str) -> None:
    assert exception_named(log) == named


def test_a_traceback_that_is_printed_again_and_again_is_told_once_and_shortly() -> None:
    frames = '  File "/app/src/a.py", line 3, in <module>\n    f()\n  File "/app/app.py", line 7, in f\n'
    trace = f"Traceback (most recent call last):\n{frames}KeyError: 7\n"
    told = telling_lines(log_lines("starting\n" + 3 * trace, {"app.py", "src/a.py"}))
    assert [line.before + line.label + line.after for line in told] == [
        "src/a.py:3 in <module>",
        "app.py:7 in f",
        "KeyError: 7",
    ]


def test_a_very_long_line_costs_little() -> None:
    assert log_lines("a/" * 200_000, {"app.py"})[0].place is None
    assert exception_named("x" * 1_000_000) == ""
