"""The workspace's page, built and rendered, on a mock of the protocol with faults on request; and a real Chromium."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.workspace.steps import COMPLAINTS, backend_files

HERE = Path(__file__).parent


@pytest.fixture(scope="module")  # not longer: other tests start a Playwright of their own in this process
def browser(chromium: str) -> Iterator[Any]:
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox", "--disable-dev-shm-usage"])
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def served(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """The page, the panel of its run and the files of a generated backend, for the mock server."""
    folder = tmp_path_factory.mktemp("workspace")
    files = [folder / "page.html", folder / "panel.html", folder / "files.json"]
    for name, file in (("workspace", files[0]), ("_run_panel", files[1])):
        command = [sys.executable, str(HERE / "render.py"), f"annotations/{name}.html"]
        file.write_text(subprocess.run(command, capture_output=True, text=True, check=True).stdout)
    files[2].write_text(json.dumps(backend_files()))
    return files


@pytest.fixture
def idle_seconds() -> int:
    return 120


@pytest.fixture
def base(built_editor: Path, served: list[Path], idle_seconds: int) -> Iterator[str]:
    """Address of a mock server of its own. Fails the test where a page of it complained."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = ["node", str(HERE / "mock_server.mjs"), *map(str, served), str(port)]
    server = subprocess.Popen(command, stdout=subprocess.PIPE, env={**os.environ, "IDLE": str(idle_seconds)})
    assert server.stdout is not None
    server.stdout.readline()
    COMPLAINTS.clear()
    try:
        yield f"http://127.0.0.1:{port}"
    finally:
        server.terminate()
        server.wait()
    assert not COMPLAINTS
