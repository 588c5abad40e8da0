"""Table: what recording adds to a key, from press to paint, in a real Chromium."""

from __future__ import annotations

import functools
import shutil
import subprocess
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from statistics import median, quantiles
from typing import Any

from tests.bench.table import Table

HERE = Path(__file__).parent
EDITOR = HERE.parents[1] / "annotations/editor"
BLOCKS, KEYS = 12, 60  # of each of the two, in turn
BUNDLE = """
import { build } from "esbuild";
await build({ entryPoints: [process.argv[1]], outfile: process.argv[2], bundle: true, minify: true, format: "esm",
  target: "es2022", nodePaths: [process.cwd() + "/node_modules"], mainFields: ["module", "main"] });
"""


def keystrokes() -> Iterator[Table]:
    """Keys typed by the debugger into two editors on one page, recorded and not, in blocks that alternate."""
    table = Table(
        "A key, from press to paint",
        f"{BLOCKS} blocks of {KEYS} keys in each editor, in turn; medians over the blocks. “Recording” is the time the "
        "page spends on one edit before it is painted: numbering it, taking its size, handing it to the journal.",
        ("", "p50, ms", "p99, ms"),
    )
    with _page() as page:
        for block in range(2 * BLOCKS + 2):
            arm = ("bare", "recorded")[block % 2]
            page.evaluate("arm => window.bench.show(arm)", arm)
            for _ in range(KEYS):
                page.keyboard.press("a")
            page.wait_for_timeout(100)
        paints = page.evaluate("window.bench.paints")
        recording = page.evaluate("window.bench.recording")
        recorded = page.evaluate("window.bench.recorded()")
    if recorded < BLOCKS * KEYS:
        raise RuntimeError(f"Only {recorded} keys were recorded: the page did not do what is measured here.")
    for name, times in (("without recording", paints["bare"]), ("with recording", paints["recorded"])):
        table.add(name, *_figures(times[KEYS:]))
    table.add("recording alone", *_figures(recording[KEYS:]))
    yield table


def _figures(times: list[float]) -> tuple[str, str]:
    blocks = [times[start : start + KEYS] for start in range(0, len(times) - KEYS + 1, KEYS)]
    middle, high = (median(quantiles(block, n=100)[at] for block in blocks) for at in (49, 98))
    return f"{middle:.2f}", f"{high:.2f}"


@contextmanager
def _page() -> Iterator[Any]:
    from playwright.sync_api import sync_playwright

    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        command = ["node", "--input-type=module", "-e", BUNDLE, str(HERE / "keystrokes.ts"), f"{folder}/bench.js"]
        subprocess.run(command, cwd=EDITOR, check=True)
        Path(folder, "index.html").write_text(
            "<!doctype html><meta charset=utf-8><title>Keys</title><script type=module src=bench.js></script>"
        )
        handler = functools.partial(_Quiet, directory=folder)
        with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
            threading.Thread(target=server.serve_forever, daemon=True).start()
            chromium = shutil.which("chromium") or shutil.which("google-chrome")
            browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
            page = browser.new_page(viewport={"width": 1280, "height": 720})
            page.goto(f"http://127.0.0.1:{server.server_port}/")
            page.evaluate("window.bench.ready")
            yield page
            browser.close()
            server.shutdown()


class _Quiet(SimpleHTTPRequestHandler):
    def log_message(self, format: str, *args: Any) -> None:
        """Requests are not worth a line."""
