"""The event stream: the present state first, then news, and nothing kept open for a page that has gone."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest
from asgiref.sync import sync_to_async

from annotations.event_log import Holder
from annotations.models import RepairSession
from annotations.sessions import request_checks, take_lease
from annotations.stream import session_events
from runs import live
from runs.models import Run

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.engines]


async def until(stream: AsyncIterator[str], word: str) -> str:
    """The first event with this word in it."""
    while True:
        said = await asyncio.wait_for(anext(stream), timeout=5)
        if word in said:
            return said


def test_the_stream_sends_the_present_state_first(session: RepairSession, holder: Holder) -> None:
    async def listen() -> str:
        stream = session_events(session)
        try:
            return await asyncio.wait_for(anext(stream), timeout=5)
        finally:
            await stream.aclose()  # type: ignore[attr-defined]

    said = asyncio.run(listen())
    assert said.startswith("event: run\ndata: {")
    assert '"state": "finished"' in said


def test_the_stream_tells_of_a_run_that_is_asked_for_and_of_its_progress(
    session: RepairSession, holder: Holder
) -> None:
    async def listen() -> tuple[str, str]:
        stream = session_events(session)
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
        stream = session_events(session)
        await until(stream, ": here")
        await sync_to_async(take_lease)(session_id=session.pk, client="page-2", take_over=True)
        said = await until(stream, "fenced")
        await stream.aclose()  # type: ignore[attr-defined]
        return said

    assert f'{{"token": {holder.token + 1}}}' in asyncio.run(listen())
