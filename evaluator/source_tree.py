"""The files below any folder, for those who only read programs: what cannot be taken is skipped and named.

`evaluator/files.py` is the strict reader, for backends that are to be run. This one takes a folder as it is: links are
not followed, pipes and devices not opened, and of a file above the bound only the beginning is read, which is enough
for a verifier to say that it did not read it.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from evaluator.errors import BadInput
from evaluator.files import SKIPPED_FOLDERS

MEGABYTE = 1024 * 1024


@dataclass(frozen=True)
class TreeBounds:
    """The most that is read: bytes of one file and of all, files, and characters of a name."""

    one_file: int = 2 * MEGABYTE
    all_files: int = 256 * MEGABYTE
    count: int = 50_000
    name_length: int = 1_000


@dataclass(frozen=True)
class SourceTree:
    """`files` by their name relative to the folder, sorted; `skipped` says of each file not taken why, a clause."""

    files: dict[str, bytes]
    skipped: dict[str, str]


def read_sources(path: Path, bounds: TreeBounds = TreeBounds()) -> SourceTree:
    """Everything below a folder but .git, node_modules, __pycache__ and .venv; BadInput where it is no folder."""
    if not path.is_dir():
        what = "is a file, not a folder" if path.exists() else "is not there"
        raise BadInput(f"“{path}” {what}; verify takes the folder of a backend.")
    found: dict[str, bytes] = {}
    skipped: dict[str, str] = {}
    together = 0
    for entry, name in _entries(path, skipped):
        shown = name.encode("utf-8", "backslashreplace").decode()
        why = _refused(entry, name, shown, len(found), bounds)
        if not why and together >= bounds.all_files:
            why = f"is beyond the first {bounds.all_files // MEGABYTE} MB"
        if not why:
            try:
                found[name] = _beginning(entry.path, bounds.one_file)
            except OSError as error:
                why = f"cannot be read: {error.strerror}"
            else:
                together += len(found[name])
        if why:
            skipped[shown] = why
    return SourceTree(dict(sorted(found.items())), dict(sorted(skipped.items())))


def _entries(top: Path, skipped: dict[str, str]) -> Iterator[tuple[os.DirEntry[str], str]]:
    """Whatever is no folder, with its name below `top`; without recursion, for folders nest deeper than our stack."""
    waiting = [(str(top), "")]
    while waiting:
        folder, prefix = waiting.pop()
        try:
            with os.scandir(folder) as scanned:
                entries = sorted(scanned, key=lambda entry: entry.name)
        except OSError as error:
            skipped[prefix.encode("utf-8", "backslashreplace").decode()] = f"cannot be read: {error.strerror}"
            continue
        for entry in entries:
            if not entry.is_dir(follow_symlinks=False):
                yield entry, prefix + entry.name
            elif entry.name not in SKIPPED_FOLDERS:
                waiting.append((entry.path, f"{prefix}{entry.name}/"))


def _refused(entry: os.DirEntry[str], name: str, shown: str, count: int, bounds: TreeBounds) -> str:
    if entry.is_symlink():
        return "is a symbolic link, which is not followed"
    if shown != name or "\\" in name or any(ord(character) < ord(" ") for character in name):
        return "has a name that is not valid UTF-8 or holds control characters or a backslash"
    if len(name) > bounds.name_length:
        return f"has a name of more than {bounds.name_length} characters"
    if count >= bounds.count:
        return f"is beyond the first {bounds.count:,} files"
    try:
        ordinary = stat.S_ISREG(entry.stat(follow_symlinks=False).st_mode)
    except OSError as error:
        return f"cannot be read: {error.strerror}"
    return "" if ordinary else "is a device, pipe or socket"


def _beginning(path: str, most: int) -> bytes:
    """The first bytes, without following a link that took the file's place meanwhile."""
    with os.fdopen(os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK), "rb") as opened:
        return opened.read(most)
