"""What is done and looked at on the workspace's page, in words of its own."""

from __future__ import annotations

import base64
import json
import time
import urllib.request
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, BrowserContext, Page

from annotations.events import read_batch
from annotations.replay import Workspace

ROOT = Path(__file__).resolve().parents[2]
BACKEND = ROOT / "platform/studies/demo/backends/uv-fastapi-openapi-clean_architecture-sqlite-sqlalchemy-2021"
SERVICE = "app/services/article_service.py"
# What pages complain of; the fixture `base` looks at it after each test.
COMPLAINTS: list[str] = []


def new_context(browser: Browser, theme: str = "light") -> BrowserContext:
    return browser.new_context(viewport={"width": 1440, "height": 900}, color_scheme=theme)  # type: ignore[arg-type]


def opened(context: BrowserContext, base: str, page: Page | None = None) -> Page:
    page = page or context.new_page()
    watch(page)
    page.goto(base)
    ready(page)
    return page


def watch(page: Page) -> None:
    def note(message: Any) -> None:
        text = message.text
        if "net::ERR" not in text and "Failed to load resource" not in text and message.type in ("error", "warning"):
            COMPLAINTS.append(f"console: {text[:300]}")

    page.on("console", note)
    page.on("pageerror", lambda error: COMPLAINTS.append(f"page error: {str(error)[:300]}"))


def ready(page: Page) -> None:
    opens = until(page, "Boolean(window.__amend) && !document.querySelector('#loading')", 30)
    assert opens, f"did not open: {page.inner_text('body')[:200]}"
    page.wait_for_timeout(300)


def until(page: Page, holds: str, seconds: float) -> bool:
    """Whether an expression came true in time. (wait_for_function needs eval, which the site's policy refuses.)"""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if page.evaluate(holds):
            return True
        page.wait_for_timeout(50)
    return False


def quick(page: Page, name: str) -> None:
    page.keyboard.press("Control+p")
    page.fill("#quick-input", name)
    page.keyboard.press("Enter")
    page.wait_for_timeout(250)


def type_at(page: Page, path: str, line: int, text: str) -> None:
    quick(page, path.rpartition("/")[2])
    page.locator(".cm-content").click()
    page.keyboard.press("Control+Home")
    for _ in range(line - 1):
        page.keyboard.press("ArrowDown")
    page.keyboard.press("Home")
    page.keyboard.type(text)


def saved(page: Page, seconds: float = 20) -> None:
    done = (
        "window.__amend.accepted() === window.__amend.recorded()"
        " && document.querySelector('#saving').textContent.includes('All edits saved')"
    )
    assert until(page, done, seconds), f"not saved within {seconds} s: {page.inner_text('#saving')}"


def agree(page: Page, base: str, when: str) -> None:
    own = page.evaluate("window.__amend.digest()")
    assert own == fetch(base + "/mock/files")["digest"], f"hash of browser and mock agree {when}"
    log = fetch(base + "/mock/log")
    for start in range(0, len(log), 400):
        batch = {"client": "c", "token": 1, "first": start + 1, "sent_at": 1, "events": log[start : start + 400]}
        read_batch(json.dumps(batch).encode())
    replayed = Workspace(backend_bytes())
    for event in log:
        replayed.apply(event)
    assert own == replayed.digest(), f"the site's own replay agrees {when}"


def faults(base: str, **which: Any) -> None:
    request = urllib.request.Request(base + "/mock/faults", json.dumps(which).encode(), method="POST")
    urllib.request.urlopen(request).read()


def fetch(address: str) -> Any:
    return json.loads(urllib.request.urlopen(address).read())


def backend_files() -> dict[str, dict[str, str]]:
    files = {
        str(path.relative_to(BACKEND)): {"text": path.read_text()}
        for path in sorted(BACKEND.rglob("*"))
        if path.is_file() and "__pycache__" not in path.parts
    }
    files["windows.txt"] = {"text": "one\ntwo\nthree\n", "line_separator": "\r\n"}
    files["app/crlf_module.py"] = {"text": "def one():\n    return 1\n", "line_separator": "\r\n"}
    files["stray.txt"] = {"text": "a\rb\nc \U0001f642 d\n"}
    files["logo.png"] = {"base64": base64.b64encode(b"\x89PNG\x00\x01").decode()}
    files["large.txt"] = {"text": "0123456789\n" * 60_000}
    return files


def backend_bytes() -> dict[str, bytes]:
    """The same files as the server of the site would hold them."""

    def content(file: dict[str, str]) -> bytes:
        if "base64" in file:
            return base64.b64decode(file["base64"])
        return file["text"].replace("\n", file.get("line_separator", "\n")).encode()

    return {path: content(file) for path, file in backend_files().items()}


def text_of(page: Page, path: str) -> str | None:
    """The text of a file as the page holds it; None where there is none."""
    text: str | None = page.evaluate("path => window.__amend.files()[path] ?? null", path)
    return text
