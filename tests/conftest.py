"""What every test may use: the machine's abilities, asked for by name, and skips that print their reason.

With `AMEND_REQUIRE=chromium,docker,editor` a skip for want of one of these is a failure; `editor` is Node.js with the
packages of the workspace's editor and its bundle, which `scripts/setup.sh` makes.
"""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
SHARED = ROOT.parent / "shared"
EDITOR = ROOT / "annotations/editor"
BUILD = ROOT / "annotations/static/annotations/build"
REQUIRED = {name for name in os.environ.get("AMEND_REQUIRE", "").split(",") if name}


def lacking(name: str, reason: str) -> None:
    """Skip the test because the machine lacks `name`; fail it where AMEND_REQUIRE lists that name."""
    if name in REQUIRED:
        pytest.fail(f"{name} is required here, but {reason}")
    pytest.skip(reason)


@pytest.fixture(scope="session")
def chromium() -> str:
    """Path of a Chromium."""
    path = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if path is None:
        lacking("chromium", "no Chromium is installed")
    return str(path)


@pytest.fixture(scope="session")
def docker_client() -> object:
    """A client of a Docker that answers."""
    import docker
    from docker.errors import DockerException

    try:
        client = docker.from_env(timeout=10)
        client.ping()
    except DockerException:
        lacking("docker", "no Docker answers")
    return client


@pytest.fixture(scope="session")
def editor_packages() -> Path:
    """The editor's folder, with its packages installed; Node.js is there too."""
    if shutil.which("node") is None:
        lacking("editor", "there is no node on this machine")
    if not (EDITOR / "node_modules/axe-core/axe.min.js").exists():
        lacking("editor", "the editor's packages are not installed: npm --prefix annotations/editor ci")
    return EDITOR


@pytest.fixture(scope="session")
def built_editor(editor_packages: Path) -> Path:
    """The folder of the editor's bundle, as the site serves it."""
    if not (BUILD / "workspace.js").exists():
        lacking("editor", "the editor is not built: npm --prefix annotations/editor run build")
    return BUILD


@pytest.fixture(scope="session")
def axe(editor_packages: Path) -> str:
    """The script that finds violations of accessibility rules in a page."""
    return (editor_packages / "node_modules/axe-core/axe.min.js").read_text()


@pytest.fixture(scope="session")
def sandbox() -> str:
    """Name of a sandbox that works on this machine."""
    from evaluator.errors import SandboxUnavailable
    from evaluator.sandbox import choose_sandbox

    try:
        return choose_sandbox(None).name
    except SandboxUnavailable as error:
        lacking("sandbox", str(error))
        raise
