"""Reading a backend out of a zip that somebody sent: nothing is unpacked before it is known to be small enough."""

from __future__ import annotations

import stat
import zipfile
import zlib
from pathlib import PurePosixPath
from typing import IO

from evaluator.errors import RefusedFiles
from evaluator.files import LIMITS, RUN_SCRIPT, SKIPPED_FOLDERS, FileLimits

LARGEST_ARCHIVE = 50 * 1024 * 1024
SKIPPED = SKIPPED_FOLDERS | {"__MACOSX"}


def read_zip(archive: IO[bytes], *, size: int, limits: FileLimits = LIMITS) -> dict[str, bytes]:
    """The files of a zip by their names; a single folder around all of them is taken off.

    `size` is the archive's length in bytes. Raises RefusedFiles for what is no zip, encrypted, too large (told by the
    directory, before anything is unpacked), a link, or a name that occurs twice. The names themselves are judged where
    all files are: evaluator.files.check_files.
    """
    if size > LARGEST_ARCHIVE:
        raise RefusedFiles(f"The archive has {_megabytes(size)}; it may have {_megabytes(LARGEST_ARCHIVE)}.")
    try:
        with zipfile.ZipFile(archive) as opened:
            entries = _files(opened)
            _check_amounts(entries, limits)
            files = {entry.filename: _read(opened, entry) for entry in entries}
    except (zipfile.BadZipFile, zlib.error, NotImplementedError, EOFError, RuntimeError, UnicodeError) as error:
        raise RefusedFiles(f"The file is not a readable zip archive: {error}") from error
    return _without_outer_folder(files)


def _files(archive: zipfile.ZipFile) -> list[zipfile.ZipInfo]:
    entries = [
        entry
        for entry in archive.infolist()
        if not entry.is_dir() and not SKIPPED & set(PurePosixPath(entry.filename).parts[:-1])
    ]
    seen = set()
    for entry in entries:
        kind = stat.S_IFMT(entry.external_attr >> 16)
        if kind not in (0, stat.S_IFREG):
            what = "a symbolic link" if kind == stat.S_IFLNK else "not an ordinary file"
            raise RefusedFiles(f"“{_shown(entry)}” is {what}; only ordinary files are taken.")
        if entry.flag_bits & 0x1:
            raise RefusedFiles(f"“{_shown(entry)}” is encrypted.")
        if entry.filename in seen:
            raise RefusedFiles(f"“{_shown(entry)}” is in the archive twice.")
        seen.add(entry.filename)
    return entries


def _check_amounts(entries: list[zipfile.ZipInfo], limits: FileLimits) -> None:
    """What the archive's directory says; the reader never goes beyond it, so a lie cannot make it larger."""
    if len(entries) > limits.count:
        raise RefusedFiles(f"The archive has {len(entries):,} files; a backend may have {limits.count:,}.")
    for entry in entries:
        if entry.file_size > limits.one_file:
            sizes = f"{_megabytes(entry.file_size)} unpacked; a file may have {_megabytes(limits.one_file)}"
            raise RefusedFiles(f"“{_shown(entry)}” has {sizes}.")
    total = sum(entry.file_size for entry in entries)
    if total > limits.all_files:
        raise RefusedFiles(f"The archive has {_megabytes(total)} unpacked; it may have {_megabytes(limits.all_files)}.")


def _read(archive: zipfile.ZipFile, entry: zipfile.ZipInfo) -> bytes:
    with archive.open(entry) as file:
        content = file.read(entry.file_size + 1)
    if len(content) != entry.file_size:
        raise RefusedFiles(f"“{_shown(entry)}” has another size than the archive says.")
    return content


def _without_outer_folder(files: dict[str, bytes]) -> dict[str, bytes]:
    outer = {name.partition("/")[0] for name in files}
    if len(outer) != 1 or RUN_SCRIPT in files or not all("/" in name for name in files):
        return files
    return {name.partition("/")[2]: content for name, content in files.items()}


def _shown(entry: zipfile.ZipInfo) -> str:
    return entry.filename[:80].encode("utf-8", "backslashreplace").decode()


def _megabytes(size: int) -> str:
    return f"{size / (1024 * 1024):,.1f} MB"
