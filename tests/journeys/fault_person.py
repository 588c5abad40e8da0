"""What a person does in a random-fault journey, at a desk whose page is ready."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.journeys.fault_machines import Desk

if TYPE_CHECKING:
    from tests.journeys.fault_schedule import Schedule

PASTE = """(place, text) => {
    const data = new DataTransfer();
    data.setData("text/plain", text);
    const paste = new ClipboardEvent("paste", { clipboardData: data, bubbles: true, cancelable: true });
    place.dispatchEvent(paste);
}"""
TEAR = ("plain", "é😀", "\ud83d", "\r\nzeile", '"\\u0000"', "\t")


def type_words(schedule: Schedule, desk: Desk) -> None:
    words = schedule.words()
    into(desk, "Control+Home" if schedule.chance() < 0.7 else "Control+End")
    desk.page.keyboard.type(f"# {words}\n")
    schedule.typed(desk, words)


def paste(schedule: Schedule, desk: Desk) -> None:
    words = schedule.words()
    lines = round(3 * 60 ** (2 * schedule.chance()))
    tear = TEAR[int(schedule.chance() * len(TEAR))]
    into(desk, "Control+Home")
    text = f"# {words}\n" + f"# pasted {tear} line of a text\n" * lines
    desk.page.locator(".cm-content").first.evaluate(PASTE, text)
    schedule.typed(desk, words)


def undo(schedule: Schedule, desk: Desk) -> None:
    into(desk)
    for _ in range(1 + int(3 * schedule.chance())):
        desk.page.keyboard.press("Control+z")


def redo(schedule: Schedule, desk: Desk) -> None:
    into(desk)
    desk.page.keyboard.press("Control+y")


def replace_all(schedule: Schedule, desk: Desk) -> None:
    """In this file: every `a`, or every `e`."""
    into(desk)
    words = schedule.words()
    desk.page.keyboard.press("Control+f")
    desk.page.fill(".cm-search input[name=search]", "ae"[int(2 * schedule.chance())])
    desk.page.fill(".cm-search input[name=replace]", words)
    desk.page.click(".cm-search button[name=replaceAll]")
    desk.page.keyboard.press("Escape")
    schedule.typed(desk, words)


def create_file(schedule: Schedule, desk: Desk) -> None:
    ask(desk, "New file", f"{schedule.words()}/ne w.py", "Create")


def rename_file(schedule: Schedule, desk: Desk) -> None:
    ask(desk, "Rename this file", f"{schedule.words()}.py", "Rename")


def delete_file(schedule: Schedule, desk: Desk) -> None:
    if len(desk.page.evaluate("window.__amend.files()")) > 3:
        ask(desk, "Delete this file", None, "Delete")


def ask_for_checks(schedule: Schedule, desk: Desk) -> None:
    desk.page.keyboard.press("Control+Enter")


def save_now(schedule: Schedule, desk: Desk) -> None:
    desk.page.keyboard.press("Control+s")


def take_over_here(schedule: Schedule, desk: Desk) -> None:
    if desk.page.locator("#banner button:has-text('Take over here')").count():
        desk.page.click("#banner button:has-text('Take over here')")
        desk.machine.arrive(desk)


def into(desk: Desk, key: str | None = None) -> None:
    """Into the text of the open file; a file that cannot be edited takes no click."""
    desk.page.click(".cm-content", position={"x": 40, "y": 8}, timeout=3_000)
    if key:
        desk.page.keyboard.press(key)


def ask(desk: Desk, command: str, path: str | None, verb: str) -> None:
    desk.page.keyboard.press("Control+k")
    desk.page.fill("#quick-input", f"> {command}", timeout=3_000)
    desk.page.keyboard.press("Enter")
    if path is not None:
        desk.page.fill("dialog.ask[open] input[type=text]", path, timeout=3_000)
    desk.page.click(f"dialog.ask[open] button:has-text('{verb}')", timeout=3_000)
