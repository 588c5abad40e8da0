"""axe-core on the workspace in each of its states, light and dark, in two sizes and on a tablet: no violation."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Browser, Page

from tests.workspace.steps import SERVICE, quick, ready, type_at, watch

pytestmark = pytest.mark.journey
STANDARDS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
RUN = "(tags) => axe.run(document, { runOnly: { type: 'tag', values: tags }, resultTypes: ['violations'] })"


def plain(page: Page) -> None:
    quick(page, SERVICE)


def split(page: Page) -> None:
    page.keyboard.press("Control+\\")
    page.wait_for_selector("#second-column .cm-content")


def searching(page: Page) -> None:
    page.keyboard.press("Control+Shift+f")
    page.fill("#search-input", "article")
    page.fill("#replace-input", "essay")
    page.wait_for_selector("#search-results ins")


def palette(page: Page) -> None:
    page.keyboard.press("Control+k")
    page.fill("#quick-input", "art")


def keys(page: Page) -> None:
    page.click("#show-keys")


def searching_in_the_file(page: Page) -> None:
    quick(page, SERVICE)
    page.click(".cm-content")
    page.keyboard.press("Control+f")
    page.wait_for_selector(".cm-search")


def restoring(page: Page) -> None:
    type_at(page, SERVICE, 3, "# changed ")
    page.wait_for_timeout(500)
    page.locator(".cm-bar").first.click()
    page.wait_for_selector("dialog[open]")


def menu_of_the_tree(page: Page) -> None:
    page.locator("wa-tree-item[data-folder='app/services']").click(button="right", position={"x": 60, "y": 10})
    page.wait_for_selector(".menu[role=menu]")


def renaming_a_symbol(page: Page) -> None:
    quick(page, SERVICE)
    page.click("#column .cm-content")
    page.keyboard.press("Control+g")
    page.keyboard.type("16")
    page.keyboard.press("Enter")
    for _ in range(8):
        page.keyboard.press("ArrowRight")
    page.keyboard.press("F2")
    page.wait_for_selector("dialog[open] .places label")


STATES: list[Callable[[Page], None]] = [
    plain,
    split,
    searching,
    palette,
    keys,
    searching_in_the_file,
    restoring,
    menu_of_the_tree,
    renaming_a_symbol,
]


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("size", [(1440, 900), (1280, 720), (820, 1180)], ids=["desk", "small", "tablet"])
def test_axe_finds_no_violation(browser: Browser, base: str, axe: str, theme: Any, size: tuple[int, int]) -> None:
    found = []
    states = STATES if size == (1440, 900) else STATES[:3] if size == (1280, 720) else STATES[:1]
    for state in states:
        context = browser.new_context(viewport={"width": size[0], "height": size[1]}, color_scheme=theme)
        page = context.new_page()
        watch(page)
        page.goto(base)
        if state is not states[0]:
            page.click("dialog[open] button:has-text('Take over')")
        ready(page)
        state(page)
        page.wait_for_timeout(300)
        # Evaluated by the debugger, past the page's policy, which would refuse an inline script.
        page.evaluate(axe + ";0")
        result = page.evaluate(RUN, STANDARDS)
        for violation in result["violations"]:
            nodes = [node["html"][:160] for node in violation["nodes"][:4]]
            found.append((state.__name__, violation["id"], violation["help"], nodes))
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), f"{state.__name__} overflows"
        context.close()
    assert not found
