"""Streams after their request: granted by the site, sent without it, ended when the page goes."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Coroutine
from typing import Any

import pytest
from asgiref.sync import sync_to_async
from django.core.asgi import get_asgi_application
from django.test import Client

from accounts.models import Person
from annotations.asgi import Message, Scope
from annotations.event_log import Holder
from annotations.models import RepairSession
from annotations.newsroom import MOST_UNHEARD, Listener, NewsLost, newsroom
from annotations.sessions import take_lease
from annotations.stream import news_of
from annotations.streaming import Streaming
from runs import live
from tests.personas import signed_in

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.engines]


class OpenPage:
    """A page that opens a stream, and what it was sent."""

    def __init__(self, site: Streaming, cookie: str, session: int) -> None:
        self.head: Message = {}
        self.text = ""
        self.gone = asyncio.Event()
        self._more = asyncio.Condition()
        self._asked = False
        scope: Scope = {
            "type": "http",
            "asgi": {"version": "3.0"},
            "http_version": "1.1",
            "method": "GET",
            "scheme": "http",
            "path": f"/sessions/{session}/stream",
            "query_string": b"",
            "headers": [(b"host", b"testserver"), (b"cookie", f"sessionid={cookie}".encode())],
        }
        self.answer = asyncio.create_task(site(scope, self._receive, self._send))

    async def _receive(self) -> Message:
        if not self._asked:
            self._asked = True
            return {"type": "http.request", "body": b"", "more_body": False}
        await self.gone.wait()
        return {"type": "http.disconnect"}

    async def _send(self, message: Message) -> None:
        async with self._more:
            if message["type"] == "http.response.start":
                self.head = message
            else:
                self.text += message["body"].decode()
            self._more.notify_all()

    async def reads(self, words: str) -> None:
        async with asyncio.timeout(10), self._more:
            await self._more.wait_for(lambda: words in self.text)

    async def leave(self) -> None:
        self.gone.set()
        await asyncio.wait_for(self.answer, 10)


async def _subscribed() -> int:
    """How many connections listen at the broker's server."""
    return len(await sync_to_async(live.client().client_list, thread_sensitive=False)(_type="pubsub"))


def at(work: Callable[[Streaming], Coroutine[Any, Any, Any]]) -> Any:
    """What the work with a web process came to."""
    site = Streaming(get_asgi_application(), lambda stream: news_of(stream.sessions, told=stream.told))
    return asyncio.run(work(site))


@pytest.fixture
def cookie(ada: Person) -> str:
    """Ada's sign-in."""
    return signed_in(ada).cookies["sessionid"].value


def test_a_stream_begins_like_any_answer_and_goes_on_until_the_page_leaves(session: RepairSession, cookie: str) -> None:
    async def look(site: Streaming) -> tuple[Message, str]:
        page = OpenPage(site, cookie, session.pk)
        await page.reads(": here")
        await page.leave()
        return page.head, page.text

    head, text = at(look)
    headers = {name.lower(): value for name, value in head["headers"]}
    assert head["status"] == 200
    assert headers[b"content-type"] == b"text/event-stream"
    assert headers[b"cache-control"] == b"no-store"
    assert b"content-length" not in headers
    assert text.startswith("retry: ")
    assert "event: run\n" in text


def test_an_open_stream_holds_no_thread_and_all_share_one_connection(session: RepairSession, cookie: str) -> None:
    """A thread of Django's per stream, and a connection to the broker, were most of what a stream weighed."""

    def of_requests() -> set[threading.Thread]:
        return {one for one in threading.enumerate() if one.name.startswith("ThreadPoolExecutor")}

    async def look(site: Streaming) -> tuple[set[threading.Thread], int, int]:
        before = of_requests()
        pages = [OpenPage(site, cookie, session.pk) for _ in range(5)]
        for page in pages:
            await page.reads(": here")
        connections = await sync_to_async(lambda: len(live.client().client_list(_type="pubsub")))()
        held = of_requests() - before
        for page in pages:
            await page.leave()
        return held, connections, len(newsroom().listened_to)

    before = len(live.client().client_list(_type="pubsub"))
    held, connections, after = at(look)
    assert len(held) < 2  # asgiref has one for everybody
    assert connections == before + 1
    assert after == 0
    assert len(live.client().client_list(_type="pubsub")) == before


def test_streams_end_where_the_connection_to_the_broker_breaks_and_may_be_opened_again(
    session: RepairSession, holder: Holder, cookie: str
) -> None:
    """The row is the record, so nothing is lost with it; the browser opens the stream again by itself."""

    async def look(site: Streaming) -> None:
        pages = [OpenPage(site, cookie, session.pk) for _ in range(2)]
        for page in pages:
            await page.reads(": here")
        live.client().client_kill_filter(_type="pubsub")
        for page in pages:
            await asyncio.wait_for(page.answer, 10)
        again = OpenPage(site, cookie, session.pk)
        await again.reads(": here")
        await sync_to_async(take_lease)(session_id=session.pk, client="page-2", take_over=True)
        await again.reads("event: fenced")
        await again.leave()

    at(look)


def test_what_the_site_refuses_is_no_stream(session: RepairSession, eve: Person) -> None:
    async def look(site: Streaming) -> tuple[int, str]:
        page = OpenPage(site, signed_in_as_eve, session.pk)
        await asyncio.wait_for(page.answer, 10)
        return page.head["status"], page.text

    signed_in_as_eve = signed_in(eve).cookies["sessionid"].value
    status, text = at(look)
    assert status == 404
    assert '"error": "unknown"' in text


def test_a_server_that_cannot_stream_says_so_and_pages_poll(session: RepairSession, browser: Client) -> None:
    assert browser.get(f"/sessions/{session.pk}/stream").status_code == 501


def test_a_page_that_does_not_read_loses_its_stream_and_not_our_memory() -> None:
    listener = Listener()
    for number in range(MOST_UNHEARD + 1):
        listener.hear("amend:run:1", {"done": number})
    with pytest.raises(NewsLost):
        asyncio.run(listener.next(1))
