"""Films one repair on a running demo: red check → cause → fix → green, with its clicks, keys and seconds.

Usage: python -m scripts.film_strip http://127.0.0.1:8000 [--repeat 5]   (AMEND_STATE names the demo's state directory)

Writes docs/images/film-strip-{light,dark}.png and docs/film-strip.md. Everything is real: a backend as a language model
wrote it, the worker, the sandbox, PostgreSQL. The person is simulated, at a pace from the literature.
"""

from __future__ import annotations

import argparse
import os
from pathlib import Path

from scripts.pictures.browser import SCHEMES, chromium
from scripts.pictures.demo import connect, newcomer
from scripts.pictures.film import BACKEND, by_keyboard, by_mouse
from scripts.pictures.film_page import compose
from scripts.pictures.film_table import write_table
from scripts.pictures.person import Take

DOCS = Path(__file__).resolve().parent.parent / "docs"


def main(url: str, repeat: int, folder: Path, *, keyboard: bool) -> None:
    connect()
    load = os.getloadavg()[0]
    takes: list[Take] = []
    typed: list[Take] = []
    with chromium() as browser:
        for index in range(repeat):
            scheme = SCHEMES[index % len(SCHEMES)]
            take = by_mouse(browser, url, newcomer(BACKEND)[0], scheme, filmed=index < len(SCHEMES))
            takes.append(take)
            print(f"take {index + 1} by mouse: {take.line()}", flush=True)
        for scheme, take in zip(SCHEMES, takes, strict=False):
            compose(browser, take, scheme, folder / "images" / f"film-strip-{scheme}.png")
        for index in range(repeat if keyboard else 0):
            typed.append(by_keyboard(browser, url, newcomer(BACKEND)[0], "light"))
            print(f"take {index + 1} by keyboard: {typed[-1].line()}", flush=True)
    write_table(folder / "film-strip.md", takes, typed, load)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("url")
    parser.add_argument("--repeat", type=int, default=5)
    parser.add_argument("--no-keyboard", action="store_false", dest="keyboard", help="the journey by mouse only")
    parser.add_argument("--folder", type=Path, default=DOCS)
    given = parser.parse_args()
    main(given.url, max(given.repeat, len(SCHEMES)), given.folder, keyboard=given.keyboard)
