"""Undo is of the file, whatever happens to its tab, its name or its lines; Vim's undo is the same undo."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser, Page

from tests.workspace.steps import SERVICE, agree, backend_files, new_context, opened, quick, saved, text_of, type_at

pytestmark = pytest.mark.journey
GENERATED = backend_files()[SERVICE]["text"]
# A page of Vim: operators, counts, text objects, dot, a macro, registers, visual block, search, substitution, case.
VIM = [
    "ggdd", "p", "yyP", "3x", "u", "Ctrl+r", "ciwword", "Escape", "w.", "f)i, more", "Escape", "0D", "u",
    "qaA # a macro", "Escape", "jq", "2@a", "@@", ">>", "..", "<<", "gg/def", "Enter", "n", "cwDEF", "Escape", "n.",
    "Vjd", "p", "u", "u", "Ctrl+r", "ddp", "J", "u", "~~", "guw", "gUU", "\"byy", "\"bp", "G", "oat the end 🙂",
    "Escape", "ggO# at the top", "Escape", "Ctrl+v", "jjI# ", "Escape", ":%s/article/essay/g", "Enter", "u", ":3,5d",
    "Enter", "di(", "u", "yiwviwp", "ma", "G", "'a", "10iab", "Escape", "u", "R overwritten", "Escape", ".", "u", "xp",
    "ddu", "Ctrl+r",
]  # fmt: skip


def in_vim(browser: Browser, base: str) -> Page:
    """The service on screen, in hand, with Vim's keys."""
    page = opened(new_context(browser), base)
    quick(page, SERVICE)
    page.click("#keymap")
    page.wait_for_selector(".cm-vim-panel, .cm-fat-cursor", state="attached")
    page.click("#column .cm-content")
    return page


def test_a_page_of_vim_in_both_columns_leaves_a_log_that_replays_to_the_same_text(browser: Browser, base: str) -> None:
    page = in_vim(browser, base)
    vim(page, VIM)
    page.keyboard.press("Control+\\")
    page.wait_for_selector("#second-column .cm-content")
    page.click("#second-column .cm-content")
    vim(page, VIM)
    page.click("#column .cm-content")
    vim(page, VIM[:30])
    assert text_of(page, SERVICE) != GENERATED
    assert shown(page, "#column") == shown(page, "#second-column") == text_of(page, SERVICE)
    saved(page, 40)
    agree(page, base, "after a page of Vim in two columns")
    page.context.close()


def test_vim_undoes_and_redoes_in_the_column_that_follows(browser: Browser, base: str) -> None:
    page = in_vim(browser, base)
    page.keyboard.press("Control+\\")
    page.wait_for_selector("#second-column .cm-content")
    page.click("#second-column .cm-content")
    vim(page, ["ggdd"])
    without_a_line = GENERATED.partition("\n")[2]
    assert text_of(page, SERVICE) == without_a_line
    vim(page, ["u"])
    assert text_of(page, SERVICE) == GENERATED
    vim(page, ["Ctrl+r"])
    assert text_of(page, SERVICE) == without_a_line
    vim(page, ["u", "u", "u"])
    assert text_of(page, SERVICE) == GENERATED, "there is nothing before the beginning"
    saved(page)
    agree(page, base, "after Vim's undo in the second column")
    page.context.close()


def test_undo_survives_closing_the_tab_renaming_the_file_and_restoring_lines(browser: Browser, base: str) -> None:
    page = opened(new_context(browser), base)
    type_at(page, SERVICE, 1, "# one ")
    page.keyboard.press("Alt+w")
    assert "article_service" not in page.inner_text("#tabs")
    quick(page, SERVICE)
    undo_all(page)
    assert text_of(page, SERVICE) == GENERATED, "after closing and opening"

    page.keyboard.press("Control+y")
    edited = text_of(page, SERVICE)
    page.locator(f"wa-tree-item[data-path='{SERVICE}']").focus()
    page.keyboard.press("F2")
    page.fill("dialog.ask[open] input", "app/other.py")
    page.keyboard.press("Enter")
    page.wait_for_selector("wa-tree-item[data-path='app/other.py']")
    page.click(".cm-content")
    undo_all(page)
    assert text_of(page, "app/other.py") == GENERATED, "after renaming"
    page.locator("wa-tree-item[data-path='app/other.py']").focus()
    page.keyboard.press("Control+z")
    page.wait_for_selector(f"wa-tree-item[data-path='{SERVICE}']")

    quick(page, SERVICE)
    page.keyboard.press("Control+y")
    assert text_of(page, SERVICE) == edited
    page.wait_for_timeout(500)
    page.locator(".cm-bar").first.click()
    page.click("dialog[open] button:has-text('Restore these lines')")
    assert text_of(page, SERVICE) == GENERATED
    page.click(".cm-content")
    page.keyboard.press("Control+z")
    assert text_of(page, SERVICE) == edited, "restoring is undone"
    undo_all(page)
    assert text_of(page, SERVICE) == GENERATED, "and what was before it"
    saved(page)
    agree(page, base, "after undoing across all of it")
    page.context.close()


def vim(page: Page, commands: list[str]) -> None:
    for one in commands:
        if one in ("Escape", "Enter"):
            page.keyboard.press(one)
        elif one.startswith("Ctrl+"):
            page.keyboard.press(one.replace("Ctrl", "Control"))
        else:
            page.keyboard.type(one)


def undo_all(page: Page) -> None:
    for _ in range(12):
        page.keyboard.press("Control+z")


def shown(page: Page, column: str) -> str:
    """The whole text a column shows, as its editor copies it."""
    text: str = page.evaluate(
        """column => {
            const data = new DataTransfer();
            const target = document.querySelector(`${column} .editor`).shadowRoot.querySelector(".cm-content");
            return target.cmTile?.view.state.doc.toString() ?? target.cmView.view.state.doc.toString();
        }""",
        column,
    )
    return text
