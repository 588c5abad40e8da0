"""Reads one HTTP/1.1 answer from a stream, within limits: by Content-Length, in chunks, or to the end of it."""

from __future__ import annotations

import asyncio
import re
import zlib
from dataclasses import dataclass
from typing import Protocol

STATUS_LINE = re.compile(rb"HTTP/1\.([01]) (\d{3})(?: .*)?$")
CHUNK_SIZE = re.compile(rb"([0-9A-Fa-f]{1,8})[ \t]*(?:;.*)?$")
HEADER = re.compile(rb"([!#$%&'*+.^_`|~0-9A-Za-z-]+):(.*)$", re.DOTALL)
PIECE_BYTES = 64 * 1024


class Bounds(Protocol):
    """What the reader needs of the client's limits."""

    @property
    def wire_bytes(self) -> int: ...
    @property
    def decoded_bytes(self) -> int: ...


class NotHttp(Exception):
    """What came is not an HTTP answer within the limits. `nothing_came` is True where no byte came at all."""

    def __init__(self, reason: str, *, nothing_came: bool = False) -> None:
        super().__init__(reason)
        self.nothing_came = nothing_came


@dataclass(frozen=True)
class Answered:
    """One answer as read; `keeps_alive` says whether the connection may carry another request."""

    status: int
    headers: dict[str, str]
    body: bytes
    keeps_alive: bool


async def read_answer(reader: asyncio.StreamReader, method: str, bounds: Bounds) -> Answered:
    """The answer to a request with `method`; interim answers (1xx) are skipped.

    Raises NotHttp, or ConnectionError where the connection is reset.
    """
    minor, status, headers = await _read_head(reader)
    while 100 <= status < 200 and status != 101:
        minor, status, headers = await _read_head(reader)
    fields = {name.lower(): value for name, value in headers.items()}
    body, delimited = await _read_body(reader, method, status, fields, bounds)
    connection = fields.get("connection", "").lower()
    keeps_alive = delimited and ("close" not in connection if minor == 1 else "keep-alive" in connection)
    return Answered(status, headers, _decoded(body, fields, bounds), keeps_alive)


async def _read_head(reader: asyncio.StreamReader) -> tuple[int, int, dict[str, str]]:
    try:
        head = await reader.readuntil(b"\r\n\r\n")
    except asyncio.LimitOverrunError:
        raise NotHttp("the header of the answer is larger than the limit, or has no end") from None
    except asyncio.IncompleteReadError as error:
        if not error.partial:
            raise NotHttp("the connection was closed without an answer", nothing_came=True) from None
        raise NotHttp(f"what came is not a complete HTTP header: {error.partial[:80]!r}") from None
    first, *lines = head[:-4].split(b"\r\n")
    matched = STATUS_LINE.match(first)
    if matched is None:
        raise NotHttp(f"what came does not begin like an HTTP answer: {first[:80]!r}")
    headers: dict[str, str] = {}
    for line in lines:
        field = HEADER.match(line)
        if field is None:
            raise NotHttp(f"a header line of the answer cannot be read: {line[:80]!r}")
        name, value = field[1].decode("ascii"), field[2].strip().decode("latin-1")
        headers[name] = f"{headers[name]}, {value}" if name in headers else value
    return int(matched[1]), int(matched[2]), headers


async def _read_body(
    reader: asyncio.StreamReader, method: str, status: int, fields: dict[str, str], bounds: Bounds
) -> tuple[bytes, bool]:
    """The body as sent, and whether its end was marked (so that the connection can be used again)."""
    if method == "HEAD" or status in (204, 304):
        return b"", True
    if "transfer-encoding" in fields:
        if fields["transfer-encoding"].strip().lower() != "chunked":
            raise NotHttp(f"the answer has an unknown Transfer-Encoding: {fields['transfer-encoding'][:80]!r}")
        return await _read_chunks(reader, bounds.wire_bytes), True
    if "content-length" in fields:
        lengths = {length.strip() for length in fields["content-length"].split(",")}
        length = lengths.pop()
        if lengths or not (length.isascii() and length.isdigit()):
            raise NotHttp(f"the Content-Length of the answer cannot be read: {fields['content-length'][:80]!r}")
        if len(length) > 12 or int(length) > bounds.wire_bytes:
            raise NotHttp(f"the answer is larger than {bounds.wire_bytes} bytes")
        return await _exactly(reader, int(length)), True
    return await _read_to_end(reader, bounds.wire_bytes), False


async def _read_chunks(reader: asyncio.StreamReader, most: int) -> bytes:
    body = bytearray()
    overhead = 0
    while True:
        line = await _line(reader)
        size = CHUNK_SIZE.match(line)
        if size is None:
            raise NotHttp(f"a chunk of the answer does not begin with its size: {line[:80]!r}")
        length = int(size[1], 16)
        overhead += len(line) + 4
        if len(body) + length + overhead > most:
            raise NotHttp(f"the answer is larger than {most} bytes")
        if length == 0:
            break
        body += await _exactly(reader, length)
        if await _exactly(reader, 2) != b"\r\n":
            raise NotHttp("a chunk of the answer is longer than its size says")
    while trailer := await _line(reader):
        overhead += len(trailer) + 2
        if overhead > most:
            raise NotHttp("the trailers of the answer have no end")
    return bytes(body)


async def _read_to_end(reader: asyncio.StreamReader, most: int) -> bytes:
    body = bytearray()
    while piece := await reader.read(PIECE_BYTES):
        body += piece
        if len(body) > most:
            raise NotHttp(f"the answer is larger than {most} bytes")
    return bytes(body)


async def _line(reader: asyncio.StreamReader) -> bytes:
    try:
        return (await reader.readuntil(b"\r\n"))[:-2]
    except (asyncio.IncompleteReadError, asyncio.LimitOverrunError):
        raise NotHttp("the answer ended in the middle of its chunks") from None


async def _exactly(reader: asyncio.StreamReader, length: int) -> bytes:
    try:
        return await reader.readexactly(length)
    except asyncio.IncompleteReadError as error:
        raise NotHttp(f"the answer ended after {len(error.partial)} of {length} bytes") from None


def _decoded(body: bytes, fields: dict[str, str], bounds: Bounds) -> bytes:
    """We never ask for an encoding; a server that compresses all the same is read, within the limit."""
    if fields.get("content-encoding", "").lower() not in {"gzip", "deflate"} or not body:
        return body
    unpacker = zlib.decompressobj(zlib.MAX_WBITS | 32)
    try:
        unpacked = unpacker.decompress(body, bounds.decoded_bytes)
    except zlib.error:
        raise NotHttp("the compressed body of the answer cannot be unpacked") from None
    if unpacker.unconsumed_tail:
        raise NotHttp(f"the answer unpacks to more than {bounds.decoded_bytes} bytes")
    return unpacked
