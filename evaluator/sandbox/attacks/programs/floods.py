"""Takes more than its share: processes, memory, disk, descriptors, log, processor."""

from __future__ import annotations

import os
import sys
import time

from hostile import LONGEST_SECONDS, main, named, tell

BLOCK = b"x" * 2**20


def forks(most: int) -> None:
    """Sleeping children until refused."""
    tell(tried=True)
    made, refused = _children(most, lambda: time.sleep(LONGEST_SECONDS))
    tell(made=made, refused=refused)
    time.sleep(1.0)  # to be counted from outside


def zombies(most: int) -> None:
    """Children that end and are never waited for."""
    tell(tried=True)
    made, refused = _children(most, lambda: None)
    tell(made=made, refused=refused)
    time.sleep(0.3)


def threads(most: int) -> None:
    """Sleeping threads until refused."""
    import threading

    tell(tried=True)
    made, refused = 0, ""
    try:
        while made < most:
            threading.Thread(target=time.sleep, args=(LONGEST_SECONDS,), daemon=True).start()
            made += 1
    except RuntimeError as error:
        refused = str(error)
    tell(made=made, refused=refused)
    os._exit(0)


def memory(megabytes: int) -> None:
    """One process that takes and touches memory."""
    tell(tried=True)
    _take(megabytes)
    tell(finished=True)


def memory_of_many(children: int, megabytes: int) -> None:
    """Each stays below the limit, together they do not."""
    tell(tried=True)

    def take() -> None:
        _take(megabytes)
        time.sleep(2)

    made, _ = _children(children, take)
    killed = sum(os.WIFSIGNALED(os.wait()[1]) for _ in range(made))
    tell(children=made, children_killed=killed)


def fill(places: list[str], megabytes: int) -> None:
    """Files of one megabyte in each place until refused, then removed."""
    for place in places:
        folder = os.getcwd() if place == "/app" else place
        tell(tried=place)
        written, refused, made = 0, "", []
        try:
            while written < megabytes:
                path = os.path.join(folder, f"flood-{written}")
                with open(path, "wb") as file:
                    made.append(path)
                    file.write(BLOCK)
                written += 1
        except OSError as error:
            refused = named(error)
        for path in made:
            os.unlink(path)
        tell(place=place, megabytes=written, refused=refused)


def one_file(megabytes: int) -> None:
    """A single file that grows; the limit is also sent as a signal."""
    import signal

    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    tell(tried=True)
    written, refused = 0, ""
    with open("big", "wb", buffering=0) as file:
        try:
            while written < megabytes:
                file.write(BLOCK)
                written += 1
        except OSError as error:
            refused = named(error)
    os.unlink("big")
    tell(megabytes=written, refused=refused)


def inodes(most: int) -> None:
    """Empty files, which no limit of size counts."""
    tell(tried=True)
    made, refused = 0, ""
    try:
        while made < most:
            if made % 10_000 == 0:
                os.mkdir(f"inodes-{made // 10_000}")
                tell(made=made, refused="")
            os.close(os.open(f"inodes-{made // 10_000}/{made}", os.O_CREAT))
            made += 1
    except OSError as error:
        refused = named(error)
    tell(made=made, refused=refused)


def descriptors(most: int) -> None:
    """Open files until refused."""
    tell(tried=True)
    kept, refused = [], ""
    try:
        while len(kept) < most:
            kept.append(os.open("/dev/null", os.O_RDONLY))
    except OSError as error:
        refused = named(error)
    made = len(kept)
    for fd in kept:
        os.close(fd)
    tell(made=made, refused=refused)


def log(megabytes: int) -> None:
    """More output than anybody can read."""
    tell(tried=True)
    for _ in range(megabytes):
        sys.stdout.buffer.write(BLOCK[:-1] + b"\n")
        sys.stdout.buffer.flush()
    tell(finished=True)


def log_into_files(megabytes: int) -> None:
    """A server's own log files, rotated so that none of them is large."""
    tell(tried=True)
    written, refused = 0, ""
    try:
        for number in range(megabytes):
            with open(f"server.log.{number}", "ab") as file:
                file.write(BLOCK)
            written += 1
    except OSError as error:
        refused = named(error)
    for number in range(megabytes):
        if os.path.exists(f"server.log.{number}"):
            os.unlink(f"server.log.{number}")
    tell(megabytes=written, refused=refused)


def spin(processes: int, seconds: float) -> None:
    """Processes that compute for nothing."""
    tell(tried=True)
    deadline = time.monotonic() + seconds

    def burn() -> None:
        while time.monotonic() < deadline:
            pass

    _children(processes - 1, burn)
    burn()
    tell(finished=True)


def _children(most: int, task) -> tuple[int, str]:  # type: ignore[no-untyped-def]
    made = 0
    while made < most:
        try:
            pid = os.fork()
        except OSError as error:
            return made, named(error)
        if pid == 0:
            import signal

            signal.alarm(LONGEST_SECONDS)
            try:
                task()
            finally:
                os._exit(0)
        made += 1
    return made, ""


def _take(megabytes: int) -> None:
    kept = []
    for _ in range(0, megabytes, 8):
        kept.append(bytearray(os.urandom(4096)) * (8 * 256))
    tell(taken=megabytes)


main(
    {
        "forks": forks,
        "zombies": zombies,
        "threads": threads,
        "memory": memory,
        "memory_of_many": memory_of_many,
        "fill": fill,
        "one_file": one_file,
        "inodes": inodes,
        "descriptors": descriptors,
        "log": log,
        "log_into_files": log_into_files,
        "spin": spin,
    }
)
