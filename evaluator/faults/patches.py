"""Applies a unified diff strictly: every line of context must stand where the diff says, or nothing is applied.

The parsing is unidiff's. A tolerant `patch` would move a hunk to the next similar place, and a fault would then be
another fault than the one that was read and validated.
"""

from __future__ import annotations

from collections.abc import Mapping
from io import StringIO

from unidiff.errors import UnidiffParseError
from unidiff.patch import PatchedFile, PatchSet

from evaluator.errors import BadInput


def apply_patch(files: Mapping[str, bytes], patch: str) -> dict[str, bytes]:
    """The files (name → content) after a unified diff with `a/` and `b/` before the names; the argument is unchanged.

    Raises BadInput where the diff is none, names a file that is not there (or already is), or a line differs.
    """
    changed = dict(files)
    for change in _parsed(patch):
        if change.is_removed_file:
            _content(changed, change)
            del changed[change.path]
        elif change.is_added_file:
            if change.path in changed:
                raise BadInput(f"The patch adds “{change.path}”, which is already there.")
            changed[change.path] = _patched([], change)
        else:
            changed[change.path] = _patched(StringIO(_content(changed, change)).readlines(), change)
    return changed


def changed_lines(patch: str) -> int:
    """How many lines a diff takes away or adds, whichever is more: a line that is replaced counts once."""
    return sum(max(hunk.added, hunk.removed) for change in _parsed(patch) for hunk in change)


def _parsed(patch: str) -> PatchSet:
    try:
        parsed = PatchSet(patch)
    except UnidiffParseError as error:
        raise BadInput(f"The patch is no unified diff: {error}.") from error
    if not parsed:
        raise BadInput("The patch changes nothing.")
    return parsed


def _content(files: Mapping[str, bytes], change: PatchedFile) -> str:
    if change.path not in files:
        raise BadInput(f"The patch changes “{change.path}”, which is not there.")
    return files[change.path].decode()


def _patched(lines: list[str], change: PatchedFile) -> bytes:
    """The lines of one file with its hunks applied, each exactly at its place."""
    result: list[str] = []
    read = 0
    for hunk in change:
        start = hunk.source_start - 1 if hunk.source_length else hunk.source_start
        result += lines[read:start]
        read = start
        for line in hunk:
            if line.is_context or line.is_removed:
                if read >= len(lines) or lines[read].rstrip("\n") != line.value.rstrip("\n"):
                    raise BadInput(f"Line {read + 1} of “{change.path}” is not what the patch expects.")
                result += lines[read : read + 1] if line.is_context else []
                read += 1
            elif line.is_added:
                result.append(line.value)
    return "".join([*result, *lines[read:]]).encode()
