"""The event stream: the present state first, then news, and nothing kept open for a page that has gone."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest
from asgiref.sync import sync_to_async
from django.test import Client

from accounts.models import Person
from annotations.event_log import Holder
from annotations.models import RepairSession
from annotations.sessions import open_session, request_checks, take_lease
from annotations.stream import news_of
from runs import live
from runs.live_log import LiveLog
from runs.models import Run
from tests.personas import signed_in

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.engines]


async def until(stream: AsyncIterator[str], word: str) -> str:
    """The first event with this word in it."""
    while True:
        said = await asyncio.wait_for(anext(stream), timeout=5)
        if word in said:
            return said


def test_the_stream_sends_the_present_state_first(session: RepairSession, holder: Holder) -> None:
    async def listen() -> str:
        stream = news_of([session.pk])
        try:
            return await until(stream, "event: ")
        finally:
            await stream.aclose()  # type: ignore[attr-defined]

    said = asyncio.run(listen())
    assert said.startswith("event: run\ndata: {")
    assert '"state": "finished"' in said


def test_the_stream_tells_of_a_run_that_is_asked_for_and_of_its_progress(
    session: RepairSession, holder: Holder
) -> None:
    async def listen() -> tuple[str, str]:
        stream = news_of([session.pk])
        await until(stream, ": here")
        asked = await sync_to_async(request_checks)(session_id=session.pk, holder=holder, through=0, digest="")
        queued = await until(stream, '"queued"')
        run = await Run.objects.aget(pk=asked.run_id)
        run.state, run.progress = "running", {"stage": "contract", "done": 87, "total": 214, "sentence": "A check"}
        await until(stream, ": here")
        await sync_to_async(live.publish)(run)
        running = await until(stream, '"running"')
        await stream.aclose()  # type: ignore[attr-defined]
        return queued, running

    queued, running = asyncio.run(listen())
    assert queued.startswith("event: run")
    assert '"done": 87' in running


def test_the_stream_tells_a_page_that_another_has_taken_over(session: RepairSession, holder: Holder) -> None:
    async def listen() -> str:
        stream = news_of([session.pk])
        await until(stream, ": here")
        await sync_to_async(take_lease)(session_id=session.pk, client="page-2", take_over=True)
        said = await until(stream, "fenced")
        await stream.aclose()  # type: ignore[attr-defined]
        return said

    assert f'"token": {holder.token + 1}' in asyncio.run(listen())


def test_one_stream_tells_of_several_sessions_and_says_which(
    session: RepairSession, holder: Holder, ada: Person
) -> None:
    async def listen() -> str:
        other = await sync_to_async(open_session)(assignment=await ada.assignments.alast())
        stream = news_of([session.pk, other.pk])
        await until(stream, ": here")
        await sync_to_async(take_lease)(session_id=other.pk, client="page-9")
        said = await until(stream, "fenced")
        await stream.aclose()  # type: ignore[attr-defined]
        return said.replace(str(other.pk), "OTHER")

    assert '"session": OTHER' in asyncio.run(listen())


def test_a_page_that_comes_back_is_not_told_again_what_it_knows(session: RepairSession, holder: Holder) -> None:
    """Otherwise every hiccup of the network would fetch the same verdict once more."""

    async def listen() -> tuple[str, list[str]]:
        first = news_of([session.pk])
        known = (await until(first, "event: run")).split("id: ")[1].strip()
        await first.aclose()  # type: ignore[attr-defined]
        again, said = news_of([session.pk], told=set(known.split(","))), []
        while not said or ": here" not in said[-1]:
            said.append(await asyncio.wait_for(anext(again), timeout=5))
        await again.aclose()  # type: ignore[attr-defined]
        return known, said

    known, said = asyncio.run(listen())
    assert known
    assert [one for one in said if "event:" in one] == []
    assert said[0].startswith("retry: ")


def test_the_log_of_the_run_comes_with_the_stream_also_for_a_page_that_comes_later(
    session: RepairSession, holder: Holder
) -> None:
    async def listen() -> tuple[str, str]:
        asked = await sync_to_async(request_checks)(session_id=session.pk, holder=holder, through=0, digest="")
        await Run.objects.filter(pk=asked.run_id).aupdate(state="running")
        log = LiveLog(f"run:{asked.run_id}")
        texts = ["Serving\n", "Serving\nKeyError\n"]
        log.read_from(lambda: texts.pop(0))
        await sync_to_async(log.tell)()
        late = news_of([session.pk])
        first = await until(late, "event: log")
        await until(late, ": here")
        await sync_to_async(log.tell)()
        more = await until(late, "event: log")
        await late.aclose()  # type: ignore[attr-defined]
        return first, more

    first, more = asyncio.run(listen())
    assert '"log": "Serving\\n", "start": 0' in first
    assert '"log": "KeyError\\n", "start": 8' in more


@pytest.mark.parametrize("query", ["", "?session=x", "?session=1&session=" + "&session=".join("123456789")])
def test_a_stream_of_no_sessions_or_of_too_many_is_refused(browser: Client, query: str) -> None:
    assert browser.get(f"/sessions/stream{query}").status_code == 400


def test_a_stream_is_refused_whole_where_one_session_is_not_visible(
    session: RepairSession, eve: Person, browser: Client
) -> None:
    assert signed_in(eve).get(f"/sessions/stream?session={session.pk}").status_code == 404
    assert browser.get(f"/sessions/stream?session={session.pk}&session=999999").status_code == 404
