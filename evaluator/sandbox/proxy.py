"""The way to the package index for installs: an HTTP proxy on a unix socket that knows a short list of hosts.

Runs in threads of the evaluator. Everything but the listed hosts is refused at once with 403, so that an installer's
attempt to download a ready-made binary from elsewhere fails fast and it builds from source instead.
"""

from __future__ import annotations

import os
import select
import socket
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

MOST_HEADER_BYTES = 64 * 1024
MOST_CONNECTIONS = 128
CONNECT_SECONDS = 15
IDLE_SECONDS = 60
Address = tuple[str, int]


@dataclass
class PackageProxy:
    """A running proxy: where it listens, what it refused, and which allowed hosts did not answer us."""

    socket: Path
    refused: set[str] = field(default_factory=set)
    unreachable: dict[str, str] = field(default_factory=dict)


@contextmanager
def package_proxy(hosts: frozenset[str]) -> Iterator[PackageProxy]:
    """A proxy to `hosts` only, for as long as the block runs: each `name:port`, or a name alone for port 443."""
    allowed = frozenset(_address(host) for host in hosts)
    with tempfile.TemporaryDirectory(prefix="amend-proxy-") as folder:
        os.chmod(folder, 0o711)  # the installing user must pass; the name is not guessable
        proxy = PackageProxy(Path(folder, "proxy.sock"))
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as listener:
            listener.bind(str(proxy.socket))
            proxy.socket.chmod(0o666)
            listener.listen(128)
            threading.Thread(target=_accept, args=(listener, proxy, allowed), name="package-proxy", daemon=True).start()
            try:
                yield proxy
            finally:
                with suppress(OSError):
                    listener.shutdown(socket.SHUT_RDWR)


def _accept(listener: socket.socket, proxy: PackageProxy, allowed: frozenset[Address]) -> None:
    free = threading.BoundedSemaphore(MOST_CONNECTIONS)
    while True:
        try:
            client, _ = listener.accept()
        except OSError:  # closed: the install is over
            return
        free.acquire()
        threading.Thread(target=_serve, args=(client, proxy, allowed, free), daemon=True).start()


def _serve(client: socket.socket, proxy: PackageProxy, allowed: frozenset[Address], free: threading.Semaphore) -> None:
    try:
        with client, suppress(OSError, ValueError):  # either side hung up or spoke nonsense: only this connection ends
            client.settimeout(IDLE_SECONDS)
            _forward(client, proxy, allowed)
    finally:
        free.release()


def _forward(client: socket.socket, proxy: PackageProxy, allowed: frozenset[Address]) -> None:
    head, rest = _read_head(client)
    request_line, _, fields = head.partition(b"\r\n")
    method, target, version = request_line.decode("ascii").split(" ")
    tunnel = method == "CONNECT"
    address = urlsplit(f"//{target}" if tunnel else target)
    host, port = address.hostname or "", address.port or (443 if tunnel else 80)
    if (host, port) not in allowed:
        proxy.refused.add(host)
        client.sendall(b"HTTP/1.1 403 Not a package index\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
        return
    try:
        server = _connect(host, port)
    except OSError as error:
        proxy.unreachable[host] = error.strerror or str(error)
        client.sendall(b"HTTP/1.1 502 Unreachable\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
        return
    with server:
        if tunnel:
            client.sendall(b"HTTP/1.1 200 Connected\r\n\r\n")
            server.sendall(rest)
        else:
            path = (address.path or "/") + (f"?{address.query}" if address.query else "")
            kept = [line for line in fields.split(b"\r\n") if not line.lower().startswith((b"proxy-", b"connection:"))]
            lines = [f"{method} {path} {version}".encode(), *kept, b"Connection: close", b"", b""]
            server.sendall(b"\r\n".join(lines) + rest)
        _pump(client, server)


def _address(host: str) -> Address:
    parts = urlsplit(f"//{host}")
    return parts.hostname or "", parts.port or 443


def _read_head(client: socket.socket) -> tuple[bytes, bytes]:
    content = b""
    while b"\r\n\r\n" not in content:
        part = client.recv(8192)
        if not part or len(content) > MOST_HEADER_BYTES:
            raise ValueError("no request")
        content += part
    head, _, rest = content.partition(b"\r\n\r\n")
    return head, rest


def _connect(host: str, port: int) -> socket.socket:
    """A connection to the host, through the machine's own proxy where it has one."""
    outer = os.environ.get("https_proxy") or os.environ.get("HTTPS_PROXY")
    if not outer:
        return socket.create_connection((host, port), timeout=CONNECT_SECONDS)
    address = urlsplit(outer)
    server = socket.create_connection((address.hostname, address.port or 3128), timeout=CONNECT_SECONDS)
    server.sendall(f"CONNECT {host}:{port} HTTP/1.1\r\nHost: {host}:{port}\r\n\r\n".encode())
    head, _ = _read_head(server)
    if b" 200" not in head.split(b"\r\n")[0]:
        server.close()
        raise ConnectionRefusedError(f"the proxy of this machine answered {head[:80]!r}")
    return server


def _pump(one: socket.socket, other: socket.socket) -> None:
    partner = {one: other, other: one}
    while True:
        ready, _, _ = select.select(list(partner), [], [], IDLE_SECONDS)
        if not ready:
            return
        for source in ready:
            content = source.recv(65536)
            if not content:
                return
            partner[source].sendall(content)
