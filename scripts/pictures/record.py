"""Pictures of what a session left: the comparison with the generated code, between two states, and the replay."""

from __future__ import annotations

from playwright.sync_api import Page

from scripts.pictures.browser import settle, until
from scripts.pictures.demo import Session, newcomer
from scripts.pictures.film import BACKEND
from scripts.pictures.odd_backends import TOO_LONG
from scripts.pictures.stage import Stage
from scripts.pictures.workspace import JUDGED, mend

MOVED = ("app/utils.py", 8, 11)  # first and last line of the function that goes to the end of its file


def pictures(stage: Stage) -> None:
    (session,) = newcomer(BACKEND)
    repair(stage, session)
    in_the_workspace(stage, session)
    between_states(stage, session)
    huge(stage)
    replay(stage, session)


def repair(stage: Stage, session: Session) -> None:
    """A session with something to see: a repair, a moved block, a renamed file, white space; two runs."""
    page = stage.workspace(session)
    mend(page)
    judged(page)
    open_file(page, MOVED[0])
    go_to_line(page, MOVED[1])
    for _ in range(MOVED[2] - MOVED[1] + 1):
        page.keyboard.press("Shift+ArrowDown")
    page.keyboard.press("Control+x")
    page.keyboard.press("Control+End")
    page.keyboard.type("\n\n")
    page.keyboard.press("Control+v")
    open_file(page, "app/errors.py")
    page.keyboard.press("Control+Home")
    page.keyboard.type('"""What goes wrong, as answers."""\n\n')
    page.keyboard.press("Control+a")
    open_file(page, "app/blueprints/tags.py")
    page.click("#file-menu button[slot=trigger]")
    page.click("#file-menu wa-dropdown-item[value=rename]")
    page.fill("dialog[open] input", "app/blueprints/tag_list.py")
    page.keyboard.press("Enter")
    settle(page, 800)
    judged(page)
    page.context.close()


def in_the_workspace(stage: Stage, session: Session) -> None:
    page = stage.workspace(session)
    page.click("#open-compare")
    page.wait_for_selector("#compare-diff table")
    page.locator("#compare-files button, #compare-files a", has_text="validators.py").first.click()
    settle(page, 800)
    stage.shot(page, "diff")
    page.click("#compare [data-mode=inline]")
    settle(page, 600)
    stage.shot(page, "diff-inline")
    page.click("#compare [data-mode=side]")
    page.click("#compare-whitespace")
    page.click("#compare-wrap")
    settle(page, 600)
    stage.shot(page, "diff-wrapped")
    stage.narrow_shots(page, "diff")
    page.context.close()


def between_states(stage: Stage, session: Session) -> None:
    page = stage.workspace(session)
    compare = f"{stage.url}/sessions/{session.pk}/compare/"
    page.goto(f"{compare}?path={MOVED[0]}")
    page.wait_for_selector("#changes table")
    settle(page, 600)
    stage.shot(page, "compare")
    page.goto(f"{compare}?path=app/blueprints/tag_list.py")
    settle(page, 600)
    stage.shot(page, "compare-renamed")
    page.goto(f"{compare}?from=now&to=now")
    settle(page, 600)
    stage.shot(page, "compare-nothing")
    page.context.close()


def huge(stage: Stage) -> None:
    """A line is put before each of 12,000: every line number changes, and most of the table is left out."""
    (session,) = newcomer(TOO_LONG)
    page = stage.workspace(session)
    open_file(page, "app/large.json")
    page.keyboard.press("Control+Home")
    page.keyboard.type("[]\n")
    page.goto(f"{stage.url}/sessions/{session.pk}/compare/?path=app/large.json")
    settle(page, 1500)
    stage.shot(page, "compare-huge")
    page.context.close()


def replay(stage: Stage, session: Session) -> None:
    page = stage.workspace(session)
    page.goto(f"{stage.url}/sessions/{session.pk}/history/")
    page.wait_for_selector("#play:not([disabled])")
    page.click("#next-run")
    settle(page)
    page.click("#play")
    settle(page, 1500)
    stage.shot(page, "replay")
    stage.narrow_shots(page, "replay")
    page.set_viewport_size({"width": stage.size[0], "height": stage.size[1]})
    page.click("wa-tab[panel=events]")
    settle(page)
    stage.shot(page, "replay-events")
    page.context.close()


def judged(page: Page) -> None:
    before = page.get_attribute("#run-panel", "data-run")
    page.keyboard.press("Control+Enter")
    until(page, JUDGED, before)


def open_file(page: Page, path: str) -> None:
    page.keyboard.press("Control+p")
    page.fill("#quick-input", path)
    page.keyboard.press("Enter")
    until(page, "name => document.querySelector('#crumbs').textContent.includes(name)", path.split("/")[-1])


def go_to_line(page: Page, line: int) -> None:
    page.keyboard.press("Alt+g")
    page.wait_for_selector("dialog[open] input")
    page.keyboard.type(str(line))
    page.keyboard.press("Enter")
