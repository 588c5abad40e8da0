"""The faults of docs/recorder.md, each in a real browser on the real site: afterwards not one edit is missing, and the
person knows where they stand. Killed tab, web process and worker are in test_nothing_is_lost.py.

Time is fast-forwarded in the page, never slept. Equal hashes mean: what the browser shows is what the log replays to.
"""

from __future__ import annotations

import json
import os
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.journeys.conftest import Site
from tests.journeys.steps import all_saved, open_file, sign_in, type_at_top, until, workspace_ready
from tests.journeys.test_nothing_is_lost import (
    FILE,
    _workspace_url,
    same_on_both_sides,
    session,
    take_over_if_asked,
    workspace,
)

__all__ = ["session", "workspace"]
pytestmark = [pytest.mark.journey, pytest.mark.sandbox]


JOURNAL_HOLDS_ALL = """new Promise(done => {
    const opening = indexedDB.open("amend-workspace");
    opening.onsuccess = () => {
        const keys = opening.result.transaction("events").objectStore("events").getAllKeys();
        keys.onsuccess = () => {
            opening.result.close();
            done(Math.max(0, ...keys.result.map(key => key[2])) >= window.__amend.recorded());
        };
    };
})"""


def text_of(page: Any) -> str:
    return str(page.evaluate(f"window.__amend.files()['{FILE}']"))


def says(page: Any, where: str, words: str, *, seconds: float = 20) -> None:
    """The page tells the person so, in the status bar (#saving) or the banner (#banner)."""
    until(
        page,
        "([where, words]) => document.querySelector(where).textContent.includes(words)",
        [where, words],
        seconds=seconds,
    )


def kinds(site: Site, session: int) -> list[str]:
    """Kinds of the entries of a session's log, in order."""
    return list(
        site.ask(
            "from annotations.event_log import read_events\nfrom annotations.models import RepairSession\n"
            f"result = [event['kind'] for event in read_events(RepairSession.objects.get(pk={session}))]"
        )
    )


@pytest.fixture
def timed(page: Any, site: Site, session: int) -> Iterator[Any]:
    """The workspace in a page whose time can be moved forward."""
    page.clock.install()
    sign_in(page, site, "annotator")
    page.goto(_workspace_url(site, session))
    take_over_if_asked(page)
    workspace_ready(page)
    open_file(page, FILE)
    yield page


def test_ten_minutes_without_a_network_in_the_middle_of_typing(timed: Any, site: Site, session: int) -> None:
    type_at_top(timed, "# before the tunnel\n")
    timed.context.set_offline(True)
    type_at_top(timed, "# in the tunnel\n")
    says(timed, "#saving", "Offline")
    timed.clock.fast_forward("10:00")
    timed.click("dialog.ask[open] button:has-text('Yes, still working')")
    type_at_top(timed, "# still in the tunnel\n")
    says(timed, "#banner", "No connection for 10 min")
    says(timed, "#banner", "kept in this browser")
    timed.context.set_offline(False)  # the browser says that it is online again, and the page sends at once
    assert same_on_both_sides(timed, site, session)
    says(timed, "#saving", "All edits saved")
    for words in ("# before the tunnel", "# in the tunnel", "# still in the tunnel"):
        assert words in text_of(timed)


def test_a_laptop_asleep_for_an_hour_says_so_in_the_record_and_goes_on(timed: Any, site: Site, session: int) -> None:
    type_at_top(timed, "# before the lid closed\n")
    all_saved(timed)
    timed.clock.fast_forward("01:00:00")
    timed.wait_for_selector("dialog.ask[open]")
    assert "Still working?" in timed.text_content("dialog.ask[open]")
    timed.click("dialog.ask[open] button:has-text('No, I was away')")
    type_at_top(timed, "# after it opened\n")
    assert same_on_both_sides(timed, site, session)
    assert "clock.jumped" in kinds(site, session)
    assert "# after it opened" in text_of(timed)
    says(timed, "#saving", "All edits saved")


def test_a_crashed_browser_brings_back_what_it_had_not_sent(
    chromium: str, site: Site, session: int, tmp_path: Path
) -> None:
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        options = {"executable_path": chromium, "args": ["--no-sandbox", "--disable-dev-shm-usage"]}
        context = playwright.chromium.launch_persistent_context(str(tmp_path / "profile"), **options)
        page = _open(context, site, session)
        context.set_offline(True)
        type_at_top(page, "# typed just before the crash\n")
        says(page, "#saving", "Offline")
        until(page, JOURNAL_HOLDS_ALL)  # milliseconds later; on a busy machine a test is quicker than the disk
        for process in _processes_with(str(tmp_path / "profile")):
            os.kill(process, signal.SIGKILL)
        context = playwright.chromium.launch_persistent_context(str(tmp_path / "profile"), **options)
        page = _open(context, site, session)
        assert same_on_both_sides(page, site, session)
        assert "# typed just before the crash" in text_of(page)
        says(page, "#saving", "All edits saved")
        context.close()


def _open(context: Any, site: Site, session: int) -> Any:
    """The workspace in a new page of this browser, signed in first where the browser forgot it."""
    page = context.new_page()
    page.set_default_timeout(20_000)
    page.goto(_workspace_url(site, session))
    if page.locator("input[name=username]").count():
        sign_in(page, site, "annotator")
        page.goto(_workspace_url(site, session))
    take_over_if_asked(page)
    workspace_ready(page)
    open_file(page, FILE)
    return page


def _processes_with(profile: str) -> list[int]:
    """Ids of the processes of the browser that has this profile, which is ours alone."""
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdecimal() and int(entry.name) != os.getpid():
            try:
                argv = (entry / "cmdline").read_bytes().decode("utf-8", "replace").split("\0")
            except OSError:
                continue
            if f"--user-data-dir={profile}" in argv:
                found.append(int(entry.name))
    return found


def test_typing_goes_on_while_the_database_is_down_and_everything_is_there_when_it_is_back(
    workspace: Any, site: Site, session: int
) -> None:
    stopped = site.ask(
        "import os, signal, time\nfrom amend.engines import _cluster\ncluster = _cluster()\n"
        "process = int((cluster.data / 'postmaster.pid').read_text().split()[0])\n"
        "os.kill(process, signal.SIGQUIT)\n"  # as a crash: nothing is flushed in order
        "while os.path.exists(f'/proc/{process}'): time.sleep(0.02)\n"
        "result = True"
    )
    assert stopped
    type_at_top(workspace, "# typed at a dead database\n")
    says(workspace, "#saving", "kept in this browser")
    site.ask("from amend.engines import start_postgres\nstart_postgres()\nresult = None")
    assert same_on_both_sides(workspace, site, session)
    assert "# typed at a dead database" in text_of(workspace)
    says(workspace, "#saving", "All edits saved")


def test_a_second_tab_takes_over_politely_and_the_first_says_that_it_stopped(
    workspace: Any, site: Site, session: int
) -> None:
    type_at_top(workspace, "# typed in the first tab\n")
    second = workspace.context.new_page()
    second.goto(_workspace_url(site, session))
    second.wait_for_selector("dialog[open]")
    assert "Only one page can write at a time" in second.text_content("dialog[open]")
    second.click("dialog[open] button:has-text('Take over')")
    workspace_ready(second)
    open_file(second, FILE)
    assert "# typed in the first tab" in text_of(second)  # the first tab saved it before it let go
    says(workspace, "#banner", "Another page holds this session")
    type_at_top(second, "# typed in the second tab\n")
    assert same_on_both_sides(second, site, session)
    assert "took_over" in kinds(site, session)


def test_what_one_machine_typed_after_another_took_over_is_kept_and_told_not_mixed_in(
    workspace: Any, site: Site, session: int
) -> None:
    """Two machines cannot both be right: the second goes on, the first keeps its words and says whose they are."""
    workspace.context.set_offline(True)
    type_at_top(workspace, "# typed on the train\n")
    says(workspace, "#saving", "Offline")
    desk = workspace.context.browser.new_context(viewport={"width": 1440, "height": 900}).new_page()
    sign_in(desk, site, "annotator")
    desk.goto(_workspace_url(site, session))
    take_over_if_asked(desk)
    workspace_ready(desk)
    open_file(desk, FILE)
    type_at_top(desk, "# typed at the desk\n")
    assert same_on_both_sides(desk, site, session)
    workspace.context.set_offline(False)
    says(workspace, "#banner", "Another page holds this session", seconds=40)
    says(workspace, "#banner", "kept in this browser")
    assert "# typed on the train" not in text_of(desk)
    # Back on the first machine: taking over sets those entries aside, says so, and records it.
    workspace.click("#banner button:has-text('Take over here')")
    workspace.wait_for_selector("dialog.ask[open]:has-text('was not part of the session')")
    assert "Download them" in workspace.text_content("dialog.ask[open]")
    workspace.click("dialog.ask[open] button:has-text('Keep them')")
    assert "# typed at the desk" in text_of(workspace)
    assert same_on_both_sides(workspace, site, session)
    assert "stranded" in kinds(site, session)


def test_who_is_signed_out_while_typing_signs_in_in_another_tab_and_has_lost_nothing(
    workspace: Any, site: Site, session: int
) -> None:
    workspace.context.clear_cookies()
    type_at_top(workspace, "# typed by nobody\n")
    says(workspace, "#banner", "You are signed out.")
    says(workspace, "#banner", "kept in this browser")
    other = workspace.context.new_page()
    sign_in(other, site, "annotator")
    other.close()
    # “Try now”, where the page has not tried again by itself meanwhile.
    workspace.evaluate("document.querySelector('#banner button')?.click()")
    assert same_on_both_sides(workspace, site, session)
    assert "# typed by nobody" in text_of(workspace)
    says(workspace, "#saving", "All edits saved")


def test_a_batch_that_arrives_twice_is_in_the_log_once(workspace: Any, site: Site, session: int) -> None:
    sent: list[int] = []

    def twice(route: Any) -> None:
        first = route.fetch()
        assert first.status == 200
        sent.append(first.status)
        route.continue_()

    workspace.route("**/events", twice)
    type_at_top(workspace, "# said twice\n")
    all_saved(workspace)
    workspace.unroute("**/events")
    assert sent
    assert same_on_both_sides(workspace, site, session)
    assert text_of(workspace).count("# said twice") == 1


def test_batches_that_arrive_out_of_order_are_put_in_order(workspace: Any, site: Site, session: int) -> None:
    answers: list[str] = []

    def later_half_first(route: Any) -> None:
        body = json.loads(route.request.post_data)
        half = len(body["events"]) // 2
        if half == 0:
            route.continue_()
            return
        late = body | {"first": body["first"] + half, "events": body["events"][half:]}
        answer = route.fetch(post_data=json.dumps(late))
        answers.append(answer.json().get("error", ""))
        route.fulfill(response=answer)  # the page hears that something is missing, and sends it again

    workspace.route("**/events", later_half_first, times=2)
    type_at_top(workspace, "# out of order\n")
    all_saved(workspace)
    assert "gap" in answers
    assert same_on_both_sides(workspace, site, session)
    assert "# out of order" in text_of(workspace)


def test_the_history_tells_of_every_incident_in_the_log(workspace: Any, site: Site, session: int) -> None:
    """After the tests above the session was taken over, killed, put to sleep and set aside; alone, it is taken over."""
    second = workspace.context.new_page()
    second.goto(_workspace_url(site, session))
    second.wait_for_selector("dialog[open]")
    second.click("dialog[open] button:has-text('Take over')")
    workspace_ready(second)
    all_saved(second)
    html = second.request.get(f"{site.url}/sessions/{session}/history/").text()
    words = {
        "took_over": "Another page took the session over",
        "stranded": "Entries were set aside",
        "clock.jumped": "The clock jumped",
    }
    found = words.keys() & set(kinds(site, session))
    assert "took_over" in found
    assert all(words[kind] in html for kind in found)
    assert "The files differed from the record" not in html
    assert "does not replay" not in html
