"""Requests of a person's own against the backend as it is now: keep it running, send, read, end it."""

from __future__ import annotations

from typing import Annotated, Any

import msgspec
from django.http import Http404, HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt

from accounts.access import person_of
from annotations.access import check_own_session
from annotations.endpoints import ChecksBody, answers, comes_from_our_page, read, refusal, reply
from annotations.event_log import Holder
from annotations.held_backends import keep_running, latest_held
from evaluator.code_places import LogLine, log_lines
from evaluator.errors import BadInput
from runs.exchanges import message_of
from runs.holding import MOST_BODY, MOST_PATH, NotRunning, Request, end_held, log_name, renew_page, send_request
from runs.live_log import log_of
from runs.models import HeldBackend, HeldExchange, HeldState


class RequestBody(msgspec.Struct):
    method: Annotated[str, msgspec.Meta(max_length=10)]
    path: Annotated[str, msgspec.Meta(max_length=MOST_PATH)]
    headers: dict[str, str] = {}
    body: Annotated[str, msgspec.Meta(max_length=MOST_BODY)] = ""


class EndBody(msgspec.Struct):
    csrf: str = ""


@answers("POST")
def start(request: HttpRequest, pk: int) -> HttpResponse:
    """Keep the backend running as the files are after entry `through`; one that runs already is ended."""
    person = person_of(request)
    check_own_session(person, pk)
    body = read(request, ChecksBody)
    held = keep_running(session_id=pk, person=person, holder=Holder(body.client, body.token), through=body.through)
    return reply(_state(held), status=202)


@answers("POST")
def beat(request: HttpRequest, pk: int) -> HttpResponse:
    """The page is still there: how the backend is, and the end of its log."""
    held = _own(request, pk)
    renew_page(held)
    return reply(_state(held))


@answers("POST")
def send(request: HttpRequest, pk: int) -> HttpResponse:
    """Send one request; what was sent, what came back, and what the server printed meanwhile."""
    held = _own(request, pk)
    body = read(request, RequestBody)
    try:
        exchange = send_request(held, Request(body.method, body.path, body.headers, body.body))
    except BadInput as error:
        return refusal(400, "refused", str(error))
    except NotRunning as error:
        return refusal(409, "not_running", str(error))
    return reply({"exchange": _shown(exchange)})


@csrf_exempt  # a beacon cannot set the header: the token is in the body then, and is checked here either way
@answers("POST")
def end(request: HttpRequest, pk: int) -> HttpResponse:
    """End the backend that is kept running: by its button, or as the page goes."""
    held = _own(request, pk)
    body = read(request, EndBody)
    if not comes_from_our_page(request, body.csrf):
        return refusal(403, "signed_out", "The page does not belong to the present sign-in.")
    end_held(held, "It was ended from the page.")
    held.refresh_from_db()
    return reply(_state(held))


def _own(request: HttpRequest, pk: int) -> HeldBackend:
    check_own_session(person_of(request), pk)
    held = latest_held(pk)
    if held is None:
        raise Http404("No backend was kept running in this session.")
    return held


def _state(held: HeldBackend) -> dict[str, Any]:
    left = (held.ends_at - timezone.now()).total_seconds()
    return {
        "held": held.pk,
        "state": held.state,
        "seconds_left": max(0, round(left)) if held.state != HeldState.ENDED else 0,
        "ended_because": held.ended_because,
        "log": log_of(log_name(held)),
    }


def _shown(exchange: HeldExchange) -> dict[str, Any]:
    held = exchange.held
    names = ("method", "path", "request_headers", "request_body")
    received = ("received_status", "received_headers", "received_body", "seconds", "error")
    message = message_of({name: getattr(exchange, name) for name in (*names, *received)}, held.task.runtime.port)
    return {
        "id": exchange.pk,
        "status": exchange.received_status,
        "request": message.request,
        "response": message.response,
        "curl": message.curl,
        "seconds": message.seconds,
        "log": [_line(line) for line in log_lines(exchange.log, held.snapshot.manifest.keys())],
    }


def _line(line: LogLine) -> dict[str, Any]:
    """A line of a log, cut where it names a place of the code."""
    place = line.place
    path, number = (place.path, place.line) if place else ("", 0)
    return {"before": line.before, "label": line.label, "path": path, "line": number, "after": line.after}
