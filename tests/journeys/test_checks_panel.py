"""From a red check to everything one can do with it, by keyboard: copy it, run only it, dispute it, label its cause.

A seeded backend that crashes when somebody follows a person twice: one cause, with a line of code.
"""

from __future__ import annotations

from typing import Any

import pytest

from tests.journeys.conftest import Site
from tests.journeys.steps import run_checks, sign_in, until, workspace_ready

pytestmark = [pytest.mark.journey, pytest.mark.sandbox]
FAULT = "aiohttp-follow-twice-crashes"
CHECK = "profiles.follow.twice"
SEED = f"""
from annotations.sessions import open_session
from studies.assignments import assign_backends
from studies.models import Assignment, Study
from tests.journeys.study import gold_session, newcomer
annotator = newcomer('panel')
session = gold_session(fault='{FAULT}', annotator=annotator)
flask = Study.objects.get(slug='journey').backends.get(name='uv-flask-openapi-unconstrained')
assign_backends(backends=[flask], annotator=annotator)
other = open_session(assignment=Assignment.objects.get(annotator=annotator, backend=flask))
result = [session.pk, other.pk]
"""


@pytest.fixture(scope="module")
def sessions(site: Site) -> tuple[int, int]:
    """The session on the seeded backend, and another one of the same annotator."""
    session, other = site.ask(SEED)
    return session, other


def go_to_check(page: Any) -> None:
    """To the failure, as F8 does, which leads to its line; and with F6 from the editor to the checks."""
    for _ in range(30):
        page.keyboard.press("F8")
        if page.evaluate("document.querySelector('details[data-current]')?.dataset.check") == CHECK:
            page.keyboard.press("F6")
            return
    raise AssertionError("F8 never came to the check")


def enter(page: Any, site: Site, session: int) -> None:
    """Into the workspace, also where the browser of an earlier test still holds the session."""
    page.goto(f"{site.url}/sessions/{session}/repair/")
    take_over = "dialog[open] button:has-text('Take over')"
    page.wait_for_selector(f"#editor:not([hidden]), #not-text:not([hidden]), {take_over}")
    if page.locator(take_over).count():
        page.click(take_over)
    workspace_ready(page)


def test_a_red_check_is_copied_run_alone_disputed_and_labelled_from_the_keyboard(
    page: Any, site: Site, sessions: tuple[int, int]
) -> None:
    session, _ = sessions
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    sign_in(page, site, "panel")
    enter(page, site, session)
    verdict = page.get_attribute("#run-panel", "data-run")

    # Everything that explains the failure is there.
    go_to_check(page)
    detail = page.inner_text(f"#run-panel details[data-check='{CHECK}']")
    for wanted in ("Expected", "Received", "as sent", "as received", "Server log of this moment", "Run only this"):
        assert wanted in detail, wanted
    assert page.locator("#run-panel .loglines a[data-path]").count() > 0

    # C copies a command that can be run.
    page.keyboard.press("c")
    until(page, "navigator.clipboard.readText().then((text) => text.startsWith('curl -i '))")

    # R runs only this check and those it needs; the verdict stays what it was.
    page.keyboard.press("r")
    until(page, "document.querySelector('#run-live h2')?.textContent.includes('1 check only')")
    until(page, "document.querySelector('#run-partial') !== null", seconds=60)
    assert "0 of 1 passed" in page.inner_text("#run-partial")
    assert "Not a verdict" in page.inner_text("#run-partial")
    assert page.get_attribute("#run-panel", "data-run") == verdict

    # D disputes it, with a reason.
    go_to_check(page)
    page.keyboard.press("d")
    page.fill("dialog[open] textarea", "Following twice is nobody's business.")
    page.click("dialog[open] button:has-text('Dispute check')")
    until(page, "document.querySelector('#run-panel .dispute:not([hidden])') !== null")

    # L labels the root cause of its group.
    go_to_check(page)
    page.keyboard.press("l")
    label = page.evaluate(
        "[...document.querySelectorAll('dialog[open] option')].map((o) => o.text).find((t) => /at run time/.test(t))"
    )
    page.select_option("dialog[open] select", label)
    page.click("dialog[open] button:has-text('Label')")
    until(page, "document.querySelector('#run-panel .label-of .chip')?.textContent === 'Logic: Database at run time'")

    # All of it is recorded, and none of it is a verdict.
    said = site.ask(
        "from annotations.models import RepairSession\n"
        "from annotations.event_log import read_events\n"
        f"session = RepairSession.objects.get(pk={session})\n"
        "partial = session.partial_requests.get().run\n"
        "result = [partial.only, partial.functional, session.check_requests.count(), session.labels.get().category,\n"
        "          session.disputes.get().check_id]"
    )
    assert said == [[CHECK], None, 0, "logic_error", CHECK]
    until(page, "window.__amend.recorded() === window.__amend.accepted()")
    kinds = site.ask(
        "from annotations.models import RepairSession\n"
        "from annotations.event_log import read_events\n"
        f"result = [event['kind'] for event in read_events(RepairSession.objects.get(pk={session}))]"
    )
    assert {"some.requested", "run.seen", "check.disputed", "cause.labelled", "check.opened"} <= set(kinds)


def test_the_log_of_a_run_is_in_the_console_while_it_goes_on(page: Any, site: Site, sessions: tuple[int, int]) -> None:
    session, _ = sessions
    sign_in(page, site, "panel")
    enter(page, site, session)
    page.evaluate(
        """() => { window.live = []; new MutationObserver(() => {
          const line = document.querySelector('#dock-log [data-live]');
          if (line) window.live.push(document.querySelector('#dock-run').textContent);
        }).observe(document.querySelector('#dock'), { childList: true, subtree: true, characterData: true }); }"""
    )
    run_checks(page)
    assert page.evaluate("window.live.length") > 0
    assert "live" in page.evaluate("window.live[0]")
    assert page.inner_text("#dock-run") == "Run 1"


def test_two_tabs_share_one_stream_and_the_next_one_takes_over(
    page: Any, site: Site, sessions: tuple[int, int]
) -> None:
    session, other = sessions
    streams: list[str] = []
    page.context.on("request", lambda request: streams.append(request.url) if "/stream" in request.url else None)
    sign_in(page, site, "panel")
    enter(page, site, session)
    second = page.context.new_page()
    enter(second, site, other)
    second.wait_for_timeout(1500)
    # The first tab opened the stream again for both sessions; the second has none of its own.
    assert [url.rpartition("?")[2] for url in streams] == [
        f"session={session}",
        "&".join(f"session={one}" for one in sorted((session, other))),
    ]
    # News of the second tab's session arrive although its stream is in the first.
    run_checks(second)
    assert second.evaluate("document.querySelector('#run-panel').dataset.runState") == "finished"
    page.close()
    second.wait_for_timeout(1500)
    assert streams[-1].endswith(f"?session={other}")
    run_checks(second)
    assert len(streams) == 3


def test_a_request_of_ones_own_goes_to_the_backend_as_it_is_now(
    page: Any, site: Site, sessions: tuple[int, int]
) -> None:
    session, _ = sessions
    sign_in(page, site, "panel")
    enter(page, site, session)
    go_to_check(page)
    page.click(f"#run-panel details[data-check='{CHECK}'] [data-compose]")
    until(page, "document.querySelector('#composer-path').value.startsWith('/api/profiles/')")
    page.click("#held-start")
    until(page, "document.querySelector('#held-state').textContent.includes('left')", seconds=60)
    # What it prints comes some moments after it answers, in the place of the last run's log.
    until(page, "document.querySelector('#dock-log [data-live]') !== null")
    page.select_option("#composer-method", "GET")
    page.fill("#composer-path", "/api/tags")
    page.fill("#composer-headers", "")
    page.fill("#composer-body", "")
    page.click("#composer-send")
    until(page, "document.querySelector('#composer-answer pre')?.textContent.startsWith('200 OK')")
    assert '"tags"' in page.inner_text("#composer-answer")
    # What is no request is refused with a sentence, before it reaches anything.
    page.fill("#composer-path", "http://elsewhere/")
    page.click("#composer-send")
    until(page, "document.querySelector('#composer-answer').textContent.includes('must begin with /')")
    # The page goes, and so does the backend.
    page.goto(site.url)
    page.wait_for_timeout(2500)
    kept = site.ask(
        "from runs.models import HeldBackend\n"
        "held = HeldBackend.objects.get()\n"
        "result = [held.state, held.ended_because, held.exchanges.get().path, held.exchanges.get().received_status]"
    )
    assert kept == ["ended", "It was ended from the page.", "/api/tags", 200]
