"""Everything by keys: palette, symbols, definitions, panes, Vim; what single letters do can be turned off."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser

from tests.workspace.steps import SERVICE, agree, fetch, new_context, opened, quick, saved, text_of, type_at, until

pytestmark = pytest.mark.journey
CURSOR_LINE = "document.querySelector('#position').textContent"


def test_a_name_leads_to_its_definition_in_another_file_and_back(browser: Browser, base: str) -> None:
    page = opened(new_context(browser), base)
    quick(page, SERVICE)
    lines = (text_of(page, SERVICE) or "").split("\n")
    line = next(number for number, one in enumerate(lines, 1) if one.endswith("import ArticleRepository"))
    page.click(".cm-content")
    page.keyboard.press("Alt+g")
    page.keyboard.type(str(line))
    page.keyboard.press("Enter")
    assert until(page, f"{CURSOR_LINE}.startsWith('Ln {line},')", 5)
    page.keyboard.press("End")
    page.keyboard.press("F12")
    assert until(page, "!document.querySelector('#crumbs').textContent.includes('article_service.py')", 8)
    page.keyboard.press("Alt+ArrowLeft")
    assert until(page, "document.querySelector('#crumbs').textContent.includes('article_service.py')", 5)
    page.keyboard.press("Shift+F12")
    page.wait_for_selector("#quick[open] [role=option]")
    page.keyboard.press("Escape")
    saved(page)
    kinds = [event["kind"] for event in fetch(base + "/mock/log")]
    assert "definition.opened" in kinds
    assert "references.opened" in kinds
    page.context.close()


def test_what_is_only_guessed_is_offered_and_never_gone_to(browser: Browser, base: str) -> None:
    page = opened(new_context(browser), base)
    type_at(page, SERVICE, 1, "f = lambda one: one.unfavorite")
    for key in ("Escape", "Enter", "ArrowUp", "End", "F12"):
        page.keyboard.press(key)
    page.wait_for_selector("#quick[open] [role=option]")
    assert (page.get_attribute("#quick-input", "placeholder") or "").startswith("Perhaps one of these")
    assert page.evaluate(CURSOR_LINE).startswith("Ln 1,")
    page.keyboard.press("Enter")
    assert until(page, f"!{CURSOR_LINE}.startsWith('Ln 1,')", 5)
    page.context.close()


def test_completion_knows_the_names_of_the_project(browser: Browser, base: str) -> None:
    page = opened(new_context(browser), base)
    type_at(page, SERVICE, 1, "Article")
    page.keyboard.press("Control+Space")
    page.wait_for_selector(".cm-tooltip-autocomplete li")
    listed = page.locator(".cm-tooltip-autocomplete li").all_inner_texts()
    assert any(one.startswith("ArticleService") for one in listed)
    page.context.close()


def test_the_palette_finds_symbols_commands_and_lines(browser: Browser, base: str) -> None:
    page = opened(new_context(browser), base)
    quick(page, SERVICE)
    page.keyboard.press("Control+k")
    page.fill("#quick-input", "@ArticleService")
    page.wait_for_selector("#quick-list [role=option]:has-text('ArticleService')")
    page.keyboard.press("Enter")
    assert until(page, "document.querySelector('#crumbs').textContent.includes('ArticleService')", 5)
    page.keyboard.press("Control+k")
    page.fill("#quick-input", ":12")
    page.keyboard.press("Enter")
    assert until(page, f"{CURSOR_LINE}.startsWith('Ln 12,')", 5)
    page.context.close()


def test_single_letters_act_outside_text_only_and_can_be_turned_off(browser: Browser, base: str) -> None:
    page = opened(new_context(browser), base)
    page.click("#run-panel h2 >> nth=0")
    page.keyboard.press("g")
    page.wait_for_selector("#quick[open]")
    page.keyboard.press("Escape")
    page.wait_for_selector("#quick", state="hidden")
    page.keyboard.press("?")
    page.wait_for_selector("#keys[open]")
    page.uncheck("#single-letters")
    page.keyboard.press("Escape")
    page.click("#run-panel h2 >> nth=0")
    page.keyboard.press("g")
    page.keyboard.press("?")
    page.wait_for_timeout(200)
    assert page.locator("dialog[open]").count() == 0
    page.context.close()


def test_f6_goes_round_the_panes(browser: Browser, base: str) -> None:
    page = opened(new_context(browser), base)
    page.keyboard.press("Control+\\")
    page.wait_for_selector("#second-column .cm-content")
    where = (
        "(({ id, ariaLabel }) => id || ariaLabel)"
        "(document.activeElement.closest('.column, #dock') ?? document.activeElement.closest('[data-pane]'))"
    )
    seen = []
    for _ in range(5):
        page.keyboard.press("F6")
        seen.append(page.evaluate(where))
    assert sorted(seen) == ["Checks", "Files", "column", "dock", "second-column"]
    page.context.close()


def test_vims_keys_are_remembered_and_recorded_like_others(browser: Browser, base: str) -> None:
    context = new_context(browser)
    page = opened(context, base)
    page.click("#keymap")
    page.wait_for_selector(".cm-vim-panel, .cm-fat-cursor", state="attached")
    quick(page, SERVICE)
    page.click(".cm-content")
    first = (text_of(page, SERVICE) or "").split("\n")[0]
    page.keyboard.type("ggdd")
    assert not (text_of(page, SERVICE) or "").startswith(first + "\n")
    page.keyboard.type("iabc")
    page.keyboard.press("Escape")
    page.keyboard.type("u")
    page.keyboard.type("u")
    assert (text_of(page, SERVICE) or "").startswith(first + "\n")
    saved(page)
    agree(page, base, "after Vim")
    page.reload()
    page.wait_for_selector(".cm-fat-cursor", state="attached")
    assert page.inner_text("#keymap") == "Vim keys"
    context.close()
