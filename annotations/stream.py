"""The event stream: the present state first, then every piece of news, until the page goes away.

One stream serves all sessions that the tabs of a browser have open. The row of a run is the record: it is read again
whenever there was no news, so a message that is lost changes nothing.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import AsyncIterator, Collection, Sequence
from dataclasses import dataclass
from typing import Any

import redis
from asgiref.sync import sync_to_async
from django.db import DatabaseError
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse

from accounts.models import Person
from annotations import news
from annotations.access import get_visible_session
from annotations.looks import looks, until_next_look
from annotations.newsroom import Listener, NewsLost, Newsroom, newsroom
from annotations.streaming import Stream, granted
from runs import live
from runs.live_log import log_so_far
from runs.models import ENDED, RunState

RECONNECT_MILLISECONDS = 2000
MOST_SESSIONS = 8


async def stream(request: HttpRequest, pk: int | None = None) -> HttpResponse:
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
    told = frozenset(request.headers.get("Last-Event-ID", "")[:400].split(","))
    return granted(request, Stream(tuple(sessions), told))


@dataclass(slots=True)
class _Watched:
    """A session, the run its pages are told of, and what they were told last."""

    session: int
    run: int | None = None
    shown: dict[str, Any] | None = None
    state: str = ""


async def news_of(sessions: Sequence[int], *, told: Collection[str] = ()) -> AsyncIterator[str]:
    """The text of the stream about these sessions. `told`: ids of states that the page knows, from a stream before."""
    by_session = {pk: _Watched(pk) for pk in sessions}
    room = newsroom()
    try:
        async with room.listening([news.channel(pk) for pk in by_session]) as listener:
            yield f"retry: {RECONNECT_MILLISECONDS}\n\n"
            while True:
                # Nobody has said anything for a while, or another run was asked for: look at the rows.
                for watched in by_session.values():
                    for event in await _look(watched, room, listener, told):
                        yield event + _ids(by_session)
                yield ": here\n\n"
                while heard := await listener.next(until_next_look()):
                    channel, said = heard
                    if said.get("event") == "run":
                        break
                    for event in _heard(said, channel, by_session):
                        yield event + _ids(by_session)
    except (NewsLost, redis.RedisError, DatabaseError):
        # The page sees the end of the stream and polls until it can be opened again.
        return


async def _look(watched: _Watched, room: Newsroom, listener: Listener, told: Collection[str]) -> list[str]:
    """What the row of the last run says, where the page does not know it; of another run than before, its log too."""
    run = await looks().of(watched.session)
    another = run is not None and run["run"] != watched.run
    if run is not None and another:
        if watched.run is not None:
            await room.stop_listening(listener, [live.channel(watched.run)])
        watched.run = run["run"]
        await room.listen(listener, [live.channel(run["run"])])
        run = await looks().of(watched.session)
    if run is None or run == watched.shown:
        return []
    watched.shown, watched.state = run, _state_of(run)
    if watched.state in told:
        return []
    events = _run_events(run, watched.session)
    if another and run["state"] == RunState.RUNNING and (log := await log_so_far(room.client, run["run"])):
        events.append(_event("log", log | {"session": watched.session}))
    return events


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


def _visible(person: Person, pks: Sequence[int]) -> list[int]:
    return [get_visible_session(person, pk).pk for pk in pks]
