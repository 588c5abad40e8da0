"""Looks for doors: files, variables, sockets, processes and system calls that ought to be out of reach.

One program for all of them, for a launch costs more than a look. Each probe tells what it found; nothing is stopped as
long as it found something.
"""

from __future__ import annotations

import ctypes
import errno
import fcntl
import glob
import os
import platform
import socket
import struct
import termios
from typing import Any

from hostile import main, tell

libc = ctypes.CDLL(None, use_errno=True)
Found = list[str]


def probe(**given: Any) -> None:
    """All probes, one line each: what it found, or that it broke."""
    tell(tried=True)
    for name, look in PROBES.items():
        try:
            tell(probe=name, found=[str(found)[:200] for found in look(given)][:20])
        except Exception as error:
            tell(probe=name, broken=f"{type(error).__name__}: {error}")


# --- Leaks -----------------------------------------------------------------------------------------------------------


def environment_leak(given: dict[str, Any]) -> Found:
    """The evaluator's variables, in every process that can be seen."""
    texts = [repr(dict(os.environ)).encode()]
    for path in glob.glob("/proc/[0-9]*/environ"):
        texts.append(_content(path))
    return ["the planted variable"] if any(given["secret"].encode() in text for text in texts) else []


def planted_file(given: dict[str, Any]) -> Found:
    """Files of the host that every user may read, at their own paths and through every way that /proc offers."""
    found = []
    for path in given["planted"]:
        ways = ["", *(f"/proc/{pid}/{way}" for pid in ("1", "self", str(os.getppid())) for way in ("root", "cwd"))]
        found += [way + path for way in ways if given["secret"].encode() in _content(way + path)]
    return found


def closed_places(given: dict[str, Any]) -> Found:
    """Folders of the host that must not even be listed, and files that must not be read.

    The way to what is mounted on purpose is there, with nothing else in it.
    """
    found = [path for path in given["places"] if _content(path)]
    for folder in given["places"]:
        entries = [os.path.join(folder, name) for name in _listing(folder)]
        found += [
            path for path in entries if not any(f"{mounted}/".startswith(f"{path}/") for mounted in given["mounted"])
        ]
    return found


def host_accounts(given: dict[str, Any]) -> Found:
    """The machine's own users and name."""
    there = _content("/etc/passwd") + _content("/etc/hostname") + _content("/etc/machine-id")
    found = [word for word in given["accounts"] if word.encode() in there]
    return found + ([socket.gethostname()] if socket.gethostname() == given["hostname"] else [])


def foreign_processes(given: dict[str, Any]) -> Found:
    """Processes of anybody else, and their command lines."""
    ours = {os.getpid(), os.getppid(), 1}
    seen = [int(name) for name in os.listdir("/proc") if name.isdigit()]
    lines = [(pid, _content(f"/proc/{pid}/cmdline")) for pid in seen if pid not in ours]
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
    found = [path for path in ("/proc/kcore", "/dev/mem", "/dev/kmsg", "/dev/port", "/proc/kmsg") if _content(path)]
    symbols = [line for line in _content("/proc/kallsyms").splitlines()[:50] if not line.startswith(b"0" * 16)]
    return found + (["/proc/kallsyms"] if symbols else [])


def shared_memory_of_others(given: dict[str, Any]) -> Found:
    """System V segments, message queues and files of /dev/shm that other programs use."""
    segments = _content("/proc/sysvipc/shm").splitlines()[1:] + _content("/proc/sysvipc/msg").splitlines()[1:]
    return [line.decode() for line in segments] + _listing("/dev/shm")


# --- Writing ---------------------------------------------------------------------------------------------------------


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


# --- Reach -----------------------------------------------------------------------------------------------------------


def host_loopback(given: dict[str, Any]) -> Found:
    addresses = [("127.0.0.1", given["port"]), ("localhost", given["port"]), ("::1", given["port6"])]
    return [f"{host}:{port}" for host, port in addresses if port and _connects(host, port)]


def host_addresses(given: dict[str, Any]) -> Found:
    """The host's other addresses, and the gateways that container networks have."""
    return [host for host in (*given["addresses"], "172.17.0.1", "172.18.0.1") if _connects(host, given["port"])]


def network(given: dict[str, Any]) -> Found:
    """A way out: an interface beside `lo`, or a route. Asking for one sends nothing."""
    found = [name for _, name in socket.if_nameindex() if _is_up(name)]
    for host in ("192.0.2.1", "169.254.169.254", "8.8.8.8", "2001:db8::1"):
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        with socket.socket(family, socket.SOCK_DGRAM) as trial:
            try:
                trial.connect((host, 53))
            except OSError:
                continue
            found.append(f"a route to {host}")
    return found


def abstract_sockets(given: dict[str, Any]) -> Found:
    listed = [line.split()[-1].decode() for line in _content("/proc/net/unix").splitlines() if b" @" in line]
    return listed + (["the planted one"] if _connects_to_path("\0" + given["abstract"]) else [])


def host_sockets(given: dict[str, Any]) -> Found:
    """Sockets of services of the host, by their paths: PostgreSQL, broker, system bus, another evaluator's."""
    return [path for path in given["sockets"] if _connects_to_path(path)]


def docker(given: dict[str, Any]) -> Found:
    places = ["/var/run/docker.sock", "/run/docker.sock", "/run/containerd/containerd.sock", "/run/podman/podman.sock"]
    hosts = ["127.0.0.1", "172.17.0.1", *given["addresses"]]
    return [path for path in places if _connects_to_path(path)] + [
        f"{host}:{port}" for host in hosts for port in (2375, 2376) if _connects(host, port)
    ]


def other_run(given: dict[str, Any]) -> Found:
    """A backend of another run, at the port where it serves."""
    hosts = ["127.0.0.1", "::1", *given["addresses"], "172.17.0.2", "172.17.0.3"]
    return [host for host in hosts if _connects(host, given["other_port"])]


def proxy_and_database(given: dict[str, Any]) -> Found:
    """The doors that only installs, or only runs with a database, have."""
    return [f"port {port}" for port in (3128, 5432) if _connects("127.0.0.1", port) or _connects("::1", port)]


# --- Kernel ----------------------------------------------------------------------------------------------------------

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
    status = _content("/proc/self/status").decode()
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
    found = [path for path in ("/dev/tty", "/dev/console", "/dev/tty1") if _opens(path)]
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
        line = _content(f"/proc/{pid}/cmdline")
        try:
            os.kill(pid, 0)
        except OSError:
            continue
        if given["mark"].encode() not in line:
            found.append(f"process {pid}")
    return found


# --- Details ---------------------------------------------------------------------------------------------------------


def _started_at(pid: int) -> str:
    """When a process started, in ticks since the machine did; empty where it is not shown."""
    fields = _content(f"/proc/{pid}/stat").decode("utf-8", "replace").rpartition(")")[2].split()
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


def _content(path: str) -> bytes:
    try:
        fd = os.open(path, os.O_RDONLY | os.O_NONBLOCK)
    except OSError:
        return b""
    try:
        return os.read(fd, 65536)
    except OSError:
        return b""
    finally:
        os.close(fd)


def _listing(path: str) -> list[str]:
    try:
        return os.listdir(path)
    except OSError:
        return []


def _opens(path: str) -> bool:
    try:
        os.close(os.open(path, os.O_RDWR | os.O_NOCTTY))
    except OSError:
        return False
    return True


def _connects(host: str, port: int) -> bool:
    try:
        socket.create_connection((host, port), 1).close()
    except OSError:
        return False
    return True


def _connects_to_path(path: str) -> bool:
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as trial:
        trial.settimeout(1)
        try:
            trial.connect(path)
        except OSError:
            return False
        return True


def _is_up(name: str) -> bool:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as any_socket:
        request = struct.pack("16sH14s", name.encode(), 0, b"")
        flags = struct.unpack("16sH14s", fcntl.ioctl(any_socket, 0x8913, request))[1]
    return name != "lo" and bool(flags & 1)


PROBES = {
    look.__name__.replace("_", "-"): look
    for look in (
        environment_leak,
        planted_file,
        closed_places,
        host_accounts,
        foreign_processes,
        inherited_descriptors,
        kernel_secrets,
        shared_memory_of_others,
        writing_outside,
        kernel_settings,
        socket_replaced,
        host_loopback,
        host_addresses,
        network,
        abstract_sockets,
        host_sockets,
        docker,
        other_run,
        proxy_and_database,
        capabilities,
        user_namespace,
        mounts,
        keyring,
        io_uring,
        strange_sockets,
        terminal_input,
        debugging,
        observation,
        the_machine,
        signals,
    )
}

main({"probe": probe})
