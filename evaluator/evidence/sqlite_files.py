"""Finds the SQLite files that a run wrote, copies them out of its sandbox, and has them read by a bounded program.

The sandbox is looked into from outside, through its first process, while the backend may still be at work: no link is
followed, no pipe or device opened, no other file system entered, and names are never trusted.
"""

from __future__ import annotations

import json
import os
import shutil
import stat
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from evaluator.cache import reachable_file
from evaluator.contract.bounded_program import NOBODY, BoundedProgram
from evaluator.evidence.tables import ForeignKey, StoredTables, Table
from evaluator.sandbox.interpreter import trusted_python

HEADER = b"SQLite format 3\0"
WRITABLE = ("app", "tmp", "dev/shm")
PASSED_OVER = frozenset({"node_modules", ".venv", "venv", "__pycache__", ".git", "site-packages"})
MOST_ENTRIES = 20_000
MOST_DEPTH = 12
LOOKING_SECONDS = 0.25
MOST_FILES = 8
MOST_COPIED_BYTES = 48 * 1024 * 1024
READING_SECONDS = 5.0
NO_LINKS = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC


@dataclass
class CopiedFiles:
    """Private copies of SQLite files, by their names in the sandbox; `complete` is whether all were seen and copied."""

    folder: Path
    copies: dict[str, Path] = field(default_factory=dict)
    complete: bool = True
    bytes_left: int = MOST_COPIED_BYTES


@contextmanager
def copied_sqlite_files(process: int, shipped: Mapping[str, bytes]) -> Iterator[CopiedFiles | None]:
    """Copies of what a sandbox holds now, removed at the end of the block; None where it cannot be looked into.

    `process` is the first one of the sandbox. Files that stand there as they were shipped were not written by the run.
    """
    with ExitStack() as stack:
        folder = Path(tempfile.mkdtemp(prefix="amend-evidence-"))
        stack.callback(shutil.rmtree, folder, ignore_errors=True)
        found = CopiedFiles(folder)
        try:
            root = os.open(f"/proc/{process}/root", os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
            stack.callback(os.close, root)
            if not _is_first_of_a_sandbox(process):  # it ended, and its number may be another's by now
                yield None
                return
        except OSError:
            yield None
            return
        _look(root, found, shipped)
        _hand_over(folder)
        yield found


def _is_first_of_a_sandbox(process: int) -> bool:
    with suppress(OSError):
        for line in Path(f"/proc/{process}/status").read_text().splitlines():
            if line.startswith("NSpid:"):
                return len(line.split()) > 2 and line.split()[-1] == "1"
    return False


def read_copies(copied: CopiedFiles) -> tuple[tuple[StoredTables, ...], bool]:
    """The tables of copied files, and whether each file could be read at all."""
    if not copied.copies:
        return (), copied.complete
    python = trusted_python()
    command = [str(python.program), "-I", "-S", str(_reader_program()), *map(str, copied.copies.values())]
    program = BoundedProgram(
        command, copied.folder, python.environment, READING_SECONDS, 8 * 2**20, MOST_COPIED_BYTES, 256 * 2**20
    )
    documents = [json.loads(line) for line in program.lines()]
    stored = tuple(
        StoredTables("sqlite", tuple(map(_table, document["tables"])), document["complete"], path)
        for path, document in zip(copied.copies, documents, strict=False)
    )
    return stored, copied.complete and len(documents) == len(copied.copies)


@cache
def _reader_program() -> Path:
    return reachable_file(Path(__file__).with_name("sqlite_reader.py"))


def _table(document: Mapping[str, object]) -> Table:
    told: dict[str, list[list[str]]] = {name: list(document[name]) for name in ("foreign", "unique")}  # type: ignore[call-overload]
    return Table(
        name=str(document["name"]),
        rows=document["rows"] if isinstance(document["rows"], int) else None,
        columns=tuple(document["columns"]),  # type: ignore[arg-type]
        foreign=tuple(ForeignKey(tuple(columns), str(target)) for columns, target in told["foreign"]),
        unique=tuple(tuple(sorted(columns)) for columns in told["unique"] if columns),
    )


def _look(root: int, found: CopiedFiles, shipped: Mapping[str, bytes]) -> None:
    budget = _Budget(MOST_ENTRIES, time.monotonic() + LOOKING_SECONDS)
    for place in WRITABLE:
        with ExitStack() as stack:
            try:
                top = _below(root, place, stack)
            except OSError:  # not every sandbox has each
                continue
            for folder, name, path in _files(top, found, budget):
                _take(folder, name, f"{place}/{path}", found, shipped)


@dataclass
class _Budget:
    """How many entries may still be looked at, and until when."""

    entries: int
    deadline: float

    def spent(self) -> bool:
        self.entries -= 1
        return self.entries < 0 or time.monotonic() > self.deadline


def _files(top: int, found: CopiedFiles, budget: _Budget) -> Iterator[tuple[int, str, str]]:
    """Every regular file below a folder: its open folder, its name there, its path; `found` hears what was not seen."""
    device = os.fstat(top).st_dev
    pending = [("", 0)]
    while pending:
        place, depth = pending.pop()
        try:
            with _opened(top, place) as folder, os.scandir(folder) as listing:
                for entry in listing:
                    if budget.spent() or depth > MOST_DEPTH:
                        found.complete = False
                        return
                    path = f"{place}/{entry.name}" if place else entry.name
                    if entry.is_file(follow_symlinks=False):
                        yield folder, entry.name, path
                    elif (
                        entry.is_dir(follow_symlinks=False) and entry.name not in PASSED_OVER and _is_on(device, entry)
                    ):
                        pending.append((path, depth + 1))
        except OSError:  # taken away while we looked, or closed to us
            found.complete = False


def _is_on(device: int, entry: os.DirEntry[str]) -> bool:
    return entry.stat(follow_symlinks=False).st_dev == device


def _below(root: int, place: str, stack: ExitStack) -> int:
    at = root
    for part in place.split("/"):
        at = os.open(part, NO_LINKS | os.O_DIRECTORY, dir_fd=at)
        stack.callback(os.close, at)
    return at


@contextmanager
def _opened(top: int, inner: str) -> Iterator[int]:
    """A folder below `top`, every step without links."""
    with ExitStack() as stack:
        yield _below(top, inner, stack) if inner else top


def _take(folder: int, name: str, path: str, found: CopiedFiles, shipped: Mapping[str, bytes]) -> None:
    content = _content(folder, name, found, only_sqlite=True)
    if content is None:
        return
    journals = {ending: _content(folder, name + ending, found) for ending in ("-wal", "-journal")}
    if content == shipped.get(path.removeprefix("app/")) and not any(journals.values()):
        return
    if len(found.copies) >= MOST_FILES:
        found.complete = False
        return
    copy = found.folder / f"{len(found.copies)}.db"
    copy.write_bytes(content)
    for ending, journal in journals.items():
        if journal:
            Path(f"{copy}{ending}").write_bytes(journal)
    found.copies[path] = copy


def _content(folder: int, name: str, found: CopiedFiles, only_sqlite: bool = False) -> bytes | None:
    """What a regular file holds; None where there is none, or it is no SQLite file."""
    try:
        descriptor = os.open(name, NO_LINKS, dir_fd=folder)
    except OSError:  # gone, or a link or socket by now
        return None
    with os.fdopen(descriptor, "rb") as file:
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            return None
        start = file.read(len(HEADER))
        if only_sqlite and start != HEADER:
            return None
        rest = file.read(max(0, found.bytes_left) + 1)
    found.bytes_left -= len(start) + len(rest)
    if found.bytes_left < 0:
        found.complete = False
        return None
    return start + rest


def _hand_over(folder: Path) -> None:
    """Give the copies to whom the reader runs as."""
    if os.geteuid() == 0:
        for path in (folder, *folder.iterdir()):
            os.chown(path, NOBODY, NOBODY)
