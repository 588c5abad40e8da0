"""The editor on the real site: replace everywhere, look up, split, restore; the log replays to the same text."""

from __future__ import annotations

from typing import Any

import pytest

from tests.journeys.conftest import Site
from tests.journeys.steps import all_saved, open_file, replayed_digest, sign_in, until, workspace_ready

pytestmark = [pytest.mark.journey, pytest.mark.sandbox]
SERVICE, MODELS = "app/services.py", "app/models.py"
MAKE = """
from tests.journeys.study import newcomer
from annotations.sessions import open_session
from studies.assignments import assign_backends
from studies.imports import import_backend
from studies.models import Assignment, Study
files = {
    "run.sh": b"#!/bin/sh\\n", "requirements.txt": b"flask\\n", "app/__init__.py": b"",
    "app/models.py": b"class Article:\\r\\n    def rename(self, title):\\r\\n        self.title = title\\r\\n",
    "app/services.py": "from app.models import Article\\n\\n# \\U0001f600 Article\\n"
                       "article = Article()\\narticle.rename('x')\\n".encode(),
}
study = Study.objects.get(slug="journey")
backend = import_backend(study=study, files=files, task_id="uv-flask-openapi-unconstrained", name="editing")
assign_backends(backends=[backend], annotator=newcomer("editing"))
result = open_session(assignment=Assignment.objects.get(backend=backend)).pk
"""


def test_replacing_looking_up_splitting_and_restoring_are_recorded_to_the_letter(page: Any, site: Site) -> None:
    session = int(site.ask(MAKE))
    sign_in(page, site, "editing")
    page.goto(f"{site.url}/sessions/{session}/repair/")
    workspace_ready(page)
    generated = files(page)

    # Replaced in two files, one of them with CRLF and never opened, one with an emoji.
    page.keyboard.press("Control+Shift+f")
    page.fill("#search-input", "Article")
    page.click("#search-case")
    page.fill("#replace-input", "Essay🙂")
    until(page, "document.querySelectorAll('#search-results ins').length === 4")
    page.click("#replace-all")
    page.click("dialog[open] button:has-text('Replace')")
    until(page, f"!window.__amend.files()[{MODELS!r}].includes('Article')")
    assert agrees(page, site, session)

    # Two columns on one file; what is typed in one is undone in the other.
    open_file(page, SERVICE)
    page.click("#column .cm-content")
    page.keyboard.press("Control+\\")
    page.click("#second-column .cm-content")
    page.keyboard.press("Control+Home")
    page.keyboard.type("# right")
    page.keyboard.press("Enter")
    page.click("#column .cm-content")
    page.keyboard.press("Control+z")
    page.keyboard.press("Control+z")
    assert agrees(page, site, session)

    # From the call to the method in the other file, and back.
    page.keyboard.press("Control+End")
    page.keyboard.press("ArrowUp")
    page.keyboard.press("Home")
    for _ in range(len("article.ren")):
        page.keyboard.press("ArrowRight")
    page.keyboard.press("F12")
    until(page, "document.querySelector('#crumbs').textContent.includes('models.py')")
    page.keyboard.press("Alt+ArrowLeft")
    until(page, "document.querySelector('#crumbs').textContent.includes('services.py')")

    # Back to what was generated: both files, to the letter and to the byte.
    for path in (SERVICE, MODELS):
        open_file(page, path)
        page.click("#column .cm-content")
        command(page, "restore this file")
        page.click("dialog[open] button:has-text('Restore the file')")
    assert files(page) == generated
    command(page, "delete this file")
    page.click("dialog[open] button:has-text('Delete')")
    command(page, f"restore the deleted file {MODELS}")
    until(page, f"window.__amend.files()[{MODELS!r}] !== undefined")
    assert files(page) == generated
    assert agrees(page, site, session)
    log = site.ask(
        "from annotations.event_log import read_events\n"
        "from annotations.models import RepairSession\n"
        f"events = list(read_events(RepairSession.objects.get(pk={session})))\n"
        "result = [sorted({e['kind'] for e in events}), sorted({e['user'] for e in events if e['kind'] == 'edit'})]"
    )
    assert {"replaced", "restored", "split", "definition.opened", "searched"} <= set(log[0])
    assert {"input.replace.files", "restore.file", "undo"} <= set(log[1])


def files(page: Any) -> dict[str, str]:
    held: dict[str, str] = page.evaluate("window.__amend.files()")
    return held


def agrees(page: Any, site: Site, session: int) -> bool:
    all_saved(page)
    return bool(page.evaluate("window.__amend.digest()") == replayed_digest(site, session))


def command(page: Any, words: str) -> None:
    page.keyboard.press("Control+k")
    page.fill("#quick-input", f"> {words}")
    page.keyboard.press("Enter")
