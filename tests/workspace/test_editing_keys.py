"""Keys brought along from VS Code: cursors, lines, comments, folds, a symbol's new name, how code is shown."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Browser, Page

from tests.workspace.steps import (
    ROOT,
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
    until,
)

pytestmark = pytest.mark.journey


def test_lines_comments_and_several_cursors(browser: Browser, base: str) -> None:
    page = opened(new_context(browser), base)
    new_file(page, "app/scratch.py", "one = 1\ntwo = one\none = one + two\n")
    top(page)
    page.keyboard.press("Alt+ArrowDown")
    assert text(page).startswith("two = one\none = 1\n")
    page.keyboard.press("Alt+ArrowUp")
    page.keyboard.press("Shift+Alt+ArrowDown")
    assert text(page).startswith("one = 1\none = 1\n")
    page.keyboard.press("Control+Shift+k")
    page.keyboard.press("Control+/")
    assert "# " in text(page)
    page.keyboard.press("Control+/")
    assert text(page) == "one = 1\ntwo = one\none = one + two\n"

    top(page)
    for _ in range(4):
        page.keyboard.press("Control+d")
    page.keyboard.type("uno")
    assert text(page) == "uno = 1\ntwo = uno\nuno = uno + two\n"
    top(page)
    page.keyboard.press("Control+Alt+ArrowDown")
    page.keyboard.press("Control+Alt+ArrowDown")
    page.keyboard.type("x")
    assert text(page) == "xuno = 1\nxtwo = uno\nxuno = uno + two\n"
    page.keyboard.press("Escape")
    top(page)
    last = page.locator(".cm-line").nth(2)
    last.click(modifiers=["Alt"], position={"x": 2, "y": 8})
    page.keyboard.press("Delete")
    assert text(page) == "uno = 1\nxtwo = uno\nuno = uno + two\n"
    page.keyboard.press("Escape")
    page.keyboard.press("Control+g")
    page.keyboard.type("2")
    page.keyboard.press("Enter")
    assert until(page, "document.querySelector('#position').textContent.startsWith('Ln 2,')", 5)
    saved(page)
    agree(page, base, "after editing with several cursors")
    page.context.close()


def test_code_folds_and_indents_anew(browser: Browser, base: str) -> None:
    page = opened(new_context(browser), base)
    new_file(page, "app/scratch.js", "")
    page.locator(".cm-content").evaluate(
        """(target) => {
            const data = new DataTransfer();
            const code = "function one() {\\n        return 1;\\n}\\nfunction two() {\\nreturn 2;\\n}\\n";
            data.setData("text/plain", code);
            target.dispatchEvent(new ClipboardEvent("paste", { clipboardData: data, bubbles: true, cancelable: true }));
        }"""
    )
    page.wait_for_selector(".cm-foldGutter")
    top(page)
    page.keyboard.press("Control+Shift+BracketLeft")
    page.wait_for_selector(".cm-foldPlaceholder")
    assert "return 1" not in page.locator(".cm-content").inner_text()
    page.keyboard.press("Control+Shift+BracketRight")
    page.wait_for_selector(".cm-foldPlaceholder", state="detached")
    page.locator(".cm-fold").last.click(force=True)
    page.wait_for_selector(".cm-foldPlaceholder")
    page.locator(".cm-foldPlaceholder").click()
    page.keyboard.press("Control+a")
    page.keyboard.press("Shift+Alt+f")
    now = text_of(page, "app/scratch.js") or ""
    assert now == "function one() {\n    return 1;\n}\nfunction two() {\n    return 2;\n}\n"
    page.context.close()


def test_a_symbol_gets_another_name_everywhere_and_each_place_is_seen_before(browser: Browser, base: str) -> None:
    page = opened(new_context(browser), base)
    before = {path: file.get("text", "") for path, file in backend_files().items() if path.endswith(".py")}
    holding = {path: len(re.findall(r"\bArticleService\b", text)) for path, text in before.items()}
    holding = {path: count for path, count in holding.items() if count}
    assert len(holding) > 1
    quick(page, SERVICE)
    line = next(number for number, one in enumerate(before[SERVICE].split("\n"), 1) if "class ArticleService" in one)
    page.keyboard.press("Control+g")
    page.keyboard.type(str(line))
    page.keyboard.press("Enter")
    for _ in range(8):
        page.keyboard.press("ArrowRight")
    page.keyboard.press("F2")
    page.wait_for_selector("dialog[open] .places label")
    assert page.locator("dialog[open] .places label").count() == sum(holding.values())
    field = page.locator("dialog[open] input[type=text]")
    field.fill("2wrong")
    page.click("dialog[open] button:has-text('Rename')")
    assert "begins with no digit" in page.inner_text("dialog[open]")
    # A place that is not meant stays as it is.
    page.locator(f"dialog[open] .places label:not(:has-text('{SERVICE}'))").first.click()
    field.fill("EssayService")
    page.keyboard.press("Enter")
    assert until(page, f"window.__amend.files()[{SERVICE!r}].includes('class EssayService')", 5)
    now = [text_of(page, path) or "" for path in holding]
    assert sum(len(re.findall(r"\bArticleService\b", one)) for one in now) == 1
    assert sum(len(re.findall(r"\bEssayService\b", one)) for one in now) == sum(holding.values()) - 1
    page.keyboard.press("Control+z")
    assert text_of(page, SERVICE) == before[SERVICE]
    saved(page)
    agree(page, base, "after renaming a symbol")
    log = fetch(base + "/mock/log")
    assert {event["user"] for event in log if event["kind"] == "edit"} == {"input.replace.symbol", "undo"}
    replaced = [event for event in log if event["kind"] == "replaced"]
    assert [event["places"] for event in replaced] == [sum(holding.values()) - 1]
    page.context.close()


def test_how_code_is_shown_is_remembered(browser: Browser, base: str) -> None:
    page = opened(new_context(browser), base)
    quick(page, SERVICE)
    page.keyboard.press("Alt+z")
    assert page.locator(".cm-lineWrapping").count() == 1
    command(page, "larger text")
    size = "getComputedStyle(document.querySelector('#editor').shadowRoot.querySelector('.cm-content')).fontSize"
    assert page.evaluate(size) == "14px"
    divider = page.locator("[role=separator][aria-label='Height of the console']")
    divider.focus()
    height = page.evaluate("document.querySelector('#dock').offsetHeight")
    page.keyboard.press("ArrowUp")
    page.keyboard.press("ArrowUp")
    page.reload()
    ready(page)
    assert page.locator(".cm-lineWrapping").count() == 1
    assert page.evaluate(size) == "14px"
    assert until(page, f"document.querySelector('#dock').offsetHeight === {height + 48}", 5)
    page.click("#view-menu button")
    page.click("wa-dropdown-item[value=ordinary]")
    assert until(page, f"{size} === '13px'", 5)
    page.context.close()


def test_f6_leads_to_the_check_in_hand_and_to_the_file_on_screen(browser: Browser, base: str) -> None:
    page = opened(new_context(browser), base)
    page.keyboard.press("F8")
    page.keyboard.press("F8")
    current = page.evaluate("document.querySelector('details[data-current]').dataset.check")
    page.click(".cm-content")
    page.keyboard.press("Shift+F6")
    assert page.evaluate("document.activeElement.dataset.path") == SERVICE, "the files, at the file on screen"
    page.keyboard.press("Shift+F6")
    assert page.evaluate("document.activeElement.parentElement.dataset.check") == current
    page.context.close()


def test_every_key_of_the_help_is_in_the_palette_and_the_other_way_round() -> None:
    page = (ROOT / "templates/annotations/workspace.html").read_text()
    listed = re.findall(r"<tr><td>(.*?)</td>", page)
    help_keys = {re.sub(r"</?kbd>", "", one).strip() for row in listed for one in row.split(", ")}
    source = (ROOT / "annotations/editor/src/commands.ts").read_text()
    palette_keys = {keys.replace("\\\\", "\\") for keys in re.findall(r'"((?:Ctrl|Shift|Alt|F\d)[^"]*)"\),', source)}
    assert len(palette_keys) > 30
    assert not {keys for keys in palette_keys if keys not in help_keys | {"Ctrl I", "Alt L"}}


def new_file(page: Page, path: str, content: str) -> None:
    page.click("#new-file")
    page.fill("dialog.ask[open] input", path)
    page.click("dialog.ask[open] button:has-text('Create')")
    assert until(page, f"window.__amend.files()[{path!r}] !== undefined", 5)
    page.wait_for_selector(".cm-foldGutter")
    page.locator(".cm-content").click()
    page.keyboard.insert_text(content)


def text(page: Page) -> str:
    return text_of(page, "app/scratch.py") or ""


def top(page: Page) -> None:
    page.keyboard.press("Control+Home")


def command(page: Page, words: str) -> None:
    page.keyboard.press("Control+k")
    page.fill("#quick-input", "> " + words)
    page.wait_for_selector("#quick-list [role=option]")
    page.keyboard.press("Enter")
