"""Where a picture is taken: a browser on a running demo in one scheme and size, and the folder that takes it."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, Page

from scripts.pictures.browser import DESK, Scheme, compress, enter, new_page, settle
from scripts.pictures.demo import Session

NARROW = {"small": (1280, 720), "tablet": (820, 1180)}


@dataclass(frozen=True)
class Stage:
    """`only`: the names (without scheme) of the pictures that are wanted; all where it is None."""

    browser: Browser
    url: str
    folder: Path
    scheme: Scheme
    only: Collection[str] | None = None
    size: tuple[int, int] = DESK
    suffix: str = ""

    def page(self) -> Page:
        return new_page(self.browser, self.scheme, self.size)

    def workspace(self, session: Session) -> Page:
        """The workspace of a session in a new browser, ready and at rest."""
        page = self.page()
        enter(page, self.url, session)
        settle(page, 1500)
        return page

    def shot(self, page: Page, name: str, **options: Any) -> None:
        """Take a picture, where it is wanted."""
        if self.only is not None and f"{name}{self.suffix}-{self.scheme}" not in self.only:
            return
        picture = self.folder / f"{name}{self.suffix}-{self.scheme}.png"
        page.screenshot(path=picture, **options)
        compress(picture)
        print(picture.name, flush=True)

    def narrow_shots(self, page: Page, name: str) -> None:
        """The same picture in the smaller windows; the page keeps the size of the last."""
        for window in NARROW:
            narrow = self.sized(window)
            page.set_viewport_size({"width": narrow.size[0], "height": narrow.size[1]})
            settle(page)
            narrow.shot(page, name)

    def sized(self, name: str) -> Stage:
        """The same stage in a smaller window; its pictures have the window's name."""
        return replace(self, size=NARROW[name], suffix=f"-{name}")
