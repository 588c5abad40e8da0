"""What ordinary tools said comes after the verdict, stands apart from constraints, and leads to its line."""

from __future__ import annotations

from dataclasses import replace

import pytest
from django.template.loader import render_to_string

import runs.inspection
from evaluator.errors import MachineryFailed
from evaluator.tools import TOOLS
from evaluator.verdict import TOOL_NAMES, ToolFinding, ToolReport
from runs.evaluation import claim_run, record_verdict, request_run
from runs.inspection import record_inspection, work_on_inspection
from runs.models import Run, RunPurpose
from runs.panels import build_panel
from studies.snapshots import store_snapshot
from tests.runs.verdicts import TASK, verdict
from tests.site.conftest import FILES

pytestmark = pytest.mark.django_db
FOUND = ToolFinding("app.py", 8, 12, "F821", "error", "Undefined name <b>x</b>\0")
REPORTS = (
    ToolReport("ruff", "0.17.6", "finished", 0.1, "", (FOUND, replace(FOUND, path="", line=0))),
    ToolReport("pylint", "4.1.4", "timed-out", 60.0, "pylint was ended"),
    ToolReport("eslint", "", "not-applicable", 0.0, "no JavaScript files"),
)


@pytest.fixture
def run() -> Run:
    run = request_run(snapshot=store_snapshot(FILES), task_id=TASK, purpose=RunPurpose.REQUESTED, announce=False)
    held = claim_run(run.pk)
    assert held is not None
    record_verdict(held, verdict())
    run.refresh_from_db()
    return run


def shown(run: Run, *, again: bool = True) -> str:
    return render_to_string("runs/_run_panel.html", {"panel": build_panel(run), "run": run, "again": again})


def test_tools_are_folded_apart_from_constraints_and_lead_to_their_line(run: Run) -> None:
    record_inspection(run, REPORTS)
    run.refresh_from_db()
    html = shown(run)
    assert html.index('data-group="demand-clean_architecture"') < html.index('data-group="tool-ruff"')
    assert '<details class="group" data-group="tool-ruff"><summary>' in html  # folded
    assert 'data-path="app.py" data-line="8"' in html
    assert "Undefined name &lt;b&gt;x" in html
    assert "timed out" in html
    assert "tool-eslint" not in html


def test_only_errors_are_written_into_the_editor(run: Run) -> None:
    warning = replace(FOUND, line=5, severity="warning", message="Perhaps")
    record_inspection(run, (ToolReport("ruff", "1", "finished", 0.1, "", (FOUND, warning)),))
    run.refresh_from_db()
    verdict = build_panel(run).verdict
    assert verdict is not None
    assert [found.line for found in verdict.located_tool_findings] == [8]


def test_a_tool_changes_neither_conformance_nor_complaints(run: Run) -> None:
    before = build_panel(run).verdict
    record_inspection(run, REPORTS)
    run.refresh_from_db()
    after = build_panel(run).verdict
    assert before is not None and after is not None
    assert (after.complaints, after.demands) == (before.complaints, before.demands)


def test_outside_of_a_workspace_a_place_is_no_link(run: Run) -> None:
    record_inspection(run, REPORTS)
    run.refresh_from_db()
    assert 'data-line="8"' not in shown(run, again=False)


def test_a_run_that_no_tool_looked_at_says_nothing_of_tools(run: Run) -> None:
    assert "Ordinary tools" not in shown(run)


def test_a_finished_run_is_inspected_once(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = []
    monkeypatch.setattr(runs.inspection, "_inspected", lambda run: asked.append(run.pk) or REPORTS)
    work_on_inspection(run.pk)
    work_on_inspection(run.pk)
    assert asked == [run.pk]
    assert [report["tool"] for report in Run.objects.get(pk=run.pk).tools] == ["ruff", "pylint", "eslint"]


def test_a_run_without_a_verdict_is_not_inspected(monkeypatch: pytest.MonkeyPatch) -> None:
    waiting = request_run(snapshot=store_snapshot(FILES), task_id=TASK, purpose=RunPurpose.REQUESTED, announce=False)
    monkeypatch.setattr(runs.inspection, "_inspected", lambda run: pytest.fail("nothing to look at yet"))
    work_on_inspection(waiting.pk)


def test_a_machine_without_a_sandbox_stores_nothing(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(run: Run) -> tuple[ToolReport, ...]:
        raise MachineryFailed("no sandbox")

    monkeypatch.setattr(runs.inspection, "_inspected", fail)
    work_on_inspection(run.pk)
    assert Run.objects.get(pk=run.pk).tools == []


def test_every_tool_has_its_column_and_its_place() -> None:
    assert tuple(tool.name for tool in TOOLS) == TOOL_NAMES
