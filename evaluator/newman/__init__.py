"""The real newman, which runs Postman collections: installed once from its lock file into the cache folder.

newman and what it needs are trusted, as our other tools are: pinned by content in `package-lock.json`, installed
without any of their scripts. `program.cjs` beside this file is how we run it.
"""

from __future__ import annotations

import hashlib
import os
import subprocess
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from pathlib import Path

from evaluator.cache import atomic_folder, cache_root, locked
from evaluator.errors import MachineryFailed
from evaluator.runtimes.node import installed_node

PACKAGES = ("package.json", "package-lock.json")
INSTALL_SECONDS = 300
INSTALL = ("ci", "--ignore-scripts", "--no-audit", "--no-fund", "--no-progress", "--loglevel=error")
MOST_MEMORY_MEGABYTES = 256


@dataclass(frozen=True)
class Newman:
    """An installed newman: the Node.js program that runs it, and the folder it lies in and must be started in."""

    node: Path
    folder: Path

    @property
    def command(self) -> tuple[str, ...]:
        """The command that reads a collection from standard input and tells its events.

        It may read its own folder, write nothing, start no process and load no native code.
        """
        return (
            str(self.node),
            _permission_flag(self.node),
            f"--allow-fs-read={self.folder}/*",
            f"--max-old-space-size={MOST_MEMORY_MEGABYTES}",
            "--no-warnings",
            "--eval",
            files(__package__).joinpath("program.cjs").read_text("utf-8"),
        )


def installed_newman() -> Newman:
    """newman in the cache folder, installed where it is not there yet. Raises MachineryFailed where that fails."""
    node = installed_node().prefix
    contents = {name: files(__package__).joinpath(name).read_bytes() for name in PACKAGES}
    key = hashlib.sha256(b"".join(contents[name] for name in PACKAGES)).hexdigest()[:16]
    folder = cache_root() / "tools" / f"newman-{key}"
    if not folder.is_dir():
        with locked(folder.with_suffix(".lock")):
            if not folder.is_dir():
                _install(node, contents, folder)
    return Newman(node / "bin" / "node", folder)


def _install(node: Path, contents: dict[str, bytes], folder: Path) -> None:
    with atomic_folder(folder) as building:
        for name, content in contents.items():
            (building / name).write_bytes(content)
            (building / name).chmod(0o644)
        path = f"{node / 'bin'}:{os.environ.get('PATH', '')}"
        try:
            done = subprocess.run(
                [str(node / "bin" / "npm"), *INSTALL],
                cwd=building,
                env=os.environ | {"PATH": path},
                capture_output=True,
                text=True,
                timeout=INSTALL_SECONDS,
            )
        except (OSError, subprocess.SubprocessError) as error:
            raise MachineryFailed(f"newman could not be installed: {error}.") from error
        if done.returncode:
            raise MachineryFailed(f"newman could not be installed: {done.stderr.strip()[-300:]}")


@cache
def _permission_flag(node: Path) -> str:
    """Node.js up to 22 calls its permission system experimental."""
    shown = subprocess.run([str(node), "--version"], capture_output=True, text=True, timeout=20, env={})
    major = int(shown.stdout.strip().lstrip("v").split(".")[0] or 0)
    return "--permission" if major >= 24 else "--experimental-permission"
