"""What an install wrote, taken over without trust: foreign code had this folder to itself.

Nothing here follows a link, opens a pipe, or descends without end. Whatever reads the folder afterwards comes second.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Iterable, Mapping
from pathlib import Path

DEEPEST = 100
MOST_PACKAGES = 5_000
LONGEST_NAME = 214  # npm's own limit


class Untrustworthy(Exception):
    """The folder is not what an installer makes; `str(error)` says what is wrong with it."""


def take_over(root: Path, mounted: Iterable[Path]) -> None:
    """Make the folder ours, and readable for every slot; `mounted` are the folders in it that runs will see.

    Raises Untrustworthy where one of these is a link, which would show a run what lies behind it on the host, or where
    folders are nested so deep that paths come to their end.
    """
    waiting = [(str(root), 0)]
    _make_ours(str(root), stat.S_IFDIR)
    while waiting:
        folder, depth = waiting.pop()
        if depth > DEEPEST:
            raise Untrustworthy(f"it made folders more than {DEEPEST} deep")
        with os.scandir(folder) as entries:
            for entry in entries:
                mode = entry.stat(follow_symlinks=False).st_mode
                _make_ours(entry.path, mode)
                if stat.S_ISDIR(mode):
                    waiting.append((entry.path, depth + 1))
    for path in mounted:
        if path.resolve() != root.resolve() / path.relative_to(root) or not path.is_dir():
            raise Untrustworthy(f"{path.relative_to(root)} is not a folder of its own")


def plain_packages(packages: Mapping[str, str]) -> dict[str, str]:
    """Packages with their versions, without what no index would have: these texts go into every record of a run."""
    kept = {
        name: version
        for name, version in packages.items()
        if name and all(len(text) <= LONGEST_NAME and text.isascii() and text.isprintable() for text in (name, version))
    }
    return dict(list(kept.items())[:MOST_PACKAGES])


def _make_ours(path: str, mode: int) -> None:
    if os.geteuid() == 0:
        os.lchown(path, 0, 0)
    if stat.S_ISDIR(mode):
        os.chmod(path, 0o755)
    elif stat.S_ISREG(mode):
        os.chmod(path, 0o555 if mode & 0o111 else 0o444)
    elif not stat.S_ISLNK(mode):
        os.unlink(path)
