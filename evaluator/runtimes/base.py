"""What the evaluator must know of a family of backends."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Protocol

from evaluator.package_sources import PackageSources
from evaluator.sandbox.base import Image, Mount

COMMON_ENVIRONMENT = {"HOME": "/tmp", "LANG": "C.UTF-8", "TERM": "dumb"}
RUN_SCRIPT = ("/bin/bash", "run.sh")


class BackendRuntime(Protocol):
    """A family of backends. An environment is a folder that was built at /env and is mounted there."""

    name: str
    image: Image | None  # whose programs it uses; None for the machine's own

    def version(self) -> str:
        """The interpreter's version as people say it, `3.12.4`. Raises MachineryFailed where there is none."""

    def builder(self) -> str:
        """What installs, with its version: part of an environment's key."""

    def dependency_files(self, files: Mapping[str, bytes]) -> dict[str, bytes]:
        """The files that an install reads: they decide the environment's key and are all it gets to see."""

    def tools(self) -> tuple[Mount, ...]:
        """What the sandbox needs of the host beside /usr to run a backend; nothing where an image brings it."""

    def install_tools(self) -> tuple[Mount, ...]:
        """What it needs beside `tools` to install."""

    def install_command(self, as_of: str | None) -> tuple[str, ...]:
        """The command that fills /env from the dependency files in /app; `as_of` is a date, `2026-01-31`."""

    def install_environment(self, sources: PackageSources) -> dict[str, str]:
        """Variables of the install."""

    def surely_broken(self, log: str) -> bool:
        """Whether the installer itself says that these dependencies cannot be had, so that trying again is idle."""

    def network_trouble(self, log: str) -> bool:
        """Whether the installer complains of the network or the index."""

    def resolved(self, environment: Path) -> dict[str, str]:
        """Installed packages and their versions, read from the folder without running anything in it."""

    def mounts(self, environment: Path) -> tuple[Mount, ...]:
        """Where the environment lies in the sandbox of a run."""

    def start_environment(self) -> dict[str, str]:
        """Variables of a run."""
