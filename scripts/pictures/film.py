"""The journey that is filmed: from a red check to its cause, the line, the verdict; by mouse, and by keyboard alone.

The backend is the demo's Flask one without constraints, as a language model wrote it. It reads `offset` from the
address and hands it to SQLite, which cannot hold what is beyond 64 bits: a crash, answered with 500.
"""

from __future__ import annotations

from playwright.sync_api import Browser, Locator, Page

from scripts.pictures.browser import Scheme, enter, new_page, settle, until
from scripts.pictures.demo import Session
from scripts.pictures.person import Box, Person, Take

BACKEND = "uv-flask-openapi-unconstrained"
CHECK = "articles.list.offset-huge"
RAISED_AT = ("app/blueprints/articles.py", 30)
CALLED_AT = 28  # of the same file, where the offset comes from
DEFINED_AT, MENDED = 95, ("app/validators.py", 97)
BEFORE, AFTER = "min(", ", 2**63 - 1)"  # around the call in that line

PANEL_LEFT, PANEL_WIDTH, TOP = 988, 452, 44  # of the window of 1440 × 900
PANEL = Box(PANEL_LEFT, TOP, PANEL_WIDTH, 690)
PANEL_HEAD = Box(PANEL_LEFT, TOP, PANEL_WIDTH, 400)

IN_FILE = """([path, line]) => {
  const crumbs = [...document.querySelectorAll('#crumbs > *')].map((one) => one.textContent).join('');
  const position = document.querySelector('#position').textContent;
  return crumbs.includes(path.split('/').at(-1)) && position.includes(`Ln ${line},`);
}"""
# When the first of the red checks turned, and when the whole verdict was there, by the clock of the page.
WATCH = """(check) => {
  const seen = (window.__turned = {});
  const panel = () => document.querySelector('#run-panel'), before = panel().dataset.run;
  new MutationObserver(() => {
    const live = document.querySelector(`[data-awaited="${check}"]`);
    if (live?.dataset.now === 'passed') seen.green ??= performance.now();
    if (panel().dataset.run !== before && panel().dataset.runState === 'finished') {
      seen.green ??= performance.now();
      seen.verdict ??= performance.now();
    }
  }).observe(document.body, { childList: true, subtree: true, attributes: true });
}"""


def by_mouse(browser: Browser, url: str, session: Session, scheme: Scheme, *, filmed: bool) -> Take:
    """The journey as somebody goes it who points at things; with a picture of each step where it is filmed."""
    page, take, person = _begin(browser, url, session, scheme)
    person.sees(
        "Red checks",
        "The workspace opens on the verdict. Failures are grouped by cause; this one names its line.",
        f"() => document.querySelector('details[data-check=\"{CHECK}\"]') !== null",
        box=PANEL if filmed else None,
    )
    cause = page.locator(f"details.cause:has(details[data-check='{CHECK}'])")
    check = page.locator(f"details[data-check='{CHECK}']")
    if not cause.evaluate("cause => cause.open"):
        person.click(cause.locator("> summary"))  # a cause of one check opens with it
    if not check.evaluate("check => check.open"):
        person.click(check.locator("> summary"))
    person.sees(
        "Press the red check",
        "What must hold and who says so, what was expected and received, the request as sent.",
        f"() => document.querySelector('details[data-check=\"{CHECK}\"]').open",
        box=PANEL if filmed else None,
    )
    traceback = check.locator(f".loglines a[data-path='{RAISED_AT[0]}'][data-line='{RAISED_AT[1]}']").first
    person.scroll(page.locator("[data-scroll=causes]"), _to_the_end(traceback))
    person.sees(
        "Read on",
        "The response as received, and the server's log of that moment; its traceback names a line of the backend.",
        "() => true",
        box=PANEL if filmed else None,
    )
    person.click(traceback)
    person.sees(
        "Follow the link into the code",
        f"Line {RAISED_AT[1]} hands the offset to the database. It comes from get_pagination().",
        IN_FILE,
        list(RAISED_AT),
        box=(lambda: _code(page, width=756, height=420)) if filmed else None,
    )
    called = page.locator(".cm-line", has_text="= get_pagination()").first
    person.click(called, at=_of_text(called, "get_pagination"), holding="Control")
    person.sees(
        "Ctrl-click the name",
        "Its definition: whatever the address says becomes the offset, however large.",
        IN_FILE,
        [MENDED[0], DEFINED_AT],
        box=(lambda: _code(page, width=756, height=420)) if filmed else None,
    )
    line = page.locator(".cm-line", has_text='_int_arg("offset"').first
    person.click(line, at=_of_text(line, "_int_arg", before=True))
    _mend(person, filmed=filmed)
    _ask_for_checks(page, person, filmed=filmed)
    page.context.close()
    return take


def by_keyboard(browser: Browser, url: str, session: Session, scheme: Scheme) -> Take:
    """The same journey without a mouse. Nobody takes pictures of it."""
    page, take, person = _begin(browser, url, session, scheme)
    person.hand = "keyboard"
    red = page.locator("#run-panel details.cause details[data-check]").evaluate_all(
        "checks => checks.map((check) => check.dataset.check)"
    )
    person.press(*["F8"] * (red.index(CHECK) + 1))
    person.sees("F8 to the failure", "Its details, and in the editor its line.", IN_FILE, list(RAISED_AT))
    person.press(*["ArrowUp"] * (RAISED_AT[1] - CALLED_AT), "End", "ArrowLeft", "ArrowLeft", "F12")
    person.sees("F12 on the name", "Its definition.", IN_FILE, [MENDED[0], DEFINED_AT])
    person.press(*["ArrowDown"] * (MENDED[1] - DEFINED_AT), "Control+ArrowRight", "Control+ArrowRight", "ArrowRight")
    _mend(person, filmed=False)
    _ask_for_checks(page, person, filmed=False)
    page.context.close()
    return take


def _begin(browser: Browser, url: str, session: Session, scheme: Scheme) -> tuple[Page, Take, Person]:
    page = new_page(browser, scheme, scale=2)
    enter(page, url, session)  # signs in, and fills the browser's cache as a second visit has it
    take = Take()
    page.goto(f"{url}/sessions/{session.pk}/repair/")
    take.loading = until(page, "() => window.__amend && !document.querySelector('#editor').hidden") / 1000
    settle(page, 1500)  # the marks of failures, the log in the console
    return page, take, Person(page, take)


def _mend(person: Person, *, filmed: bool) -> None:
    """Type the repair around the call the cursor is before."""
    person.type(BEFORE)
    person.press("End")
    person.type(AFTER)
    person.sees(
        "Mend the line",
        "No offset beyond what the database can hold. Every edit is saved and recorded as it is typed.",
        "([path, text]) => window.__amend.files()[path].includes(text)",
        [MENDED[0], f'{BEFORE}_int_arg("offset", 0, 0){AFTER}'],
        box=(lambda: _code(person.page, width=500, height=442)) if filmed else None,
    )


def _ask_for_checks(page: Page, person: Person, *, filmed: bool) -> None:
    """Ask, see the first red check turn, then the verdict on everything."""
    page.evaluate(WATCH, CHECK)
    person.press("Control+Enter")
    until(page, "() => window.__turned.green")
    person.saw(
        "Ask for checks: the first red turns green",
        "What was red is judged first; its mark turns while the other checks are still under way.",
        page.evaluate("() => window.__turned.green"),
        box=PANEL_HEAD if filmed else None,
    )
    until(page, "() => window.__turned.verdict")
    settle(page, 300)
    person.saw(
        "The complete verdict",
        "Every check of the contract, and what the edit turned since the code was generated.",
        page.evaluate("() => window.__turned.verdict"),
        box=PANEL_HEAD if filmed else None,
    )


def _to_the_end(target: Locator) -> float:
    """How far to scroll so that something comes to rest in the lower part of the list."""
    box = target.bounding_box()
    return max(0.0, box["y"] - 640) if box else 0.0


def _code(page: Page, *, width: int, height: int) -> Box:
    """The editor around the line the cursor is in."""
    line = page.locator(".cm-activeLine").first.bounding_box()
    assert line is not None
    return Box(232, max(TOP, line["y"] - height * 0.7), width, height)


def _of_text(line: Locator, name: str, *, before: bool = False) -> tuple[float, float]:
    """Where in a line of the editor a name's middle is, or its beginning; pixels from the line's top left."""
    across, down = line.evaluate(
        """(line, [name, before]) => {
              const walker = document.createTreeWalker(line, NodeFilter.SHOW_TEXT);
              for (let node; (node = walker.nextNode()); ) {
                const at = node.data.indexOf(name);
                if (at < 0) continue;
                const range = document.createRange();
                range.setStart(node, at);
                range.setEnd(node, at + (before ? 1 : name.length));
                const box = range.getBoundingClientRect(), of = line.getBoundingClientRect();
                const across = before ? box.left + 1 : box.left + box.width / 2;
                return [across - of.left, box.top + box.height / 2 - of.top];
              }
            }""",
        [name, before],
    )
    return across, down
