"""A server whose every answer is an attack on whoever asks; the path says which."""

from __future__ import annotations

import signal
import socket
import threading
import time
import zlib
from collections.abc import Iterator

from hostile import LONGEST_SECONDS, main, tell

OK = b"HTTP/1.1 200 OK\r\n"
PLAIN = OK + b"Content-Type: text/plain\r\n"
packer = zlib.compressobj(9, zlib.DEFLATED, zlib.MAX_WBITS | 16)
BOMB = b"".join([*(packer.compress(bytes(2**20)) for _ in range(100)), packer.flush()])


def serve(port: int, redirect_to: str) -> None:
    signal.alarm(120)
    listener = socket.create_server(("127.0.0.1", port))
    while True:
        client, _ = listener.accept()
        threading.Thread(target=_answer, args=(client, redirect_to), daemon=True).start()


def _answer(client: socket.socket, redirect_to: str) -> None:
    with client:
        request = client.recv(65536)
        name = request.split(b" ")[1].decode().strip("/") if b" " in request else ""
        if name not in ATTACKS:
            client.sendall(PLAIN + b"Content-Length: 5\r\n\r\nready")
            return
        tell(tried=name)
        deadline = time.monotonic() + LONGEST_SECONDS
        try:
            for part in ATTACKS[name](redirect_to):
                client.sendall(part)
                if time.monotonic() > deadline:
                    return
        except OSError:  # the asker has left
            pass


def slow_headers(_: str) -> Iterator[bytes]:
    yield OK
    while True:
        yield b"X"
        time.sleep(0.1)


def slow_body(_: str) -> Iterator[bytes]:
    yield PLAIN + b"Content-Length: 100000\r\n\r\n"
    while True:
        yield b"x"
        time.sleep(0.1)


def silence(_: str) -> Iterator[bytes]:
    """Takes the request and never answers."""
    time.sleep(LONGEST_SECONDS)
    yield b""


def endless_body(_: str) -> Iterator[bytes]:
    yield PLAIN + b"\r\n"
    while True:
        yield b"x" * 65536


def endless_chunks(_: str) -> Iterator[bytes]:
    yield PLAIN + b"Transfer-Encoding: chunked\r\n\r\n"
    while True:
        yield b"10000\r\n" + b"x" * 65536 + b"\r\n"


def endless_small_chunks(_: str) -> Iterator[bytes]:
    """One byte of body for each 4,000 of chunk extensions."""
    yield PLAIN + b"Transfer-Encoding: chunked\r\n\r\n"
    while True:
        yield (b"1;" + b"e" * 4000 + b"\r\nx\r\n") * 16


def endless_trailers(_: str) -> Iterator[bytes]:
    yield PLAIN + b"Transfer-Encoding: chunked\r\n\r\n0\r\n"
    while True:
        yield b"X-Trailer: value\r\n" * 1000


def bomb(_: str) -> Iterator[bytes]:
    """About 100 KB that unpack to 100 MB."""
    yield PLAIN + b"Content-Encoding: gzip\r\nContent-Length: %d\r\n\r\n" % len(BOMB) + BOMB


def huge_header(_: str) -> Iterator[bytes]:
    yield OK + b"X-Huge: "
    for _ in range(160):
        yield b"x" * 65536
    yield b"\r\nContent-Length: 0\r\n\r\n"


def many_headers(_: str) -> Iterator[bytes]:
    yield OK
    for number in range(200_000):
        yield b"X-%d: value\r\n" % number
    yield b"Content-Length: 0\r\n\r\n"


def endless_interim(_: str) -> Iterator[bytes]:
    """The true answer is always about to come."""
    while True:
        yield b"HTTP/1.1 100 Continue\r\n\r\n" * 100


def impossible_length(_: str) -> Iterator[bytes]:
    yield PLAIN + b"Content-Length: 99999999999999999999\r\n\r\n"
    while True:
        yield b"x" * 65536


def redirect(to: str) -> Iterator[bytes]:
    yield b"HTTP/1.1 302 Found\r\nLocation: " + to.encode() + b"\r\nContent-Length: 0\r\n\r\n"


ATTACKS = {
    "slow-headers": slow_headers,
    "slow-body": slow_body,
    "silence": silence,
    "endless-body": endless_body,
    "endless-chunks": endless_chunks,
    "chunk-extensions": endless_small_chunks,
    "endless-trailers": endless_trailers,
    "decompression-bomb": bomb,
    "huge-header": huge_header,
    "many-headers": many_headers,
    "endless-interim-answers": endless_interim,
    "impossible-length": impossible_length,
    "redirect-to-host": redirect,
}

main({"serve": serve})
