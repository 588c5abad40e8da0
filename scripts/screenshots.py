"""Takes the pictures of the documentation from a running demo, light and dark.

Usage: python -m scripts.screenshots http://127.0.0.1:8000 FOLDER [--all] [--only reports workspace record]

Without --all only those that docs/images keeps (COMMITTED). AMEND_STATE names the demo's state directory.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable
from pathlib import Path

from scripts.pictures import record, workspace
from scripts.pictures.browser import SCHEMES, chromium, settle, sign_in
from scripts.pictures.demo import connect, demo_password
from scripts.pictures.odd_backends import make_too_long
from scripts.pictures.stage import Stage

COMMITTED = {
    *(
        f"{name}-{scheme}"
        for name in ("workspace", "diff", "compare", "replay", "workspace-running")
        for scheme in SCHEMES
    ),
    "home-light",
    "report-light",
    "diff-inline-light",
    *(f"workspace-{name}-light" for name in ("partial", "void", "offline", "send", "task", "palette")),
}


def reports(stage: Stage) -> None:
    """Sign-in and home; the study and its reports as a researcher sees them."""
    page = stage.page()
    page.goto(stage.url)
    stage.shot(page, "signin")
    sign_in(page, stage.url, "annotator", demo_password("annotator"))
    stage.shot(page, "home")
    page.context.close()
    page = stage.page()
    sign_in(page, stage.url, "researcher", demo_password("researcher"))
    for name, path in (
        ("study", "/studies/conduit-pilot/"),
        ("report", "/studies/conduit-pilot/effort/"),
        ("return", "/studies/conduit-pilot/return/"),
        ("export", "/studies/conduit-pilot/export/"),
        ("api", "/api/v1/docs"),
    ):
        page.goto(stage.url + path)
        settle(page, 700)
        stage.shot(page, name, full_page=True)
    page.context.close()


PARTS: dict[str, Callable[[Stage], None]] = {
    "reports": reports,  # before the others add people to the study
    "workspace": workspace.pictures,
    "record": record.pictures,
}


def main(url: str, folder: Path, parts: list[str], *, everything: bool) -> None:
    connect()
    folder.mkdir(parents=True, exist_ok=True)
    make_too_long()
    with chromium() as browser:
        for part in parts:
            for scheme in SCHEMES:
                PARTS[part](Stage(browser, url, folder, scheme, None if everything else COMMITTED))


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("url")
    parser.add_argument("folder", type=Path)
    parser.add_argument("--all", action="store_true", dest="everything")
    parser.add_argument("--only", nargs="+", choices=PARTS, default=list(PARTS), dest="parts")
    given = parser.parse_args()
    main(given.url, given.folder, given.parts, everything=given.everything)
