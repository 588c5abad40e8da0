"""The short way of a batch into the log: past Django's middleware where everything about it is as usual.

A page asks a few kinds of things now and then, and sends a batch every second. Whatever this way cannot say "stored"
to goes the long way, as if there were no other: through the middleware to `endpoints.events`, which finds the words.
"""

from __future__ import annotations

import io
import re
from typing import Any, TypeVar

from asgiref.sync import sync_to_async
from django.conf import settings
from django.core.exceptions import DisallowedHost
from django.core.handlers.asgi import ASGIRequest

from annotations.asgi import Message, Receive, Scope, Send, Site
from annotations.endpoints import comes_from_our_page
from annotations.events import MOST_BYTES, RefusedBatch, read_batch
from annotations.group_commit import GroupCommit
from annotations.sign_ins import SignIn, read_sign_in

Head = tuple[str, Any, tuple[tuple[bytes, bytes], ...]]
Key = TypeVar("Key")
Value = TypeVar("Value")

ADDRESS = re.compile(r"/sessions/([0-9]{1,18})/events")
MOST_REMEMBERED = 10_000


class ShortWay:
    """The site, with the batches that need no words answered before it."""

    def __init__(self, site: Site) -> None:
        self.site = site
        # What the headers of a request say does not change: whether it is from a page of ours, and with which cookie.
        self._cookies: dict[Head, str] = {}
        self._sign_ins: dict[str, SignIn] = {}
        self._commit = GroupCommit()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self._live(receive, send)
            return
        found = ADDRESS.fullmatch(scope["path"]) if scope["method"] == "POST" else None
        head = _head(scope) if found else None
        cookie = head and (self._cookies.get(head) or _cookie_of_our_page(scope))
        if not found or not head or not cookie:
            await self.site(scope, receive, send)
            return
        messages, body = await _read(receive)
        accepted = await self._stored(int(found[1]), cookie, body)
        if accepted is None:
            await self.site(scope, _again(messages, receive), send)
            return
        _remember(self._cookies, head, cookie)
        answer = b'{"accepted": %d}' % accepted
        await send({"type": "http.response.start", "status": 200, "headers": _headers(answer)})
        await send({"type": "http.response.body", "body": answer})

    async def _stored(self, session_id: int, cookie: str, body: bytes) -> int | None:
        """The last number of the batch, once it is on the disk; None where the long way has to be gone."""
        try:
            batch = read_batch(body)
        except RefusedBatch:
            return None
        sign_in = self._sign_ins.get(cookie) or await sync_to_async(read_sign_in, thread_sensitive=False)(cookie)
        if sign_in is None or batch.csrf:
            return None
        if not await self._commit.store(session_id, batch, sign_in):
            self._sign_ins.pop(cookie, None)
            return None
        _remember(self._sign_ins, cookie, sign_in)
        return batch.last

    async def _live(self, receive: Receive, send: Send) -> None:
        """The server says when it starts and when it has ended."""
        while True:
            message = await receive()
            if message["type"] == "lifespan.shutdown":
                await self._commit.close()
                await send({"type": "lifespan.shutdown.complete"})
                return
            await send({"type": "lifespan.startup.complete"})


def _head(scope: Scope) -> Head | None:
    """What decides whether a request is from a page of ours; None where its body is too large or of unknown size."""
    length = next((value for name, value in scope["headers"] if name == b"content-length"), b"")
    if not length.isdigit() or int(length) > MOST_BYTES:
        return None
    return scope["scheme"], scope.get("server"), tuple(one for one in scope["headers"] if one[0] != b"content-length")


def _cookie_of_our_page(scope: Scope) -> str | None:
    """The cookie of a request that is from a page of ours by its headers alone, as Django judges it."""
    request = ASGIRequest(scope, io.BytesIO())
    try:
        request.get_host()
    except DisallowedHost:
        return None
    if request.content_type != "application/json" or not comes_from_our_page(request, ""):
        return None
    return request.COOKIES.get(settings.SESSION_COOKIE_NAME)


async def _read(receive: Receive) -> tuple[list[Message], bytes]:
    """The messages up to the end of the body, and the body."""
    messages = [await receive()]
    while messages[-1]["type"] == "http.request" and messages[-1].get("more_body"):
        messages.append(await receive())
    return messages, b"".join(message.get("body", b"") for message in messages)


def _again(messages: list[Message], receive: Receive) -> Receive:
    """What says these messages once more, and then whatever comes."""
    told = iter(messages)

    async def once_more() -> Message:
        return next(told, None) or await receive()

    return once_more


def _headers(answer: bytes) -> list[tuple[bytes, bytes]]:
    headers = [
        (b"content-type", b"application/json"),
        (b"content-length", b"%d" % len(answer)),
        (b"cache-control", b"no-store"),
        (b"x-content-type-options", b"nosniff"),
    ]
    if settings.SECURE_HSTS_SECONDS:
        headers.append((b"strict-transport-security", b"max-age=%d" % settings.SECURE_HSTS_SECONDS))
    return headers


def _remember(memory: dict[Key, Value], key: Key, value: Value) -> None:
    """Keep this, and let go of what was kept first where there is too much."""
    if key not in memory and len(memory) >= MOST_REMEMBERED:
        del memory[next(iter(memory))]
    memory[key] = value
