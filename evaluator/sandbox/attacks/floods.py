"""Taking more than one's share: processes, memory, disk, descriptors, log, processor."""

from __future__ import annotations

import time
from typing import Any

from evaluator.contract.client import NoAnswer
from evaluator.sandbox.attacks.arena import Arena, Told, free_port
from evaluator.sandbox.attacks.asking import ask
from evaluator.sandbox.attacks.attack import Attack, NotStopped, NotTried
from evaluator.sandbox.attacks.looking import watched
from evaluator.sandbox.base import MEGABYTE
from evaluator.sandbox.limits import has_control_groups

PLACES = ("/app", "/tmp", "/dev/shm", "/dev", "/")
SPINNERS = 6
ANSWER_SECONDS = 2.0
# Of a process's memory, what is shared with others is counted once for each; and a sample may come late.
TOLERATED = 1.25
TOLERATED_LATE = 2.0  # a watcher looks a hundred times a second, the kernel always


def fork_flood(arena: Arena) -> str:
    most = arena.bounds.processes
    with arena.hostile("floods", "forks", {"most": 4 * most}) as told, watched(told.processes) as seen:
        told.wait_for(lambda: _said(told, "made"))
        facts = told.facts()
    if facts["made"] >= most or seen.processes > most + 8:
        raise NotStopped(f"{facts['made']} processes, {seen.processes} seen from outside; the limit is {most}")
    return f"{facts['made']} processes, then {facts['refused']}"


def thread_flood(arena: Arena) -> str:
    facts = _outcome(arena, "threads", {"most": 4 * arena.bounds.processes})
    if facts["made"] >= arena.bounds.processes:
        raise NotStopped(f"{facts['made']} threads; the limit is {arena.bounds.processes}")
    return f"{facts['made']} threads, then “{facts['refused']}”"


def zombie_flood(arena: Arena) -> str:
    facts = _outcome(arena, "zombies", {"most": 4 * arena.bounds.processes})
    if facts["made"] >= arena.bounds.processes:
        raise NotStopped(f"{facts['made']} zombies; the limit is {arena.bounds.processes}")
    return f"{facts['made']} zombies, then {facts['refused']}"


def memory_flood(arena: Arena) -> str:
    return _memory(arena, "memory", {"megabytes": 3 * arena.bounds.memory // MEGABYTE})


def memory_flood_by_many(arena: Arena) -> str:
    each = arena.bounds.memory // MEGABYTE // 2
    return _memory(arena, "memory_of_many", {"children": 6, "megabytes": each})


def _memory(arena: Arena, mode: str, arguments: dict[str, int]) -> str:
    most = arena.bounds.memory // MEGABYTE
    with arena.hostile("floods", mode, arguments) as told, watched(told.processes) as seen:
        told.wait_until_tried()
        told.running.wait(15)
        taken = sum(line["taken"] for line in told.lines() if "taken" in line)
        status, killed = told.running.exit_status, told.running.killed
        facts = told.facts()
    tolerated = TOLERATED if _has_groups(arena) else TOLERATED_LATE
    if seen.memory > tolerated * arena.bounds.memory:
        raise NotStopped(f"{seen.memory // MEGABYTE} MB at one moment; the limit is {most} MB")
    if taken > tolerated * most:
        raise NotStopped(f"{taken} MB taken; the limit is {most} MB")
    how = killed or f"ended with status {status}"
    if "children_killed" in facts:
        how = f"{facts['children_killed']} of {facts['children']} children killed"
    return f"{seen.memory // MEGABYTE} MB seen at most, {how}"


def filling(place: str) -> Attack:
    """One place that is filled with files."""
    bound = {"/app": "the size of its tmpfs", "/tmp": "the size of its tmpfs", "/dev/shm": "the size of its tmpfs"}

    def attempt(arena: Arena) -> str:
        lines = arena.once("filled", lambda: _filled(arena))
        line = next((line for line in lines if line.get("place") == place), None)
        if line is None:
            raise NotTried("the program ended before it came to this place")
        limits = arena.bounds
        sizes = {"/app": limits.files_size, "/tmp": limits.temporary_size, "/dev/shm": limits.temporary_size}
        if line["megabytes"] * MEGABYTE > sizes.get(place, 0):
            raise NotStopped(f"{line['megabytes']} MB written")
        return f"{line['megabytes']} MB, then {line['refused']}"

    name = {"/": "root", "/dev/shm": "shared-memory"}.get(place, place.strip("/"))
    share = "no more than its share" if place in bound else "nothing"
    return Attack(
        name=f"disk-flood-{name}",
        claim=f"A program that fills {place} gets {share} of the disk.",
        tried=f"files of 1 MB in {place}",
        stopped_by=bound.get(place, "a read-only file system"),
        attempt=attempt,
    )


def _filled(arena: Arena) -> list[dict[str, Any]]:
    arguments = {"places": list(PLACES), "megabytes": 2 * arena.bounds.files_size // MEGABYTE}
    with arena.hostile("floods", "fill", arguments) as told:
        told.wait_until_tried()
        told.running.wait(20)
        return told.lines()


def one_big_file(arena: Arena) -> str:
    most = arena.bounds.one_file // MEGABYTE
    facts = _outcome(arena, "one_file", {"megabytes": 3 * most})
    if facts["megabytes"] > most:
        raise NotStopped(f"a file of {facts['megabytes']} MB; the limit is {most} MB")
    return f"{facts['megabytes']} MB, then {facts['refused']}"


def inode_flood(arena: Arena) -> str:
    with arena.hostile("floods", "inodes", {"most": arena.inodes}) as told:
        told.wait_until_tried()
        told.running.wait(20)
        told.running.kill()
        made = max((line["made"] for line in told.lines() if "made" in line), default=0)
        refused = told.facts().get("refused") or told.running.killed or "killed"
    if made >= arena.inodes:
        raise NotStopped(f"{made} files")
    return f"{made} files at least, then {refused}"


def descriptor_flood(arena: Arena) -> str:
    facts = _outcome(arena, "descriptors", {"most": 4 * arena.bounds.open_files})
    if facts["made"] > arena.bounds.open_files:
        raise NotStopped(f"{facts['made']} open files; the limit is {arena.bounds.open_files}")
    return f"{facts['made']} open files, then {facts['refused']}"


def log_flood(arena: Arena) -> str:
    most = arena.bounds.log_flood
    with arena.hostile("floods", "log", {"megabytes": 16 * most // MEGABYTE}) as told:
        told.wait_until_tried()
        ended = told.running.wait(15)
        kept, killed = len(told.running.log()), told.running.killed
    if not ended or "log" not in killed:
        raise NotStopped(f"it printed on, and was {killed or 'not ended'}")
    if kept > MEGABYTE:
        raise NotStopped(f"{kept} characters kept")
    return f"ended: {killed}; {kept // 1024} KB kept"


def log_flood_in_files(arena: Arena) -> str:
    most = arena.bounds.files_size // MEGABYTE
    facts = _outcome(arena, "log_into_files", {"megabytes": 3 * most})
    if facts["megabytes"] > most:
        raise NotStopped(f"{facts['megabytes']} MB of log files; the limit is {most} MB")
    return f"{facts['megabytes']} MB of log files, then {facts['refused']}"


def processor_flood(arena: Arena) -> str:
    """Judged by another run's answers, and by its share of the processors where a control group bounds that."""
    share = 0.5
    limits = arena.bounded(processors=share)
    port = free_port()
    with arena.hostile("survivors", "server", {"port": port}, port=port) as other:
        other.wait_until_tried()
        started = time.monotonic()
        arguments = {"processes": SPINNERS, "seconds": 8}
        with arena.hostile("floods", "spin", arguments, limits=limits) as told:
            told.wait_until_tried()
            with watched(told.processes) as seen:
                began = time.monotonic()
                slowest = 0.0
                while time.monotonic() - began < 2.0:
                    started = time.monotonic()
                    try:
                        ask(other.running.transport, "/")
                    except NoAnswer as error:
                        raise NotStopped(f"another run did not answer: {error}") from None
                    slowest = max(slowest, time.monotonic() - started)
                    time.sleep(0.05)
            used = seen.processor_seconds / (time.monotonic() - began)
    if slowest > ANSWER_SECONDS:
        raise NotStopped(f"another run answered after {slowest:.1f} s")
    if _has_groups(arena) and used > 1.5 * share:
        raise NotStopped(f"{used:.2f} processors used; the limit is {share}")
    return f"{used:.2f} processors used; another run answered within {slowest * 1000:.0f} ms"


def _has_groups(arena: Arena) -> bool:
    return arena.sandbox.name != "bubblewrap" or has_control_groups()


def _outcome(arena: Arena, mode: str, arguments: dict[str, int]) -> dict[str, Any]:
    """What the program tells when it has gone as far as it can."""
    with arena.hostile("floods", mode, arguments) as told:
        told.wait_until_tried()
        told.running.wait(15)
        facts = told.facts()
    if "refused" not in facts:
        raise NotTried(f"it did not come to an end: {told.running.log()[-300:].strip()}")
    return facts


def _said(told: Told, name: str) -> bool:
    return any(name in line for line in told.lines())


ATTACKS = (
    Attack(
        "fork-flood",
        "A program that forks without end gets no more processes than its share.",
        "sleeping children until refused",
        "the process count of the control group, RLIMIT_NPROC",
        fork_flood,
    ),
    Attack(
        "thread-flood",
        "Threads count as processes.",
        "sleeping threads until refused",
        "the process count of the control group, RLIMIT_NPROC",
        thread_flood,
    ),
    Attack(
        "zombie-flood",
        "Processes that have ended and are never waited for count too.",
        "children that end at once and are left as zombies",
        "the process count of the control group, RLIMIT_NPROC",
        zombie_flood,
    ),
    Attack(
        "memory-flood",
        "A program that takes memory without end is ended at its limit.",
        "one process that takes three times the limit",
        "the memory of the control group; else RLIMIT_DATA",
        memory_flood,
    ),
    Attack(
        "memory-flood-by-many",
        "The limit of memory holds for all processes of a run together.",
        "six processes of half the limit each",
        "the memory of the control group; else a watcher that adds up",
        memory_flood_by_many,
    ),
    *(filling(place) for place in PLACES),
    Attack(
        "one-big-file",
        "No file grows beyond its limit.",
        "one file of three times the limit",
        "RLIMIT_FSIZE",
        one_big_file,
    ),
    Attack(
        "inode-flood",
        "Empty files, which no limit of size counts, are bounded too.",
        "400,000 empty files in /app",
        "nr_inodes of the tmpfs; the memory of the control group; else a watcher",
        inode_flood,
    ),
    Attack(
        "descriptor-flood",
        "A program has no more open files than its share.",
        "four times as many open files as allowed",
        "RLIMIT_NOFILE",
        descriptor_flood,
    ),
    Attack(
        "log-flood",
        "A program that prints without end is ended, and little of it is kept.",
        "sixteen times as much output as allowed",
        "a bounded reader that ends the run",
        log_flood,
    ),
    Attack(
        "log-flood-in-files",
        "A program that writes its log into files gets no more than its share of the disk.",
        "rotated log files of three times the limit",
        "the size of its tmpfs",
        log_flood_in_files,
    ),
    Attack(
        "processor-flood",
        "While a program computes on every processor, another run still answers.",
        f"{SPINNERS} processes that spin",
        "the processor share of the control group; else the kernel's fair share",
        processor_flood,
        alone=True,
    ),
)
