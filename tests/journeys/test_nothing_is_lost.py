"""Nothing an annotator typed is lost: the tab is killed, the web process dies, the network goes, the worker dies."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from typing import Any

import pytest

from tests.journeys.conftest import Site
from tests.journeys.steps import (
    all_saved,
    open_file,
    replayed_digest,
    run_checks,
    sign_in,
    type_at_top,
    until,
    workspace_ready,
)

pytestmark = [pytest.mark.journey, pytest.mark.sandbox]
FILE = "wsgi.py"


@pytest.fixture
def session(site: Site) -> int:
    """A session on the Flask backend, the annotator's second assignment."""
    return int(
        site.ask(
            "from annotations.sessions import open_session\n"
            "from studies.models import Assignment\n"
            "flask = Assignment.objects.get(backend__task_id__contains='flask', annotator__username='annotator')\n"
            "result = open_session(assignment=flask).pk"
        )
    )


@pytest.fixture
def workspace(page: Any, site: Site, session: int) -> Iterator[Any]:
    """The workspace of that session with a file open."""
    sign_in(page, site, "annotator")
    page.goto(_workspace_url(site, session))
    take_over_if_asked(page)
    workspace_ready(page)
    open_file(page, FILE)
    yield page


def _workspace_url(site: Site, session: int) -> str:
    path = site.ask(f"from django.urls import reverse\nresult = reverse('annotations:workspace', args=[{session}])")
    return f"{site.url}{path}"


def take_over_if_asked(page: Any) -> None:
    """The page of an earlier test may still hold the session's lease."""
    page.wait_for_selector("#editor:not([hidden]), #not-text:not([hidden]), dialog[open]")
    if page.locator("dialog[open] button:has-text('Take over')").count():
        page.click("dialog[open] button:has-text('Take over')")


def same_on_both_sides(page: Any, site: Site, session: int) -> bool:
    all_saved(page)
    return bool(page.evaluate("window.__amend.digest()") == replayed_digest(site, session))


def test_what_was_typed_while_the_network_was_away_is_there_afterwards(
    workspace: Any, site: Site, session: int
) -> None:
    workspace.context.set_offline(True)
    type_at_top(workspace, "# typed in a tunnel\n")
    until(workspace, "document.querySelector('#saving').textContent.includes('Offline')")
    workspace.context.set_offline(False)
    assert same_on_both_sides(workspace, site, session)
    assert "# typed in a tunnel" in workspace.evaluate(f"window.__amend.files()['{FILE}']")


def test_a_killed_tab_brings_its_last_words_with_it_when_the_session_is_opened_again(
    workspace: Any, site: Site, session: int
) -> None:
    workspace.context.set_offline(True)  # neither a batch nor the last beacon gets through
    type_at_top(workspace, "# last words\n")
    workspace.wait_for_timeout(300)
    again = workspace.context.new_page()
    workspace.close()
    workspace = again
    workspace.context.set_offline(False)
    workspace.goto(_workspace_url(site, session))
    take_over_if_asked(workspace)
    workspace_ready(workspace)
    assert same_on_both_sides(workspace, site, session)
    assert "# last words" in workspace.evaluate(f"window.__amend.files()['{FILE}']")


def test_typing_goes_on_while_the_web_process_is_killed_and_comes_back(
    workspace: Any, site: Site, session: int
) -> None:
    os.kill(site.children()["web"], signal.SIGKILL)
    type_at_top(workspace, "# typed at a dead server\n")
    assert same_on_both_sides(workspace, site, session)
    assert "# typed at a dead server" in workspace.evaluate(f"window.__amend.files()['{FILE}']")


def test_a_run_whose_worker_is_killed_is_taken_up_again_and_ends(workspace: Any, site: Site, session: int) -> None:
    type_at_top(workspace, "# asks for a run\n")
    workspace.keyboard.press("Control+Enter")
    run = _wait_for_running(site, session)
    os.killpg(site.children()["worker"], signal.SIGKILL)
    # The lease of the dead worker is made to run out at once, instead of waiting a minute for it.
    site.ask(
        "import datetime\nfrom django.utils import timezone\nfrom runs.models import Run\n"
        "past = timezone.now() - datetime.timedelta(minutes=5)\n"
        f"Run.objects.filter(pk={run}, state='running').update(lease_expires_at=past, queued_at=past)\n"
        "result = None"
    )
    until(
        workspace,
        "run => { const p = document.querySelector('#run-panel');"
        " return p.dataset.run === String(run) && p.dataset.runState === 'finished'; }",
        arg=run,
        seconds=90,
    )
    assert site.ask(f"from runs.models import Run\nresult = Run.objects.get(pk={run}).attempts") >= 1


def test_a_second_page_is_asked_before_it_takes_over_and_the_first_stops_writing(
    workspace: Any, site: Site, session: int
) -> None:
    browser = workspace.context.browser
    other = browser.new_context(viewport={"width": 1440, "height": 900}).new_page()
    sign_in(other, site, "annotator")
    other.goto(_workspace_url(site, session))
    other.wait_for_selector("dialog[open]")
    other.click("dialog[open] button:has-text('Take over')")
    workspace_ready(other)
    type_at_top(workspace, "# too late\n")
    workspace.wait_for_selector("dialog[open], #banner:not([hidden])")
    assert "# too late" not in str(other.evaluate("Object.values(window.__amend.files()).join('')"))
    open_file(other, FILE)
    type_at_top(other, "# in time\n")
    assert same_on_both_sides(other, site, session)


def test_the_checks_of_a_working_backend_pass_again_after_all_this(workspace: Any, site: Site, session: int) -> None:
    run_checks(workspace)
    passed, checks = site.ask(
        "from runs.models import Run\n"
        f"run = Run.objects.filter(check_request__session={session}, state='finished').latest('pk')\n"
        "result = [run.passed, run.checks]"
    )
    assert passed / checks > 0.9


def _wait_for_running(site: Site, session: int) -> int:
    return int(
        site.ask(
            "import time\nfrom runs.models import Run\n"
            "for _ in range(200):\n"
            f"    run = Run.objects.filter(check_request__session={session}).order_by('pk').last()\n"
            "    if run is not None and run.state == 'running': break\n"
            "    time.sleep(0.02)\n"
            "result = run.pk"
        )
    )
