"""A zip that is sent while it is made: nothing larger than one chunk is ever held in memory or on disk."""

from __future__ import annotations

import datetime
import io
import zipfile
from collections.abc import AsyncIterator, Iterable, Iterator
from dataclasses import dataclass

from asgiref.sync import sync_to_async
from django.core.handlers.asgi import ASGIRequest
from django.http import HttpRequest, StreamingHttpResponse


@dataclass(frozen=True)
class Member:
    """One file of an archive: its name and its bytes, made when they are asked for."""

    name: str
    chunks: Iterable[bytes]


def streamed_zip(members: Iterable[Member], *, made_at: datetime.datetime) -> Iterator[bytes]:
    """The bytes of a zip of these members, in order, as they become ready. Every member carries the time `made_at`."""
    sink = _Sink()
    with zipfile.ZipFile(sink, "w", zipfile.ZIP_DEFLATED) as archive:
        for member in members:
            entry = zipfile.ZipInfo(member.name, date_time=made_at.timetuple()[:6])
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.external_attr = 0o644 << 16
            with archive.open(entry, "w", force_zip64=True) as file:
                for chunk in member.chunks:
                    file.write(chunk)
                    yield from sink.taken()
            yield from sink.taken()
    yield from sink.taken()


def attachment(request: HttpRequest, chunks: Iterable[bytes], *, name: str, content_type: str) -> StreamingHttpResponse:
    """A download that is sent chunk by chunk. Under ASGI Django would first collect a plain iterator into a list."""
    content = _pulled(iter(chunks)) if isinstance(request, ASGIRequest) else chunks
    response = StreamingHttpResponse(content, content_type=content_type)
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    response["Cache-Control"] = "no-store"
    return response


async def _pulled(chunks: Iterator[bytes]) -> AsyncIterator[bytes]:
    pull = sync_to_async(lambda: next(chunks, None))
    while (chunk := await pull()) is not None:
        yield chunk


class _Sink(io.RawIOBase):
    """Collects what the zip writer has written since it was last taken; not seekable, as a socket is not."""

    def __init__(self) -> None:
        self._parts: list[bytes] = []

    def writable(self) -> bool:
        return True

    def write(self, data: object) -> int:
        part = bytes(data)  # type: ignore[call-overload]
        self._parts.append(part)
        return len(part)

    def taken(self) -> Iterator[bytes]:
        if self._parts:
            part, self._parts = b"".join(self._parts), []
            if part:
                yield part
