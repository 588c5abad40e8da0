"""Doors to the host's files: what can be read of it, and what can be written."""

from __future__ import annotations

import glob
import os
import socket
from typing import Any

from looking import Found, content_of, listing_of


def environment_leak(given: dict[str, Any]) -> Found:
    """The evaluator's variables, in every process that can be seen."""
    texts = [repr(dict(os.environ)).encode()]
    for path in glob.glob("/proc/[0-9]*/environ"):
        texts.append(content_of(path))
    return ["the planted variable"] if any(given["secret"].encode() in text for text in texts) else []


def planted_file(given: dict[str, Any]) -> Found:
    """Files of the host that every user may read, at their own paths and through every way that /proc offers."""
    found = []
    for path in given["planted"]:
        ways = ["", *(f"/proc/{pid}/{way}" for pid in ("1", "self", str(os.getppid())) for way in ("root", "cwd"))]
        found += [way + path for way in ways if given["secret"].encode() in content_of(way + path)]
    return found


def closed_places(given: dict[str, Any]) -> Found:
    """Folders of the host that must not even be listed, and files that must not be read.

    The way to what is mounted on purpose is there, with nothing else in it.
    """
    found = [path for path in given["places"] if content_of(path)]
    for folder in given["places"]:
        entries = [os.path.join(folder, name) for name in listing_of(folder)]
        found += [
            path for path in entries if not any(f"{mounted}/".startswith(f"{path}/") for mounted in given["mounted"])
        ]
    return found


def host_accounts(given: dict[str, Any]) -> Found:
    """The machine's own users and name."""
    there = content_of("/etc/passwd") + content_of("/etc/hostname") + content_of("/etc/machine-id")
    found = [word for word in given["accounts"] if word.encode() in there]
    return found + ([socket.gethostname()] if socket.gethostname() == given["hostname"] else [])


def foreign_processes(given: dict[str, Any]) -> Found:
    """Processes of anybody else, and their command lines."""
    ours = {os.getpid(), os.getppid(), 1}
    seen = [int(name) for name in os.listdir("/proc") if name.isdigit()]
    lines = [(pid, content_of(f"/proc/{pid}/cmdline")) for pid in seen if pid not in ours]
    return [f"{pid} {line.decode(errors='replace')}" for pid, line in lines if given["mark"].encode() not in line]


def inherited_descriptors(given: dict[str, Any]) -> Found:
    """Files that the launcher left open."""
    found = []
    for name in os.listdir("/proc/self/fd"):
        try:
            target = os.readlink(f"/proc/self/fd/{name}")
        except OSError:  # the listing itself
            continue
        if int(name) > 2 or not target.startswith(("pipe:", "/dev/null", "/proc/")):
            found.append(f"{name} → {target}")
    return [entry for entry in found if "/proc/" not in entry]


def kernel_secrets(given: dict[str, Any]) -> Found:
    """Memory, log and symbols of the kernel."""
    found = [path for path in ("/proc/kcore", "/dev/mem", "/dev/kmsg", "/dev/port", "/proc/kmsg") if content_of(path)]
    symbols = [line for line in content_of("/proc/kallsyms").splitlines()[:50] if not line.startswith(b"0" * 16)]
    return found + (["/proc/kallsyms"] if symbols else [])


def shared_memory_of_others(given: dict[str, Any]) -> Found:
    """System V segments, message queues and files of /dev/shm that other programs use."""
    segments = content_of("/proc/sysvipc/shm").splitlines()[1:] + content_of("/proc/sysvipc/msg").splitlines()[1:]
    return [line.decode() for line in segments] + listing_of("/dev/shm")


def writing_outside(given: dict[str, Any]) -> Found:
    """Files in folders that are not the program's own."""
    found = []
    places = [
        "/",
        "/usr",
        "/usr/bin",
        "/usr/lib",
        "/etc",
        "/dev",
        "/env",
        "/run",
        "/run/amend",
        "/proc/sys/kernel",
        "/sys",
    ]
    for place in [*places, *given["writable_traps"]]:
        path = os.path.join(place, f"planted-{given['mark']}")
        try:
            os.close(os.open(path, os.O_CREAT | os.O_WRONLY))
        except OSError:
            continue
        os.unlink(path)
        found.append(place)
    return found


def kernel_settings(given: dict[str, Any]) -> Found:
    """Files of /proc and /sys through which a program becomes root of the host; opened, never written."""
    paths = ["core_pattern", "modprobe", "hotplug", "unprivileged_userns_clone", "yama/ptrace_scope"]
    found = []
    for path in [*(f"/proc/sys/kernel/{name}" for name in paths), "/proc/sysrq-trigger", "/sys/kernel/uevent_helper"]:
        try:
            os.close(os.open(path, os.O_WRONLY))
        except OSError:
            continue
        found.append(path)
    return found


def socket_replaced(given: dict[str, Any]) -> Found:
    """The socket through which we are asked: find it, and put a link to another one in its place."""
    found = []
    for place in {os.path.dirname(given["http_socket"]), "/run/sockets", "/run/amend", "/run", "/var/run"}:
        path = os.path.join(place, "http.sock")
        try:
            if os.path.lexists(path):
                os.unlink(path)
            os.symlink("/var/run/docker.sock", path)
        except OSError:
            continue
        found.append(path)
    return found
