"""A unix socket in front of a TCP service, for what a bridge must reach: a bridge has no network of the host's."""

from __future__ import annotations

import atexit
import os
import select
import shutil
import socket
import tempfile
import threading
from contextlib import suppress
from pathlib import Path

CONNECT_SECONDS = 10


def relay_to_tcp(host: str, port: int) -> Path:
    """The path of a socket whose connections reach `host:port`, for as long as this process lives."""
    folder = Path(tempfile.mkdtemp(prefix="amend-relay-"))
    folder.chmod(0o711)  # bridges of every slot pass; the name is not guessable
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    path = folder / "service.sock"
    listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    listener.bind(str(path))
    os.chmod(path, 0o666)
    listener.listen(128)
    threading.Thread(target=_accept, args=(listener, host, port), name="service-relay", daemon=True).start()
    return path


def _accept(listener: socket.socket, host: str, port: int) -> None:
    while True:
        client, _ = listener.accept()
        threading.Thread(target=_pump, args=(client, host, port), daemon=True).start()


def _pump(client: socket.socket, host: str, port: int) -> None:
    with client, suppress(OSError), socket.create_connection((host, port), timeout=CONNECT_SECONDS) as server:
        server.settimeout(None)
        partner = {client: server, server: client}
        while True:
            for source in select.select(list(partner), [], [])[0]:
                content = source.recv(65536)
                if not content:
                    return
                partner[source].sendall(content)
