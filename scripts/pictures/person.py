"""Somebody at mouse and keyboard, at a stated pace; the page itself counts what they press and when.

The pace is the Keystroke-Level Model's (Card, Moran & Newell, Communications of the ACM 23(7), 1980): pointing 1.10 s,
pressing and letting go 0.20 s, a key 0.20 s (an average skilled typist, 55 words a minute), moving the hand between
mouse and keyboard 0.40 s. Reading and thinking are left out: how long these take is what a study with people measures.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

from playwright.sync_api import Locator, Page

from scripts.pictures.browser import until

POINT, PRESS, KEY, HOMING = 1.10, 0.20, 0.20, 0.40  # seconds
COUNT = """() => {
  const seen = (window.__film = { clicks: 0, keys: 0, last: 0 });
  const note = (event) => { if (event.isTrusted) seen.last = performance.now(); return event.isTrusted; };
  addEventListener("pointerup", (event) => note(event) && seen.clicks++, true);
  addEventListener("wheel", note, { capture: true, passive: true });
  const alone = ["Control", "Shift", "Alt"];
  addEventListener("keydown", (event) => !alone.includes(event.key) && note(event) && seen.keys++, true);
}"""


@dataclass(frozen=True)
class Box:
    """A part of the window, in pixels from its top left."""

    x: float
    y: float
    width: float
    height: float


@dataclass(frozen=True)
class Frame:
    """A picture of what a step led to. `pressed` is where in it somebody presses next, if that is in the picture."""

    png: bytes
    box: Box
    pressed: tuple[float, float] | None = None


@dataclass(frozen=True)
class Step:
    """One step: what the person does and sees, what it took, and what it has taken since the beginning.

    `acting` seconds go from the step's beginning to its last press or key, `waiting` from there to what is shown.
    """

    title: str
    words: str
    clicks: int
    keys: int
    acting: float
    waiting: float
    frame: Frame | None = None


@dataclass
class Take:
    """One run through the journey."""

    steps: list[Step] = field(default_factory=list)
    loading: float = 0.0  # seconds from asking for the workspace to being able to work in it

    def clicks(self, through: int | None = None) -> int:
        return sum(step.clicks for step in self.steps[:through])

    def keys(self, through: int | None = None) -> int:
        return sum(step.keys for step in self.steps[:through])

    def acting(self, through: int | None = None) -> float:
        return sum(step.acting for step in self.steps[:through])

    def waiting(self, through: int | None = None) -> float:
        return sum(step.waiting for step in self.steps[:through])

    def seconds(self, through: int | None = None) -> float:
        return self.acting(through) + self.waiting(through)

    def line(self) -> str:
        return (
            f"{self.clicks()} clicks, {self.keys()} keys, {self.seconds():.1f} s "
            f"({self.acting():.1f} acting, {self.waiting():.1f} waiting)"
        )


Where = Box | Callable[[], Box]


class Person:
    """Hands on a page. Each `step` says what it did and what had to be seen; between steps no time is counted."""

    def __init__(self, page: Page, take: Take) -> None:
        self.page = page
        self.take = take
        self.hand = "mouse"
        self.clicks = self.keys = 0
        page.evaluate(COUNT)
        self._begin(self._now())

    def click(self, target: Locator, *, at: tuple[float, float] | None = None, holding: str = "") -> None:
        """Point at the middle of what is named, or `at` pixels from its top left, and press."""
        self._hand_to("mouse")
        box = target.bounding_box()
        assert box is not None
        across, down = at or (min(box["width"] / 2, 120), box["height"] / 2)
        point = (box["x"] + across, box["y"] + down)
        self._mark(point)
        self.page.mouse.move(*point, steps=12)
        self._wait(POINT)
        if holding:
            self.page.keyboard.down(holding)
            self._wait(KEY)
        self.page.mouse.down()
        self._wait(PRESS)
        self.page.mouse.up()
        if holding:
            self.page.keyboard.up(holding)

    def scroll(self, target: Locator, pixels: float) -> None:
        """Turn the wheel over something."""
        self._hand_to("mouse")
        box = target.bounding_box()
        assert box is not None
        self.page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2, steps=12)
        self._wait(POINT)
        self.page.mouse.wheel(0, pixels)
        self._wait(PRESS)  # the list comes to rest

    def press(self, *keys: str) -> None:
        self._hand_to("keyboard")
        for key in keys:
            self._wait(KEY)
            self.page.keyboard.press(key)

    def type(self, text: str) -> None:
        self._hand_to("keyboard")
        for character in text:
            self._wait(KEY)
            self.page.keyboard.type(character)

    def sees(self, title: str, words: str, function: str, arg: Any = None, box: Where | None = None) -> None:
        """End a step when the page shows this; take its picture where a box is given, in time that nobody counts."""
        self._end(title, words, until(self.page, function, arg), box)
        self._begin(self._now())

    def saw(self, title: str, words: str, shown: float, box: Where | None = None) -> None:
        """End a step with what the page showed at a moment of its own clock; the next one begins with that moment."""
        self._end(title, words, shown, box)
        self._begin(shown)

    def _end(self, title: str, words: str, shown: float, box: Where | None) -> None:
        seen = self.page.evaluate("() => window.__film")
        last = max(seen["last"], self.began)
        self.take.steps.append(
            Step(
                title=title,
                words=words,
                clicks=seen["clicks"] - self.clicks,
                keys=seen["keys"] - self.keys,
                acting=(last - self.began) / 1000,
                waiting=max(0.0, shown - last) / 1000,
                frame=self._frame(box) if box else None,
            )
        )
        self.clicks, self.keys = seen["clicks"], seen["keys"]

    def _begin(self, moment: float) -> None:
        """Steps are counted from a moment of the page's clock, in milliseconds."""
        self.began = moment

    def _now(self) -> float:
        return float(self.page.evaluate("() => performance.now()"))

    def _frame(self, where: Where) -> Frame:
        box = where() if callable(where) else where
        clip: Any = {"x": box.x, "y": box.y, "width": box.width, "height": box.height}
        return Frame(self.page.screenshot(clip=clip), box)

    def _mark(self, point: tuple[float, float]) -> None:
        """Mark in the last picture where is pressed next, once and where it shows that place."""
        step = self.take.steps[-1] if self.take.steps else None
        if step is None or step.frame is None or step.frame.pressed:
            return
        box = step.frame.box
        across, down = point[0] - box.x, point[1] - box.y
        if 0 <= across <= box.width and 0 <= down <= box.height:
            self.take.steps[-1] = replace(step, frame=replace(step.frame, pressed=(across, down)))

    def _hand_to(self, place: str) -> None:
        if place != self.hand:
            self._wait(HOMING)
            self.hand = place

    def _wait(self, seconds: float) -> None:
        self.page.wait_for_timeout(seconds * 1000)
