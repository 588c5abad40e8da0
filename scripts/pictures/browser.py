"""A Chromium that goes through the site and takes pictures of it."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Literal

from playwright.sync_api import Browser, Page, sync_playwright

from scripts.pictures.demo import PASSWORD, Session

Scheme = Literal["light", "dark"]
SCHEMES: tuple[Scheme, ...] = ("light", "dark")
DESK = (1440, 900)
ARGUMENTS = ["--no-sandbox", "--disable-dev-shm-usage", "--disable-background-networking", "--disable-sync"]


@contextmanager
def chromium() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=ARGUMENTS)
        yield browser
        browser.close()


def new_page(browser: Browser, scheme: Scheme, size: tuple[int, int] = DESK, *, scale: int = 1) -> Page:
    """A page of a context of its own: nobody is signed in there. `scale`: pixels of a picture for one of the page."""
    viewport: Any = {"width": size[0], "height": size[1]}
    page = browser.new_context(viewport=viewport, color_scheme=scheme, device_scale_factor=scale).new_page()
    page.set_default_timeout(30_000)
    return page


def sign_in(page: Page, url: str, name: str, password: str = PASSWORD) -> None:
    page.goto(url)
    page.fill("input[name=username]", name)
    page.fill("input[name=password]", password)
    page.click("main button[type=submit]")
    page.wait_for_load_state("networkidle")


def enter(page: Page, url: str, session: Session) -> None:
    """Into the workspace of a session, whoever holds it."""
    if "/sessions/" not in page.url:
        sign_in(page, url, session.person)
    page.goto(f"{url}/sessions/{session.pk}/repair/")
    take_over = "dialog[open] button:has-text('Take over')"
    page.wait_for_selector(f"#editor:not([hidden]), #not-text:not([hidden]), {take_over}")
    if page.locator(take_over).count():
        page.click(take_over)
        page.wait_for_selector("#editor:not([hidden]), #not-text:not([hidden])")
    until(page, "() => window.__amend !== undefined")


def until(page: Page, function: str, arg: Any = None, *, seconds: float = 120) -> float:
    """Wait in the page until a JavaScript function of `arg` is truthy; the page's clock then, in milliseconds.

    It is asked every 10 ms. Playwright's own wait evaluates strings inside the page, which its security policy forbids.
    """
    clock = page.evaluate(
        f"""([arg, seconds]) => new Promise((resolve, reject) => {{
          const asked = {function}, end = performance.now() + seconds * 1000;
          const look = () => {{
            if (asked(arg)) resolve(performance.now());
            else if (performance.now() > end) reject(new Error("not so after " + seconds + " s: " + asked));
            else setTimeout(look, 10);
          }};
          look();
        }})""",
        [arg, seconds],
    )
    return float(clock)


def settle(page: Page, milliseconds: int = 400) -> None:
    """Let what moves come to rest before a picture: folds, fonts, the marks in the editor."""
    page.wait_for_timeout(milliseconds)


def compress(picture: Path) -> None:
    """Fewer colours where pngquant is there: interface pictures lose nothing that an eye could see."""
    if tool := shutil.which("pngquant"):
        subprocess.run(
            [tool, "--skip-if-larger", "--quality", "70-100", "--speed", "1", "--force", "--output", picture, picture]
        )
