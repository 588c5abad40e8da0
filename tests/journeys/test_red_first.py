"""What was red is answered first, the verdict is there before the restart, and the reader keeps their place.

A seeded backend that forgets everything when it is started again, as a gold task: its answer is known.
"""

from __future__ import annotations

from typing import Any

import pytest

from tests.journeys.conftest import Site
from tests.journeys.steps import all_saved, open_file, sign_in, until, workspace_ready

pytestmark = [pytest.mark.journey, pytest.mark.sandbox]
FAULT = "aiohttp-database-file-removed-at-start"
FAULTY_LINE = 9  # of run.sh: the database file is removed
SEED = f"""
from tests.journeys.study import gold_session, newcomer
session = gold_session(fault='{FAULT}', annotator=newcomer('red'))
baseline = session.assignment.backend.snapshot.runs.get()
result = [session.pk, baseline.passed, baseline.checks]
"""
# What the page shows for a moment only is noted by the page itself.
WATCH = """() => {
  const seen = (window.seen = { answered: {}, restarting: false, unfoldedThen: null, topThen: null });
  const before = document.querySelector('#run-panel').dataset.run;
  new MutationObserver(() => {
    for (const one of document.querySelectorAll('#run-live [data-awaited]'))
      if (one.dataset.now) seen.answered[one.dataset.awaited] = one.dataset.now;
    const panel = document.querySelector('#run-panel');
    if (panel.dataset.run === before || !panel.querySelector('.restarting') || seen.restarting) return;
    seen.restarting = true;
    panel.querySelector('[data-group=passed]').open = true;
    panel.querySelector('[data-scroll]').scrollTop = 400;
  }).observe(document.body, { childList: true, subtree: true, attributes: true });
}"""


def test_red_checks_are_answered_first_and_the_verdict_comes_before_the_restart(page: Any, site: Site) -> None:
    session, passed, checks = site.ask(SEED)
    assert passed < checks
    sign_in(page, site, "red")
    page.goto(f"{site.url}/sessions/{session}/repair/")
    workspace_ready(page)
    assert "seeded · gold task" in page.inner_text("header")
    red = page.evaluate("[...document.querySelectorAll('details[data-outcome=failed]')].map((d) => d.dataset.check)")
    assert "restart.article" in red

    # The repair: the line that removes the database goes.
    open_file(page, "run.sh")
    page.click(".cm-content")
    page.keyboard.press("Control+Home")
    for _ in range(FAULTY_LINE - 1):
        page.keyboard.press("ArrowDown")
    page.keyboard.press("Home")
    page.keyboard.press("Shift+End")
    page.keyboard.press("Delete")
    all_saved(page)
    assert "rm -f" not in page.evaluate("window.__amend.files()['run.sh']")

    before = page.get_attribute("#run-panel", "data-run")
    page.evaluate(WATCH)
    page.keyboard.press("Control+Enter")
    until(
        page,
        "before => { const p = document.querySelector('#run-panel');"
        " return p.dataset.run !== before && p.dataset.runState === 'finished'; }",
        arg=before,
        seconds=120,
    )
    seen = page.evaluate("window.seen")
    assert seen["restarting"], "the first verdict was never shown"
    # All red checks of this fault come after the restart, so none is answered before the first verdict.
    others = set(red) - {id for id in red if id.startswith("restart.")}
    assert set(seen["answered"]) <= others

    # The end came in place: what the reader unfolded is unfolded, and the list is where it was.
    assert page.evaluate("document.querySelector('[data-group=passed]').open")
    assert page.evaluate("document.querySelector('[data-scroll]').scrollTop") > 100
    panel = page.inner_text("#run-panel")
    assert "Restarting" not in panel
    assert "broken" in panel

    final = site.ask(
        "from runs.models import Run\n"
        f"run = Run.objects.filter(check_request__session={session}).latest('pk')\n"
        "result = [run.results.get(check_id='restart.article').outcome, run.first_verdict_at < run.finished_at]"
    )
    assert final == ["passed", True]
