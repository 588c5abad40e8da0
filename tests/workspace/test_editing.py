"""Files and editors: found by path, split, replaced everywhere, restored; the record replays to the same text."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import Browser, Page

from tests.workspace.steps import SERVICE, agree, fetch, new_context, opened, quick, saved, text_of, type_at, until

pytestmark = pytest.mark.journey
SECOND = "#second-column .cm-content"


def test_a_path_with_a_slash_is_found(browser: Browser, base: str) -> None:
    page = opened(new_context(browser), base)
    quick(page, "services/article_service")
    assert until(page, "document.querySelector('#crumbs').textContent.startsWith('appservicesarticle_service.py')", 5)
    page.context.close()


def test_two_columns_on_one_file_agree_and_undo_is_of_the_file(browser: Browser, base: str) -> None:
    page = opened(new_context(browser), base)
    before = text_of(page, SERVICE)
    type_at(page, SERVICE, 1, "# left\n")
    page.keyboard.press("Control+\\")
    page.wait_for_selector(SECOND)
    page.click(SECOND)
    page.keyboard.press("Control+Home")
    page.keyboard.type("# right 🙂\n")
    assert text_of(page, SERVICE).startswith("# right 🙂\n# left\n")
    assert page.locator("#column .cm-line").first.inner_text() == "# right 🙂"

    # Undone in the second column, whoever typed it; then the first column keeps the history alone.
    for _ in range(40):
        page.keyboard.press("Control+z")
    assert text_of(page, SERVICE) == before
    page.keyboard.press("Control+y")
    page.click("#second-column [aria-label='Close this column']")
    page.wait_for_selector("#second-column", state="detached")
    page.click("#column .cm-content")
    for _ in range(40):
        page.keyboard.press("Control+y")
    assert "# right 🙂\n" in text_of(page, SERVICE)
    assert "# left\n" in text_of(page, SERVICE)
    saved(page)
    agree(page, base, "after typing in two columns")
    columns = [event["columns"] for event in fetch(base + "/mock/log") if event["kind"] == "split"]
    assert columns == [2, 1]
    page.context.close()


def test_the_column_that_keeps_the_history_hands_it_over(browser: Browser, base: str) -> None:
    page = opened(new_context(browser), base)
    before = text_of(page, SERVICE)
    type_at(page, SERVICE, 1, "x")
    page.keyboard.press("Control+\\")
    page.wait_for_selector(SECOND)
    page.click("#column .cm-content")
    quick(page, "windows.txt")
    page.click(SECOND)
    page.keyboard.press("Control+z")
    assert text_of(page, SERVICE) == before
    saved(page)
    agree(page, base, "after handing over")
    page.context.close()


def test_replacing_in_all_files_is_seen_before_and_recorded(browser: Browser, base: str) -> None:
    page = opened(new_context(browser), base)
    files = page.evaluate("window.__amend.files()")
    holding = [path for path, text in files.items() if text and "ArticleService" in text]
    assert len(holding) > 1
    places = sum(files[path].count("ArticleService") for path in holding)
    search(page, "ArticleService", "EssayService")
    assert page.locator("#search-results ins").first.inner_text() == "EssayService"
    assert page.evaluate("window.__amend.files()") == files, "a preview changes nothing"

    # One place, then all.
    one = page.locator("#search-results [data-index]").first
    path = one.get_attribute("data-replace")
    assert path
    rest = len(holding) - (files[path].count("ArticleService") == 1)
    count = files[path].count("ArticleService")
    one.click()
    assert until(page, f"(window.__amend.files()[{path!r}].match(/ArticleService/g) ?? []).length === {count - 1}", 5)
    page.click("#replace-all")
    page.click("dialog[open] button:has-text('Replace')")
    assert until(page, "Object.values(window.__amend.files()).every((t) => !t || !/ArticleService/.test(t))", 8), (
        page.inner_text("#search-results")
    )
    assert "Replaced" in page.inner_text("#search-results")

    saved(page)
    agree(page, base, "after replacing everywhere")
    log = fetch(base + "/mock/log")
    users = {event["user"] for event in log if event["kind"] == "edit"}
    assert users == {"input.replace.files"}
    replaced = [event for event in log if event["kind"] == "replaced"]
    assert [(event["files"], event["places"]) for event in replaced] == [(1, 1), (rest, places - 1)]

    # Each file undoes by itself, open before or not.
    other = next(own for own in holding if own != path and "/" in own)
    quick(page, other)
    page.click(".cm-content")
    page.keyboard.press("Control+z")
    assert text_of(page, other) == files[other]
    page.context.close()


def test_a_pattern_that_never_ends_is_stopped_and_the_page_stays_alive(browser: Browser, base: str) -> None:
    page = opened(new_context(browser), base)
    type_at(page, "windows.txt", 1, "a" * 60 + "!")
    page.keyboard.press("Control+Shift+f")
    page.click("#search-pattern")
    page.fill("#search-input", "^(a|aa)+$")
    assert until(page, "document.querySelector('#search-results').textContent.includes('was stopped')", 8)
    page.fill("#search-input", "(typed")
    assert until(page, "document.querySelector('#search-results').textContent.includes('no regular expression')", 5)
    page.fill("#search-input", r"^def (\w+)")
    page.fill("#replace-input", "def my_$1")
    assert until(
        page, "[...document.querySelectorAll('#search-results ins')].some((i) => /^def my_./.test(i.textContent))", 5
    )
    page.context.close()


def test_a_file_and_a_run_of_lines_are_restored(browser: Browser, base: str) -> None:
    page = opened(new_context(browser), base)
    generated = text_of(page, SERVICE)
    type_at(page, SERVICE, 3, "# first\n")
    for _ in range(9):
        page.keyboard.press("ArrowDown")
    page.keyboard.press("Home")
    page.keyboard.type("# second\n")
    both = text_of(page, SERVICE)

    # The bar beside a line leads to its restoration.
    page.wait_for_timeout(500)
    page.locator(".cm-bars .cm-bar").first.click()
    page.wait_for_selector("dialog[open]:has-text('Restore line')")
    page.click("dialog[open] button:has-text('Restore these lines')")
    assert text_of(page, SERVICE) == both.replace("# first\n", "")

    command(page, "restore this file")
    page.click("dialog[open] button:has-text('Restore the file')")
    assert text_of(page, SERVICE) == generated
    page.click(".cm-content")
    page.keyboard.press("Control+z")
    assert text_of(page, SERVICE) == both.replace("# first\n", "")

    # A deleted file comes back, too.
    command(page, "delete this file")
    page.click("dialog[open] button:has-text('Delete')")
    assert text_of(page, SERVICE) is None
    command(page, f"restore the deleted file {SERVICE}")
    assert until(page, f"window.__amend.files()[{SERVICE!r}] !== undefined", 5)
    assert text_of(page, SERVICE) == generated
    saved(page)
    agree(page, base, "after restoring")
    log = fetch(base + "/mock/log")
    assert [event["what"] for event in log if event["kind"] == "restored"] == ["hunk", "file", "deleted"]
    assert {"restore.hunk", "restore.file"} <= {event["user"] for event in log if event["kind"] == "edit"}
    page.context.close()


def test_a_change_the_record_cannot_hold_is_refused_with_a_sentence(browser: Browser, base: str) -> None:
    page = opened(new_context(browser), base)
    quick(page, "windows.txt")
    page.locator(".cm-content").click()
    before = text_of(page, "windows.txt")
    page.evaluate(
        """() => {
            const data = new DataTransfer();
            data.setData("text/plain", "x".repeat(2000001));
            const target = document.querySelector("#editor").shadowRoot.querySelector(".cm-content");
            target.dispatchEvent(new ClipboardEvent("paste", { clipboardData: data, bubbles: true, cancelable: true }));
        }"""
    )
    assert until(page, "document.querySelector('#hint').textContent.includes('Nothing was changed')", 5)
    assert text_of(page, "windows.txt") == before
    page.context.close()


def search(page: Page, words: str, replacement: str) -> None:
    page.keyboard.press("Control+Shift+f")
    page.fill("#search-input", words)
    page.fill("#replace-input", replacement)
    assert until(page, "document.querySelector('#search-results ins') !== null", 8), page.inner_text("#search-results")


def command(page: Page, words: str) -> Any:
    page.keyboard.press("Control+k")
    page.fill("#quick-input", "> " + words)
    page.keyboard.press("Enter")
