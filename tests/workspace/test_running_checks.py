"""Checks are asked for, watched and read; silence is asked about."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser

from tests.workspace.steps import (
    SERVICE,
    faults,
    fetch,
    new_context,
    opened,
    saved,
    type_at,
)

pytestmark = pytest.mark.journey


def test_checks_run_and_are_read(browser: Browser, base: str) -> None:
    """Ctrl+Enter runs, progress is live, the panel comes, links lead to lines, F8 walks; compare; finish."""
    context = new_context(browser)
    page = opened(context, base)
    type_at(page, SERVICE, 5, "x = 1  # changed ")
    page.keyboard.press("Control+Enter")
    page.wait_for_selector("#run-live:has-text('Running')")
    page.wait_for_timeout(500)
    page.wait_for_selector("#run-panel:has-text('Run 8')", timeout=8000)
    assert page.locator("#run-checks").is_enabled(), "the button is back"
    page.keyboard.press("F8")
    page.wait_for_timeout(400)
    assert page.locator("details[data-check][data-current]").get_attribute("open") is not None, "F8 opens a check"
    page.click("#dock-log a[data-path]")
    page.wait_for_timeout(1200)
    assert "Ln 71" in page.inner_text("#position"), "a link of the log leads to its line"
    page.click("#open-compare")
    page.wait_for_selector("table.diff")
    page.wait_for_timeout(300)
    page.keyboard.press("n")
    page.keyboard.press("Escape")
    saved(page)
    kinds = [event["kind"] for event in fetch(base + "/mock/log")]
    for kind in (
        "opened",
        "hash",
        "file.opened",
        "edit",
        "checks.requested",
        "run.seen",
        "check.opened",
        "finding.opened",
        "diff.opened",
    ):
        assert kind in kinds, f"{kind} is recorded"
    faults(base, no_stream=True)
    page.click("#finish button")
    page.click("wa-dropdown-item[value=submit]")
    page.wait_for_selector("dialog.ask[open]")
    page.click("dialog.ask[open] button:has-text('Submit repair')")
    page.wait_for_url("**/mock/closed")
    page.goto(base)
    page.wait_for_selector("#banner:has-text('closed')")
    context.close()


@pytest.mark.parametrize("idle_seconds", [3])
def test_silence_is_asked_about(browser: Browser, base: str) -> None:
    """After the idle limit the page asks; a pause is recorded; without a stream it polls for the run."""
    faults(base, no_stream=True)
    context = new_context(browser)
    page = opened(context, base)
    page.wait_for_selector("dialog.ask[open]:has-text('Still working?')", timeout=9000)
    page.click("dialog.ask[open] button:has-text('Yes, still working')")
    page.click("#pause")
    page.click("dialog.ask[open] button.wa-brand")
    page.wait_for_selector("dialog.ask[open]:has-text('Paused since')")
    page.click("dialog.ask[open] button:has-text('Go on')")
    page.keyboard.press("Control+Enter")
    page.wait_for_selector("#run-panel:has-text('Run 8')", timeout=12000)
    saved(page)
    log = fetch(base + "/mock/log")
    assert any(e["kind"] == "still_working" and e["answer"] == "yes" for e in log), "the answer is recorded"
    kinds = [event["kind"] for event in log]
    assert "paused" in kinds and "resumed" in kinds, "the pause and its end are recorded"
    assert any(e["kind"] == "run.seen" and e["run"] == 8 for e in log), "the verdict was seen"
    context.close()
