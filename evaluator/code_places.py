"""Finding lines of a backend's own code in what its server printed."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass

LONGEST_LINE = 500  # characters that are searched and shown of one line

_PYTHON_FRAME = re.compile(r'File "(?P<path>[^"]{1,300})", line (?P<line>\d{1,6})')
_FRAME_BEGINS = re.compile(r'\s*File "')
_NAMED_LINE = re.compile(r"(?P<path>[\w@.\-/]{1,300}\.(?:py|[cm]?[jt]sx?)):(?P<line>\d{1,6})")
# `KeyError: 'email'`, `psycopg.errors.UniqueViolation: …`, also indented under a logger's own line.
RAISED = re.compile(
    r"^\s*(?:Uncaught )?((?:\w+\.)*\w*(?:Error|Exception|Warning|Exit)\b|(?:[a-z]\w*\.)+[A-Z]\w+(?=:|$)):?\s*(.*)$"
)


@dataclass(frozen=True)
class Place:
    """A line of one of the backend's files; 0 stands for the file as a whole."""

    path: str
    line: int

    def __str__(self) -> str:
        return f"{self.path}:{self.line}" if self.line else self.path


@dataclass(frozen=True)
class LogLine:
    """One line of a log, cut where it names a place of the backend's code; `place` is None where it names none."""

    before: str
    label: str = ""
    place: Place | None = None
    after: str = ""


def log_lines(log: str, paths: Collection[str], *, most: int = 400) -> list[LogLine]:
    """The last `most` lines of a log, linked to the files in `paths` where they name one."""
    return [_read_line(line, paths) for line in log.rstrip("\n").split("\n")[-most:]] if log.strip() else []


def telling_lines(lines: Sequence[LogLine]) -> list[LogLine]:
    """Of a moment's log, the lines that name the backend's own code, and the exception: shortened, and told once.

    A server that is asked until it is healthy prints the same traceback again and again.
    """
    telling = [_shortened(line) for line in lines if line.place or exception_named(line.before)]
    for length in range(1, len(telling) // 2 + 1):
        while len(telling) >= 2 * length and telling[-length:] == telling[-2 * length : -length]:
            del telling[-length:]
    return telling


def _shortened(line: LogLine) -> LogLine:
    """A Python frame as `services/articles.py:63 in feed`; other lines as they are."""
    if line.place is None or not _FRAME_BEGINS.fullmatch(line.before):
        return line
    return LogLine(before="", label=str(line.place), place=line.place, after=line.after.replace(", in ", " in ", 1))


def deepest_place(lines: list[LogLine]) -> Place | None:
    """Where the failing call was, as far as the log tells: Python prints the deepest frame last, Node.js first."""
    places = [line for line in lines if line.place]
    if not places:
        return None
    python = [line for line in places if 'File "' in line.before]
    return (python[-1] if python else places[0]).place


def exception_named(log: str) -> str:
    """The last exception a log names, as `KeyError: 'email'`; empty where there is none."""
    for line in reversed(log.splitlines()[-200:]):
        if found := RAISED.match(line[:LONGEST_LINE]):
            return f"{found[1]}: {found[2]}" if found[2] else found[1]
    return ""


def _read_line(line: str, paths: Collection[str]) -> LogLine:
    line = line[:LONGEST_LINE]
    for pattern in (_PYTHON_FRAME, _NAMED_LINE):
        for found in pattern.finditer(line):
            if path := _own_path(found["path"], paths):
                start = found.start("path")
                return LogLine(
                    before=line[:start],
                    label=line[start : found.end()],
                    place=Place(path, int(found["line"])),
                    after=line[found.end() :],
                )
    return LogLine(line)


def _own_path(named: str, paths: Collection[str]) -> str:
    """The backend's file that a log means: the sandbox's folder before it is not known, so the longest end counts."""
    parts = [part for part in named.split("/") if part not in ("", ".")]
    if {"node_modules", "site-packages", "dist-packages"} & set(parts):
        return ""
    ends = ("/".join(parts[start:]) for start in range(len(parts)))
    return next((end for end in ends if end in paths), "")
