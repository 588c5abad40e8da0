"""The first process of a sandbox, seen from outside: it starts the program, and starts it again when told to."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from evaluator.errors import MachineryFailed

SUPERVISE = Path(__file__).with_name("supervisor.sh").read_text()
RESTART_SECONDS = 30.0  # three to let it end, and patience with a busy machine: a run without an answer is void
POLL_SECONDS = 0.005


def supervised(archive: str, argv: tuple[str, ...], waiting: tuple[str, ...] = ()) -> list[str]:
    """The command that unpacks the tar file `archive` (`-`: standard input) into /app and supervises `argv` there.

    `waiting` is a command that runs beside it from the beginning, before there are any files.
    """
    return ["/bin/bash", "-c", SUPERVISE, "supervisor", archive, str(len(waiting)), *waiting, *argv]


def order_restart(supervisor: int, alive: Callable[[], bool]) -> None:
    """Have the supervisor, a process id of this machine, end everything in its sandbox and start the program again.

    Returns when it was started. Only what the kernel says of the supervisor is believed. Raises MachineryFailed where
    the sandbox is gone, or is not back after half a minute.
    """
    deadline = time.monotonic() + RESTART_SECONDS
    before = 0
    while time.monotonic() < deadline and alive():
        now = starts(supervisor)
        if now > before > 0:
            return
        if now and not before:  # only now it is certain that the signal is understood, and reaches who it is meant for
            before = now
            os.kill(supervisor, signal.SIGUSR1)
        time.sleep(POLL_SECONDS)
    raise MachineryFailed("The sandbox was lost when its program was started again.")


def starts(supervisor: int) -> int:
    """How often it has started the program: 0 before the first time, and where it is gone."""
    with suppress(OSError):
        name = Path(f"/proc/{supervisor}/comm").read_text().strip()
        prefix, _, count = name.partition("-")
        if prefix == "starts" and count.isdigit():
            return int(count)
    return 0


def has_child_named(supervisor: int, name: str) -> bool:
    """Whether a process that it started itself bears this name."""
    for child in children_of(supervisor):
        with suppress(OSError):
            if Path(f"/proc/{child}/comm").read_text().strip() == name:
                return True
    return False


def supervisor_below(ancestor: int) -> int | None:
    """The first process of the process namespace that a descendant of `ancestor` made; None where there is none yet."""
    waiting = [ancestor]
    while waiting:
        pid = waiting.pop()
        with suppress(OSError):
            status = Path(f"/proc/{pid}/status").read_text()
            numbers = next(line.split()[1:] for line in status.splitlines() if line.startswith("NSpid:"))
            if len(numbers) > 1 and numbers[-1] == "1":
                return pid
            waiting += children_of(pid)
    return None


def children_of(parent: int) -> list[int]:
    """The living children of a process with one thread."""
    with suppress(OSError):
        return [int(child) for child in Path(f"/proc/{parent}/task/{parent}/children").read_text().split()]
    found = []  # not every kernel lists them
    for folder in os.listdir("/proc"):
        if folder.isdigit():
            with suppress(OSError, IndexError):
                if int(Path(f"/proc/{folder}/stat").read_text().rpartition(")")[2].split()[1]) == parent:
                    found.append(int(folder))
    return found
