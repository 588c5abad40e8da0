"""Doors to others: the host's addresses and sockets, the network, other runs."""

from __future__ import annotations

import fcntl
import socket
import struct
from typing import Any

from looking import Found, connects, connects_to_path, content_of


def host_loopback(given: dict[str, Any]) -> Found:
    addresses = [("127.0.0.1", given["port"]), ("localhost", given["port"]), ("::1", given["port6"])]
    return [f"{host}:{port}" for host, port in addresses if port and connects(host, port)]


def host_addresses(given: dict[str, Any]) -> Found:
    """The host's other addresses, and the gateways that container networks have."""
    return [host for host in (*given["addresses"], "172.17.0.1", "172.18.0.1") if connects(host, given["port"])]


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
    listed = [line.split()[-1].decode() for line in content_of("/proc/net/unix").splitlines() if b" @" in line]
    return listed + (["the planted one"] if connects_to_path("\0" + given["abstract"]) else [])


def host_sockets(given: dict[str, Any]) -> Found:
    """Sockets of services of the host, by their paths: PostgreSQL, broker, system bus, another evaluator's."""
    return [path for path in given["sockets"] if connects_to_path(path)]


def docker(given: dict[str, Any]) -> Found:
    places = ["/var/run/docker.sock", "/run/docker.sock", "/run/containerd/containerd.sock", "/run/podman/podman.sock"]
    hosts = ["127.0.0.1", "172.17.0.1", *given["addresses"]]
    return [path for path in places if connects_to_path(path)] + [
        f"{host}:{port}" for host in hosts for port in (2375, 2376) if connects(host, port)
    ]


def other_run(given: dict[str, Any]) -> Found:
    """A backend of another run, at the port where it serves."""
    hosts = ["127.0.0.1", "::1", *given["addresses"], "172.17.0.2", "172.17.0.3"]
    return [host for host in hosts if connects(host, given["other_port"])]


def proxy_and_database(given: dict[str, Any]) -> Found:
    """The doors that only installs, or only runs with a database, have."""
    return [f"port {port}" for port in (3128, 5432) if connects("127.0.0.1", port) or connects("::1", port)]


def _is_up(name: str) -> bool:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as any_socket:
        request = struct.pack("16sH14s", name.encode(), 0, b"")
        flags = struct.unpack("16sH14s", fcntl.ioctl(any_socket, 0x8913, request))[1]
    return name != "lo" and bool(flags & 1)
