"""Machines with a browser each, and the pages a person has open in them, as the random-fault journey uses them."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.journeys.conftest import PASSWORD

# Looks 40 times a second whether the status bar tells the truth, from the first moment of every page.
WITNESS = """(() => {
    window.__lies = [];
    const look = () => {
        const amend = window.__amend, place = document.querySelector("#saving");
        const words = place?.textContent ?? "";
        if (!amend || !/All edits saved|Nothing to save/.test(words)) return;
        const [recorded, accepted] = [amend.recorded(), amend.accepted()];
        if (recorded !== accepted) window.__lies.push(`“${words}”, but ${accepted} of ${recorded} are saved`);
    };
    setInterval(look, 25);
    if (sessionStorage.getItem("refuse-storage")) IDBFactory.prototype.open = () => { throw new Error("refused"); };
})()"""
JOURNAL = """session => new Promise((done, failed) => {
    const opening = indexedDB.open("amend-workspace");
    opening.onupgradeneeded = () => opening.transaction.abort();
    opening.onerror = () => done({ events: [], stranded: [] });
    opening.onsuccess = () => {
        const take = window.__transaction ?? IDBDatabase.prototype.transaction;
        const reading = take.call(opening.result, ["events", "stranded"]);
        const [events, stranded] = ["events", "stranded"].map(name => reading.objectStore(name).getAll());
        reading.oncomplete = () => {
            opening.result.close();
            const ours = rows => rows.result.filter(row => row.session === session);
            done({ events: ours(events), stranded: ours(stranded) });
        };
        reading.onerror = () => failed(reading.error);
    };
})"""
STANDING = """() => {
    const shown = selector => [...document.querySelectorAll(selector)].some(one => one.checkVisibility());
    if (document.querySelector("dialog[open]")) return "asks";
    if (document.querySelector("input[name=username]")) return "sign-in";
    if (window.__amend && shown("#editor, #not-text, #workspace")) return "ready";
    if (document.querySelector("#loading button, #loading a")) return "failed";
    return document.querySelector("#loading") ? "loading" : "elsewhere";
}"""


@dataclass
class Desk:
    """One page of a machine with the workspace of the session in it, as far as it got."""

    machine: Machine
    page: Any
    name: str
    frozen: bool = False

    def standing(self) -> str:
        """`ready`, `asks`, `sign-in`, `failed`, `loading` or `elsewhere`."""
        try:
            return str(self.page.evaluate(STANDING))
        except Exception:  # between two documents there is nothing to ask
            return "loading"

    def ready(self) -> bool:
        return not self.frozen and self.standing() == "ready"

    def numbers(self) -> dict[str, Any]:
        """What the page says and holds, taken at one moment."""
        said: dict[str, Any] = self.page.evaluate(
            "() => ({ recorded: window.__amend.recorded(), accepted: window.__amend.accepted(),"
            " digest: window.__amend.digest(), saving: document.querySelector('#saving').textContent,"
            " banner: document.querySelector('#banner').textContent, lies: window.__lies.splice(0) })"
        )
        return said

    def texts(self) -> str:
        return "\n".join(text or "" for text in self.page.evaluate("window.__amend.files()").values())

    def journal(self, session: int) -> dict[str, list[dict[str, Any]]]:
        held: dict[str, list[dict[str, Any]]] = self.page.evaluate(JOURNAL, session)
        return held

    def devtools(self, command: str, **arguments: Any) -> None:
        connection = self.page.context.new_cdp_session(self.page)
        connection.send(command, arguments)
        connection.detach()


@dataclass
class Machine:
    """A computer: one browser with a profile on disk, which outlives the browser's death."""

    name: str
    profile: Path
    chromium: str
    playwright: Any
    person: str
    address: str
    offline: bool = False
    context: Any = None
    desks: list[Desk] = field(default_factory=list)
    opened: int = 0

    def boot(self) -> None:
        # As people have it: pages that are left are kept for the way back. Chromium's own test flag turns that off.
        self.context = self.playwright.chromium.launch_persistent_context(
            str(self.profile),
            executable_path=self.chromium,
            args=["--no-sandbox", "--disable-dev-shm-usage", "--disable-background-networking", "--disable-sync"],
            ignore_default_args=["--disable-back-forward-cache"],
            viewport={"width": 1440, "height": 900},
        )
        self.context.add_init_script(WITNESS)
        self.context.set_default_timeout(6_000)
        self.context.set_offline(self.offline)

    def sit_down(self) -> Desk:
        """A further page that goes to the workspace."""
        if self.context is None:
            self.boot()
        self.opened += 1
        desk = Desk(self, self.context.new_page(), f"{self.name} {self.opened}")
        desk.page.on("dialog", lambda dialog: dialog.accept())  # “Leave the page?”: yes, whatever it says
        self.desks.append(desk)
        self.visit(desk)
        return desk

    def visit(self, desk: Desk) -> None:
        with suppressed():
            desk.page.goto(self.address, wait_until="domcontentloaded")
        self.arrive(desk)

    def arrive(self, desk: Desk, *, seconds: float = 12) -> str:
        """Wait until the page is somewhere; sign in where it asks."""
        for _ in range(round(seconds / 0.1)):
            standing = desk.standing()
            if standing == "sign-in":
                self.sign_in(desk)
                return desk.standing()
            if standing != "loading":
                return standing
            desk.page.wait_for_timeout(100)
        return desk.standing()

    def sign_in(self, desk: Desk) -> None:
        with suppressed():
            desk.page.fill("input[name=username]", self.person)
            desk.page.fill("input[name=password]", PASSWORD)
            desk.page.click("main button[type=submit]")
            desk.page.wait_for_selector("input[name=username]", state="detached")
            desk.page.goto(self.address, wait_until="domcontentloaded")
            desk.page.wait_for_selector("#editor:not([hidden]), #not-text:not([hidden]), dialog[open], #loading button")

    def sign_in_elsewhere(self) -> None:
        """Sign in in a tab of its own, which is closed then; nothing where one is signed in."""
        with suppressed():
            page = self.context.new_page()
            try:
                page.goto(self.address.split("/sessions/")[0])
                if page.locator("input[name=username]").count():
                    page.fill("input[name=username]", self.person)
                    page.fill("input[name=password]", PASSWORD)
                    page.click("main button[type=submit]")
                    page.wait_for_selector("input[name=username]", state="detached")
            finally:
                page.close()

    def close(self, desk: Desk) -> None:
        self.desks.remove(desk)
        with suppressed():
            desk.page.close()

    def die(self) -> None:
        """SIGKILL to every process of the browser, which has this profile for itself."""
        self.desks.clear()
        for process in self._processes():
            with suppressed(ProcessLookupError):
                os.kill(process, signal.SIGKILL)
        with suppressed():
            self.context.close()
        self.context = None
        for lock in ("SingletonLock", "SingletonCookie", "SingletonSocket"):
            (self.profile / lock).unlink(missing_ok=True)

    def _processes(self) -> list[int]:
        found = []
        for entry in Path("/proc").iterdir():
            if entry.name.isdecimal() and int(entry.name) != os.getpid():
                with suppressed(OSError):
                    argv = (entry / "cmdline").read_bytes().decode("utf-8", "replace").split("\0")
                    if f"--user-data-dir={self.profile}" in argv:
                        found.append(int(entry.name))
        return found


@contextmanager
def suppressed(*kinds: type[BaseException]) -> Iterator[None]:
    """What a page cannot do now (it is gone, the network is gone) is not what these journeys judge."""
    from playwright.sync_api import Error

    with suppress(*(kinds or (Error,))):
        yield
