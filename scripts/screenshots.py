"""Takes the pictures of the documentation from a running demo, light and dark.

Usage: python scripts/screenshots.py http://127.0.0.1:8000 FOLDER    (the sign-ins are read from the state directory)
"""

from __future__ import annotations

import shutil
import sys
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, Page, sync_playwright

from amend.engines import state_directory

SIZE: Any = {"width": 1440, "height": 900}
ARGUMENTS = ["--no-sandbox", "--disable-dev-shm-usage", "--disable-background-networking", "--disable-sync"]


def main(url: str, folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=ARGUMENTS)
        for scheme in ("light", "dark"):
            annotator_pages(browser, url, folder, scheme)
            reader_pages(browser, url, folder, scheme)
        browser.close()


def annotator_pages(browser: Browser, url: str, folder: Path, scheme: Any) -> None:
    """Sign-in, home, and the workspace idle, running, with a failure, and comparing."""
    page = browser.new_context(viewport=SIZE, color_scheme=scheme).new_page()
    page.goto(url)
    page.screenshot(path=folder / f"signin-{scheme}.png")
    sign_in(page, "annotator")
    page.screenshot(path=folder / f"home-{scheme}.png")
    page.click("button:has-text('Start repair'), button:has-text('Go on'), a:has-text('Go on')")
    page.wait_for_selector("#editor:not([hidden]), #not-text:not([hidden]), dialog[open]")
    if page.locator("dialog[open] button:has-text('Take over')").count():
        page.click("dialog[open] button:has-text('Take over')")
        page.wait_for_selector("#editor:not([hidden]), #not-text:not([hidden])")
    page.wait_for_timeout(1200)
    page.screenshot(path=folder / f"workspace-idle-{scheme}.png")
    place = page.locator("#run-panel button[data-path], #run-panel a[data-path]")
    if place.count():
        place.first.click()
        page.wait_for_timeout(800)
    page.screenshot(path=folder / f"workspace-failed-{scheme}.png")
    page.click(".cm-content")
    page.keyboard.press("Control+Home")
    page.keyboard.type("from __future__ import annotations\n" if scheme == "light" else "# seen in the dark\n")
    page.keyboard.press("Control+Enter")
    page.wait_for_timeout(1500)
    page.screenshot(path=folder / f"workspace-running-{scheme}.png")
    page.wait_for_selector("#run-panel[data-run-state=finished] .delta", timeout=60_000)
    page.wait_for_timeout(800)
    failing = page.locator("#run-panel details[data-check]")
    if failing.count():
        failing.first.locator("summary").first.click()
    page.wait_for_timeout(500)
    page.screenshot(path=folder / f"workspace-{scheme}.png")
    page.click("#open-compare")
    page.wait_for_selector("#compare-diff table")
    page.wait_for_timeout(500)
    page.screenshot(path=folder / f"diff-{scheme}.png")
    page.context.close()


def reader_pages(browser: Browser, url: str, folder: Path, scheme: Any) -> None:
    """The study and its reports, as a researcher sees them."""
    page = browser.new_context(viewport=SIZE, color_scheme=scheme).new_page()
    page.goto(url)
    sign_in(page, "researcher")
    for name, path in (
        ("study", "/studies/conduit-pilot/"),
        ("report", "/studies/conduit-pilot/effort/"),
        ("return", "/studies/conduit-pilot/return/"),
        ("export", "/studies/conduit-pilot/export/"),
        ("api", "/api/v1/docs"),
    ):
        page.goto(url + path)
        page.wait_for_timeout(700)
        page.screenshot(path=folder / f"{name}-{scheme}.png", full_page=True)
    page.context.close()


def sign_in(page: Page, name: str) -> None:
    lines = (state_directory() / "demo-sign-ins.txt").read_text().splitlines()
    password = next(line.split()[-1] for line in lines if line.split()[-2] == name)
    page.fill("input[name=username]", name)
    page.fill("input[name=password]", password)
    page.click("main button[type=submit]")
    page.wait_for_load_state("networkidle")


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]))
