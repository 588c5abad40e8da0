"""A loopback TCP port in front of a backend, for programs that speak TCP only: it lives for the time of one run."""

from __future__ import annotations

import select
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from evaluator.contract.client import Transport

CONNECT_SECONDS = 10
MOST_CONNECTIONS = 64
PIECE_BYTES = 64 * 1024
MOST_ANSWER_BYTES = 64 * 1024 * 1024


@contextmanager
def loopback_port(transport: Transport) -> Iterator[int]:
    """The number of a port on 127.0.0.1 whose connections reach the backend; it is closed at the end of the block."""
    places = threading.BoundedSemaphore(MOST_CONNECTIONS)
    over = threading.Event()
    with socket.create_server(("127.0.0.1", 0), backlog=MOST_CONNECTIONS) as listener:
        listener.settimeout(0.2)
        accepting = threading.Thread(
            target=_accept, args=(listener, transport, places, over), name="loopback", daemon=True
        )
        accepting.start()
        try:
            yield listener.getsockname()[1]
        finally:
            over.set()
            accepting.join(2)


def _accept(
    listener: socket.socket, transport: Transport, places: threading.BoundedSemaphore, over: threading.Event
) -> None:
    while not over.is_set():
        try:
            client, _ = listener.accept()
        except TimeoutError:
            continue
        except OSError:
            return
        client.settimeout(None)
        places.acquire()
        threading.Thread(target=_carry, args=(client, transport, places, over), daemon=True).start()


def _carry(
    client: socket.socket, transport: Transport, places: threading.BoundedSemaphore, over: threading.Event
) -> None:
    """Carry bytes both ways until either side closes: a backend that is gone shows as a closed connection.

    So does one that answers without end: the programs behind this port read whole answers into memory.
    """
    answered = 0
    try:
        with client, suppress(OSError), _connected(transport) as server:
            partner = {client: server, server: client}
            while not over.is_set():
                for source in select.select(list(partner), [], [], 0.5)[0]:
                    content = source.recv(PIECE_BYTES)
                    answered += len(content) if source is server else 0
                    if not content or answered > MOST_ANSWER_BYTES:
                        return
                    partner[source].sendall(content)
    finally:
        places.release()


def _connected(transport: Transport) -> socket.socket:
    if not transport.uds:
        server = socket.create_connection((transport.host, transport.port), timeout=CONNECT_SECONDS)
    else:
        server = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        server.settimeout(CONNECT_SECONDS)
        try:
            server.connect(transport.uds)
        except OSError:
            server.close()
            raise
    server.settimeout(None)
    return server
