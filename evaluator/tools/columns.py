"""Columns as editors count them: from 1, in UTF-16 code units, whatever a tool counts in."""

from __future__ import annotations

import re
from collections.abc import Mapping

_LINE_END = re.compile(rb"\r\n|\r|\n")
_MARK = b"\xef\xbb\xbf"


class Columns:
    """Turns the columns of tools into ours; a place that a file does not have gives 0, “not known”."""

    def __init__(self, files: Mapping[str, bytes]) -> None:
        self._files = files
        self._lines: dict[str, list[bytes]] = {}

    def after_bytes(self, path: str, line: int, count: int) -> int:
        """The column behind so many bytes of UTF-8, as Python's syntax trees count."""
        found = self._line(path, line)
        if found is None or not 0 <= count <= len(found):
            return 0
        return _units(found[:count].decode("utf-8", "replace")) + 1

    def on_ascii_line(self, path: str, line: int, count: int) -> int:
        """The column behind so many characters of a line that holds ASCII only; 0 on any other."""
        found = self._line(path, line)
        return count + 1 if found is not None and found.isascii() and 0 <= count <= len(found) else 0

    def after_characters(self, path: str, line: int, count: int) -> int:
        """The column behind so many characters."""
        found = self._line(path, line)
        if found is None or count < 0:
            return 0
        return _units(found.decode("utf-8", "replace")[:count]) + 1

    def _line(self, path: str, line: int) -> bytes | None:
        if path not in self._lines:
            self._lines[path] = _LINE_END.split(self._files.get(path, b"").removeprefix(_MARK))
        lines = self._lines[path]
        return lines[line - 1] if 1 <= line <= len(lines) else None


def _units(text: str) -> int:
    return len(text.encode("utf-16-le", "surrogatepass")) // 2
