"""What an answer writes goes out together, in order, and before its connection is closed."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from amend.joined_writes import MOST_HELD_BACK, JoinedWrites, Joining


class Told(asyncio.Transport):
    """A transport that keeps what was done with it."""

    def __init__(self) -> None:
        super().__init__()
        self.done: list[Any] = []

    def write(self, data: Any) -> None:
        self.done.append(bytes(data))

    def close(self) -> None:
        self.done.append("closed")


def done_with(*pieces: bytes, close: bool = False) -> list[Any]:
    """What a transport is made to do by writing these pieces in one round of the loop."""

    async def write() -> list[Any]:
        transport = Told()
        joining = Joining(transport, asyncio.get_running_loop())
        for piece in pieces:
            joining.write(piece)
        if close:
            joining.close()
        await asyncio.sleep(0)
        return transport.done

    return asyncio.run(write())


def test_the_head_and_the_body_of_an_answer_are_one_write() -> None:
    assert done_with(b"head ", b"", b"body") == [b"head body"]


def test_what_was_written_goes_out_before_the_connection_is_closed() -> None:
    assert done_with(b"head ", b"body", close=True) == [b"head body", "closed"]


def test_a_large_answer_is_not_gathered_in_memory() -> None:
    large = b"x" * MOST_HELD_BACK
    assert [len(piece) for piece in done_with(b"y", large, b"z", b"z")] == [MOST_HELD_BACK + 1, 2]


async def answers(scope: dict[str, Any], receive: Any, send: Any) -> None:
    """Answers `/close` with the end of the connection, `/long` in many pieces, and anything with its path."""
    path = scope["path"].encode()
    pieces = [b"piece"] * 1000 if path == b"/long" else [path]
    headers = [(b"connection", b"close")] if path == b"/close" else []
    length = str(sum(map(len, pieces))).encode()
    await send({"type": "http.response.start", "status": 200, "headers": [*headers, (b"content-length", length)]})
    for piece in pieces:
        await send({"type": "http.response.body", "body": piece, "more_body": True})
    await send({"type": "http.response.body"})


@pytest.mark.parametrize(("path", "body"), [("/short", b"/short"), ("/long", b"piece" * 1000), ("/close", b"/close")])
def test_a_real_server_answers_as_before(path: str, body: bytes) -> None:
    """Also the second request on a connection, and one that came before the first was answered."""
    import uvicorn

    async def asked() -> bytes:
        config = uvicorn.Config(answers, http=JoinedWrites, lifespan="off", log_level="error", host="127.0.0.1", port=0)
        server = uvicorn.Server(config)
        config.load()
        server.lifespan = config.lifespan_class(config)
        await server.startup()
        port = server.servers[0].sockets[0].getsockname()[1]
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        ask = f"GET {path} HTTP/1.1\r\nHost: a\r\n\r\n".encode()
        last = f"GET {path} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n".encode()
        writer.write(ask + ask + last)
        said = await asyncio.wait_for(reader.read(), 10)
        writer.close()
        await server.shutdown()
        return said

    said = asyncio.run(asked())
    assert said.count(body) == said.count(b"HTTP/1.1 200 OK") == (1 if path == "/close" else 3)
