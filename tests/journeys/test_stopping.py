"""Checks that hang are stopped by the person who waits for them, and asked for again."""

from __future__ import annotations

from typing import Any

import pytest

from tests.journeys.conftest import Site
from tests.journeys.steps import all_saved, open_file, replayed_digest, run_checks, sign_in, until, workspace_ready

pytestmark = [pytest.mark.journey, pytest.mark.sandbox]
SEED = """
from annotations.sessions import open_session
from studies.assignments import assign_backends
from studies.models import Assignment, Study
from tests.journeys.study import newcomer
annotator = newcomer('stopper')
flask = Study.objects.get(slug='journey').backends.get(name='uv-flask-openapi-unconstrained')
assign_backends(backends=[flask], annotator=annotator)
result = open_session(assignment=Assignment.objects.get(annotator=annotator, backend=flask)).pk
"""


def test_a_run_that_hangs_is_stopped_and_the_next_one_begins_at_once(page: Any, site: Site) -> None:
    session = site.ask(SEED)
    sign_in(page, site, "stopper")
    page.goto(f"{site.url}/sessions/{session}/repair/")
    workspace_ready(page)
    standing = page.inner_text(".verdict-head .counts")

    # A server that never answers: the run would wait a minute for it.
    open_file(page, "run.sh")
    page.click(".cm-content")
    page.keyboard.press("Control+Home")
    page.keyboard.type("sleep 300\n")
    all_saved(page)
    page.keyboard.press("Control+Enter")
    until(page, "document.querySelector('#run-live')?.textContent.includes('Starting the backend')", seconds=60)
    page.click("#run-live button:has-text('Stop')")

    # What stood there stands there again, and the button is back.
    until(page, "!document.querySelector('#run-live') && !document.querySelector('#run-checks').disabled")
    assert page.is_visible(".verdict-head .counts")
    assert page.inner_text(".verdict-head .counts") == standing
    all_saved(page)
    page.click(".cm-content")
    page.keyboard.press("Control+Home")
    page.keyboard.press("Shift+ArrowDown")
    page.keyboard.press("Delete")
    run_checks(page)
    # A race of this backend may come out otherwise, so that only the end is compared: of how many checks.
    assert page.inner_text(".verdict-head .counts").split()[-2:] == standing.split()[-2:]
    assert page.inner_text(".verdict-head h2") == "Run 2"

    states = site.ask(f"""
from annotations.event_log import read_events
from annotations.models import RepairSession
session = RepairSession.objects.get(pk={session})
kinds = [event['kind'] for event in read_events(session)]
result = [[one.run.state for one in session.check_requests.order_by('pk')], kinds.count('run.stopped')]
""")
    assert states == [["stopped", "finished"], 1]
    assert page.evaluate("window.__amend.digest()") == replayed_digest(site, session)
