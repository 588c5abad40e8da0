"""The panel of a run: failures by cause, what was sent and received, and the way to the line."""

from __future__ import annotations

from dataclasses import replace

import pytest
from django.template.loader import render_to_string

from evaluator.code_places import Place, deepest_place, exception_named, log_lines
from evaluator.verdict import Verdict
from runs.evaluation import claim_run, record_verdict, request_run
from runs.models import Run, RunPurpose
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


def test_failures_that_break_on_one_line_are_one_group_that_leads_to_it() -> None:
    panel = build_panel(recorded(verdict(failing=3)))
    assert panel.verdict is not None
    (group,) = panel.verdict.groups
    assert (group.title, str(group.place), len(group.checks), group.blocks) == ("KeyError: 'email'", "app.py:7", 3, 1)


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
    assert "As generated below still stands." in html
    assert "data-run-again" in html


def test_a_backend_that_did_not_start_shows_why_before_anything_else() -> None:
    dead = verdict(failing=1)
    run = recorded(replace(dead, started=False, start_error="It ended with status 1.", log="ImportError: no flask_jwt"))
    html = shown(run)
    assert html.index("It ended with status 1.") < html.index("1 failed</span>")
    assert "ImportError: no flask_jwt" in html


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


def test_a_very_long_line_costs_little() -> None:
    assert log_lines("a/" * 200_000, {"app.py"})[0].place is None
    assert exception_named("x" * 1_000_000) == ""
