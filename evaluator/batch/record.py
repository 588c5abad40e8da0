"""The verdicts of a batch on the disk: one line each as they come, and a JSON list at the end.

`FILE.part` holds a verdict per line and is only ever appended to, so that a batch that was killed has lost nothing but
what it was judging. At the end the lines become `FILE`, a JSON list with one verdict per line, and `FILE.part` goes. A
later batch with the same FILE takes from both what still holds: the same files, judged in the same way, not void.
"""

from __future__ import annotations

import fcntl
import os
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import IO, Any, Literal

import msgspec

from evaluator.errors import BadInput

Outcome = Literal["sound", "not sound", "void"]


class _Summary(msgspec.Struct):
    checks: int
    passed: int
    unstable: int
    sound: bool
    void: bool
    void_reason: str


class _Batch(msgspec.Struct):
    folder: str
    content: str
    settings: dict[str, Any]


class _Environment(msgspec.Struct):
    batch: _Batch


class _Verdict(msgspec.Struct):
    """What of a verdict is read: a line has up to a megabyte, and the rest of it is never made into objects."""

    summary: _Summary
    environment: _Environment
    start_error: str
    timings: dict[str, float]


@dataclass(frozen=True)
class Judged:
    """What a batch remembers of a verdict: where it lies, what it is about, and how it came out."""

    name: str
    content: str
    settings: Mapping[str, Any]
    outcome: Outcome
    passed: int
    checks: int
    unstable: int
    told: str
    seconds: float
    file: Path
    offset: int = 0
    length: int = 0

    @staticmethod
    def read(line: bytes, file: Path) -> Judged:
        """From the JSON of a verdict of a batch; raises ValueError on anything else."""
        verdict = msgspec.json.decode(line, type=_Verdict)
        summary, batch = verdict.summary, verdict.environment.batch
        return Judged(
            name=batch.folder,
            content=batch.content,
            settings=batch.settings,
            outcome="void" if summary.void else "sound" if summary.sound else "not sound",
            passed=summary.passed,
            checks=summary.checks,
            unstable=summary.unstable,
            told=summary.void_reason or verdict.start_error,
            seconds=verdict.timings.get("total", 0.0),
            file=file,
        )


class Record:
    """The verdicts of one batch; `file` is where the list shall be."""

    def __init__(self, file: Path) -> None:
        self.file = file
        self.part = file.with_name(f"{file.name}.part")
        self._kept: dict[str, Judged] = {}
        self._appending: IO[bytes] | None = None

    @contextmanager
    def open(self, *, again: bool) -> Iterator[Record]:
        """Read what an earlier batch left (nothing where `again`), and take verdicts until the end of the block.

        Raises BadInput where the place cannot be written, or where another batch is writing it.
        """
        try:
            appending = self.part.open("ab")
        except OSError as error:
            raise BadInput(f"“{self.part}” cannot be written: {error.strerror}.") from error
        with appending:
            self._lock(appending)
            if again:
                appending.truncate(0)
            else:
                self._read(self.file)
                appending.truncate(self._read(self.part))
            self._appending = appending
            try:
                yield self
            finally:
                self._appending = None
                if self.part.exists() and self.part.stat().st_size == 0:
                    self.part.unlink()

    def held(self, name: str, content: str, settings: Mapping[str, Any]) -> Judged | None:
        """The verdict on a folder, if it is about these very files, judged in this way, and not void."""
        judged = self._kept.get(name)
        if judged is None or judged.outcome == "void" or not content:
            return None
        return judged if (judged.content, judged.settings) == (content, dict(settings)) else None

    def keep(self, judged: Judged, line: bytes) -> Judged:
        """Append the JSON of a verdict, one line without its end, and remember where it lies."""
        assert self._appending is not None, "the record is not open"
        placed = self._place(judged, self._appending.seek(0, os.SEEK_END), len(line))
        self._appending.write(line + b"\n")
        self._appending.flush()
        return placed

    def finish(self, names: Iterable[str]) -> None:
        """Make the list of these folders' verdicts in the order given, in one step, and remove the part."""
        with tempfile.NamedTemporaryFile(dir=self.file.parent, prefix=f".{self.file.name}.", delete=False) as writing:
            try:
                self.write(writing, names)
                os.fchmod(writing.fileno(), 0o644)
            except BaseException:
                os.unlink(writing.name)
                raise
        os.replace(writing.name, self.file)
        self.part.unlink()

    def write(self, out: IO[bytes], names: Iterable[str]) -> None:
        """Write the list to a stream, verdict by verdict."""
        between = b"[\n"
        for name in names:
            judged = self._kept[name]
            out.write(between)
            with judged.file.open("rb") as kept:
                kept.seek(judged.offset)
                out.write(kept.read(judged.length))
            between = b",\n"
        out.write(b"\n]\n" if between == b",\n" else b"[]\n")
        out.flush()

    def _place(self, judged: Judged, offset: int, length: int) -> Judged:
        self._kept[judged.name] = placed = replace(judged, offset=offset, length=length)
        return placed

    def _read(self, file: Path) -> int:
        """Remember the verdicts of a list or part, the later of two; the offset at which its whole lines end."""
        if not file.exists():
            return 0
        offset = 0
        with file.open("rb") as lines:
            for line in lines:
                if not line.endswith(b"\n"):  # torn: whoever wrote it was killed
                    break
                verdict = line.rstrip(b",\n")
                with suppress(ValueError):  # a bracket of the list, or not ours
                    self._place(Judged.read(verdict, file), offset, len(verdict))
                offset += len(line)
        return offset

    def _lock(self, part: IO[bytes]) -> None:
        try:
            fcntl.flock(part, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise BadInput(f"Another batch is writing “{self.part}”.") from None
