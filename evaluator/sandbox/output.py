"""What a sandboxed program prints, kept within bounds: the beginning, a tail with times, and an alarm at a flood."""

from __future__ import annotations

import os
import threading
import time
from collections import deque
from collections.abc import Callable

HEAD_BYTES = 64 * 1024
TAIL_BYTES = 256 * 1024
# What is printed about an answer comes through another pipe than the answer, before it or right after it.
SILENT_SECONDS = 0.05  # nothing came of it at all
QUIET_SECONDS = 0.02  # nothing more came
LONGEST_SETTLING_SECONDS = 0.25


class Output:
    """Reads a pipe in a thread until its end; calls `on_flood` once when more than `flood_bytes` came."""

    def __init__(self, fd: int, flood_bytes: int, on_flood: Callable[[], None]) -> None:
        self._fd = fd
        self._flood_bytes = flood_bytes
        self._on_flood = on_flood
        self._head: list[tuple[float, bytes]] = []
        self._tail: deque[tuple[float, bytes]] = deque()
        self._head_bytes = self._tail_bytes = self._dropped = 0
        self._came = 0.0
        self._lock = threading.Condition()
        self._thread = threading.Thread(target=self._read, name="sandbox-output", daemon=True)
        self._thread.start()

    def text(self) -> str:
        """Beginning and end, with a line between them that says how much is missing."""
        with self._lock:
            missing = f"\n[… {self._dropped:,} bytes left out …]\n".encode() if self._dropped else b""
            parts = [*(part for _, part in self._head), missing, *(part for _, part in self._tail)]
        return _decode(b"".join(parts))

    def since(self, moment: float) -> str:
        """What came at or after `moment` (`time.time()`), as far as the tail reaches."""
        with self._lock:
            parts = [part for came, part in (*self._head, *self._tail) if came >= moment]
        return _decode(b"".join(parts))

    def settle(self, moment: float) -> None:
        """Wait until what is printed about something that happened since `moment` has come, as far as one can tell."""
        deadline = time.monotonic() + LONGEST_SETTLING_SECONDS
        with self._lock:
            more = True
            while more and (left := deadline - time.monotonic()) > 0:
                more = self._lock.wait(min(left, QUIET_SECONDS if self._came >= moment else SILENT_SECONDS))

    def finish(self, timeout_seconds: float = 2.0) -> None:
        """Wait until everything printed has been read."""
        self._thread.join(timeout_seconds)

    def _read(self) -> None:
        total = 0
        with os.fdopen(self._fd, "rb", buffering=0) as pipe:
            while part := pipe.read(65536):
                self._keep(time.time(), part)
                flooded = total <= self._flood_bytes < total + len(part)
                total += len(part)
                if flooded:
                    self._on_flood()

    def _keep(self, came: float, part: bytes) -> None:
        with self._lock:
            self._came = came
            self._lock.notify_all()
            room = HEAD_BYTES - self._head_bytes
            if room > 0:
                self._head.append((came, part[:room]))
                self._head_bytes += len(part[:room])
                part = part[room:]
            if part:
                self._tail.append((came, part))
                self._tail_bytes += len(part)
            while self._tail_bytes > TAIL_BYTES:
                _, oldest = self._tail.popleft()
                self._tail_bytes -= len(oldest)
                self._dropped += len(oldest)


def _decode(content: bytes) -> str:
    """Text without NUL, which PostgreSQL refuses to store."""
    return content.decode("utf-8", "replace").replace("\0", "�")
