"""What people do in the journeys, in their words."""

from __future__ import annotations

import time
from typing import Any

from tests.journeys.conftest import PASSWORD, Site

BROKEN_FILE = "services/article_service.py"
REPAIR = "from __future__ import annotations\n"


def until(page: Any, expression: str, arg: Any = None, *, seconds: float = 20) -> None:
    """Wait until a JavaScript expression (or a function of `arg`) is true.

    Playwright's own wait evaluates strings inside the page, which its content security policy forbids.
    """
    deadline = time.monotonic() + seconds
    while not page.evaluate(expression, arg):
        assert time.monotonic() < deadline, f"not so after {seconds} s: {expression}"
        page.wait_for_timeout(50)


def sign_in(page: Any, site: Site, name: str) -> None:
    page.goto(site.url)
    page.fill("input[name=username]", name)
    page.fill("input[name=password]", PASSWORD)
    page.click("main button[type=submit]")
    page.wait_for_url(lambda url: "sign-in" not in url and "login" not in url)


def start_repair(page: Any, *, minutes: int) -> None:
    """From home into the workspace of the next assignment."""
    page.fill("input[name=forecast_minutes]", str(minutes))
    page.click("button:has-text('Start repair')")
    workspace_ready(page)


def workspace_ready(page: Any) -> None:
    page.wait_for_selector("#editor:not([hidden]), #not-text:not([hidden])")
    until(page, "window.__amend !== undefined")


def open_file(page: Any, path: str) -> None:
    """By quick open, as somebody does who knows the name."""
    page.keyboard.press("Control+p")
    page.fill("#quick-input", path)
    page.keyboard.press("Enter")
    until(page, "path => document.querySelector('#crumbs').textContent.includes(path)", arg=path.split("/")[-1])


def type_at_top(page: Any, text: str) -> None:
    page.click(".cm-content")
    page.keyboard.press("Control+Home")
    page.keyboard.type(text)


def all_saved(page: Any) -> None:
    until(page, "window.__amend.recorded() === window.__amend.accepted()", seconds=40)


def run_checks(page: Any) -> None:
    """Ask for checks and wait until their verdict is on the page."""
    before = page.get_attribute("#run-panel", "data-run")
    page.keyboard.press("Control+Enter")
    until(
        page,
        "before => { const p = document.querySelector('#run-panel');"
        " return p && p.dataset.run !== before && ['finished', 'void'].includes(p.dataset.runState); }",
        arg=before,
        seconds=90,
    )


def replayed_digest(site: Site, session: int) -> str:
    """The hash of the files as the server replays them from its log."""
    digest = site.ask(
        "from annotations.models import RepairSession\n"
        "from annotations.sessions import replayed\n"
        f"result = replayed(RepairSession.objects.get(pk={session})).digest()"
    )
    return str(digest)
