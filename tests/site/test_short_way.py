"""Batches past Django's middleware: stored where all is as usual, and nothing remembered lets anybody write.

The long way is here a site that says so, but for the last tests, in which it is the real one.
"""

from __future__ import annotations

import asyncio
import datetime
import json
from collections.abc import Awaitable, Callable, Iterator
from typing import Any

import httpx
import pytest
from asgiref.sync import sync_to_async
from django.contrib.sessions.models import Session
from django.core.asgi import get_asgi_application
from django.db import connection, connections, transaction
from django.test import Client
from django.utils import timezone

from accounts.models import Person
from annotations.asgi import Message, Receive, Scope, Send
from annotations.event_log import Holder
from annotations.models import EventBatch, RepairSession
from annotations.sessions import open_session, take_lease
from annotations.short_way import ShortWay
from studies.assignments import assign_backends
from studies.models import Backend
from tests.personas import signed_in
from tests.site.conftest import batch, event

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.engines]
CSRF = "c" * 32
LONG = 299


async def long_way(scope: Scope, receive: Receive, send: Send) -> None:
    await send({"type": "http.response.start", "status": LONG, "headers": []})
    await send({"type": "http.response.body", "body": (await receive())["body"]})


class Pages:
    """The pages of some people, at one web process."""

    def __init__(self, way: ShortWay) -> None:
        self.way = way
        self.http = httpx.AsyncClient(transport=httpx.ASGITransport(app=way), base_url="http://testserver")  # type: ignore[arg-type]

    async def post(self, cookie: str, session: int, content: dict[str, Any], **headers: str) -> httpx.Response:
        headers = {
            "Content-Type": "application/json",
            "Cookie": f"csrftoken={CSRF}; sessionid={cookie}",
            "X-CSRFToken": CSRF,
        } | {name.replace("_", "-"): value for name, value in headers.items()}
        return await self.http.post(f"/sessions/{session}/events", content=json.dumps(content), headers=headers)


def at(work: Callable[[Pages], Awaitable[Any]], site: Any = long_way) -> Any:
    """What the work with a web process came to, which is told of its end."""

    async def whole() -> Any:
        way = ShortWay(site)
        try:
            return await work(Pages(way))
        finally:
            said: list[Message] = []
            await way({"type": "lifespan"}, _shutdown, _appender(said))
            assert said == [{"type": "lifespan.shutdown.complete"}]

    return asyncio.run(whole())


async def _shutdown() -> Message:
    return {"type": "lifespan.shutdown"}


def _appender(said: list[Message]) -> Send:
    async def append(message: Message) -> None:
        said.append(message)

    return append


@pytest.fixture
def cookie(ada: Person) -> str:
    """Ada's sign-in."""
    return signed_in(ada).cookies["sessionid"].value


def test_a_batch_that_follows_is_stored_and_renews_the_lease(
    session: RepairSession, holder: Holder, cookie: str
) -> None:
    RepairSession.objects.update(lease_expires_at=timezone.now() - datetime.timedelta(hours=1))
    sent = batch(holder, event(1, "focus"), event(2, "searched", query_length=3))
    answer = at(lambda pages: pages.post(cookie, session.pk, sent))
    assert (answer.status_code, answer.json()) == (200, {"accepted": 2})
    assert answer.headers["cache-control"] == "no-store"
    stored = session.batches.get()
    assert (stored.first, stored.last, stored.token, stored.entries()) == (1, 2, holder.token, sent["events"])
    session.refresh_from_db()
    assert session.accepted == 2
    assert session.lease_expires_at is not None
    assert session.lease_expires_at > timezone.now()


def test_half_an_emoji_is_stored_as_it_was_sent(session: RepairSession, holder: Holder, cookie: str) -> None:
    sent = batch(holder, event(1, "file.created", path="a.py", text="\ud83d"))
    assert at(lambda pages: pages.post(cookie, session.pk, sent)).status_code == 200
    assert session.batches.get().entries() == sent["events"]


CHANGES: dict[str, Callable[[], Any]] = {
    "signed out": lambda: Session.objects.all().delete(),
    "expired": lambda: Session.objects.update(expire_date=timezone.now() - datetime.timedelta(seconds=1)),
    "another content under the cookie": lambda: Session.objects.update(session_data="changed"),
    "deactivated": lambda: Person.objects.update(is_active=False),
    "password changed": lambda: Person.objects.update(password="another"),
    "assigned to somebody else": lambda: _give_to("eve"),
    "fenced": lambda: take_lease(session_id=RepairSession.objects.get().pk, client="page-2", take_over=True),
    "closed": lambda: RepairSession.objects.update(closed_at=timezone.now(), closing_reason="submitted"),
    "broken": lambda: RepairSession.objects.update(broken="An entry does not fit."),
    "a gap": lambda: RepairSession.objects.update(accepted=0),
}


def _give_to(name: str) -> None:
    RepairSession.objects.get().assignment.__class__.objects.update(annotator=Person.objects.get(username=name))


@pytest.mark.parametrize("change", CHANGES)
def test_what_is_remembered_lets_nobody_write_who_may_not_write_any_more(
    session: RepairSession, holder: Holder, cookie: str, eve: Person, change: str
) -> None:
    """The head of the request and the sign-in are remembered after the first batch; the database has the last word."""
    open_session(assignment=session.assignment)

    async def twice(pages: Pages) -> list[int]:
        first = await pages.post(cookie, session.pk, batch(holder, event(1, "focus")))
        await sync_to_async(_and_let_go)(CHANGES[change])
        later = [await pages.post(cookie, session.pk, batch(holder, event(2, "blur"), first=2)) for _ in range(2)]
        return [first.status_code, *(answer.status_code for answer in later)]

    assert at(twice) == [200, LONG, LONG]
    assert EventBatch.objects.count() == 1


@pytest.mark.parametrize(
    "headers",
    [
        {"X_CSRFToken": "d" * 32},
        {"X_CSRFToken": ""},
        {"Origin": "https://elsewhere.example"},
        {"Host": "elsewhere.example"},
        {"Content_Type": "text/plain"},
        {"Cookie": f"csrftoken={CSRF}"},
        {"Cookie": f"csrftoken={CSRF}; sessionid=unknown"},
    ],
)
def test_a_request_that_is_not_from_our_page_stores_nothing(
    session: RepairSession, holder: Holder, cookie: str, headers: dict[str, str]
) -> None:
    async def twice(pages: Pages) -> list[int]:
        first = await pages.post(cookie, session.pk, batch(holder, event(1, "focus")))
        other = await pages.post(cookie, session.pk, batch(holder, event(2, "blur"), first=2), **headers)
        return [first.status_code, other.status_code]

    assert at(twice) == [200, LONG]
    assert EventBatch.objects.count() == 1


def test_nobody_writes_the_session_of_another(session: RepairSession, holder: Holder, eve: Person) -> None:
    theirs = signed_in(eve).cookies["sessionid"].value
    sent = batch(holder, event(1, "focus"))
    assert at(lambda pages: pages.post(theirs, session.pk, sent)).status_code == LONG
    assert not EventBatch.objects.exists()


@pytest.mark.parametrize(
    "wrong",
    [{"events": []}, {"client": "page\0"}, {"client": "\ud83d"}, {"token": 2**40}, {"sent_at": "now"}, {"csrf": CSRF}],
)
def test_what_needs_words_goes_the_long_way_with_its_whole_body(
    session: RepairSession, holder: Holder, cookie: str, wrong: dict[str, Any]
) -> None:
    sent = batch(holder, event(1, "focus")) | wrong
    answer = at(lambda pages: pages.post(cookie, session.pk, sent))
    assert answer.status_code == LONG
    assert json.loads(answer.content) == sent


@pytest.fixture
def others(backend: Backend, tom: Person, rita: Person) -> Iterator[list[tuple[str, RepairSession, Holder]]]:
    """The sign-ins of two more people, their sessions, and the pages that hold them."""
    found = []
    for who in (tom, rita):
        assign_backends(backends=[backend], annotator=who)
        session = open_session(assignment=who.assignments.get())
        held = take_lease(session_id=session.pk, client="page-1")
        assert isinstance(held, RepairSession)
        found.append((signed_in(who).cookies["sessionid"].value, session, Holder("page-1", held.token)))
    yield found


def test_of_a_group_each_is_stored_or_not_for_itself(
    session: RepairSession, holder: Holder, cookie: str, others: list[tuple[str, RepairSession, Holder]]
) -> None:
    async def together(pages: Pages) -> list[int]:
        everybody = [(cookie, session, holder), *others]
        for one, theirs, held in everybody:
            await pages.post(one, theirs.pk, batch(held, event(1, "focus")))
        sent = [pages.post(one, theirs.pk, batch(held, event(2, "blur"), first=2)) for one, theirs, held in everybody]
        sent.append(pages.post(cookie, session.pk, batch(holder, event(2, "blur"), first=2)))  # sent twice at once
        sent.append(pages.post(cookie, others[0][1].pk, batch(others[0][2], event(3, "focus"), first=3)))  # not theirs
        return [answer.status_code for answer in await asyncio.gather(*sent)]

    answers = at(together)
    assert sorted([answers[0], answers[3]]) == [200, LONG]
    assert answers[1:3] == [200, 200]
    assert answers[4] == LONG
    assert EventBatch.objects.count() == 6


def test_nobody_waits_for_the_checks_of_another(
    session: RepairSession, holder: Holder, cookie: str, others: list[tuple[str, RepairSession, Holder]]
) -> None:
    """Who asks for checks holds the row of the session while the log is replayed."""
    other, theirs, held = others[0]

    async def together(pages: Pages) -> list[int]:
        sent = [
            pages.post(cookie, session.pk, batch(holder, event(1, "focus"))),
            pages.post(other, theirs.pk, batch(held, event(1, "focus"))),
        ]
        return [answer.status_code for answer in await asyncio.wait_for(asyncio.gather(*sent), 4)]

    with transaction.atomic():
        RepairSession.objects.select_for_update().get(pk=session.pk)
        assert at(together) == [LONG, 200]


def test_a_connection_that_broke_is_made_anew(session: RepairSession, holder: Holder, cookie: str) -> None:
    async def thrice(pages: Pages) -> list[int]:
        first = await pages.post(cookie, session.pk, batch(holder, event(1, "focus")))
        await sync_to_async(_and_let_go)(_break)
        sent = batch(holder, event(2, "blur"), first=2)
        return [first.status_code, *[(await pages.post(cookie, session.pk, sent)).status_code for _ in range(2)]]

    assert at(thrice) == [200, LONG, 200]


def _and_let_go(verb: Callable[[], Any]) -> None:
    """In a thread of its own, whose connection would otherwise hold the database of the tests."""
    try:
        verb()
    finally:
        connections.close_all()


def _break() -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
            "WHERE query LIKE '%%WITH given%%' AND pid <> pg_backend_pid()"
        )
        assert cursor.rowcount == 1


def test_the_long_way_is_the_site_that_was_always_there(session: RepairSession, holder: Holder, cookie: str) -> None:
    async def several(pages: Pages) -> list[tuple[int, Any]]:
        sent = [
            batch(holder, event(1, "focus")),
            batch(holder, event(1, "focus")),
            batch(holder, event(1, "focus"), event(2, "blur")),
            batch(holder, event(9, "focus"), first=9),
            batch(Holder("page-0", holder.token), event(3, "focus"), first=3),
        ]
        answers = [await pages.post(cookie, session.pk, one) for one in sent]
        answers.append(await pages.http.get(f"/sessions/{session.pk}/state", cookies={"sessionid": cookie}))
        return [(one.status_code, one.json().get("error") or one.json()["accepted"]) for one in answers]

    assert at(several, get_asgi_application()) == [
        (200, 1),
        (200, 1),
        (200, 2),
        (409, "gap"),
        (409, "fenced"),
        (200, 2),
    ]


def test_both_ways_answer_a_batch_alike(session: RepairSession, holder: Holder, cookie: str, ada: Person) -> None:
    short = at(lambda pages: pages.post(cookie, session.pk, batch(holder, event(1, "focus"))))
    browser = Client()
    browser.force_login(ada)
    long = browser.post(
        f"/sessions/{session.pk}/events",
        json.dumps(batch(holder, event(2, "blur"), first=2)),
        content_type="application/json",
    )
    assert (short.status_code, short.json()) == (200, {"accepted": 1})
    assert (long.status_code, long.json()) == (200, {"accepted": 2})
    for header in ("Content-Type", "Cache-Control", "X-Content-Type-Options"):
        assert short.headers[header] == long.headers[header]
