"""The main job, in a real browser on the real site: red check → cause → repair → verdict → effort in the study."""

from __future__ import annotations

import re
from typing import Any

import pytest

from tests.journeys.conftest import Site
from tests.journeys.steps import (
    BROKEN_FILE,
    REPAIR,
    all_saved,
    replayed_digest,
    run_checks,
    sign_in,
    start_repair,
    type_at_top,
    until,
)

pytestmark = [pytest.mark.journey, pytest.mark.sandbox]


def test_an_annotator_repairs_the_backend_that_does_not_start_and_the_study_shows_what_it_took(
    page: Any, site: Site
) -> None:
    # Home names the next assignment, a real Django backend that dies when its first request arrives.
    sign_in(page, site, "annotator")
    assert "Django" in page.inner_text("main")
    start_repair(page, minutes=12)
    session = int(page.get_attribute("#workspace", "data-session"))

    # The panel says why, and leads to the line.
    panel = page.inner_text("#run-panel")
    assert "object is not subscriptable" in panel
    page.click(f'#run-panel a[data-path="{BROKEN_FILE}"] >> nth=0')
    until(page, "document.querySelector('#crumbs').textContent.includes('article_service.py')")

    # The repair is one line; the checks turn.
    type_at_top(page, REPAIR)
    run_checks(page)
    counts = site.ask(
        "from runs.models import Run\n"
        f"run = Run.objects.filter(check_request__session={session}).latest('pk')\n"
        "result = [run.state, run.started, run.passed, run.checks]"
    )
    assert counts[:2] == ["finished", True]
    assert counts[2] > 100
    assert "fixed" in page.inner_text("#run-panel")

    # What the browser holds is what the server replays from the log, to the letter.
    all_saved(page)
    assert page.evaluate("window.__amend.digest()") == replayed_digest(site, session)
    shown = page.evaluate("window.__amend.files()")
    stored = site.ask(
        "from annotations.models import RepairSession\n"
        "from annotations.sessions import replayed\n"
        f"documents = replayed(RepairSession.objects.get(pk={session})).documents()\n"
        "result = {path: None if d is None else d.text for path, d in documents.items()}"
    )
    assert {path: text for path, text in shown.items() if text is not None} == {
        path: text for path, text in stored.items() if text is not None
    }
    assert shown[BROKEN_FILE].startswith(REPAIR)

    # The comparison shows the one added line.
    page.click("#open-compare")
    page.wait_for_selector("#compare-diff table")
    assert "from __future__ import annotations" in page.inner_text("#compare-diff")
    page.click("#compare-close")

    # Submitting closes the session and makes the final run.
    page.click("#finish button[slot=trigger]")
    page.click("#finish wa-dropdown-item[value=submit]")
    page.click("dialog[open] button:has-text('Submit repair')")
    page.wait_for_url(re.compile(rf"/sessions/{session}/$"))

    # The study's table shows that session with its active time and its edits.
    final = site.ask(
        "import time\n"
        "from annotations.models import RepairSession\n"
        f"session = RepairSession.objects.get(pk={session})\n"
        "for _ in range(400):\n"
        "    run = session.check_requests.get(run__purpose='final').run\n"
        "    if run.state not in {'queued', 'running'}: break\n"
        "    time.sleep(0.1)\n"
        "result = [run.state, run.passed, session.closing_reason, session.forecast_minutes]"
    )
    assert final[0] == "finished"
    assert final[2:] == ["submitted", 12]
    page.context.clear_cookies()
    sign_in(page, site, "researcher")
    page.goto(f"{site.url}{_effort_path(site)}")
    row = page.inner_text(f'tr:has(a[href*="/sessions/{session}/"])')
    assert "A1" in row
    record = site.ask(
        "from reports.session_records import session_records\n"
        "from studies.models import Study\n"
        "record = session_records(study=Study.objects.get(slug='journey'))[0]\n"
        "result = [record.active_seconds, record.edits, record.checks_requested,\n"
        "          record.passed_before, record.passed_after]"
    )
    active, edits, requested, before, after = record
    assert active > 0
    assert edits >= len(REPAIR)
    assert requested == 1
    assert after > before
    assert str(edits) in row
    minutes, seconds = divmod(round(active), 60)
    assert f"{minutes}:{seconds:02}" in row


def _effort_path(site: Site) -> str:
    return str(site.ask("from django.urls import reverse\nresult = reverse('reports:effort', args=['journey'])"))
