"""Learning what is not one's own: variables, files, processes of the host and of other runs; and writing there."""

from __future__ import annotations

from evaluator.sandbox.attacks.arena import Arena
from evaluator.sandbox.attacks.attack import Attack, NotStopped


def probed(name: str, claim: str, tried: str, stopped_by: str) -> Attack:
    """An attack that one probe of `programs/probes.py` makes; it is part of the quick check."""

    def attempt(arena: Arena) -> str:
        found = arena.probed(name)
        if found:
            raise NotStopped(f"found {', '.join(found[:5])}")
        return "nothing found"

    return Attack(name, claim, tried, stopped_by, attempt, quick=True)


def socket_replaced(arena: Arena) -> str:
    made = arena.probed("socket-replaced")
    lines = arena.once("probes", list)
    if made:
        raise NotStopped(f"a link was put at {made[0]}")
    if not any(line.get("socket_is_there") for line in lines):
        raise NotStopped("the socket through which we ask is no socket any more")
    return "its folder is not there; the socket is the one we made"


ATTACKS = (
    probed(
        "environment-leak",
        "No variable of the evaluator is seen inside, in no process.",
        "looking for a planted variable in every /proc/PID/environ",
        "an empty environment before anything starts, a process namespace",
    ),
    probed(
        "planted-file",
        "A file of the host that everybody may read is not there.",
        "two planted files at their own paths and through /proc/PID/root and /proc/PID/cwd",
        "a mount namespace",
    ),
    probed(
        "closed-places",
        "Homes, /etc/shadow, the site's var, the cache, the slots and the project are not there.",
        "listing and reading them",
        "a mount namespace",
    ),
    probed(
        "host-accounts",
        "The machine's accounts, its name and its id are not told.",
        "reading /etc/passwd, /etc/hostname, /etc/machine-id",
        "a small /etc of our own, a host name namespace",
    ),
    probed(
        "foreign-processes",
        "Only its own processes are seen.",
        "reading every command line in /proc",
        "a process namespace",
    ),
    probed(
        "inherited-descriptors",
        "No file of the launcher is left open.",
        "looking through /proc/self/fd",
        "the bridge closes everything, Docker likewise",
    ),
    probed(
        "kernel-secrets",
        "The kernel's memory, log and symbols cannot be read.",
        "/proc/kcore, /dev/mem, /dev/kmsg, /proc/kallsyms",
        "no right of root, a /dev of its own",
    ),
    probed(
        "shared-memory-of-others",
        "Shared memory and queues of other programs are not seen.",
        "a planted file in /dev/shm, System V segments and queues",
        "an IPC namespace, a /dev/shm of its own",
    ),
    probed(
        "writing-outside",
        "Nothing outside its own folders can be written.",
        "new files in /, /usr, /etc, /dev, /run, /sys and a folder open to everybody",
        "read-only mounts, a mount namespace",
    ),
    probed(
        "kernel-settings",
        "Settings of the kernel cannot be opened for writing.",
        "core_pattern, modprobe, sysrq-trigger, uevent_helper",
        "an unprivileged user id of the host, read-only mounts",
    ),
    Attack(
        "socket-replaced",
        "The socket through which we ask cannot be replaced by a link to another one.",
        "a link to Docker's socket in its place",
        "the socket lies outside; the evaluator, or the sidecar, opens it",
        socket_replaced,
        quick=True,
    ),
)
