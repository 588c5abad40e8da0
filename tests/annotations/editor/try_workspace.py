"""Drives the built workspace in Chromium against the mock server: types, kills, reloads, cuts, compares hashes, looks.

    npm --prefix annotations/editor run build && .venv/bin/python tests/annotations/editor/try_workspace.py

Screenshots go to /tmp/amend-shots/. Exits with 1 where something does not hold.
"""

from __future__ import annotations

import base64
import json
import os
import shutil
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[3]))
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from annotations.events import read_batch
from annotations.replay import Workspace

HERE = Path(__file__).parent
ROOT = HERE.parents[2]
SHOTS = Path("/tmp/amend-shots")
BACKEND = ROOT / "platform/studies/demo/backends/uv-fastapi-openapi-clean_architecture-sqlite-sqlalchemy-2021"
SERVICE = "app/services/article_service.py"
FAILURES: list[str] = []


def main() -> int:
    SHOTS.mkdir(exist_ok=True)
    work = Path("/tmp/amend-try")
    work.mkdir(exist_ok=True)
    page_file, panel_file, files_file = work / "page.html", work / "panel.html", work / "files.json"
    page_file.write_text(render("annotations/workspace.html"))
    panel_file.write_text(render("annotations/_run_panel.html"))
    files_file.write_text(json.dumps(backend_files()))
    chosen = sys.argv[1:]
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium") or None, args=["--no-sandbox"])
        port = 8740
        for scene in SCENES:
            if chosen and scene.__name__ not in chosen:
                continue
            port += 1
            idle = "3" if scene is silence_is_asked_about else "120"
            with mock(port, idle, page_file, panel_file, files_file):
                print(f"-- {scene.__name__}: {scene.__doc__}")
                scene(browser, f"http://127.0.0.1:{port}")
        browser.close()
    print("\n".join(FAILURES) or "All of it holds.")
    return 1 if FAILURES else 0


def typing_is_recorded_and_survives_a_kill(browser: Browser, base: str) -> None:
    """Typed text is on the server, hash equal; after a kill without a word the journal brings the rest."""
    context = new_context(browser)
    page = opened(context, base)
    type_at(page, SERVICE, 5, "# hello ")
    saved(page)
    agree(page, base, "after typing")
    faults(base, down=True)
    page.keyboard.type("kept in the journal 🙂 ")
    page.keyboard.press("Enter")
    page.keyboard.type("x" * 30)
    wanted = page.evaluate("window.__amend.digest()")
    page.wait_for_timeout(400)
    second = context.new_page()
    page.close()  # the server is down: no beacon arrives, only the journal has it
    faults(base, down=False)
    page = opened(context, base, second)
    expect("the killed page's edits are in the new one", page.evaluate("window.__amend.digest()") == wanted)
    saved(page)
    agree(page, base, "after the kill")
    expect("no dialog was needed", page.locator("dialog.ask[open]").count() == 0)
    context.close()


def faults_lose_nothing(browser: Browser, base: str) -> None:
    """Cut connections, lost answers, delays: every entry arrives once, in order."""
    context = new_context(browser)
    page = opened(context, base)
    type_at(page, SERVICE, 3, "a")
    faults(base, down=True)
    page.keyboard.type("during the cut ")
    page.wait_for_timeout(5000)
    expect("offline is said", "Offline" in page.inner_text("#saving") and page.locator("#banner .note").is_visible())
    page.screenshot(path=SHOTS / "offline-light.png")
    faults(base, down=False, drop=3)
    saved(page, 40)
    faults(base, lose_answer=2, delay=200)
    for word in ("one ", "two ", "three "):
        page.keyboard.type(word)
        page.wait_for_timeout(700)
    page.keyboard.press("Control+z")
    saved(page, 20)
    agree(page, base, "after the faults")
    log = fetch(base + "/mock/log")
    expect("numbered without a gap", [event["seq"] for event in log] == list(range(1, len(log) + 1)))
    faults(base, refuse={"status": 401, "body": {"error": "signed_out"}, "times": 2}, delay=0)
    page.keyboard.type("signed out")
    page.wait_for_selector("#banner:has-text('You are signed out')", timeout=5000)
    saved(page, 20)
    agree(page, base, "after signing in again")
    context.close()


def two_pages_take_turns(browser: Browser, base: str) -> None:
    """A second browser is asked before it takes over; the first stops, keeps what it has, and takes over again."""
    first, second = new_context(browser), new_context(browser)
    page = opened(first, base)
    type_at(page, SERVICE, 3, "first ")
    saved(page)
    other = second.new_page()
    watch(other)
    other.goto(base)
    other.wait_for_selector("dialog.ask[open]")
    other.screenshot(path=SHOTS / "take-over-light.png")
    other.click("dialog.ask button:has-text('Take over')")
    ready(other)
    page.wait_for_selector("#banner:has-text('Another page holds this session')", timeout=8000)
    expect("the first page says so", "Another page holds" in page.inner_text("#saving"))
    before = page.evaluate("window.__amend.digest()")
    page.locator(".cm-content").click()
    page.keyboard.type("must not")
    expect("the first page is read-only", page.evaluate("window.__amend.digest()") == before)
    type_at(other, SERVICE, 4, "second ")
    saved(other)
    agree(other, base, "the second page")
    page.click("#banner button:has-text('Take over here')")
    page.wait_for_load_state()
    ready(page)
    expect("the first page sees the second's work", "second " in page.evaluate("window.__amend.files()")[SERVICE])
    type_at(page, SERVICE, 6, "again ")
    saved(page)
    agree(page, base, "the first page again")
    sibling = first.new_page()
    watch(sibling)
    page.keyboard.type("unsaved until asked")
    sibling.goto(base)
    sibling.wait_for_selector("dialog.ask[open]")
    sibling.click("dialog.ask button:has-text('Take over')")
    ready(sibling)
    expect(
        "a sibling tab gets what was typed",
        "unsaved until asked" in sibling.evaluate("window.__amend.files()")[SERVICE],
    )
    saved(sibling)
    agree(sibling, base, "the sibling tab")
    first.close()
    second.close()


def diverged_work_is_kept(browser: Browser, base: str) -> None:
    """What was typed offline and overtaken by another page is set aside and said, never mixed in."""
    context, other_context = new_context(browser), new_context(browser)
    page = opened(context, base)
    saved(page)
    context.set_offline(True)
    type_at(page, SERVICE, 3, "overtaken ")
    page.wait_for_timeout(500)
    other = other_context.new_page()
    watch(other)
    other.goto(base)
    other.click("dialog.ask button:has-text('Take over')")
    ready(other)
    type_at(other, SERVICE, 3, "winner ")
    saved(other)
    page.close()
    context.set_offline(False)
    page = context.new_page()
    watch(page)
    page.goto(base)
    page.click("dialog.ask button:has-text('Take over')")
    page.wait_for_selector("dialog.ask:has-text('not part of the session')", timeout=8000)
    page.screenshot(path=SHOTS / "stranded-light.png")
    page.click("dialog.ask button:has-text('Keep them')")
    text = page.evaluate("window.__amend.files()")[SERVICE]
    expect("the overtaken edit is not in", "overtaken" not in text and "winner" in text)
    saved(page)
    agree(page, base, "after the divergence")
    context.close()
    other_context.close()


def files_of_every_kind(browser: Browser, base: str) -> None:
    """CRLF, stray CR, binary, large; create, rename, delete; a long paste with Windows line ends."""
    context = new_context(browser)
    page = opened(context, base)
    type_at(page, "windows.txt", 2, "typed")
    type_at(page, "stray.txt", 1, "é🙂")
    page.keyboard.press("End")
    page.keyboard.press("Enter")
    quick(page, "logo.png")
    expect("a file that is no text says so", page.locator("#not-text").is_visible())
    quick(page, "large.txt")
    expect("a large file says so", page.locator("#large-file").is_visible())
    page.screenshot(path=SHOTS / "large-light.png")
    page.click("#new-file")
    page.fill("dialog.ask input", "app/services")
    page.click("dialog.ask button:has-text('Create')")
    expect("a folder's name is refused", "already a folder" in page.inner_text("dialog.ask[open]"))
    page.fill("dialog.ask input", "app/services/notes.py")
    page.click("dialog.ask button:has-text('Create')")
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
    page.fill("dialog.ask input", "app/notes.py")
    page.click("dialog.ask button:has-text('Rename')")
    page.wait_for_timeout(200)
    quick(page, "large.txt")
    page.click("#file-menu button")
    page.click("wa-dropdown-item[value=delete]")
    page.click("dialog.ask button:has-text('Delete')")
    saved(page)
    agree(page, base, "after all of it")
    held = fetch(base + "/mock/files")["files"]
    expect(
        "renamed on the server",
        "app/notes.py" in held and "app/services/notes.py" not in held and "large.txt" not in held,
    )
    expect("no carriage return was pasted", "\r" not in held["app/notes.py"])
    expect("the stray CR is still there", "\r" in held["stray.txt"])
    page.reload()
    ready(page)
    saved(page)
    agree(page, base, "after a reload")
    context.close()


def checks_run_and_are_read(browser: Browser, base: str) -> None:
    """Ctrl+Enter runs, progress is live, the panel comes, links lead to lines, F8 walks; compare; finish."""
    context = new_context(browser)
    page = opened(context, base)
    type_at(page, SERVICE, 5, "x = 1  # changed ")
    page.keyboard.press("Control+Enter")
    page.wait_for_selector("#run-live:has-text('is running')")
    page.wait_for_timeout(500)
    page.screenshot(path=SHOTS / "running-light.png")
    page.wait_for_selector("#run-panel:has-text('Run 8')", timeout=8000)
    expect("the button is back", page.locator("#run-checks").is_enabled())
    page.keyboard.press("F8")
    page.wait_for_timeout(400)
    expect("F8 opens a check", page.locator("details[data-check][data-current]").get_attribute("open") is not None)
    page.click("#dock-log a[data-path]")
    page.wait_for_timeout(1200)
    expect("a link of the log leads to its line", "Ln 71" in page.inner_text("#position"))
    page.click("#open-compare")
    page.wait_for_selector("table.diff")
    page.wait_for_timeout(300)
    page.screenshot(path=SHOTS / "compare-light.png")
    page.keyboard.press("n")
    page.keyboard.press("Escape")
    saved(page)
    kinds = [event["kind"] for event in fetch(base + "/mock/log")]
    for kind in (
        "opened",
        "hash",
        "file.opened",
        "edit",
        "checks.requested",
        "run.seen",
        "check.opened",
        "finding.opened",
        "diff.opened",
    ):
        expect(f"{kind} is recorded", kind in kinds)
    faults(base, no_stream=True)
    page.click("#finish button")
    page.click("wa-dropdown-item[value=submit]")
    page.wait_for_selector("dialog.ask[open]")
    page.screenshot(path=SHOTS / "submit-light.png")
    page.click("dialog.ask button:has-text('Submit repair')")
    page.wait_for_url("**/mock/closed")
    page.goto(base)
    page.wait_for_selector("#banner:has-text('closed')")
    page.screenshot(path=SHOTS / "closed-light.png")
    context.close()


def silence_is_asked_about(browser: Browser, base: str) -> None:
    """After the idle limit the page asks; a pause is recorded; without a stream it polls for the run."""
    faults(base, no_stream=True)
    context = new_context(browser)
    page = opened(context, base)
    page.wait_for_selector("dialog.ask[open]:has-text('Still working?')", timeout=9000)
    page.screenshot(path=SHOTS / "idle-light.png")
    page.click("dialog.ask[open] button:has-text('Yes, still working')")
    page.click("#pause")
    page.click("dialog.ask[open] button.wa-brand")
    page.wait_for_selector("dialog.ask[open]:has-text('Paused since')")
    page.click("dialog.ask[open] button:has-text('Go on')")
    page.keyboard.press("Control+Enter")
    page.wait_for_selector("#run-panel:has-text('Run 8')", timeout=12000)
    saved(page)
    log = fetch(base + "/mock/log")
    expect("the answer is recorded", any(e["kind"] == "still_working" and e["answer"] == "yes" for e in log))
    kinds = [event["kind"] for event in log]
    expect("the pause and its end are recorded", "paused" in kinds and "resumed" in kinds)
    expect("the verdict was seen", any(e["kind"] == "run.seen" and e["run"] == 8 for e in log))
    context.close()


def looks_as_drawn(browser: Browser, base: str) -> None:
    """Light and dark at 1440 by 900; quick open, keys, pause, loading, error, idle."""
    for theme in ("light", "dark"):
        context = new_context(browser, theme)
        page = context.new_page()
        watch(page)
        page.goto(base)
        if theme == "dark":
            page.wait_for_selector("dialog.ask[open]")
            page.click("dialog.ask button:has-text('Take over')")
        ready(page)
        if theme == "light":
            type_at(page, SERVICE, 44, "# a changed line ")
            type_at(page, "app/crlf_module.py", 1, "# ")
        page.click(f"wa-tree-item[data-path='{SERVICE}']")
        quick(page, "article_service.py")
        saved(page)
        page.locator("#run-panel details[data-check] summary").first.click()
        page.mouse.move(700, 760)
        page.wait_for_timeout(900)
        page.screenshot(path=SHOTS / f"workspace-{theme}.png")
        page.keyboard.press("Control+p")
        page.keyboard.type("art")
        page.wait_for_timeout(200)
        page.screenshot(path=SHOTS / f"quick-{theme}.png")
        page.keyboard.press("Escape")
        page.locator(".cm-content").click()
        page.keyboard.press("Control+f")
        page.wait_for_timeout(300)
        page.screenshot(path=SHOTS / f"search-{theme}.png")
        page.keyboard.press("Escape")
        page.keyboard.press("Control+Shift+f")
        page.wait_for_timeout(200)
        page.keyboard.type("author")
        page.wait_for_timeout(500)
        page.screenshot(path=SHOTS / f"search-all-{theme}.png")
        page.click("#pause")
        page.wait_for_timeout(300)
        page.screenshot(path=SHOTS / f"pause-{theme}.png")
        page.click("dialog.ask button:has-text('Go on working')")
        page.click("#show-keys")
        page.wait_for_timeout(200)
        page.screenshot(path=SHOTS / f"keys-{theme}.png")
        page.keyboard.press("Escape")
        context.close()
    faults(base, no_state=True)
    context = new_context(browser)
    page = context.new_page()
    page.goto(base)
    page.wait_for_selector("#loading:has-text('cannot be opened')")
    page.screenshot(path=SHOTS / "error-light.png")
    context.close()


SCENES: list[Callable[[Browser, str], None]] = [
    typing_is_recorded_and_survives_a_kill,
    faults_lose_nothing,
    two_pages_take_turns,
    diverged_work_is_kept,
    files_of_every_kind,
    checks_run_and_are_read,
    silence_is_asked_about,
    looks_as_drawn,
]


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
            FAILURES.append(f"console: {text[:300]}")

    page.on("console", note)
    page.on("pageerror", lambda error: FAILURES.append(f"page error: {str(error)[:300]}"))


def ready(page: Page) -> None:
    if not until(page, "Boolean(window.__amend) && !document.querySelector('#loading')", 15):
        FAILURES.append(f"did not open: {page.inner_text('body')[:200]}")
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


def saved(page: Page, seconds: float = 8) -> None:
    done = (
        "window.__amend.accepted() === window.__amend.recorded()"
        " && document.querySelector('#saving').textContent.includes('All edits saved')"
    )
    if not until(page, done, seconds):
        FAILURES.append(f"not saved within {seconds} s: {page.inner_text('#saving')}")


def agree(page: Page, base: str, when: str) -> None:
    own = page.evaluate("window.__amend.digest()")
    expect(f"hash of browser and mock agree {when}", own == fetch(base + "/mock/files")["digest"])
    log = fetch(base + "/mock/log")
    for start in range(0, len(log), 400):
        batch = {"client": "c", "token": 1, "first": start + 1, "sent_at": 1, "events": log[start : start + 400]}
        read_batch(json.dumps(batch).encode())
    replayed = Workspace(backend_bytes())
    for event in log:
        replayed.apply(event)
    expect(f"the site's own replay agrees {when}", own == replayed.digest())


def expect(what: str, holds: bool) -> None:
    print(f"   {'ok' if holds else 'NO'}  {what}")
    if not holds:
        FAILURES.append(what)


def faults(base: str, **which: Any) -> None:
    request = urllib.request.Request(base + "/mock/faults", json.dumps(which).encode(), method="POST")
    urllib.request.urlopen(request).read()


def fetch(address: str) -> Any:
    return json.loads(urllib.request.urlopen(address).read())


@contextmanager
def mock(port: int, idle: str, *files: Path) -> Iterator[None]:
    command = ["node", str(HERE / "mock_server.mjs"), *map(str, files), str(port)]
    server = subprocess.Popen(command, stdout=subprocess.PIPE, env={**os.environ, "IDLE": idle})
    assert server.stdout is not None
    server.stdout.readline()
    try:
        yield
    finally:
        server.terminate()
        server.wait()
        time.sleep(0.1)


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


def render(name: str) -> str:
    """The page as Django renders it, with the fragments of this folder in place of the site's."""
    import django
    from django.conf import settings
    from django.template.loader import render_to_string

    if not settings.configured:
        sys.path.insert(0, str(ROOT / "platform"))
        settings.configure(
            INSTALLED_APPS=["django.contrib.staticfiles"],
            STATIC_URL="/static/",
            TEMPLATES=[
                {
                    "BACKEND": "django.template.backends.django.DjangoTemplates",
                    "DIRS": [str(HERE / "pages"), str(ROOT / "templates")],
                    "OPTIONS": {"libraries": {"amend": "amend.templatetags.amend"}},
                }
            ],
        )
        django.setup()
    constraints = [{"title": title} for title in ("clean architecture", "SQLite", "SQLAlchemy")]
    return render_to_string(
        name,
        {
            "session": {"id": 12},
            "assignment": {"position": 4, "total": 8},
            "task": {"title": "Conduit on FastAPI", "level": 3, "constraints": constraints},
            "backend": "Conduit on FastAPI",
            "run": {"id": 7},
        },
    )


if __name__ == "__main__":
    sys.exit(main())
