"""Runs a program of ours on data that nobody vouches for, and reads what it tells: bounded time, memory and output.

It gets no environment but what is named, its own session, and where we are root and it can live without us, the user
nobody.
"""

from __future__ import annotations

import os
import select
import signal
import subprocess
import tempfile
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

NOBODY = 65534
PIECE_BYTES = 64 * 1024
WAIT_SECONDS = 0.2
MOST_LINE_BYTES = 4 * 1024 * 1024
KEPT_COMPLAINT_BYTES = 2048


@dataclass
class BoundedProgram:
    """A program and its bounds; `ended` says afterwards why it was ended early, or what its failure complained of."""

    command: Sequence[str]
    folder: Path
    environment: Mapping[str, str] = field(default_factory=dict)
    seconds: float = 90.0
    most_output_bytes: int = 64 * 1024 * 1024
    most_file_bytes: int = 16 * 1024 * 1024
    most_memory_bytes: int = 1024 * 1024 * 1024
    as_nobody: bool = True
    ended: str = ""

    def lines(self, given: bytes = b"") -> Iterator[bytes]:
        """What it prints, line by line, while it runs; `given` is its standard input. Nothing of it is left after."""
        stranger = self.as_nobody and os.geteuid() == 0
        with tempfile.TemporaryFile() as complaints:
            program = subprocess.Popen(
                self._bounded_command(),
                cwd=self.folder,
                env=dict(self.environment),
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=complaints,
                start_new_session=True,
                user=NOBODY if stranger else None,
                group=NOBODY if stranger else None,
                extra_groups=() if stranger else None,
            )
            try:
                threading.Thread(target=_feed, args=(program, given), daemon=True).start()
                yield from self._read(program)
                if not self.ended and program.wait(5):
                    complaints.seek(0)
                    said = complaints.read()[-KEPT_COMPLAINT_BYTES:].decode("utf-8", "replace").strip()
                    self.ended = _told(program.returncode, said)
            except subprocess.TimeoutExpired:
                self.ended = "it did not end after its last line"
            finally:
                with suppress(ProcessLookupError, PermissionError):
                    os.killpg(program.pid, signal.SIGKILL)
                program.wait()
                assert program.stdout is not None
                program.stdout.close()

    def _bounded_command(self) -> tuple[str, ...]:
        """The command below a shell that sets its limits; a block of a file is 512 bytes or more, as the shell will.

        Memory is bounded as data: a runtime reserves far more address space than it ever fills.
        """
        limits = (
            "ulimit -c 0",
            "ulimit -n 512",
            f"ulimit -f {self.most_file_bytes // 1024}",
            f"ulimit -d {self.most_memory_bytes // 1024}",
            f"ulimit -t {int(self.seconds) + 1}",
        )
        return ("/bin/sh", "-c", f'{" && ".join(limits)} && exec "$@"', "sh", *self.command)

    def _read(self, program: subprocess.Popen[bytes]) -> Iterator[bytes]:
        assert program.stdout is not None
        deadline = time.monotonic() + self.seconds
        total = 0
        waiting = b""
        while True:
            if time.monotonic() >= deadline:
                self.ended = f"its {self.seconds:g} seconds were over"
                return
            if not select.select([program.stdout], [], [], WAIT_SECONDS)[0]:
                if program.poll() is not None:  # something that it left behind still holds its output
                    return
                continue
            piece = os.read(program.stdout.fileno(), PIECE_BYTES)
            if not piece:
                return
            total += len(piece)
            *lines, waiting = (waiting + piece).split(b"\n")
            yield from lines
            if total > self.most_output_bytes or len(waiting) > MOST_LINE_BYTES:
                self.ended = "it printed more than it may"
                return


def _told(status: int, said: str) -> str:
    if status < 0 or status > 128:
        number = -status if status < 0 else status - 128
        return f"signal {number} ended it, most likely for want of memory or processor time {said}".strip()
    return f"it ended with status {status}: {said}"


def _feed(program: subprocess.Popen[bytes], given: bytes) -> None:
    assert program.stdin is not None
    with suppress(OSError), program.stdin:
        program.stdin.write(given)
