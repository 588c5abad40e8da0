"""The event stream of a session: the present state first, then every piece of news, until the page goes away."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from typing import Any

import redis
import redis.asyncio
from asgiref.sync import sync_to_async
from django.db import close_old_connections
from django.http import Http404, HttpRequest, HttpResponseBase, JsonResponse, StreamingHttpResponse

from accounts.models import Person
from annotations import news
from annotations.access import get_visible_session
from annotations.models import RepairSession
from annotations.sessions import latest_run
from runs import live
from runs.models import Run, RunState

HEARTBEAT_SECONDS = 15.0
ENDED = {RunState.FINISHED, RunState.VOID}


async def stream(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Server-sent events `run`, `run-ended` and `fenced`; may be opened again at any time."""
    person = await request.auser()
    if not isinstance(person, Person):
        return JsonResponse({"error": "signed_out", "sentence": "Sign in to go on."}, status=401)
    try:
        session = await sync_to_async(_visible)(person, pk)
    except Http404 as error:
        return JsonResponse({"error": "unknown", "sentence": str(error)}, status=404)
    response = StreamingHttpResponse(session_events(session), content_type="text/event-stream")
    response["Cache-Control"] = "no-store"
    response["X-Accel-Buffering"] = "no"
    return response


async def session_events(session: RepairSession) -> AsyncIterator[str]:
    """The text of the stream. The row of the run is the record: it is read again whenever there was no news."""
    client = redis.asyncio.Redis.from_url(live.address())
    pubsub = client.pubsub()
    watched: int | None = None
    shown: dict[str, Any] | None = None
    try:
        await pubsub.subscribe(news.channel(session.pk))
        while True:
            # Nobody has said anything for a while, or another run was asked for: look at the row.
            run = await sync_to_async(_last_run)(session)
            if run is not None and run["run"] != watched:
                watched = run["run"]
                await pubsub.subscribe(live.channel(watched))
                run = await sync_to_async(_last_run)(session)
            if run is not None and run != shown:
                shown = run
                for event in _run_events(run):
                    yield event
            yield ": here\n\n"
            while message := await pubsub.get_message(ignore_subscribe_messages=False, timeout=HEARTBEAT_SECONDS):
                if message["type"] != "message":
                    continue
                said = json.loads(message["data"])
                if said.get("event") == "fenced":
                    yield _event("fenced", {"token": said["token"]})
                elif said.get("event") == "run":
                    break
                elif said["run"] == watched and said != shown:
                    shown = said
                    for event in _run_events(said):
                        yield event
    except redis.RedisError:
        # The page sees the end of the stream and polls until it can be opened again.
        return
    finally:
        await pubsub.aclose()  # type: ignore[no-untyped-call]
        await client.aclose()


def _run_events(run: dict[str, Any]) -> list[str]:
    events = [_event("run", run)]
    if run["state"] in ENDED:
        events.append(_event("run-ended", {"run": run["run"], "state": run["state"]}))
    return events


def _event(name: str, content: dict[str, Any]) -> str:
    return f"event: {name}\ndata: {json.dumps(content)}\n\n"


def _visible(person: Person, pk: int) -> RepairSession:
    try:
        return get_visible_session(person, pk)
    finally:
        # A stream lives for hours: it must not keep a connection of the pool meanwhile.
        close_old_connections()


def _last_run(session: RepairSession) -> dict[str, Any] | None:
    try:
        run: Run | None = latest_run(session)
        return live.run_news(run) if run else None
    finally:
        close_old_connections()
