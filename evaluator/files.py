"""The files of a backend: read from a folder or an archive's contents, refused where they break a rule.

Every refusal is one sentence that names the file. Sizes are asked for before anything is read, so that a sparse file of
ten gigabytes costs nothing.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from evaluator.errors import RefusedFiles
from evaluator.tasks import Task

RUN_SCRIPT = "run.sh"
SKIPPED_FOLDERS = frozenset({".git", "node_modules", "__pycache__", ".venv"})


@dataclass(frozen=True)
class FileLimits:
    """Bounds of one backend, in bytes, files and characters."""

    one_file: int = 2 * 1024 * 1024
    all_files: int = 50 * 1024 * 1024
    count: int = 5_000
    name_length: int = 400
    part_length: int = 200


LIMITS = FileLimits()


def read_tree(path: Path, *, limits: FileLimits = LIMITS) -> dict[str, bytes]:
    """The files below a folder by their name relative to it, sorted; contents are bytes as they lie there.

    Leaves out .git, node_modules, __pycache__ and .venv. Raises RefusedFiles for a missing folder or run.sh, neither
    requirements.txt nor package.json, any symbolic link, device or pipe, and for a file or folder that is too large.
    """
    if path.is_symlink() or not path.is_dir():
        raise RefusedFiles(f"There is no folder “{path}”.")
    found: dict[str, Path] = {}
    total = 0
    for entry, name in _entries(path, ""):
        _check_name(name, limits)
        size = _size_of_regular_file(entry, name)
        total += size
        _check_amount(name, size, total, len(found) + 1, limits)
        found[name] = Path(entry.path)
    files = {name: _read(file, name, limits) for name, file in sorted(found.items())}
    if RUN_SCRIPT not in files:
        raise RefusedFiles(f"The folder “{path}” has no run.sh, which must start the server.")
    if not {"requirements.txt", "package.json"} & files.keys():
        raise RefusedFiles(f"The folder “{path}” has neither requirements.txt nor package.json.")
    return files


def check_files(files: Mapping[str, bytes], task: Task, *, limits: FileLimits = LIMITS) -> None:
    """Hold files in memory to the same rules, and to what the task's runtime needs.

    Raises RefusedFiles for absolute or climbing names, missing run.sh or dependency file, and too much of anything.
    """
    total = 0
    for count, (name, content) in enumerate(files.items(), start=1):
        _check_name(name, limits)
        total += len(content)
        _check_amount(name, len(content), total, count, limits)
    _check_folders(files)
    for needed in (RUN_SCRIPT, task.runtime.dependency_file):
        if needed not in files:
            raise RefusedFiles(f"The backend has no {needed}, which {task.runtime.title} backends must have.")


def write_tree(files: Mapping[str, bytes], folder: Path, *, limits: FileLimits = LIMITS) -> None:
    """Write files below a new or empty folder; scripts become executable.

    Raises RefusedFiles for names that leave the folder, and where the folder already holds something.
    """
    folder.mkdir(parents=True, exist_ok=True)
    if any(folder.iterdir()):
        raise RefusedFiles(f"The folder “{folder}” is not empty.")
    for name in files:
        _check_name(name, limits)
    _check_folders(files)
    for name, content in files.items():
        target = folder / name
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(content)
        if content.startswith(b"#!"):
            target.chmod(0o755)


def _entries(folder: Path, prefix: str) -> Iterator[tuple[os.DirEntry[str], str]]:
    """Everything below a folder that is not itself a folder, without following links."""
    with os.scandir(folder) as entries:
        for entry in entries:
            name = prefix + entry.name
            if entry.is_dir(follow_symlinks=False):
                if entry.name not in SKIPPED_FOLDERS:
                    yield from _entries(Path(entry.path), f"{name}/")
            elif not (entry.name in SKIPPED_FOLDERS and entry.is_symlink()):
                yield entry, name


def _size_of_regular_file(entry: os.DirEntry[str], name: str) -> int:
    if entry.is_symlink():
        raise RefusedFiles(f"“{name}” is a symbolic link to “{os.readlink(entry.path)}”; links are not taken.")
    status = entry.stat(follow_symlinks=False)
    if not stat.S_ISREG(status.st_mode):
        raise RefusedFiles(f"“{name}” is not an ordinary file but a device, pipe or socket.")
    return status.st_size


def _read(file: Path, name: str, limits: FileLimits) -> bytes:
    """Read without following a link that took the file's place meanwhile, and never more than the limit."""
    try:
        fd = os.open(file, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    except OSError as error:
        raise RefusedFiles(f"“{name}” cannot be read: {error.strerror}.") from error
    with os.fdopen(fd, "rb") as opened:
        content = opened.read(limits.one_file + 1)
    _check_amount(name, len(content), 0, 0, limits)
    return content


def _check_name(name: str, limits: FileLimits) -> None:
    shown = name[:80].encode("utf-8", "backslashreplace").decode()
    if not name:
        raise RefusedFiles("A file has an empty name.")
    if "\0" in name or "\\" in name or "\n" in name or "\r" in name:
        raise RefusedFiles(f"The file name {shown!r} has a backslash, a line break or a NUL in it.")
    try:
        name.encode("utf-8")
    except UnicodeEncodeError:
        raise RefusedFiles(f"The file name {shown!r} is not valid UTF-8.") from None
    parts = name.split("/")
    if name.startswith("/"):
        raise RefusedFiles(f"The file name “{shown}” is absolute.")
    if any(part in ("", ".", "..") for part in parts):
        raise RefusedFiles(f"The file name “{shown}” leaves its folder or has an empty part.")
    if len(name.encode()) > limits.name_length or any(len(part.encode()) > limits.part_length for part in parts):
        raise RefusedFiles(f"The file name “{shown}…” is too long.")


def _check_amount(name: str, size: int, total: int, count: int, limits: FileLimits) -> None:
    if size > limits.one_file:
        raise RefusedFiles(f"“{name}” has {_megabytes(size)}; a file may have {_megabytes(limits.one_file)}.")
    if total > limits.all_files:
        raise RefusedFiles(f"With “{name}” the files pass {_megabytes(limits.all_files)}, the most a backend may have.")
    if count > limits.count:
        raise RefusedFiles(f"With “{name}” there are more than {limits.count:,} files, the most a backend may have.")


def _check_folders(files: Mapping[str, bytes]) -> None:
    """No name may be a file and the folder of another file."""
    for name in files:
        for parent in PurePosixPath(name).parents:
            if str(parent) in files:
                raise RefusedFiles(f"“{parent}” is both a file and the folder of “{name}”.")


def _megabytes(size: int) -> str:
    return f"{size / (1024 * 1024):,.1f} MB"
