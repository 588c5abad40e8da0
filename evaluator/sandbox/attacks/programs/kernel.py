"""Doors into the kernel: system calls that nothing in a sandbox may make, and processes it may not touch."""

from __future__ import annotations

import ctypes
import errno
import fcntl
import os
import platform
import socket
import struct
import termios
from typing import Any

from looking import Found, content_of, opens

libc = ctypes.CDLL(None, use_errno=True)
MACHINE = 0 if platform.machine() == "x86_64" else 1
NUMBERS = {
    "unshare": (272, 97),
    "clone": (56, 220),
    "clone3": (435, 435),
    "setns": (308, 268),
    "mount": (165, 40),
    "open_tree": (428, 428),
    "pivot_root": (155, 41),
    "chroot": (161, 51),
    "add_key": (248, 217),
    "keyctl": (250, 219),
    "request_key": (249, 218),
    "io_uring_setup": (425, 425),
    "bpf": (321, 280),
    "perf_event_open": (298, 241),
    "userfaultfd": (323, 282),
    "ptrace": (101, 117),
    "process_vm_readv": (310, 270),
    "kcmp": (312, 272),
    "kexec_load": (246, 104),
    "init_module": (175, 105),
    "delete_module": (176, 106),
    "reboot": (169, 142),
    "sethostname": (170, 161),
    "open_by_handle_at": (304, 265),
    "syslog": (103, 116),
    "setuid": (105, 146),
}
CLONE_NEWUSER = 0x10000000


def call(name: str, *arguments: int | bytes | None) -> int:
    """0 where the kernel did it, else the errno."""
    values = [ctypes.c_long(value) if isinstance(value, int) else value for value in arguments]
    answer = libc.syscall(ctypes.c_long(NUMBERS[name][MACHINE]), *values)
    return 0 if answer >= 0 else ctypes.get_errno()


def capabilities(given: dict[str, Any]) -> Found:
    """A right of root, or a way to gain one by starting a privileged program."""
    status = content_of("/proc/self/status").decode()
    fields = dict(line.split(":\t", 1) for line in status.splitlines() if ":\t" in line)
    found = [f"{name} {fields[name]}" for name in ("CapPrm", "CapEff", "CapBnd", "CapAmb") if int(fields[name], 16)]
    if fields["NoNewPrivs"].strip() != "1":
        found.append("new privileges are allowed")
    if call("setuid", 0) == 0 and os.getuid() == 0:
        found.append("it is root")
    return found


def user_namespace(given: dict[str, Any]) -> Found:
    """A user namespace of its own, in which it would be root: three calls make one."""
    found = []
    for name, do in (
        ("unshare", lambda: call("unshare", CLONE_NEWUSER)),
        ("clone", lambda: _cloned(call("clone", CLONE_NEWUSER | 17, 0, 0, 0, 0))),
        ("clone3", lambda: _cloned(_clone3(CLONE_NEWUSER))),
    ):
        if _in_child(do) == 0:
            found.append(name)
    return found


def mounts(given: dict[str, Any]) -> Found:
    """Another view of the files: mounts, roots, handles, other namespaces. EPERM and EACCES alone mean refused."""
    answers = {
        "mount": _in_child(lambda: call("mount", b"none", b"/tmp", b"tmpfs", 0, None)),
        "chroot": _in_child(lambda: call("chroot", b"/tmp")),
        "pivot_root": _in_child(lambda: call("pivot_root", b"/tmp", b"/tmp")),
        "open_tree": _in_child(lambda: call("open_tree", -100, b"/", 1)),
        "setns": _in_child(lambda: call("setns", os.open("/proc/1/ns/net", os.O_RDONLY), 0)),
        "open_by_handle_at": _in_child(lambda: call("open_by_handle_at", -100, b"\0" * 64, 0)),
    }
    return _done(answers)


def keyring(given: dict[str, Any]) -> Found:
    """Keyrings belong to a user and to no namespace: what one run leaves there another might read."""
    answers = {
        "add_key": call("add_key", b"user", b"amend-attack", b"secret", 6, -3),
        "keyctl": call("keyctl", 0, -3, 1),
        "request_key": call("request_key", b"user", b"amend-attack", None, 0),
    }
    return [
        f"{name}: {errno.errorcode.get(number, 'done')}" for name, number in answers.items() if not _refused(number)
    ]


def io_uring(given: dict[str, Any]) -> Found:
    """A second way into the kernel that no filter of system calls sees."""
    number = call("io_uring_setup", 4, b"\0" * 256)
    return [] if _refused(number) else [errno.errorcode.get(number, "made")]


def strange_sockets(given: dict[str, Any]) -> Found:
    """Kinds of sockets that reach the virtual machine's host, the wire, or the kernel's own cryptography."""
    found = []
    for name, family, kind in (
        ("AF_VSOCK", 40, socket.SOCK_STREAM),
        ("AF_PACKET", 17, socket.SOCK_RAW),
        ("AF_ALG", 38, socket.SOCK_SEQPACKET),
        ("AF_KEY", 15, socket.SOCK_RAW),
        ("AF_XDP", 44, socket.SOCK_RAW),
        ("raw IP", 2, socket.SOCK_RAW),
    ):
        try:
            socket.socket(family, kind, 1 if name == "raw IP" else 0).close()
        except OSError:
            continue
        found.append(name)
    return found


def terminal_input(given: dict[str, Any]) -> Found:
    """TIOCSTI types into the terminal of whoever started us; tried on a terminal of its own."""
    found = [path for path in ("/dev/tty", "/dev/console", "/dev/tty1") if opens(path)]
    parent, child = os.openpty()

    def type_it() -> int:
        os.setsid()
        fcntl.ioctl(child, termios.TIOCSCTTY, 0)
        try:
            fcntl.ioctl(child, 0x5412, b"x")
        except OSError as error:
            # Newer kernels refuse it themselves, with EIO.
            return 0 if error.errno not in (errno.EPERM, errno.EIO) else error.errno
        return 0

    if _in_child(type_it) == 0:
        found.append("TIOCSTI")
    os.close(parent)
    os.close(child)
    return found


def debugging(given: dict[str, Any]) -> Found:
    """Reading and steering other processes: its parent and the first one, which are not its own."""
    found = []
    target = os.getppid()
    answers = {
        "ptrace": _in_child(lambda: call("ptrace", 0x4206, target, 0, 0)),
        "process_vm_readv": call("process_vm_readv", target, None, 0, None, 0, 0),
        "kcmp": call("kcmp", os.getpid(), os.getpid(), 0, 0, 0),
    }
    for name, number in answers.items():
        if not _refused(number):
            found.append(f"{name}: {errno.errorcode.get(number, 'done')}")
    return found


def observation(given: dict[str, Any]) -> Found:
    """Large and young parts of the kernel: programs in it, its counters, faults handled in user space."""
    attributes = struct.pack("<IIQ", 1, 112, 0) + bytes(96)
    answers = {
        "bpf": call("bpf", 0, struct.pack("<IIII", 2, 4, 4, 1) + bytes(112), 128),
        "perf_event_open": call("perf_event_open", attributes, 0, -1, -1, 0),
        "userfaultfd": call("userfaultfd", 1),
    }
    return [
        f"{name}: {errno.errorcode.get(number, 'done')}" for name, number in answers.items() if not _refused(number)
    ]


def the_machine(given: dict[str, Any]) -> Found:
    """Its modules, name and log; with arguments that do nothing where they were allowed."""
    answers = {
        "init_module": call("init_module", None, 0, b""),
        "delete_module": call("delete_module", b"amend-no-such-module", 0o4000),
        "kexec_load": call("kexec_load", 0, 0, None, 0xFFFF),
        "reboot": call("reboot", 0, 0, 0, None),
        "sethostname": _in_child(lambda: call("sethostname", b"x", -1)),
        "syslog": call("syslog", 10, None, 0),
    }
    return [
        f"{name}: {errno.errorcode.get(number, 'done')}" for name, number in answers.items() if not _refused(number)
    ]


def signals(given: dict[str, Any]) -> Found:
    """Processes that are not its own, by the numbers they have on the host: signal 0 asks whether one may.

    One of its own may have the same number, above all where the host is a container; but it started at another time.
    """
    found = []
    seen = [int(name) for name in os.listdir("/proc") if name.isdigit()]
    theirs = [int(pid) for pid, started in given["pids"].items() if _started_at(int(pid)) in (started, "")]
    ours = {os.getpid(), os.getppid(), 1}
    for pid in {*theirs, *seen} - ours:
        line = content_of(f"/proc/{pid}/cmdline")
        try:
            os.kill(pid, 0)
        except OSError:
            continue
        if given["mark"].encode() not in line:
            found.append(f"process {pid}")
    return found


def _started_at(pid: int) -> str:
    """When a process started, in ticks since the machine did; empty where it is not shown."""
    fields = content_of(f"/proc/{pid}/stat").decode("utf-8", "replace").rpartition(")")[2].split()
    return fields[19] if len(fields) > 19 else ""


def _refused(number: int) -> bool:
    return number in (errno.EPERM, errno.EACCES, errno.ENOSYS)


def _done(answers: dict[str, int]) -> Found:
    return [name for name, number in answers.items() if not _refused(number)]


def _in_child(do: Any) -> int:
    """The answer of a call that changes the process that makes it."""
    pid = os.fork()
    if pid == 0:
        try:
            os._exit(min(do(), 250))
        except OSError as error:
            os._exit(min(error.errno or 250, 250))
        finally:
            os._exit(251)
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])


def _cloned(number: int) -> int:
    return number


def _clone3(flags: int) -> int:
    return call("clone3", struct.pack("<11Q", flags, *[0] * 3, 17, *[0] * 6), 88)
