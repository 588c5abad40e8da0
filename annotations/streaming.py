"""Streams that outlive their request: Django says who may have one, and is done before it begins.

A request that is answered by Django keeps its thread, its cookie's row, its person and the objects of its middleware
for as long as the answer takes. A stream takes hours, so the view only grants it, and what is sent comes from here.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import aclosing
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse

from annotations.asgi import Message, Receive, Scope, Send, Site

OFFER = "amend.stream"


@dataclass(frozen=True, slots=True)
class Stream:
    """What a page may be told: news of these sessions, but for the states it knows."""

    sessions: tuple[int, ...]
    told: frozenset[str]


def granted(request: HttpRequest, stream: Stream) -> HttpResponse:
    """The head of the answer, after which `Streaming` goes on; a refusal where that does not stand before the site."""
    scope = getattr(request, "scope", {})
    if OFFER not in scope:
        sentence = "This server has no live streams."
        return JsonResponse({"error": "refused", "sentence": sentence}, status=501)
    scope[OFFER] = stream
    response = HttpResponse(content_type="text/event-stream")
    response["Cache-Control"] = "no-store"
    response["X-Accel-Buffering"] = "no"
    return response


class Streaming:
    """The site, with its streams sent after it has granted them."""

    def __init__(self, site: Site, news_of: Callable[[Stream], AsyncIterator[str]]) -> None:
        self.site = site
        self.news_of = news_of

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or not scope["path"].endswith("/stream"):
            await self.site(scope, receive, send)
            return
        scope[OFFER] = None
        await self.site(scope, receive, _but_not_its_end(scope, send))
        stream = scope[OFFER]
        if stream is not None:
            await _send_until_it_leaves(self.news_of(stream), receive, send)


def _but_not_its_end(scope: Scope, send: Send) -> Send:
    """Sends on what the site answers; of a granted stream only the head, without the length."""

    async def send_on(message: Message) -> None:
        if scope[OFFER] is None:
            await send(message)
        elif message["type"] == "http.response.start":
            headers = [one for one in message["headers"] if one[0].lower() != b"content-length"]
            await send({**message, "headers": headers})

    return send_on


async def _send_until_it_leaves(news: AsyncIterator[str], receive: Receive, send: Send) -> None:
    """Send the news until they end or the page has gone."""
    sending = asyncio.create_task(_send_all(news, send))
    leaving = asyncio.create_task(_left(receive))
    try:
        await asyncio.wait((sending, leaving), return_when=asyncio.FIRST_COMPLETED)
        if sending.done():
            sending.result()
    finally:
        for task in (sending, leaving):
            task.cancel()
        await asyncio.wait((sending, leaving))


async def _send_all(news: Any, send: Send) -> None:
    async with aclosing(news):
        async for text in news:
            await send({"type": "http.response.body", "body": text.encode(), "more_body": True})
    await send({"type": "http.response.body", "body": b""})


async def _left(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
