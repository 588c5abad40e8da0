"""The bridge: the one way into a sandbox, and the trusted launcher of what runs in it.

A program of its own, standard library only, started unprivileged and with an empty environment. It makes a user and a
network namespace, brings `lo` up, starts `bwrap` in them as its child, and then forwards:

    the host's unix socket (inherited, listening)  →  127.0.0.1:PORT of the backend (or ::1)
    127.0.0.1:5432 in the sandbox                  →  PostgreSQL's unix socket, names rewritten
    127.0.0.1:3128 in the sandbox (installs only)  →  the package proxy's unix socket

The backend shares the network namespace with the bridge and nothing else. Talks to its parent in JSON lines: one order
on standard input (`Order` in bubblewrap.py), then `go`; events on standard output. End of input means: kill and leave.
"""

from __future__ import annotations

import ctypes
import fcntl
import json
import os
import resource
import select
import signal
import socket
import struct
import sys
import threading

CLONE_NEWUSER, CLONE_NEWNET = 0x10000000, 0x40000000
SIOCSIFFLAGS, IFF_UP_RUNNING = 0x8914, 0x1 | 0x40
CANCEL, SSL, GSS = 80877102, 80877103, 80877104
MOST_CONNECTIONS = 256
MOST_STARTUP_BYTES = 10_000
connections = threading.BoundedSemaphore(MOST_CONNECTIONS)


def main():
    order = json.loads(sys.stdin.buffer.raw.readline())
    try:
        enter_namespaces()
    except OSError as error:
        report({"refused": "%s: %s" % (error.strerror, error.filename or "namespaces")})
        return
    listeners = {}
    if order["listen_fd"] is not None:
        http = socket.socket(fileno=order["listen_fd"])
        listeners[http.fileno()] = (http, lambda client: forward_http(client, order["port"]))
    if order["postgres"]:
        for listener in loopback_listeners(5432):
            listeners[listener.fileno()] = (listener, lambda client: forward_postgres(client, order["postgres"]))
    if order["proxy"]:
        for listener in loopback_listeners(3128):
            listeners[listener.fileno()] = (listener, lambda client: forward_unix(client, order["proxy"]))
    child = start_child(order)
    if child is None:
        return
    serve(child, listeners)


def enter_namespaces():
    """A user namespace in which we own the network namespace: no privilege outside, none inside for the child."""
    uid, gid = os.getuid(), os.getgid()
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.unshare(CLONE_NEWUSER | CLONE_NEWNET) != 0:
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()), "unshare")
    for name, line in (("setgroups", "deny"), ("uid_map", "%d %d 1" % (uid, uid)), ("gid_map", "%d %d 1" % (gid, gid))):
        with open("/proc/self/" + name, "w") as file:
            file.write(line)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as any_socket:
        fcntl.ioctl(any_socket, SIOCSIFFLAGS, struct.pack("16sH14s", b"lo", IFF_UP_RUNNING, b""))


def loopback_listeners(port):
    for family, address in ((socket.AF_INET, "127.0.0.1"), (socket.AF_INET6, "::1")):
        listener = socket.socket(family, socket.SOCK_STREAM)
        try:
            listener.bind((address, port))
        except OSError:  # a machine without IPv6 has no ::1; IPv4 is always there
            listener.close()
            continue
        listener.listen(128)
        yield listener


def start_child(order):
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
        os.execve(order["argv"][0], order["argv"], {})
    os.close(gate)
    os.close(order["log_fd"])
    os.close(order["files_fd"])
    report({"child": child})
    if sys.stdin.buffer.raw.readline() != b"go\n":
        os.kill(child, signal.SIGKILL)
        return None
    os.write(opener, b"g")
    os.close(opener)
    return child


def serve(child, listeners):
    """Accept until the child ends or the parent leaves; the child is gone when this returns."""
    ended = os.pidfd_open(child)
    for listener, _ in listeners.values():
        listener.setblocking(False)
    poll = select.poll()
    for fd in (0, ended, *listeners):
        poll.register(fd, select.POLLIN)
    while True:
        ready = {fd for fd, _ in poll.poll()}
        if ended in ready:
            break
        if 0 in ready:
            os.kill(child, signal.SIGKILL)
            break
        for fd in ready:
            listener, handle = listeners[fd]
            try:
                client, _ = listener.accept()
            except OSError:  # gone before we took it
                continue
            if connections.acquire(blocking=False):
                threading.Thread(target=with_connection, args=(handle, client), daemon=True).start()
            else:
                client.close()
    _, status = os.waitpid(child, 0)
    report({"exit": os.waitstatus_to_exitcode(status)})


def with_connection(handle, client):
    try:
        with client:
            handle(client)
    except OSError:
        pass  # either side hung up: the other one sees the same
    finally:
        connections.release()


def forward_http(client, port):
    for family, address in ((socket.AF_INET, "127.0.0.1"), (socket.AF_INET6, "::1")):
        server = socket.socket(family, socket.SOCK_STREAM)
        try:
            server.connect((address, port))
        except OSError:  # not listening there (yet): the caller sees a closed connection
            server.close()
            continue
        server.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        with server:
            pump(client, server)
        return


def forward_unix(client, path):
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as server:
        server.connect(path)
        pump(client, server)


def forward_postgres(client, access):
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
        parameters = dict(zip(fields[::2], fields[1::2]))
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
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as server:
        server.connect(access["socket"])
        server.sendall(message)
        pump(client, server)


def refuse_user(client, user):
    """What PostgreSQL itself answers to a user that it does not know."""
    text = b'password authentication failed for user "' + user + b'"'
    fields = b"SFATAL\0VFATAL\0C28P01\0M" + text + b"\0\0"
    client.sendall(b"E" + struct.pack("!i", 4 + len(fields)) + fields)


def receive_exactly(client, count):
    content = b""
    while len(content) < count:
        part = client.recv(count - len(content))
        if not part:
            raise ConnectionResetError("closed in the middle of a message")
        content += part
    return content


def pump(one, other):
    """Copy both ways until both have ended; end of one direction is passed on, the other may go on."""
    partner = {one.fileno(): (one, other), other.fileno(): (other, one)}
    poll = select.poll()
    for fd in partner:
        poll.register(fd, select.POLLIN)
    while partner:
        for fd, _ in poll.poll():
            source, target = partner[fd]
            content = source.recv(65536)
            if content:
                target.sendall(content)
                continue
            poll.unregister(fd)
            del partner[fd]
            try:
                target.shutdown(socket.SHUT_WR)
            except OSError:
                return


def report(event):
    os.write(1, json.dumps(event).encode() + b"\n")


if __name__ == "__main__":
    main()
