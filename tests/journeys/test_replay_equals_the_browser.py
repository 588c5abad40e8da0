"""Every way of changing text, in Chromium on the real site: after each, replay equals what the browser shows."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from tests.journeys.conftest import Site
from tests.journeys.steps import all_saved, open_file, replayed_digest, sign_in, until, workspace_ready
from tests.journeys.test_nothing_is_lost import _workspace_url, take_over_if_asked

pytestmark = [pytest.mark.journey, pytest.mark.sandbox]
LF, CRLF = "words.txt", "windows.txt"
MAKE = """
from tests.journeys.study import newcomer
from annotations.sessions import open_session
from studies.assignments import assign_backends
from studies.imports import import_backend
from studies.models import Assignment, Study
files = {
    "run.sh": b"#!/bin/sh\\n", "requirements.txt": b"flask\\n",
    "words.txt": "alpha beta gamma\\nalpha delta\\n\\U0001f600 end\\n".encode(),
    "windows.txt": b"one\\r\\ntwo\\r\\nthree\\r\\n",
}
study = Study.objects.get(slug="journey")
backend = import_backend(study=study, files=files, task_id="uv-flask-openapi-unconstrained", name="words")
assign_backends(backends=[backend], annotator=newcomer("typing"))
result = open_session(assignment=Assignment.objects.get(backend=backend)).pk
"""


@pytest.fixture(scope="module")
def session(site: Site) -> int:
    """A session on three small files of ours, one with CRLF, one with an emoji."""
    return int(site.ask(MAKE))


@pytest.fixture
def workspace(page: Any, site: Site, session: int) -> Iterator[Any]:
    page.context.grant_permissions(["clipboard-read", "clipboard-write"], origin=site.url)
    sign_in(page, site, "typing")
    page.goto(_workspace_url(site, session))
    take_over_if_asked(page)
    workspace_ready(page)
    open_file(page, LF)
    page.click(".cm-content")
    yield page


def text(page: Any, path: str = LF) -> str:
    return str(page.evaluate(f"window.__amend.files()['{path}']"))


def agree(page: Any, site: Site, session: int) -> bool:
    all_saved(page)
    return bool(page.evaluate("window.__amend.digest()") == replayed_digest(site, session))


def test_typing_deleting_undoing_and_redoing(workspace: Any, site: Site, session: int) -> None:
    workspace.keyboard.press("Control+End")
    workspace.keyboard.type("typed ")
    for key in ("Backspace", "Control+Backspace", "Control+z", "Control+z", "Control+y", "Enter", "Tab"):
        workspace.keyboard.press(key)
    workspace.keyboard.type("again 😀")
    assert "again 😀" in text(workspace)
    workspace.keyboard.press("Backspace")
    assert agree(workspace, site, session)


def test_pasting_and_cutting_text_with_carriage_returns_and_emoji(workspace: Any, site: Site, session: int) -> None:
    workspace.evaluate("navigator.clipboard.writeText('first\\r\\nsecond 👩‍👩‍👧\\rthird\\n')")
    workspace.keyboard.press("Control+Home")
    workspace.keyboard.press("Control+v")
    until(workspace, f"window.__amend.files()['{LF}'].startsWith('first\\nsecond')")
    workspace.keyboard.press("Shift+ArrowUp")
    workspace.keyboard.press("Control+x")
    workspace.keyboard.press("Control+v")
    assert "\r" not in text(workspace)
    assert agree(workspace, site, session)


def test_dragging_a_word_elsewhere(workspace: Any, site: Site, session: int) -> None:
    before = text(workspace)
    line = workspace.locator(".cm-line:has-text('alpha beta gamma')").first
    box = line.bounding_box()
    workspace.mouse.dblclick(box["x"] + 60, box["y"] + 10)
    workspace.mouse.move(box["x"] + 60, box["y"] + 10)
    workspace.mouse.down()
    for step in range(1, 6):
        workspace.mouse.move(box["x"] + 60 - 8 * step, box["y"] + 10 + 4 * step)
    workspace.mouse.up()
    until(workspace, "before => window.__amend.files()['words.txt'] !== before", before)
    assert sorted(text(workspace)) == sorted(before)
    assert agree(workspace, site, session)


def test_composing_with_an_input_method(workspace: Any, site: Site, session: int) -> None:
    workspace.keyboard.press("Control+Home")
    devtools = workspace.context.new_cdp_session(workspace)
    for composed in ("に", "にほ", "にほん"):
        state = {"text": composed, "selectionStart": len(composed), "selectionEnd": len(composed)}
        devtools.send("Input.imeSetComposition", state)
    devtools.send("Input.insertText", {"text": "日本"})
    until(workspace, f"window.__amend.files()['{LF}'].startsWith('日本')")
    assert agree(workspace, site, session)


def test_typing_at_several_cursors_and_replacing_all(workspace: Any, site: Site, session: int) -> None:
    workspace.keyboard.press("Control+Home")
    workspace.keyboard.type("alpha alpha\nalpha\n")
    workspace.keyboard.press("Control+Home")
    workspace.keyboard.press("Control+Shift+ArrowRight")
    for _ in range(2):
        workspace.keyboard.press("Control+d")
    workspace.keyboard.type("omega😀")
    assert text(workspace).startswith("omega😀 omega😀\nomega😀\n")
    workspace.keyboard.press("Control+z")
    assert agree(workspace, site, session)
    workspace.keyboard.press("Control+f")
    workspace.fill(".cm-search input[name=search]", "alpha")
    workspace.fill(".cm-search input[name=replace]", "ωμέγα")
    workspace.click(".cm-search button[name=replaceAll]")
    assert "alpha" not in text(workspace)
    workspace.keyboard.press("Escape")
    assert agree(workspace, site, session)


def test_half_an_emoji(workspace: Any, site: Site, session: int) -> None:
    workspace.keyboard.press("Control+Home")
    workspace.evaluate("document.execCommand('insertText', false, '\\ud83d')")
    until(workspace, f"window.__amend.files()['{LF}'].charCodeAt(0) === 0xd83d")
    assert agree(workspace, site, session)


def test_a_file_with_crlf_keeps_it_and_gets_it_in_new_lines(workspace: Any, site: Site, session: int) -> None:
    open_file(workspace, CRLF)
    workspace.click(".cm-content")
    workspace.keyboard.press("Control+Home")
    workspace.keyboard.type("zero\n")
    assert text(workspace, CRLF) == "zero\none\ntwo\nthree\n"
    assert agree(workspace, site, session)
    stored = site.ask(
        "from annotations.models import RepairSession\nfrom annotations.sessions import replayed\n"
        f"result = replayed(RepairSession.objects.get(pk={session})).files()['{CRLF}'].decode()"
    )
    assert stored == "zero\r\none\r\ntwo\r\nthree\r\n"


def test_files_made_renamed_and_deleted(workspace: Any, site: Site, session: int) -> None:
    def ask(command: str, path: str | None, verb: str) -> None:
        workspace.keyboard.press("Control+p")
        workspace.fill("#quick-input", f"> {command}")
        workspace.keyboard.press("Enter")
        if path is not None:
            workspace.fill("dialog.ask[open] input[type=text]", path)
        workspace.click(f"dialog.ask[open] button:has-text('{verb}')")

    ask("New file", "folder/new.py", "Create")
    until(workspace, "'folder/new.py' in window.__amend.files()")
    workspace.click(".cm-content")
    workspace.keyboard.type("x = 1\n")
    ask("Rename this file", "folder/newer.py", "Rename")
    until(workspace, "'folder/newer.py' in window.__amend.files()")
    assert agree(workspace, site, session)
    ask("Delete this file", None, "Delete")
    until(workspace, "!('folder/newer.py' in window.__amend.files())")
    assert agree(workspace, site, session)
