"""The comparison on the screen: keys, folds, links to a line, one side of a selection."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from pytest_django.live_server_helper import LiveServer

from accounts.models import Role
from annotations.event_log import append_events
from annotations.events import Batch
from annotations.models import RepairSession
from annotations.sessions import open_session, take_lease
from studies.assignments import assign_backends
from studies.imports import import_backend
from studies.models import Study
from tests.journeys.conftest import browser_page
from tests.journeys.steps import until
from tests.personas import join, person, signed_in
from tests.runs.verdicts import TASK
from tests.site.conftest import FILES, event

pytestmark = pytest.mark.django_db(transaction=True)
LONG = "".join(f"line {number}\n" for number in range(3_000))


@pytest.fixture
def address(live_server: LiveServer) -> tuple[str, str]:
    """Where a session of Ada's with one changed long file is compared, and the cookie of her sign-in."""
    ada = person("ada", Role.ANNOTATOR, pseudonym="P01")
    study = Study.objects.create(name="Pilot", slug="pilot")
    join(study, ada)
    backend = import_backend(study=study, files=FILES | {"long.py": LONG.encode()}, task_id=TASK)
    assign_backends(backends=[backend], annotator=ada)
    session = open_session(assignment=backend.assignments.get())
    held = take_lease(session_id=session.pk, client="page-1")
    assert isinstance(held, RepairSession)
    at = LONG.index("line 1500\n")
    changes = [at, [len("line 1500"), "line fifteen hundred"], len(LONG) - at - len("line 1500")]
    changes_at_end = [len(LONG) + len("line fifteen hundred") - len("line 1500"), [0, "the end", ""]]
    edits = [
        event(1, "edit", path="long.py", changes=changes, user="input.type"),
        event(2, "edit", path="long.py", changes=changes_at_end, user="input.type"),
    ]
    append_events(session_id=session.pk, batch=Batch("page-1", held.token, 1, 1_760_000_000_000, edits))
    cookie = signed_in(ada).cookies["sessionid"].value
    return f"{live_server.url}/sessions/{session.pk}/compare/", cookie


@pytest.fixture
def page(chromium: str, address: tuple[str, str]) -> Iterator[Any]:
    url, cookie = address
    with browser_page(chromium) as (page, complaints):
        page.context.add_cookies([{"name": "sessionid", "value": cookie, "url": url.partition("/sessions")[0]}])
        page.goto(url)
        until(page, "document.querySelector('#hunk').textContent !== ''")
        yield page
    assert not complaints


def test_n_and_p_walk_the_changes_and_say_which_one_it_is(page: Any) -> None:
    assert page.text_content("#hunk") == "Change 1 of 2"
    page.click("[data-fetch-rows]")
    until(page, "document.querySelectorAll('[data-fetch-rows]').length === 1")
    page.keyboard.press("n")
    until(page, "document.querySelector('#hunk').textContent === 'Change 2 of 2'")
    page.keyboard.press("p")
    until(page, "document.querySelector('#hunk').textContent === 'Change 1 of 2'")


def test_a_link_to_a_line_opens_its_fold_and_shows_it(page: Any, address: tuple[str, str]) -> None:
    page.goto(address[0] + "#R700")
    page.reload()
    until(page, "document.querySelector('tr.here td.n')?.textContent === '700'")
    assert "line 699" in page.text_content("tr.here")
    page.click("tr[data-hunk] td.n.add")
    assert page.evaluate("location.hash") == "#R1501"
    page.goto(address[0] + "#L99999")
    page.reload()
    until(page, "document.querySelector('#announce').textContent.includes('not in this comparison')")


def test_a_selection_stays_on_the_side_where_it_began(page: Any) -> None:
    page.locator("tr[data-hunk] td.add:not(.n)").first.click()
    page.keyboard.press("Control+a")
    chosen = page.evaluate("getSelection().toString()")
    assert "line fifteen hundred" in chosen
    assert page.evaluate("document.querySelector('table.diff').classList.contains('only-after')")


def test_long_lines_wrap_and_the_browser_remembers_it(page: Any) -> None:
    page.click("#wrap")
    page.reload()
    until(page, "document.querySelector('#wrap').getAttribute('aria-pressed') === 'true'")
    assert page.evaluate("getComputedStyle(document.querySelector('table.diff td')).whiteSpace") == "pre-wrap"
