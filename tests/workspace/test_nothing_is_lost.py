"""Killed pages, cut connections, lost answers, take-overs: afterwards not one edit is missing."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser

from tests.workspace.steps import (
    SERVICE,
    agree,
    faults,
    fetch,
    new_context,
    opened,
    ready,
    saved,
    type_at,
    watch,
)

pytestmark = pytest.mark.journey


def test_typing_is_recorded_and_survives_a_kill(browser: Browser, base: str) -> None:
    """Typed text is on the server, hash equal; after a kill without a word the journal brings the rest."""
    context = new_context(browser)
    page = opened(context, base)
    type_at(page, SERVICE, 5, "# hello ")
    saved(page)
    agree(page, base, "after typing")
    faults(base, down=True)
    page.keyboard.type("kept in the journal 🙂 ")
    page.keyboard.press("Enter")
    page.keyboard.type("x" * 30)
    wanted = page.evaluate("window.__amend.digest()")
    page.wait_for_timeout(400)
    second = context.new_page()
    page.close()  # the server is down: no beacon arrives, only the journal has it
    faults(base, down=False)
    page = opened(context, base, second)
    assert page.evaluate("window.__amend.digest()") == wanted, "the killed page's edits are in the new one"
    saved(page)
    agree(page, base, "after the kill")
    assert page.locator("dialog.ask[open]").count() == 0, "no dialog was needed"
    context.close()


def test_faults_lose_nothing(browser: Browser, base: str) -> None:
    """Cut connections, lost answers, delays: every entry arrives once, in order."""
    context = new_context(browser)
    page = opened(context, base)
    type_at(page, SERVICE, 3, "a")
    faults(base, down=True)
    page.keyboard.type("during the cut ")
    page.wait_for_timeout(5000)
    assert "Offline" in page.inner_text("#saving") and page.locator("#banner .note").is_visible(), "offline is said"
    faults(base, down=False, drop=3)
    saved(page, 40)
    faults(base, lose_answer=2, delay=200)
    for word in ("one ", "two ", "three "):
        page.keyboard.type(word)
        page.wait_for_timeout(700)
    page.keyboard.press("Control+z")
    saved(page, 20)
    agree(page, base, "after the faults")
    log = fetch(base + "/mock/log")
    assert [event["seq"] for event in log] == list(range(1, len(log) + 1)), "numbered without a gap"
    faults(base, refuse={"status": 401, "body": {"error": "signed_out"}, "times": 2}, delay=0)
    page.keyboard.type("signed out")
    page.wait_for_selector("#banner:has-text('You are signed out')", timeout=5000)
    saved(page, 20)
    agree(page, base, "after signing in again")
    context.close()


def test_two_pages_take_turns(browser: Browser, base: str) -> None:
    """A second browser is asked before it takes over; the first stops, keeps what it has, and takes over again."""
    first, second = new_context(browser), new_context(browser)
    page = opened(first, base)
    type_at(page, SERVICE, 3, "first ")
    saved(page)
    other = second.new_page()
    watch(other)
    other.goto(base)
    other.wait_for_selector("dialog.ask[open]")
    other.click("dialog.ask[open] button:has-text('Take over')")
    ready(other)
    page.wait_for_selector("#banner:has-text('Another page holds this session')", timeout=8000)
    assert "Another page holds" in page.inner_text("#saving"), "the first page says so"
    before = page.evaluate("window.__amend.digest()")
    page.locator(".cm-content").click()
    page.keyboard.type("must not")
    assert page.evaluate("window.__amend.digest()") == before, "the first page is read-only"
    type_at(other, SERVICE, 4, "second ")
    saved(other)
    agree(other, base, "the second page")
    page.click("#banner button:has-text('Take over here')")
    page.wait_for_load_state()
    ready(page)
    assert "second " in page.evaluate("window.__amend.files()")[SERVICE], "the first page sees the second's work"
    type_at(page, SERVICE, 6, "again ")
    saved(page)
    agree(page, base, "the first page again")
    sibling = first.new_page()
    watch(sibling)
    page.keyboard.type("unsaved until asked")
    sibling.goto(base)
    sibling.wait_for_selector("dialog.ask[open]")
    sibling.click("dialog.ask[open] button:has-text('Take over')")
    ready(sibling)
    assert "unsaved until asked" in sibling.evaluate("window.__amend.files()")[SERVICE], (
        "a sibling tab gets what was typed"
    )
    saved(sibling)
    agree(sibling, base, "the sibling tab")
    first.close()
    second.close()


def test_diverged_work_is_kept(browser: Browser, base: str) -> None:
    """What was typed offline and overtaken by another page is set aside and said, never mixed in."""
    context, other_context = new_context(browser), new_context(browser)
    page = opened(context, base)
    saved(page)
    context.set_offline(True)
    type_at(page, SERVICE, 3, "overtaken ")
    page.wait_for_timeout(500)
    other = other_context.new_page()
    watch(other)
    other.goto(base)
    other.click("dialog.ask[open] button:has-text('Take over')")
    ready(other)
    type_at(other, SERVICE, 3, "winner ")
    saved(other)
    page.close()
    context.set_offline(False)
    page = context.new_page()
    watch(page)
    page.goto(base)
    page.click("dialog.ask[open] button:has-text('Take over')")
    page.wait_for_selector("dialog.ask:has-text('not part of the session')", timeout=8000)
    page.click("dialog.ask[open] button:has-text('Keep them')")
    text = page.evaluate("window.__amend.files()")[SERVICE]
    assert "overtaken" not in text and "winner" in text, "the overtaken edit is not in"
    saved(page)
    agree(page, base, "after the divergence")
    context.close()
    other_context.close()
