"""The bridge: the one way into a sandbox, and the trusted launcher of what runs in it.

A program of its own, standard library only, started unprivileged and with an empty environment. It makes a user and a
network namespace, brings `lo` up, starts `bwrap` in them as its child, and then forwards:

    the host's unix socket (inherited, listening)  →  127.0.0.1:PORT of the backend (or ::1)
    127.0.0.1:5432 in the sandbox                  →  PostgreSQL's unix socket, names rewritten
    127.0.0.1:3128 in the sandbox (installs only)  →  the package proxy's unix socket

The backend shares the network namespace with the bridge and nothing else. Its parent gives one order on standard input
(made in bubblewrap.py, in the form of bridge_program.py), then `go`, and reads events on standard output, a line each.
End of input means: kill and leave. Beside a container it launches nothing: Docker has put it into the network
namespace, and its order lies in a file. On the way back from PostgreSQL it counts statements; whoever asks for them on
the control socket (see control.py) is told.

Every launch waits for this program to start, so it imports built-in modules only: `json`, `socket`, `signal` and
`threading` would more than double its start (26 ms of processor time instead of 11).
"""

from __future__ import annotations

import ctypes
import fcntl
import marshal
import os
import resource
import select
import struct
import sys
from _signal import SIG_DFL, SIGHUP, SIGINT, SIGQUIT, signal  # type: ignore[import-not-found]
from _socket import AF_INET, AF_INET6, AF_UNIX, IPPROTO_TCP, SHUT_WR, SOCK_DGRAM, SOCK_STREAM, TCP_NODELAY, socket
from _thread import allocate_lock, start_new_thread

CLONE_NEWUSER, CLONE_NEWNET = 0x10000000, 0x40000000
PR_SET_CHILD_SUBREAPER = 36
SIOCSIFFLAGS, IFF_UP_RUNNING = 0x8914, 0x1 | 0x40
CANCEL, SSL, GSS = 80877102, 80877103, 80877104
MOST_CONNECTIONS = 256
MOST_STARTUP_BYTES = 10_000
HEADER = struct.Struct("!BI").unpack_from
COMMAND_COMPLETE, ERROR, READY = TELLING = b"CEZ"
NOT_COUNTED = frozenset(b"BEGIN START COMMIT ROLLBACK SAVEPOINT RELEASE SET RESET SHOW DISCARD DEALLOCATE".split())
LONGEST_NOT_COUNTED = max(map(len, NOT_COUNTED)) + 1
QUERY, PARSE = SENDING = b"QP"
LONGEST_KEPT = 2_000
MOST_FORMS = 400
NUMBERS = bytes(48 if 48 <= byte <= 57 else byte for byte in range(256))
CONTROL_SECONDS = 2
SIGKILL = 9

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from typing import Any, ClassVar

    Listener = tuple[socket, Callable[[socket], None]]


def main() -> None:
    beside_a_container = len(sys.argv) > 1
    if beside_a_container:
        with open(sys.argv[1], "rb") as file:
            order = marshal.load(file)
        serve(None, make_listeners(order))
        return
    order = read_order()
    try:
        enter_namespaces()
    except OSError as error:
        report(f"refused {error.strerror}: {error.filename or 'namespaces'}")
        return
    listeners = make_listeners(order)
    child = start_child(order)
    if child is not None:
        status = serve(child, listeners)
        kill_what_is_left(order["own_user"])
        report(f"exit {status} {Statements.total}")


def make_listeners(order: dict[str, Any]) -> dict[int, Listener]:
    """What listens where, by file descriptor, with what forwards a connection."""
    listeners: dict[int, Listener] = {}
    http = unix_listener(order, "listen")
    if http is not None:
        listeners[http.fileno()] = (http, lambda client: forward_http(client, order["port"]))
    control = unix_listener(order, "control")
    if control is not None:
        Connections.control = control.fileno()
        listeners[Connections.control] = (control, lambda client: answer_control(client, order["postgres"]))
    if order["postgres"]:
        for listener in loopback_listeners(5432):
            listeners[listener.fileno()] = (listener, lambda client: forward_postgres(client, order["postgres"]))
    if order["proxy"]:
        for listener in loopback_listeners(3128):
            listeners[listener.fileno()] = (listener, lambda client: forward_unix(client, order["proxy"]))
    return listeners


def unix_listener(order: dict[str, Any], name: str) -> socket | None:
    """The listening socket that was inherited as `NAME_fd`, or a new one at `NAME_path`."""
    if order.get(name + "_fd") is not None:
        return socket(fileno=order[name + "_fd"])
    if not order.get(name + "_path"):
        return None
    listener = socket(AF_UNIX, SOCK_STREAM)
    listener.bind(order[name + "_path"])
    listener.listen(128)
    return listener


def enter_namespaces() -> None:
    """A user namespace in which we own the network namespace: no privilege outside, none inside for the child."""
    uid, gid = os.getuid(), os.getgid()
    libc = ctypes.CDLL(None, use_errno=True)
    libc.prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
    if libc.unshare(CLONE_NEWUSER | CLONE_NEWNET) != 0:
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()), "unshare")
    for name, line in (("setgroups", "deny"), ("uid_map", f"{uid} {uid} 1"), ("gid_map", f"{gid} {gid} 1")):
        with open("/proc/self/" + name, "w") as file:
            file.write(line)
    any_socket = socket(AF_INET, SOCK_DGRAM)
    fcntl.ioctl(any_socket, SIOCSIFFLAGS, struct.pack("16sH14s", b"lo", IFF_UP_RUNNING, b""))
    any_socket.close()


def loopback_listeners(port: int) -> Iterator[socket]:
    for family, address in ((AF_INET, "127.0.0.1"), (AF_INET6, "::1")):
        listener = socket(family, SOCK_STREAM)
        try:
            listener.bind((address, port))
        except OSError:  # a machine without IPv6 has no ::1; IPv4 is always there
            listener.close()
            continue
        listener.listen(128)
        yield listener


def start_child(order: dict[str, Any]) -> int | None:
    """Start bwrap, stopped until the parent has put it under its limits; its pid, or None where the parent left."""
    gate, opener = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(opener)
        if os.read(gate, 1) != b"g":
            os._exit(127)
        os.dup2(order["files_fd"], 0)
        os.dup2(order["log_fd"], 1)
        os.dup2(order["log_fd"], 2)
        os.closerange(3, 65536)  # above all the listening socket
        os.setsid()
        for name, limit in order["rlimits"].items():
            kind = getattr(resource, "RLIMIT_" + name)
            hard = resource.getrlimit(kind)[1]
            limit = limit if hard == resource.RLIM_INFINITY else min(limit, hard)
            resource.setrlimit(kind, (limit, limit))
        if order["seccomp"]:  # the lowest free descriptor, 3, which bwrap reads and closes
            os.set_inheritable(os.open(order["seccomp"], os.O_RDONLY), True)
        for interrupt in (SIGHUP, SIGINT, SIGQUIT):  # ignored where a script started us in its background
            signal(interrupt, SIG_DFL)
        os.execve(order["argv"][0], order["argv"], {})
    os.close(gate)
    os.close(order["log_fd"])
    os.close(order["files_fd"])
    report(f"child {child}")
    if read_exactly(3) != b"go\n":
        os.kill(child, SIGKILL)
        return None
    os.write(opener, b"g")
    os.close(opener)
    return child


def serve(child: int | None, listeners: dict[int, Listener]) -> int:
    """Accept until the child ends or the parent leaves, then see it buried: its status. Without a child, for ever."""
    ended = -1 if child is None else os.pidfd_open(child)
    for listener, _ in listeners.values():
        listener.setblocking(False)
    poll = select.poll()
    watched = () if child is None else (0, ended)
    for fd in (*watched, *listeners):
        poll.register(fd, select.POLLIN)
    while True:
        ready = {fd for fd, _ in poll.poll()}
        if ended in ready:
            break
        if child is not None and 0 in ready:
            os.kill(child, SIGKILL)
            break
        for fd in ready:
            listener, handle = listeners[fd]
            try:
                client = socket(fileno=listener._accept()[0])  # type: ignore[attr-defined]
            except OSError:  # gone before we took it
                continue
            Connections.take(fd, handle, client)
    assert child is not None
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def kill_what_is_left(own_user: bool) -> None:
    """What bwrap leaves when it dies between making its process and tying that to its own life (bubblewrap#633).

    We are its reaper, so it is our child now; as the first of its process namespace it takes everything with it. A user
    id that is this run's alone (`own_user`) tells everything that belongs to it.
    """
    if own_user:
        try:
            os.kill(-1, SIGKILL)
        except ProcessLookupError:  # nothing is
            return
    while True:
        try:
            if os.waitpid(-1, os.WNOHANG)[0]:
                continue
        except ChildProcessError:
            return
        for folder in os.listdir("/proc"):
            try:
                with open(f"/proc/{folder}/stat") as file:
                    parent = int(file.read().rpartition(")")[2].split()[1]) if folder.isdigit() else 0
            except OSError:  # it ended while we looked
                continue
            if parent == os.getpid():
                os.kill(int(folder), SIGKILL)
        os.waitpid(-1, 0)


class Connections:
    """The connections that are open, each forwarded by a thread of its own; one too many is closed at once.

    The evaluator's own never are, on the listener `control`.
    """

    count = 0
    control = -1
    lock = allocate_lock()

    @classmethod
    def take(cls, listener: int, handle: Callable[[socket], None], client: socket) -> None:
        with cls.lock:
            taken = cls.count < MOST_CONNECTIONS or listener == cls.control
            cls.count += taken
        if taken:
            start_new_thread(cls.forward, (handle, client))
        else:
            client.close()

    @classmethod
    def forward(cls, handle: Callable[[socket], None], client: socket) -> None:
        try:
            handle(client)
        except OSError:
            pass  # either side hung up: the other one sees the same
        finally:
            client.close()
            with cls.lock:
                cls.count -= 1


def answer_control(client: socket, postgres: dict[str, str]) -> None:
    """One question or order of the evaluator, a line each way. No sandbox can reach this socket."""
    client.settimeout(CONTROL_SECONDS)
    line = b""
    while not line.endswith(b"\n"):
        part = client.recv(4096)
        if not part:
            return
        line += part
    word, *names = line.decode().split()
    if word == "postgres":
        postgres["role"], postgres["database"] = names
    client.sendall(Sent.told() if word == "sample" else b"%d\n" % Statements.total)


def forward_http(client: socket, port: int) -> None:
    for family, address in ((AF_INET, "127.0.0.1"), (AF_INET6, "::1")):
        server = socket(family, SOCK_STREAM)
        try:
            server.connect((address, port))
        except OSError:  # not listening there (yet): the caller sees a closed connection
            server.close()
            continue
        server.setsockopt(IPPROTO_TCP, TCP_NODELAY, 1)
        try:
            pump(client, server)
        finally:
            server.close()
        return


def forward_unix(
    client: socket,
    path: str,
    greeting: bytes = b"",
    watch: Callable[[bytes], None] | None = None,
    watch_sent: Callable[[bytes], None] | None = None,
) -> None:
    server = socket(AF_UNIX, SOCK_STREAM)
    try:
        server.connect(path)
        server.sendall(greeting)
        pump(client, server, watch, watch_sent)
    finally:
        server.close()


def forward_postgres(client: socket, access: dict[str, str]) -> None:
    """Speak the start of the PostgreSQL protocol: the names that backends use become those of this run."""
    client.settimeout(30)
    while True:
        length, code = struct.unpack("!ii", receive_exactly(client, 8))
        if not 8 <= length <= MOST_STARTUP_BYTES:
            return
        rest = receive_exactly(client, length - 8)
        if code not in (SSL, GSS):
            break
        client.sendall(b"N")
    message = struct.pack("!ii", length, code) + rest
    if code != CANCEL:
        fields = rest.rstrip(b"\0").split(b"\0")
        fields += [b""] * (len(fields) % 2)
        parameters = {fields[at]: fields[at + 1] for at in range(0, len(fields), 2)}
        user = parameters.get(b"user", b"")
        if user != b"user":
            refuse_user(client, user)
            return
        if parameters.get(b"database", user) == access["name"].encode():
            parameters[b"database"] = access["database"].encode()
        else:
            parameters.setdefault(b"database", user)
        parameters[b"user"] = access["role"].encode()
        body = b"".join(key + b"\0" + value + b"\0" for key, value in parameters.items()) + b"\0"
        message = struct.pack("!ii", 8 + len(body), code) + body
    client.settimeout(None)
    forward_unix(client, access["socket"], message, Statements().read, Sent().read)


class Statements:
    """Counts SQL statements on the way back from PostgreSQL: it says of each one how it ended.

    What comes from the server has one form (a letter, a length, a body), whatever a backend sends. Bytes are fed as
    they come, cut anywhere; what does not fit the form ends the counting and never the connection.
    """

    total = 0  # of all connections
    lock = allocate_lock()

    def __init__(self) -> None:
        self.rest = b""  # the beginning of a message whose kind and length are not known yet
        self.skip = 0  # how much of a message is still to come
        self.ready = self.lost = False

    def read(self, content: bytes) -> None:
        if self.lost:
            return
        if self.skip >= len(content):
            self.skip -= len(content)
            return
        if self.rest:
            content = self.rest + content
        counted, at, end = 0, self.skip, len(content)
        while at + 5 <= end:
            kind, length = HEADER(content, at)
            if kind in TELLING:
                if kind == COMMAND_COMPLETE:
                    shown = min(length - 4, LONGEST_NOT_COUNTED)
                    if at + 5 + shown > end:
                        break
                    counted += content[at + 5 : at + 5 + shown].rstrip(b"\0").split(b" ")[0] not in NOT_COUNTED
                elif kind == READY:
                    self.ready = True
                else:  # before the first `ready` nothing was asked: a refused password
                    counted += self.ready
            if length < 4:
                self.lost = True
                return
            at += 1 + length
        self.rest, self.skip = content[at:], max(0, at - end)
        if counted:
            with Statements.lock:
                Statements.total += counted


class Sent:
    """Keeps the forms of SQL that go to PostgreSQL, up to so many: what tells an ORM's from what was written by hand.

    A hostile sender can spoil this sample and nothing else. Bytes are fed as they come, cut anywhere.
    """

    forms: ClassVar[dict[bytes, None]] = {}  # of all connections, in order
    complete = True
    lock = allocate_lock()

    def __init__(self) -> None:
        self.rest = b""
        self.skip = 0
        self.lost = False

    def read(self, content: bytes) -> None:
        if self.lost:
            return
        if self.skip >= len(content):
            self.skip -= len(content)
            return
        if self.rest:
            content = self.rest + content
        at, end = self.skip, len(content)
        while at + 5 <= end:
            kind, length = HEADER(content, at)
            if length < 4:
                self.lost = True
                return
            if kind in SENDING:
                shown = min(length - 4, LONGEST_KEPT)
                if at + 5 + shown > end:
                    break
                self.keep(content[at + 5 : at + 5 + shown], parsed=kind == PARSE)
            at += 1 + length
        self.rest, self.skip = content[at:], max(0, at - end)

    @classmethod
    def keep(cls, body: bytes, parsed: bool) -> None:
        """One statement: its name before it where it is parsed, a zero after it; text and numbers do not count."""
        text = body.split(b"\0")[parsed : parsed + 1]
        form = b"'?'".join(b"".join(text).split(b"'")[::2]).translate(NUMBERS)
        if form in cls.forms or not form:
            return
        with cls.lock:
            if len(cls.forms) < MOST_FORMS:
                cls.forms[form] = None
            else:
                cls.complete = False

    @classmethod
    def told(cls) -> bytes:
        with cls.lock:
            return b"\0".join((b"all" if cls.complete else b"some", *cls.forms))


def refuse_user(client: socket, user: bytes) -> None:
    """What PostgreSQL itself answers to a user that it does not know."""
    text = b'password authentication failed for user "' + user + b'"'
    fields = b"SFATAL\0VFATAL\0C28P01\0M" + text + b"\0\0"
    client.sendall(b"E" + struct.pack("!i", 4 + len(fields)) + fields)


def receive_exactly(client: socket, count: int) -> bytes:
    content = b""
    while len(content) < count:
        part = client.recv(count - len(content))
        if not part:
            raise ConnectionResetError("closed in the middle of a message")
        content += part
    return content


def pump(
    one: socket,
    other: socket,
    watch: Callable[[bytes], None] | None = None,
    watch_sent: Callable[[bytes], None] | None = None,
) -> None:
    """Copy both ways until both have ended; end of one direction is passed on, the other may go on.

    `watch` sees what comes from `other` before it is passed on, `watch_sent` what comes from `one`.
    """
    partner = {one.fileno(): (one, other), other.fileno(): (other, one)}
    watches = {one.fileno(): watch_sent, other.fileno(): watch}
    poll = select.poll()
    for fd in partner:
        poll.register(fd, select.POLLIN)
    while partner:
        for fd, _ in poll.poll():
            source, target = partner[fd]
            content = source.recv(65536)
            if content:
                seen = watches[fd]
                if seen is not None:
                    seen(content)
                target.sendall(content)
                continue
            poll.unregister(fd)
            del partner[fd]
            try:
                target.shutdown(SHUT_WR)
            except OSError:
                return


def read_order() -> dict[str, Any]:
    """The order on standard input: its length as eight bytes, then as `marshal` writes it."""
    (length,) = struct.unpack("!Q", read_exactly(8))
    order: dict[str, Any] = marshal.loads(read_exactly(length))
    return order


def read_exactly(count: int) -> bytes:
    """So many bytes of standard input and not one more; fewer at its end."""
    content = b""
    while len(content) < count:
        part = os.read(0, count - len(content))
        if not part:
            break
        content += part
    return content


def report(event: str) -> None:
    os.write(1, event.encode() + b"\n")


if __name__ == "__main__":
    main()
