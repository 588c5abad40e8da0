"""The event stream: the present state first, then every piece of news, until the page goes away.

One stream serves all sessions that the tabs of a browser have open. The row of a run is the record: it is read again
whenever there was no news, so a message that is lost changes nothing.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
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
from annotations.sessions import latest_work
from runs import live
from runs.live_log import log_so_far
from runs.models import ENDED, Run, RunState

HEARTBEAT_SECONDS = 15.0
RECONNECT_MILLISECONDS = 2000
MOST_SESSIONS = 8


async def stream(request: HttpRequest, pk: int | None = None) -> HttpResponseBase:
    """Server-sent events `run`, `run-ended`, `log` and `fenced`, of one session or of all in `?session=`.

    May be opened again at any time; with Last-Event-ID, a state that the page was told already is not told again.
    """
    person = await request.auser()
    if not isinstance(person, Person):
        return JsonResponse({"error": "signed_out", "sentence": "Sign in to go on."}, status=401)
    wanted = [str(pk)] if pk is not None else request.GET.getlist("session")
    if not 1 <= len(wanted) <= MOST_SESSIONS or not all(one.isdecimal() and len(one) < 19 for one in wanted):
        sentence = f"Name 1 to {MOST_SESSIONS} sessions."
        return JsonResponse({"error": "refused", "sentence": sentence}, status=400)
    try:
        sessions = await sync_to_async(_visible)(person, [int(one) for one in dict.fromkeys(wanted)])
    except Http404 as error:
        return JsonResponse({"error": "unknown", "sentence": str(error)}, status=404)
    told = set(request.headers.get("Last-Event-ID", "")[:400].split(","))
    response = StreamingHttpResponse(news_of(sessions, told=told), content_type="text/event-stream")
    response["Cache-Control"] = "no-store"
    response["X-Accel-Buffering"] = "no"
    return response


@dataclass
class _Watched:
    """A session, the run its pages are told of, and what they were told last."""

    session: RepairSession
    run: int | None = None
    shown: dict[str, Any] | None = None
    state: str = ""


async def news_of(sessions: Sequence[RepairSession], *, told: set[str] | None = None) -> AsyncIterator[str]:
    """The text of the stream. `told`: ids of states that the page knows, from a stream before this one."""
    client = redis.asyncio.Redis.from_url(live.address())
    pubsub = client.pubsub()
    by_session = {session.pk: _Watched(session) for session in sessions}
    told = told or set()
    try:
        await pubsub.subscribe(*(news.channel(pk) for pk in by_session))
        yield f"retry: {RECONNECT_MILLISECONDS}\n\n"
        while True:
            # Nobody has said anything for a while, or another run was asked for: look at the rows.
            for watched in by_session.values():
                async for event in _look(watched, client, pubsub, told):
                    yield event + _ids(by_session)
            yield ": here\n\n"
            while message := await pubsub.get_message(ignore_subscribe_messages=False, timeout=HEARTBEAT_SECONDS):
                if message["type"] != "message":
                    continue
                said = json.loads(message["data"])
                if said.get("event") == "run":
                    break
                for event in _heard(said, message["channel"].decode(), by_session):
                    yield event + _ids(by_session)
    except redis.RedisError:
        # The page sees the end of the stream and polls until it can be opened again.
        return
    finally:
        await pubsub.aclose()  # type: ignore[no-untyped-call]
        await client.aclose()


async def _look(
    watched: _Watched, client: redis.asyncio.Redis, pubsub: redis.asyncio.client.PubSub, told: set[str]
) -> AsyncIterator[str]:
    """What the row of the last run says, where the page does not know it; of another run than before, its log too."""
    run = await sync_to_async(_last_run)(watched.session)
    another = run is not None and run["run"] != watched.run
    if run is not None and another:
        if watched.run is not None:
            await pubsub.unsubscribe(live.channel(watched.run))
        watched.run = run["run"]
        await pubsub.subscribe(live.channel(run["run"]))
        run = await sync_to_async(_last_run)(watched.session)
    if run is None or run == watched.shown:
        return
    watched.shown, watched.state = run, _state_of(run)
    if watched.state in told:
        return
    for event in _run_events(run, watched.session.pk):
        yield event
    if another and run["state"] == RunState.RUNNING and (log := await log_so_far(client, run["run"])):
        yield _event("log", log | {"session": watched.session.pk})


def _heard(said: dict[str, Any], channel: str, by_session: dict[int, _Watched]) -> list[str]:
    """The events of one message: of a run, or that a session has changed hands."""
    events = []
    for pk, watched in by_session.items():
        if said.get("event") == "fenced" and channel == news.channel(pk):
            events.append(_event("fenced", {"token": said["token"], "session": pk}))
        elif "log" in said and said["run"] == watched.run:
            events.append(_event("log", said | {"session": pk}))
        elif "state" in said and said["run"] == watched.run and said != watched.shown:
            watched.shown, watched.state = said, _state_of(said)
            events += _run_events(said, pk)
    return events


def _run_events(run: dict[str, Any], session: int) -> list[str]:
    events = [_event("run", run | {"session": session})]
    if run["state"] in ENDED:
        ended = {"run": run["run"], "state": run["state"], "purpose": run.get("purpose", ""), "session": session}
        events.append(_event("run-ended", ended))
    return events


def _state_of(run: dict[str, Any]) -> str:
    """A short name of a state of a run, the same for the same state."""
    return hashlib.sha256(json.dumps(run, sort_keys=True).encode()).hexdigest()[:16]


def _ids(by_session: dict[int, _Watched]) -> str:
    """The end of an event: what the page knows once it has read it."""
    return f"id: {','.join(watched.state for watched in by_session.values() if watched.state)}\n\n"


def _event(name: str, content: dict[str, Any]) -> str:
    return f"event: {name}\ndata: {json.dumps(content)}\n"


def _visible(person: Person, pks: Sequence[int]) -> list[RepairSession]:
    try:
        return [get_visible_session(person, pk) for pk in pks]
    finally:
        # A stream lives for hours: it must not keep a connection of the pool meanwhile.
        close_old_connections()


def _last_run(session: RepairSession) -> dict[str, Any] | None:
    try:
        run: Run | None = latest_work(session)
        return live.run_news(run) if run else None
    finally:
        close_old_connections()
