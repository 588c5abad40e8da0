"""Outliving one's own end. Judged from outside: by the processes of the machine when the sandbox has been left."""

from __future__ import annotations

import ctypes
import os
import signal
import time
from contextlib import suppress
from pathlib import Path

from evaluator.sandbox.attacks.arena import Arena, Told, free_port
from evaluator.sandbox.attacks.attack import Attack, NotStopped, NotTried
from evaluator.sandbox.attacks.looking import lives, processes_with
from evaluator.sandbox.slots import slots_folder

KEY = 0x616D656E
MOST_SECONDS = 5.0
LOOKS = 5
END = "control group kill, process namespace, `--die-with-parent`, kill by user id; Docker's own kill"


def surviving(name: str, mode: str, claim: str, tried: str, *, ends_itself: bool = False) -> Attack:
    """A program that is ended, or ends by itself, and must leave no process."""

    def attempt(arena: Arena) -> str:
        with arena.hostile("survivors", mode) as told:
            told.wait_until_tried()
            time.sleep(0.2)
            before = told.processes()
            if ends_itself and not told.running.wait(MOST_SECONDS):
                raise NotTried("its program did not end by itself")
            if not before and not ends_itself:
                raise NotTried("nothing of it was seen before its end")
            began = time.monotonic()
        seconds = time.monotonic() - began
        left = _left(before, told.mark)
        if left:
            raise NotStopped(f"{len(left)} processes are still there")
        if seconds > MOST_SECONDS:
            raise NotStopped(f"its end took {seconds:.1f} s")
        return f"{len(before)} processes seen before, none {seconds:.2f} s after"

    return Attack(name, claim, tried, END, attempt)


def bridge_killed(arena: Arena) -> str:
    """Whoever kills a bridge from outside must not set free what it guards, and must not make the backend guilty."""
    port = free_port()
    with arena.hostile("survivors", "server", {"port": port}, port=port) as told:
        told.wait_until_tried()
        before = told.processes()
        os.kill(_bridge_of(told), signal.SIGKILL)
        ended = told.running.wait(MOST_SECONDS)
        killed = told.running.killed
    if not ended or (left := _left(before, told.mark)):
        raise NotStopped(f"it ran on without its bridge ({len(left) if ended else 'all'} processes)")
    if killed != "the bridge was lost":
        raise NotStopped(f"the end was put down to “{killed}”")
    return "the run ended as void: the bridge was lost"


def things_left(arena: Arena) -> str:
    """What lives on without a process."""
    with arena.hostile("survivors", "things") as told:
        told.wait_until_tried()
        told.running.wait(MOST_SECONDS)
        folder = Path(told.running.transport.uds).parent if arena.sandbox.name != "container" else None
        folder = folder or Path(told.running.transport.uds).parent.parent
    found = [path for path in ("/tmp/left-behind", "/dev/shm/left-behind") if Path(path).exists()]
    found += _segments_left()
    if folder.exists() and folder.parent == slots_folder() and not _is_taken(folder):
        found.append(str(folder))
    for path in found:
        with suppress(OSError):
            os.unlink(path)
    if found:
        raise NotStopped(f"left on the machine: {', '.join(found)}")
    return "no file, no folder, no segment, no queue"


def _left(before: list[int], mark: str) -> list[int]:
    """Processes that live on; the kernel may need a moment to bury the last one.

    Only when nothing is seen several times there is nothing: between two looks one process may have made another.
    """
    deadline = time.monotonic() + 2
    seen_none = 0
    while seen_none < LOOKS:
        left = sorted({*(pid for pid in before if lives(pid)), *processes_with(mark)})
        if left and time.monotonic() > deadline:
            return left
        seen_none = 0 if left else seen_none + 1
        time.sleep(0.01)
    return []


def _bridge_of(told: Told) -> int:
    """The bridge that guards a program: an ancestor of it, or the sidecar's process with the same user id."""
    bridges = processes_with("bridge.py")
    for pid in told.processes():
        ancestors = _ancestors(pid)
        for bridge in bridges:
            if bridge in ancestors:
                return bridge
    users = {_user(pid) for pid in told.processes()}
    same = [bridge for bridge in bridges if _user(bridge) in users]
    if not same:
        raise NotTried("its bridge was not found")
    return max(same)


def _ancestors(pid: int) -> set[int]:
    found: set[int] = set()
    while pid > 1 and pid not in found:
        found.add(pid)
        try:
            pid = int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1])
        except OSError:
            break
    return found


def _user(pid: int) -> int:
    with suppress(OSError):
        return os.stat(f"/proc/{pid}").st_uid
    return -1


def _is_taken(folder: Path) -> bool:
    """Whether another evaluator holds this slot by now."""
    from evaluator.cache import held_if_free

    with held_if_free(folder.with_suffix("")) as free:
        return not free


def _segments_left() -> list[str]:
    """Segments, queues and semaphores of the host under the key of the attack; removed, once they are found."""
    libc = ctypes.CDLL(None)
    found = []
    ways = (("segment", libc.shmget, libc.shmctl), ("queue", libc.msgget, libc.msgctl))
    for name, get, control in ways:
        number = get(KEY, 0, 0) if name == "segment" else get(KEY, 0)
        if number >= 0:
            control(number, 0, None)
            found.append(f"System V {name}")
    semaphore = libc.semget(KEY, 0, 0)
    if semaphore >= 0:
        libc.semctl(semaphore, 0, 0)
        found.append("System V semaphore")
    return found


ATTACKS = (
    surviving(
        "daemonised-child",
        "daemon",
        "A child that has left its parent, session and files ends with the run.",
        "fork, setsid, fork, close everything",
    ),
    surviving(
        "daemon-left-alone",
        "daemon_left_alone",
        "A child that outlives its program does not outlive the run.",
        "the program ends, its child goes on",
        ends_itself=True,
    ),
    surviving(
        "deaf-to-signals",
        "deaf",
        "A program that ignores every signal is ended all the same.",
        "every signal ignored",
    ),
    surviving(
        "stopped-children",
        "stopped",
        "Stopped children end too.",
        "children that were sent SIGSTOP",
    ),
    surviving(
        "respawning",
        "respawning",
        "Processes that are made while others are killed do not slip through.",
        "eight chains of processes, each of which makes the next and ends",
    ),
    surviving(
        "opaque-process",
        "opaque",
        "A process that nobody may look into, under another name, ends too.",
        "PR_SET_DUMPABLE, PR_SET_NAME, a process group of its own",
    ),
    Attack(
        "bridge-killed",
        "What a bridge guards ends with it, and the run is void.",
        "SIGKILL to the bridge, from outside",
        "the child dies with its bridge; a lost bridge is our failure",
        bridge_killed,
    ),
    Attack(
        "things-left",
        "Nothing that lives without a process is left: files, folders, shared memory, queues.",
        "files in /tmp, /dev/shm and /app, System V segment, queue and semaphore",
        "file systems and IPC namespace that end with the run",
        things_left,
    ),
)
