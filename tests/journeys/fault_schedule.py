"""A schedule of a random-fault journey: which acts follow each other, and what was seen while they did.

The acts and every choice within them come from the seed; what the machines are quick enough for does not.
"""

from __future__ import annotations

import random
import zlib
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from tests.journeys.conftest import Site
from tests.journeys.fault_acts import ACTS, Act
from tests.journeys.fault_machines import Desk, Machine, suppressed

KILL_DATABASE = """
import os, signal, time
from amend.engines import _cluster
cluster = _cluster()
process = int((cluster.data / 'postmaster.pid').read_text().split()[0])
os.kill(process, signal.SIGQUIT)
while os.path.exists(f'/proc/{process}'): time.sleep(0.02)
result = True
"""
START_DATABASE = "from amend.engines import start_postgres\nstart_postgres()\nresult = None"
MILLISECONDS_UNTIL_KEPT = 3_000


@dataclass
class Schedule:
    """One journey under way. `told` is its diary, which a failure prints."""

    seed: int
    site: Site
    session: int
    machines: list[Machine]
    told: list[str] = field(default_factory=list)
    said: dict[str, str] = field(default_factory=dict)  # what was typed → at which desk
    excused: set[str] = field(default_factory=set)  # typed where the page said that it keeps no copy
    promises: list[tuple[int, str]] = field(default_factory=list)  # “All edits saved” at this entry, with this hash
    lies: list[str] = field(default_factory=list)
    stragglers: list[tuple[str, str, dict[str, str]]] = field(default_factory=list)
    waiting: list[Any] = field(default_factory=list)
    database_back_in: int = 0

    def __post_init__(self) -> None:
        self._choices = random.Random(self.seed)
        self._within = random.Random(self.seed)
        self._words = 0

    def run(self, acts: int) -> None:
        """So many acts, chosen by the seed, each at one of the desks; nobody helps in between."""
        self.machines[0].sit_down()
        for number in range(acts):
            act = self._choices.choices(list(ACTS), list(ACTS.values()))[0]
            where, self._within = self._choices.random(), random.Random(self._choices.random())
            desk = self._desk(where)
            self.answer_questions(desk)
            self._do(number, act, desk)
            self._after_an_act()
        self.heal()

    def _do(self, number: int, act: Act, desk: Desk) -> None:
        ready = desk.ready()
        self.tell(f"{number:2} {act.__name__} at {desk.name}" + ("" if ready else f" ({desk.standing()})"))
        if not ready:
            if self.chance() < 0.7:  # without a network nothing opens: mostly somebody waits for it
                desk.machine.offline = False
                desk.machine.context.set_offline(False)
            desk.machine.visit(desk)
            self.answer_questions(desk)
            if not desk.ready():
                return
        try:
            act(self, desk)
        except Exception as error:  # an act that the page forbids just now; what counts is compared after it
            self.tell(f"   could not: {str(error).splitlines()[0][:150]}")

    def _desk(self, where: float) -> Desk:
        desks = [desk for machine in self.machines for desk in machine.desks]
        if not desks:
            return self.machines[int(where * 2)].sit_down()
        desk = desks[int(where * len(desks))]
        if desk.frozen:
            self.thaw(desk)
        return desk

    def _after_an_act(self) -> None:
        for desk in [desk for machine in self.machines for desk in machine.desks if not desk.frozen]:
            with suppressed():
                if desk.standing() in ("ready", "asks"):
                    self.look(desk)
        waiting, self.waiting = self.waiting, []
        for route in waiting[:-1] if self.chance() < 0.5 else waiting:
            with suppressed():
                route.continue_()
        if self.stragglers and self.chance() < 0.4:
            self._deliver(*self.stragglers.pop(0))
        if self.database_back_in:
            self.database_back_in -= 1
            if not self.database_back_in:
                self.site.ask(START_DATABASE)

    def _deliver(self, url: str, body: str, headers: dict[str, str]) -> None:
        with suppressed():
            machine = next(machine for machine in self.machines if machine.context)
            answer = machine.context.request.post(url, data=body.encode(), headers=headers)
            self.tell(f"   a late copy is answered {answer.status}: {answer.text()[:100]}")

    def tell(self, line: str) -> None:
        self.told.append(line)
        print(line, flush=True)

    # What acts ask for

    def chance(self) -> float:
        return self._within.random()

    def words(self) -> str:
        self._words += 1
        return f"words{self.seed}x{self._words}y"

    def typed(self, desk: Desk, words: str) -> None:
        """These words were typed, unless the page did not let anybody type."""
        if words in desk.texts():
            self.said[words] = desk.name

    def on_the_way(self, desk: Desk, send: Callable[[Any], None]) -> None:
        """This becomes of the next one to three batches of a page."""

        def handler(route: Any) -> None:
            with suppressed():
                send(route)

        desk.page.route("**/events", handler, times=1 + int(3 * self.chance()))

    def kill_database(self) -> None:
        if not self.database_back_in:
            self.site.ask(KILL_DATABASE)
            self.database_back_in = 3

    # What is looked at

    def look(self, desk: Desk) -> None:
        """Whether the page tells the truth now, and what it promises."""
        said = desk.numbers()
        self.lies += [f"{desk.name}: {lie}" for lie in said["lies"]]
        if "All edits saved" in said["saving"] and said["recorded"] == said["accepted"]:
            self.promises.append((said["accepted"], said["digest"]))

    def kept_before_the_end(self, desk: Desk) -> None:
        """Wait the milliseconds in which a page writes its journal; what it says it cannot keep is excused."""
        if desk.frozen or desk.standing() not in ("ready", "asks"):
            return
        with suppressed():
            for _ in range(MILLISECONDS_UNTIL_KEPT // 50):
                if self._all_kept(desk):
                    return
                desk.page.wait_for_timeout(50)
            said = desk.numbers()
            words = said["saving"] + said["banner"]
            if said["recorded"] == said["accepted"] or ("Another page" in words and "in this page only" not in words):
                return  # where another page of this browser holds the session, it has those entries
            self.tell(f"   is not kept: {said['saving']} | {said['banner']}")
            if "kept in this browser" in words:
                self.lies.append(f"{desk.name} says “{words}”, but nothing is kept")
            self.excused |= {words for words, where in self.said.items() if where == desk.name}

    def _all_kept(self, desk: Desk) -> bool:
        said = desk.numbers()
        self.lies += [f"{desk.name}: {lie}" for lie in said["lies"]]
        held = desk.journal(self.session)["events"]
        # Rows of this page are those that end the latest; a later number of another page is no copy of this one's.
        return said["accepted"] >= said["recorded"] or any(row["seq"] == said["recorded"] for row in held)

    def answer_questions(self, desk: Desk) -> None:
        """Dialogs are answered as the seed has it; work set aside is always kept."""
        for _ in range(6):
            if desk.frozen or desk.standing() != "asks":
                return
            with suppressed():
                title = desk.page.locator("dialog[open] h2").first.inner_text(timeout=2_000)
                self.tell(f"   “{title}” at {desk.name}")
                self._answer(desk, title, zlib.crc32(f"{self.seed} {len(self.said)} {title}".encode()) % 5)

    def _answer(self, desk: Desk, title: str, choice: int) -> None:
        button = desk.page.locator("dialog[open] .answers button, dialog[open] button")
        if "open in another page" in title:
            desk.page.click(f"dialog[open] button:has-text('{'Take over' if choice else 'Only read here'}')")
            desk.machine.arrive(desk)
        elif "was not part" in title:
            desk.page.click("dialog[open] button:has-text('Keep them')")
        elif button.count():
            button.nth(choice % button.count()).click(timeout=2_000)
        else:
            desk.page.keyboard.press("Escape")

    # The end

    def thaw(self, desk: Desk) -> None:
        with suppressed():
            desk.devtools("Page.setWebLifecycleState", state="active")
        desk.frozen = False

    def heal(self) -> None:
        """Everything works again, and every page that is still there has its time to send what it has."""
        if self.database_back_in:
            self.site.ask(START_DATABASE)
            self.database_back_in = 0
        for route in self.waiting:
            with suppressed():
                route.continue_()
        for machine in self.machines:
            machine.offline = False
            if machine.context is None:
                continue
            machine.context.set_offline(False)
            machine.sign_in_elsewhere()
            for desk in list(machine.desks):
                self.thaw(desk)
                with suppressed():
                    desk.page.unroute_all()
                    desk.devtools("Storage.overrideQuotaForOrigin", origin=self.site.url)
                    self._finish(desk)
        while self.stragglers:
            self._deliver(*self.stragglers.pop(0))

    def _finish(self, desk: Desk) -> None:
        if desk.standing() == "asks":
            self.answer_questions(desk)
        if not desk.ready():
            return
        for _ in range(100):
            self.look(desk)
            said = desk.numbers()
            if said["recorded"] == said["accepted"] or desk.page.locator("#banner:has-text('Another page')").count():
                break
            desk.page.evaluate("() => window.dispatchEvent(new Event('online'))")
            desk.page.wait_for_timeout(200)
        self.tell(f"   {desk.name} in the end: {desk.numbers()['saving']}")
        self.kept_before_the_end(desk)
