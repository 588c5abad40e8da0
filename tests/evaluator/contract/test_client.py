"""The client reads HTTP/1.1 as servers speak it, and never more of it, nor longer, than its limits."""

from __future__ import annotations

import asyncio
import gzip
import time
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from evaluator.contract.client import Client, Limits, NoAnswer, Response, Transport

Talk = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]
SMALL = Limits(seconds=0.5, wire_bytes=10_000, header_bytes=2_000, decoded_bytes=10_000)


@pytest.mark.parametrize(
    ("sent", "status", "body"),
    [
        (b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi", 200, b"hi"),
        (b"HTTP/1.1 200\r\nContent-Length: 2\r\n\r\nhi", 200, b"hi"),
        (b"HTTP/1.0 200 OK\r\n\r\nuntil the end", 200, b"until the end"),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhi\r\n3;x=y\r\n me\r\n0\r\n\r\n", 200, b"hi me"),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nx\r\n0\r\nTrailer: t\r\n\r\n", 200, b"x"),
        (b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 201 Created\r\nContent-Length: 0\r\n\r\n", 201, b""),
        (b"HTTP/1.1 204 No Content\r\n\r\n", 204, b""),
        (b"HTTP/1.1 302 Found\r\nLocation: /x\r\nContent-Length: 0\r\n\r\n", 302, b""),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 2, 2\r\n\r\nhi", 200, b"hi"),
        (
            b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nConnection: close\r\n\r\n" + gzip.compress(b"packed"),
            200,
            b"packed",
        ),
    ],
)
def test_an_answer_is_read_however_its_end_is_marked(sent: bytes, status: int, body: bytes) -> None:
    response = asked(says(sent))
    assert (response.status, response.body) == (status, body)


@pytest.mark.parametrize(
    ("sent", "told"),
    [
        (b"", "closed without an answer"),
        (b"HTTP/1.1 200 OK\r\nConte", "not a complete HTTP header"),
        (b"SSH-2.0-OpenSSH\r\n\r\n", "does not begin like an HTTP answer"),
        (b"HTTP/1.1 200 OK\r\nno colon\r\n\r\n", "header line"),
        (b"HTTP/1.1 200 OK\r\nX: " + b"x" * 3000 + b"\r\n\r\n", "header of the answer is larger"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhi", "ended after 2 of 5 bytes"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 2, 3\r\n\r\nhi", "Content-Length"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\nhi", "Content-Length"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 20000\r\n\r\n", "larger than 10000 bytes"),
        (b"HTTP/1.1 200 OK\r\n\r\n" + b"x" * 20_000, "larger than 10000 bytes"),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + b"1\r\nx\r\n" * 3000, "larger than 10000 bytes"),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nffffffff\r\n", "larger than 10000 bytes"),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n", "does not begin with its size"),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nxyz\r\n", "longer than its size"),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: br\r\n\r\n", "unknown Transfer-Encoding"),
        (b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\n\r\n" + gzip.compress(b"x" * 50_000), "unpacks to more"),
        (b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\n\r\nnot packed", "cannot be unpacked"),
    ],
)
def test_what_is_no_answer_within_the_limits_is_told(sent: bytes, told: str) -> None:
    with pytest.raises(NoAnswer, match=told):
        asked(says(sent))


def test_an_answer_that_drips_is_given_up_at_the_total_deadline() -> None:
    async def drips(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\n\r\n")
        while True:
            writer.write(b".")
            await writer.drain()
            await asyncio.sleep(0.05)

    started = time.monotonic()
    with pytest.raises(NoAnswer, match=r"within 0\.5 seconds"):
        asked(drips)
    assert time.monotonic() - started < 2


def test_connections_are_kept_and_used_again() -> None:
    connections = 0

    async def keeps(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal connections
        connections += 1
        while await reader.readuntil(b"\r\n\r\n"):
            writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")

    asked(keeps, times=3)
    assert connections == 1


@pytest.mark.parametrize(("method", "answered"), [("GET", True), ("DELETE", True), ("POST", False)])
def test_only_what_may_be_repeated_is_repeated_where_a_kept_connection_was_closed(method: str, answered: bool) -> None:
    seen = 0

    async def closes_the_second(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal seen
        await reader.readuntil(b"\r\n\r\n")
        seen += 1
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")
        if seen == 1:
            await reader.readuntil(b"\r\n\r\n")  # reads the second request, and leaves without a word

    if answered:
        assert asked(closes_the_second, method=method, times=2).status == 200
    else:
        with pytest.raises(NoAnswer, match="closed without an answer"):
            asked(closes_the_second, method=method, times=2)


def test_a_token_of_the_backend_cannot_add_a_header() -> None:
    received = b""

    async def looks(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal received
        received = await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")

    asked(looks, headers={"Authorization": "Token a\r\nX-Evil: yes\u2603"})
    assert b"\r\nX-Evil" not in received


def test_a_unix_socket_is_as_good_as_a_port(tmp_path: Path) -> None:
    async def over_the_socket() -> Response:
        path = str(tmp_path / "http.sock")
        server = await asyncio.start_unix_server(says(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi"), path)
        async with server:
            return await Client(Transport(uds=path)).request("GET", "/", {})

    assert asyncio.run(over_the_socket()).body == b"hi"


def test_a_refused_connection_says_so() -> None:
    with pytest.raises(NoAnswer) as caught:
        asyncio.run(Client(Transport(uds="/nowhere/http.sock")).request("GET", "/", {}))
    assert caught.value.refused


def says(sent: bytes) -> Talk:
    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(sent)

    return talk


def asked(talk: Talk, *, method: str = "GET", times: int = 1, headers: dict[str, str] | None = None) -> Response:
    """The last answer of a server that does `talk` with each connection and then closes it."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await talk(reader, writer)
            await writer.drain()
        except (ConnectionError, asyncio.IncompleteReadError):
            pass
        finally:
            writer.close()

    async def ask() -> Response:
        server = await asyncio.start_server(serve, "127.0.0.1", 0)
        client = Client(Transport(port=server.sockets[0].getsockname()[1]), SMALL)
        async with server:
            try:
                for _ in range(times):
                    response = await client.request(method, "/", headers or {})
                return response
            finally:
                await client.close()

    return asyncio.run(ask())
