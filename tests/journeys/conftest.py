"""The real site for browser journeys: supervisor, web server, worker, engines, sandbox; and a real Chromium."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parent.parent.parent
# The journeys' first page needs the dependency environments of the backends they repair; installing them takes longest.
START_SECONDS = 240
PASSWORD = "journey-pass-1"
MAKE_STUDY = "from tests.journeys.study import make; make()"


@dataclass
class Site:
    """A running site: where it answers, and how to ask its database by a line of Python."""

    url: str
    state: Path
    process: subprocess.Popen[str]

    def ask(self, code: str) -> Any:
        """Run Python with Django set up against the site's database; `result` is what the code assigned to it."""
        script = f"import json\n{code}\nprint('RESULT' + json.dumps(result, default=str))"
        done = subprocess.run(
            [sys.executable, str(ROOT / "manage.py"), "shell", "--no-imports", "-c", script],
            env=environment_of(self.state),
            capture_output=True,
            text=True,
            timeout=180,
        )
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout.rpartition("RESULT")[2])

    def children(self) -> dict[str, int]:
        """Process ids of the web server and the worker by name."""
        found = {}
        for child in Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text().split():
            argv = Path(f"/proc/{child}/cmdline").read_text().split("\0")
            for name, word in (("web", "uvicorn"), ("worker", "--beat"), ("holder", "held")):
                if word in {Path(one).name for one in argv}:
                    found[name] = int(child)
        return found


@pytest.fixture(scope="session")
def site(sandbox: str) -> Iterator[Site]:
    """`manage.py up` on a state directory of its own, with the small study of tests/journeys/study.py."""
    # Below var/, where its logs can be read after a failure.
    with running_site(ROOT / "var" / "journeys", make=MAKE_STUDY, port=8460) as running:
        yield running


@contextmanager
def running_site(state: Path, *, make: str, port: int) -> Iterator[Site]:
    """The site on a fresh state directory, with what the Python in `make` puts into its database."""
    shutil.rmtree(state, ignore_errors=True)
    state.mkdir(parents=True)
    environment = environment_of(state)
    made = subprocess.run(
        [sys.executable, str(ROOT / "manage.py"), "shell", "--no-imports", "-c", make],
        env=environment,
        capture_output=True,
        text=True,
        timeout=START_SECONDS,
    )
    assert made.returncode == 0, made.stderr
    log = (state / "up.log").open("w")
    process = subprocess.Popen(
        [sys.executable, str(ROOT / "manage.py"), "up", "--port", str(port)],
        env=environment,
        stdout=log,
        stderr=log,
        text=True,
    )
    try:
        yield Site(_address(state / "up.log", process), state, process)
    finally:
        process.send_signal(signal.SIGINT)
        process.wait(timeout=40)


@pytest.fixture
def page(chromium: str) -> Iterator[Any]:
    """A page of a fresh browser at 1440×900; fails the test where the page broke its content security policy."""
    with browser_page(chromium) as (page, complaints):
        yield page
    assert not complaints


@contextmanager
def browser_page(chromium: str) -> Iterator[tuple[Any, list[str]]]:
    """A page of a fresh browser, and what it complains of about its content security policy."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=chromium,
            args=["--no-sandbox", "--disable-dev-shm-usage", "--disable-background-networking", "--disable-sync"],
        )
        page = browser.new_context(viewport={"width": 1440, "height": 900}).new_page()
        complaints: list[str] = []
        page.on(
            "console",
            lambda message: complaints.append(message.text) if "Content Security Policy" in message.text else None,
        )
        page.set_default_timeout(20_000)
        yield page, complaints
        browser.close()


def environment_of(state: Path) -> dict[str, str]:
    """The environment of the site's processes: engines of its own in its state directory, not those of the suite."""
    environment = {key: value for key, value in os.environ.items() if key not in {"DATABASE_URL", "BROKER_URL"}}
    # Both folders, as pytest has them: these sources are the ones that run, whatever is installed.
    return environment | {"AMEND_STATE": str(state), "PYTHONPATH": f"{ROOT}:{ROOT / 'platform'}"}


def _address(log: Path, process: subprocess.Popen[str]) -> str:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        found = re.search(r"http://\S+", log.read_text())
        if found:
            return found.group()
        assert process.poll() is None, log.read_text()
        time.sleep(0.1)
    raise AssertionError(f"The site did not start:\n{log.read_text()}")
