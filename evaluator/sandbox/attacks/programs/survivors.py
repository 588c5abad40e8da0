"""Tries to outlive its own end: daemons, deaf and stopped processes, processes made while others are killed."""

from __future__ import annotations

import ctypes
import os
import signal
import socket
import time

from hostile import LONGEST_SECONDS, main, tell


def daemon() -> None:
    """The classic: fork, a session of its own, fork again, every file closed."""
    tell(tried=True)
    if os.fork() == 0:
        os.setsid()
        if os.fork() == 0:
            os.closerange(0, 64)
            time.sleep(LONGEST_SECONDS)
        os._exit(0)
    time.sleep(LONGEST_SECONDS)


def daemon_left_alone() -> None:
    """The same, and the program itself ends at once: its status must not be the end of the watch."""
    tell(tried=True)
    if os.fork() == 0:
        os.setsid()
        signal.signal(signal.SIGHUP, signal.SIG_IGN)
        time.sleep(LONGEST_SECONDS)
    time.sleep(0.2)


def deaf() -> None:
    """Every signal that can be ignored is ignored."""
    for number in range(1, signal.NSIG):
        try:
            signal.signal(number, signal.SIG_IGN)
        except (OSError, ValueError):
            continue
    if os.fork() == 0:
        time.sleep(LONGEST_SECONDS)
    tell(tried=True)
    deadline = time.monotonic() + LONGEST_SECONDS
    while time.monotonic() < deadline:
        time.sleep(0.1)


def stopped() -> None:
    """Stopped children do nothing, not even end."""
    children = []
    for _ in range(3):
        pid = os.fork()
        if pid == 0:
            time.sleep(LONGEST_SECONDS)
            os._exit(0)
        children.append(pid)
    for pid in children:
        os.kill(pid, signal.SIGSTOP)
    tell(tried=True)
    time.sleep(LONGEST_SECONDS)


def respawning() -> None:
    """Chains of processes, each of which makes the next and ends: there is always one that the killer has not seen."""
    tell(tried=True)
    deadline = time.monotonic() + LONGEST_SECONDS
    for _ in range(8):
        if os.fork() == 0:
            os.setsid()
            while time.monotonic() < deadline:
                time.sleep(0.2)
                try:
                    if os.fork() != 0:
                        os._exit(0)
                except OSError:
                    continue
            os._exit(0)
    time.sleep(LONGEST_SECONDS)


def opaque() -> None:
    """A process that nobody may look into, under a new name and in another process group."""
    if os.fork() == 0:
        os.setpgid(0, 0)
        libc = ctypes.CDLL(None)
        libc.prctl(4, 0, 0, 0, 0)  # PR_SET_DUMPABLE
        libc.prctl(15, b"kworker/0:0", 0, 0, 0)  # PR_SET_NAME
        tell(tried=True)
        time.sleep(LONGEST_SECONDS)
    time.sleep(LONGEST_SECONDS)


def things() -> None:
    """Things that live on without a process: shared memory, a message queue, a semaphore, files."""
    libc = ctypes.CDLL(None, use_errno=True)
    made = [libc.shmget(0x616D656E, 4096, 0o1666), libc.msgget(0x616D656E, 0o1666), libc.semget(0x616D656E, 1, 0o1666)]
    for path in ("/tmp/left-behind", "/dev/shm/left-behind", "left-behind"):
        with open(path, "w") as file:
            file.write("here")
    tell(tried=True, made=made)


def server(port: int) -> None:
    """Just serves: for what is killed around it."""
    with socket.create_server(("127.0.0.1", port)) as listener:
        tell(tried=True)
        while True:
            client, _ = listener.accept()
            with client:
                client.recv(65536)
                client.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nhere")


main(
    {
        "daemon": daemon,
        "daemon_left_alone": daemon_left_alone,
        "deaf": deaf,
        "stopped": stopped,
        "respawning": respawning,
        "opaque": opaque,
        "things": things,
        "server": server,
    }
)
