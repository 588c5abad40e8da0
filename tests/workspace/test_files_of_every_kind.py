"""CRLF, stray CR, binary and large files; created, renamed and deleted."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser

from tests.workspace.steps import (
    agree,
    fetch,
    new_context,
    opened,
    quick,
    ready,
    saved,
    type_at,
)

pytestmark = pytest.mark.journey


def test_files_of_every_kind(browser: Browser, base: str) -> None:
    """CRLF, stray CR, binary, large; create, rename, delete; a long paste with Windows line ends."""
    context = new_context(browser)
    page = opened(context, base)
    type_at(page, "windows.txt", 2, "typed")
    type_at(page, "stray.txt", 1, "é🙂")
    page.keyboard.press("End")
    page.keyboard.press("Enter")
    quick(page, "logo.png")
    assert page.locator("#not-text").is_visible(), "a file that is no text says so"
    quick(page, "large.txt")
    assert page.locator("#large-file").is_visible(), "a large file says so"
    page.click("#new-file")
    page.fill("dialog.ask[open] input", "app/services")
    page.click("dialog.ask[open] button:has-text('Create')")
    assert "already a folder" in page.inner_text("dialog.ask[open]"), "a folder's name is refused"
    page.fill("dialog.ask[open] input", "app/services/notes.py")
    page.click("dialog.ask[open] button:has-text('Create')")
    page.locator(".cm-content").click()
    page.evaluate(
        """() => {
            const data = new DataTransfer();
            data.setData("text/plain", "line\\r\\n".repeat(40000) + "🙂".repeat(1000));
            const target = document.querySelector("#editor").shadowRoot.querySelector(".cm-content");
            target.dispatchEvent(new ClipboardEvent("paste", { clipboardData: data, bubbles: true, cancelable: true }));
        }"""
    )
    page.wait_for_timeout(300)
    saved(page, 20)
    page.click("#file-menu button")
    page.click("wa-dropdown-item[value=rename]")
    page.fill("dialog.ask[open] input", "app/notes.py")
    page.click("dialog.ask[open] button:has-text('Rename')")
    page.wait_for_timeout(200)
    quick(page, "large.txt")
    page.click("#file-menu button")
    page.click("wa-dropdown-item[value=delete]")
    page.click("dialog.ask[open] button:has-text('Delete')")
    saved(page)
    agree(page, base, "after all of it")
    held = fetch(base + "/mock/files")["files"]
    assert "app/notes.py" in held and "app/services/notes.py" not in held and "large.txt" not in held, (
        "renamed on the server"
    )
    assert "\r" not in held["app/notes.py"], "no carriage return was pasted"
    assert "\r" in held["stray.txt"], "the stray CR is still there"
    page.reload()
    ready(page)
    saved(page)
    agree(page, base, "after a reload")
    context.close()
