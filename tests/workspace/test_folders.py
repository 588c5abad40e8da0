"""Folders are renamed, moved, deleted and brought back; whatever is done to files by name can be undone."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser, Locator, Page

from tests.workspace.steps import (
    SERVICE,
    agree,
    backend_files,
    fetch,
    new_context,
    opened,
    quick,
    ready,
    saved,
    text_of,
    type_at,
    until,
)

pytestmark = pytest.mark.journey
BEFORE = sorted(backend_files())
ROW = {"x": 60, "y": 10}  # within a folder's own line
INSIDE = [path for path in BEFORE if path.startswith("app/services/")]
TWO_COLUMNS = """() => [...document.querySelectorAll('.column')].map((column) => [
    [...column.querySelectorAll('wa-tab')].map((tab) => tab.getAttribute('panel')),
    column.querySelector('wa-tab[active]')?.getAttribute('panel'),
])"""


def test_a_folder_is_renamed_file_by_file_found_under_its_new_name_and_comes_back(browser: Browser, base: str) -> None:
    page = opened(new_context(browser), base)
    type_at(page, SERVICE, 1, "# mine\n")
    mine = text_of(page, SERVICE)
    on_item(page, "app/services", "F2")
    page.fill("dialog.ask[open] input", "app/models/..")
    page.click("dialog.ask[open] button:has-text('Rename')")
    assert "may be empty" in page.inner_text("dialog.ask[open]")
    page.fill("dialog.ask[open] input", "app/core/rules")
    page.click("dialog.ask[open] button:has-text('Rename')")
    moved = SERVICE.replace("app/services", "app/core/rules")
    assert until(page, f"window.__amend.files()[{moved!r}] !== undefined", 5)
    assert text_of(page, moved) == mine
    assert not [path for path in paths(page) if path.startswith("app/services/")]

    # Its editor went along, with what can be undone in it; quick open finds it; a link to the old path, too.
    assert "rules" in page.inner_text("#crumbs")
    quick(page, "rules/article_service")
    for _ in range(8):
        page.keyboard.press("Control+z")
    assert text_of(page, moved) == backend_files()[SERVICE]["text"]
    for _ in range(8):
        page.keyboard.press("Control+y")
    quick(page, "requirements.txt")
    page.keyboard.press("F8")
    assert until(page, "document.querySelector('#crumbs').textContent.includes('rules')", 5)

    # One act of the person: one act to undo.
    on_item(page, "app/core/rules", "Control+z")
    assert until(page, f"window.__amend.files()[{SERVICE!r}] !== undefined", 5)
    assert paths(page) == BEFORE
    assert page.inner_text("#changed-count").startswith("1 of")
    saved(page)
    agree(page, base, "after moving a folder and back")
    renamed = [event for event in fetch(base + "/mock/log") if event["kind"] == "file.renamed"]
    assert sorted(event["path"] for event in renamed[: len(INSIDE)]) == INSIDE
    assert len(renamed) == 2 * len(INSIDE)
    page.context.close()


def test_a_folder_is_deleted_after_a_question_and_restored(browser: Browser, base: str) -> None:
    page = opened(new_context(browser), base)
    type_at(page, SERVICE, 1, "# mine\n")
    mine = text_of(page, SERVICE)
    on_item(page, "app", "Delete")
    count = len([path for path in BEFORE if path.startswith("app/")])
    assert f"{count} files in app" in page.inner_text("dialog.ask[open]")
    page.click("dialog.ask[open] button:has-text('Keep')")
    assert text_of(page, SERVICE) == mine
    on_item(page, "app", "Delete")
    page.click("dialog.ask[open] button:has-text('Delete')")
    assert until(page, f"window.__amend.files()[{SERVICE!r}] === undefined", 5)
    assert not [path for path in paths(page) if path.startswith("app/")]

    # Undone: as the files were when they went.
    command(page, "undo deleting app")
    assert until(page, f"window.__amend.files()[{SERVICE!r}] !== undefined", 5)
    assert paths(page) == BEFORE
    assert text_of(page, SERVICE) == mine

    # Restored: as they were generated, Windows line ends included.
    on_item(page, "app", "Delete")
    page.click("dialog.ask[open] button:has-text('Delete')")
    assert until(page, f"window.__amend.files()[{SERVICE!r}] === undefined", 5)
    command(page, f"restore the deleted files of app ({count})")
    assert until(page, f"Object.keys(window.__amend.files()).length === {len(BEFORE)}", 10)
    assert text_of(page, SERVICE) == backend_files()[SERVICE]["text"]
    assert page.inner_text("#changed-count").startswith("0 of")
    saved(page)
    agree(page, base, "after deleting and restoring a folder")
    created = {event["path"]: event for event in fetch(base + "/mock/log") if event["kind"] == "file.created"}
    assert created["app/crlf_module.py"]["line_separator"] == "\r\n"
    assert "line_separator" not in created[SERVICE]
    page.reload()
    ready(page)
    assert page.inner_text("#changed-count").startswith("0 of")
    quick(page, "crlf_module.py")
    assert page.inner_text("#indentation") == "CRLF"
    page.context.close()


def test_files_and_folders_are_dragged_into_folders(browser: Browser, base: str) -> None:
    page = opened(new_context(browser), base)
    drag(page, "windows.txt", "app/services")
    assert until(page, "window.__amend.files()['app/services/windows.txt'] !== undefined", 5)
    drag(page, "app/services", "requirements.txt")
    assert until(page, "window.__amend.files()['services/windows.txt'] !== undefined", 5)
    # Where something of that name is already, nothing happens and it is said.
    page.click("#new-file")
    page.fill("dialog.ask[open] input", "stray/windows.txt")
    page.click("dialog.ask[open] button:has-text('Create')")
    drag(page, "services/windows.txt", "stray")
    page.wait_for_selector("dialog.ask[open]:has-text('cannot move there')")
    page.keyboard.press("Escape")
    saved(page)
    agree(page, base, "after dragging")
    page.context.close()


def test_the_tree_has_a_menu_for_mouse_and_keys(browser: Browser, base: str) -> None:
    page = opened(new_context(browser), base)
    item(page, "app/services").click(button="right", position=ROW)
    page.wait_for_selector(".menu[role=menu]")
    page.keyboard.press("Escape")
    page.wait_for_selector(".menu[role=menu]", state="detached")
    item(page, "requirements.txt").focus()
    page.keyboard.press("Shift+F10")
    page.wait_for_selector(".menu[role=menu]")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    page.fill("dialog.ask[open] input", "app/requirements.txt")
    page.keyboard.press("Enter")
    assert until(page, "window.__amend.files()['app/requirements.txt'] !== undefined", 5)

    # Answered with Enter while an editor waits for the focus: the line break stays out of it.
    quick(page, SERVICE)
    page.click(".cm-content")
    command(page, "new file")
    page.fill("dialog.ask[open] input", "app/fresh.py")
    page.keyboard.press("Enter")
    assert until(page, "window.__amend.files()['app/fresh.py'] !== undefined", 5)
    command(page, "delete this file")
    page.click("dialog.ask[open] button:has-text('Delete')")
    assert text_of(page, SERVICE) == backend_files()[SERVICE]["text"]
    page.wait_for_timeout(300)
    assert "app/fresh.py" not in paths(page)
    page.context.close()


def test_both_columns_their_tabs_and_what_was_on_screen_survive_a_reload(browser: Browser, base: str) -> None:
    page = opened(new_context(browser), base)
    for path in ("windows.txt", SERVICE, "stray.txt"):
        quick(page, path)
    quick(page, SERVICE)
    page.keyboard.press("Control+\\")
    page.wait_for_selector("#second-column .cm-content")
    quick(page, "requirements.txt")
    before = page.evaluate(TWO_COLUMNS)
    assert [current for _, current in before] == [SERVICE, "requirements.txt"]
    page.reload()
    ready(page)
    assert page.evaluate(TWO_COLUMNS) == before
    page.click("#second-column [aria-label='Close this column']")
    page.reload()
    ready(page)
    assert page.evaluate(TWO_COLUMNS) == before[:1]
    page.context.close()


def item(page: Page, path: str) -> Locator:
    return page.locator(f"wa-tree-item[data-path='{path}'], wa-tree-item[data-folder='{path}']")


def drag(page: Page, path: str, onto: str) -> None:
    """By hand: `drag_to` scrolls between pressing and moving, and drags what came under the pointer."""
    item(page, path).scroll_into_view_if_needed()
    item(page, path).hover(position=ROW)
    page.mouse.down()
    page.mouse.move(80, 300)
    item(page, onto).hover(position=ROW, force=True)
    item(page, onto).hover(position=ROW, force=True)
    page.mouse.up()


def on_item(page: Page, path: str, key: str) -> None:
    item(page, path).focus()
    page.keyboard.press(key)


def paths(page: Page) -> list[str]:
    return sorted(page.evaluate("Object.keys(window.__amend.files())"))


def command(page: Page, words: str) -> None:
    page.keyboard.press("Control+k")
    page.fill("#quick-input", "> " + words)
    page.wait_for_selector("#quick-list [role=option]")
    page.keyboard.press("Enter")
