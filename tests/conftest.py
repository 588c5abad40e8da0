"""What every test may use: the machine's abilities, asked for by name, and skips that print their reason.

With `AMEND_REQUIRE=chromium,docker` a skip for want of one of these is a failure.
"""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
SHARED = ROOT.parent / "shared"
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
def sandbox() -> str:
    """Name of a sandbox that works on this machine."""
    from evaluator.errors import SandboxUnavailable
    from evaluator.sandbox import choose_sandbox

    try:
        return choose_sandbox(None).name
    except SandboxUnavailable as error:
        lacking("sandbox", str(error))
        raise
