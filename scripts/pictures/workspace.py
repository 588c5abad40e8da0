"""Pictures of the workspace in each of its states, from loading to a window that somebody else took over."""

from __future__ import annotations

from typing import Any

from playwright.sync_api import Page, Route

from scripts.pictures.browser import enter, settle, sign_in, until
from scripts.pictures.demo import Session, lose_the_worker, newcomer
from scripts.pictures.film import BACKEND, CHECK
from scripts.pictures.odd_backends import TOO_LONG, never_run
from scripts.pictures.stage import Stage

JUDGED = """before => {
  const panel = document.querySelector('#run-panel');
  return panel.dataset.run !== before && panel.dataset.runState === 'finished';
}"""


def pictures(stage: Stage) -> None:
    """All states. Each takes a session of its own where what it does would show in the next."""
    opening(stage)
    (session,) = newcomer(BACKEND)
    red_and_running(stage, session)
    looking_around(stage, session)
    trouble(stage, session)
    nothing_yet(stage)
    too_long(stage)


def opening(stage: Stage) -> None:
    """Loading, and a session that cannot be opened because the server does not answer."""
    (session,) = newcomer(BACKEND)
    page = stage.page()
    sign_in(page, stage.url, session.person)
    held: list[Route] = []
    page.route("**/state", lambda route: held.append(route))
    page.goto(f"{stage.url}/sessions/{session.pk}/repair/", wait_until="commit")
    page.wait_for_selector("#loading-step:has-text('files')")
    settle(page)
    stage.shot(page, "workspace-loading")
    for route in held:
        route.abort()
    page.wait_for_selector("#loading button, #loading a")
    settle(page)
    stage.shot(page, "workspace-unreachable")
    page.context.close()


def red_and_running(stage: Stage, session: Session) -> None:
    """A red check with its details; one check run alone; checks under way; a verdict; a void run."""
    page = stage.workspace(session)
    open_check(page)
    stage.shot(page, "workspace")
    stage.narrow_shots(page, "workspace")
    page.set_viewport_size({"width": stage.size[0], "height": stage.size[1]})
    page.focus(f"details[data-check='{CHECK}'] > summary")
    page.keyboard.press("r")
    page.wait_for_selector("#run-partial")
    settle(page)
    stage.shot(page, "workspace-partial")
    page.click("#partial-place [data-close-partial]")
    before = page.get_attribute("#run-panel", "data-run")
    mend(page)
    page.keyboard.press("Control+Enter")
    until(page, "() => /\\d\\d+ of \\d+ checks/.test(document.querySelector('#run-live')?.textContent ?? '')")
    stage.shot(page, "workspace-running")
    until(page, JUDGED, before)
    settle(page, 800)
    stage.shot(page, "workspace-turned")
    lose_the_worker(session)
    enter(page, stage.url, session)
    settle(page, 1500)
    stage.shot(page, "workspace-void")
    page.context.close()


def looking_around(stage: Stage, session: Session) -> None:
    """Two columns, search over all files, palette, keys, task, structure, a request of one's own."""
    page = stage.workspace(session)
    page.focus(".cm-content")
    page.keyboard.press("Control+\\")
    page.keyboard.press("Control+p")
    page.fill("#quick-input", "models.py")
    page.keyboard.press("Enter")
    settle(page, 800)
    stage.shot(page, "workspace-columns")
    page.keyboard.press("Control+\\")
    page.keyboard.press("Control+Shift+f")
    page.fill("#search-input", "current_user")
    page.fill("#replace-input", "reader")
    page.wait_for_selector("#search-results button, #search-results a")
    settle(page, 800)
    stage.shot(page, "workspace-search")
    page.keyboard.press("Control+k")
    page.fill("#quick-input", "art")
    settle(page, 600)
    stage.shot(page, "workspace-palette")
    page.keyboard.press("Escape")
    page.click("#show-keys")
    settle(page)
    stage.shot(page, "workspace-keys")
    page.keyboard.press("Escape")
    page.click("wa-tab[panel=task]")
    settle(page)
    stage.shot(page, "workspace-task")
    page.click("wa-tab[panel=files]")
    page.click("wa-tab[panel=structure]")
    settle(page)
    stage.shot(page, "workspace-structure")
    page.click("wa-tab[panel=checks]")
    page.click("wa-tab[panel=send]")
    page.click("#held-start")
    until(page, "() => document.querySelector('#held-state').textContent.includes('left')")
    page.fill("#composer-path", "/api/articles?limit=2")
    page.click("#composer-send")
    page.wait_for_selector("#composer-answer pre")
    settle(page)
    stage.shot(page, "workspace-send")
    page.click("#held-end")
    page.context.close()


def trouble(stage: Stage, session: Session) -> None:
    """No connection, signed out, taken over by another page, paused."""
    page = stage.workspace(session)
    page.context.set_offline(True)
    type_a_comment(page)
    page.wait_for_selector("#banner:not([hidden])")
    settle(page, 1500)
    stage.shot(page, "workspace-offline")
    page.context.set_offline(False)
    page.wait_for_selector("#banner", state="hidden")
    cookies: Any = page.context.cookies()
    page.context.clear_cookies()
    type_a_comment(page)
    page.wait_for_selector("#banner:has-text('signed out')")
    settle(page)
    stage.shot(page, "workspace-signed-out")
    page.context.add_cookies(cookies)
    page.click("#banner button")
    page.wait_for_selector("#banner", state="hidden")
    page.click("#pause")
    page.wait_for_selector("dialog[open]")
    settle(page)
    stage.shot(page, "workspace-pause")
    page.keyboard.press("Escape")
    other = page.context.new_page()
    other.goto(f"{stage.url}/sessions/{session.pk}/repair/")
    other.wait_for_selector("dialog[open]")
    settle(other)
    stage.shot(other, "workspace-held")
    other.click("dialog[open] button:has-text('Take over')")
    page.wait_for_selector("#banner:has-text('Another page')")
    page.bring_to_front()
    page.focus(".cm-content")
    page.mouse.move(640, 400)
    settle(page, 800)
    stage.shot(page, "workspace-taken-over")
    page.context.close()


def nothing_yet(stage: Stage) -> None:
    """A backend whose checks nobody has run."""
    page = stage.workspace(newcomer(never_run())[0])
    stage.shot(page, "workspace-no-run")
    page.context.close()


def too_long(stage: Stage) -> None:
    """Names and messages that do not fit, and a file too large to edit."""
    page = stage.workspace(newcomer(TOO_LONG)[0])
    stage.shot(page, "workspace-too-long")
    page.keyboard.press("Control+p")
    page.fill("#quick-input", "large.json")
    page.keyboard.press("Enter")
    settle(page, 1500)
    stage.shot(page, "workspace-large-file")
    page.context.close()


def open_check(page: Page) -> None:
    """To the filmed check with F8, which opens it and goes to its line."""
    for _ in range(10):
        page.keyboard.press("F8")
        if page.evaluate("() => document.querySelector('details[data-current]')?.dataset.check") == CHECK:
            break
    settle(page, 800)


def mend(page: Page) -> None:
    """The repair of the film, typed without pause."""
    page.keyboard.press("Control+p")
    page.fill("#quick-input", "validators.py")
    page.keyboard.press("Enter")
    until(page, "() => document.querySelector('#crumbs').textContent.includes('validators.py')")
    page.keyboard.press("Alt+g")
    page.wait_for_selector("dialog[open] input")
    page.keyboard.type("97")
    page.keyboard.press("Enter")  # to the first letter of the line
    for _ in range(len("offset = ")):
        page.keyboard.press("ArrowRight")
    page.keyboard.type("min(")
    page.keyboard.press("End")
    page.keyboard.type(", 2**63 - 1)")


def type_a_comment(page: Page) -> None:
    page.focus(".cm-content")
    page.keyboard.press("Control+Home")
    page.keyboard.type("# offsets are bounded, see validators.py\n")
