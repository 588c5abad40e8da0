"""The replay on the screen: what the slider, the keys and the ledger show at a moment."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from pytest_django.live_server_helper import LiveServer

from accounts.models import Role
from annotations.event_log import Holder, append_events
from annotations.events import Batch
from annotations.models import RepairSession
from annotations.sessions import open_session, request_checks, take_lease
from runs.evaluation import request_run
from runs.models import Run, RunPurpose
from studies.assignments import assign_backends
from studies.imports import import_backend
from studies.models import Study
from tests.journeys.conftest import browser_page
from tests.journeys.steps import until
from tests.personas import join, person, signed_in
from tests.runs.verdicts import TASK
from tests.site.conftest import FILES, event, finish
from tests.workspace.test_accessibility import RUN, STANDARDS

pytestmark = pytest.mark.django_db(transaction=True)
LENGTH = len(FILES["app.py"])
THEMES = ["light", "dark"]
TYPED = "# repaired 😀\n"


@pytest.fixture
def address(live_server: LiveServer) -> tuple[str, str]:
    """Where a session of Ada's can be replayed, and the cookie of her sign-in.

    She opens app.py, types a line letter by letter, asks for a run that passes, is away for an hour, renames run.sh.
    """
    ada = person("ada", Role.ANNOTATOR, pseudonym="P01")
    study = Study.objects.create(name="Pilot", slug="pilot")
    join(study, ada)
    backend = import_backend(study=study, files=FILES, task_id=TASK)
    assign_backends(backends=[backend], annotator=ada)
    finish(request_run(snapshot=backend.snapshot, task_id=TASK, purpose=RunPurpose.BASELINE, announce=False))
    session = open_session(assignment=backend.assignments.get())
    held = take_lease(session_id=session.pk, client="page-1")
    assert isinstance(held, RepairSession)
    events = [event(1, "opened", client="page-1"), event(2, "file.opened", path="app.py")]
    at = 0
    for letter in TYPED:
        size = len(letter.encode("utf-16-le")) // 2
        text = ["", ""] if letter == "\n" else [letter]
        events.append(
            event(len(events) + 1, "edit", path="app.py", changes=[at, [0, *text], LENGTH], user="input.type")
            if at
            else event(len(events) + 1, "edit", path="app.py", changes=[[0, *text], LENGTH], user="input.type")
        )
        at += size
    append_events(session_id=session.pk, batch=Batch("page-1", held.token, 1, 1_760_000_000_000, events))
    asked = request_checks(
        session_id=session.pk, holder=Holder("page-1", held.token), through=len(events), digest=""
    ).run_id
    finish(Run.objects.get(pk=asked), failing=0)
    last = len(events)
    late = event(last + 2, "file.renamed", path="run.sh", to="start.sh")
    late |= {"at": late["at"] + 3_600_000, "mono": late["mono"] + 3_600_000}
    more = [event(last + 1, "run.seen", run=asked), late]
    append_events(session_id=session.pk, batch=Batch("page-1", held.token, last + 1, 1_760_000_000_000, more))
    return f"{live_server.url}/sessions/{session.pk}/history/", signed_in(ada).cookies["sessionid"].value


@pytest.fixture
def page(chromium: str, address: tuple[str, str]) -> Iterator[Any]:
    url, cookie = address
    with browser_page(chromium) as (page, complaints):
        page.context.add_cookies([{"name": "sessionid", "value": cookie, "url": url.partition("/sessions")[0]}])
        page.goto(url)
        until(page, "!document.querySelector('#play').disabled")
        yield page
    assert not complaints


def code(page: Any) -> str:
    return str(page.evaluate("document.querySelector('#code').shadowRoot.querySelector('.cm-content').innerText"))


def test_keys_walk_the_session_entry_by_entry_and_back(page: Any) -> None:
    page.keyboard.press("ArrowRight")
    until(page, "document.querySelector('#path').textContent === 'app.py'")
    assert "import flask" in code(page)
    for _ in range(3):
        page.keyboard.press("ArrowRight")
    until(page, "document.querySelector('#code').shadowRoot.textContent.includes('# rimport flask')")
    assert page.text_content("#event") == "Event 5 of 17"
    page.keyboard.press("ArrowLeft")
    until(page, "document.querySelector('#code').shadowRoot.textContent.includes('# import flask')")
    page.keyboard.press("End")
    until(page, "document.querySelector('#path').textContent === 'start.sh'")
    page.keyboard.press("Home")
    until(page, "document.querySelector('#event').textContent === 'Event 1 of 17'")


def test_n_goes_to_the_run_and_the_checks_are_those_of_that_moment(page: Any) -> None:
    page.click("wa-tab[panel=checks]")
    until(page, "document.querySelector('#checks-words').textContent.startsWith('As generated')")
    page.focus("#scrub")
    page.keyboard.press("n")
    until(page, "document.querySelector('#checks-words').textContent.startsWith('Run 1')")
    assert TYPED.strip() in code(page)
    assert page.locator("#ledger li[aria-current]").count() == 1


def test_playing_at_sixteen_times_skips_the_hour_away_and_ends_at_the_end(page: Any) -> None:
    page.keyboard.press("3")
    page.keyboard.press("Space")
    until(page, "document.querySelector('#path').textContent === 'start.sh'", seconds=15)
    until(page, "document.querySelector('#play').textContent.includes('Play')")
    assert page.text_content("#total") == "0:45"


def test_a_row_of_the_ledger_and_an_incident_lead_to_their_moment(page: Any) -> None:
    page.keyboard.press("End")
    page.locator("#ledger li").first.locator("[data-seq]").click()
    until(page, "document.querySelector('#event').textContent === 'Event 1 of 17'")
    page.click("wa-tab[panel=events]")
    page.locator("button.incident").last.click()
    until(page, "document.querySelectorAll('#entries li').length > 5")
    assert "Nothing was recorded" in page.text_content("[data-panel=events]")


def test_the_slider_shows_the_code_as_it_was_then(page: Any) -> None:
    page.evaluate("const s = document.querySelector('#scrub'); s.value = 45; s.dispatchEvent(new Event('input'))")
    until(page, "document.querySelector('#code').shadowRoot.textContent.includes('# rimport flask')")
    assert page.get_attribute("#scrub", "aria-valuetext") == "0 minutes 4 seconds"


def test_axe_finds_no_violation_in_the_replay_and_the_comparison(page: Any, address: tuple[str, str], axe: str) -> None:
    found = []
    compare = address[0].replace("history/", "compare/")
    for number, where in enumerate((address[0], compare, compare + "?mode=inline&path=app.py")):
        first = THEMES[number % 2]
        page.emulate_media(color_scheme=first)
        page.goto(where)
        until(page, "document.readyState === 'complete'")
        page.wait_for_timeout(700)
        for theme, violation in violations_in_both_themes(page, axe, first):
            found.append((where, theme, violation["id"], [node["html"][:160] for node in violation["nodes"][:4]]))
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert not found


def violations_in_both_themes(page: Any, axe: str, first: str) -> Iterator[tuple[str, Any]]:
    """What axe finds on a page that was opened in the theme `first`, in it and in the other: the theme and what."""
    # Evaluated by the debugger, past the page's policy, which would refuse an inline script.
    page.evaluate(axe + ";0")
    for theme in sorted(THEMES, key=lambda theme: theme != first):
        if theme != first:
            page.evaluate("['wa-dark', 'wa-light'].map((name) => document.documentElement.classList.toggle(name))")
            page.wait_for_timeout(300)
        assert page.evaluate("document.documentElement.className").split().count(f"wa-{theme}") == 1
        found = page.evaluate(RUN, STANDARDS)["violations"]
        if found:  # on a busy machine colours may still be on their way to the other theme
            page.wait_for_timeout(2000)
            found = page.evaluate(RUN, STANDARDS)["violations"]
        yield from ((theme, violation) for violation in found)
