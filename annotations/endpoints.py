"""The requests of docs/workspace-protocol.md. Each reads its body, calls one verb, and answers in JSON."""

from __future__ import annotations

import functools
import json
from collections.abc import Callable
from typing import Annotated, Any, Literal, TypeVar

import msgspec
from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.middleware.csrf import CsrfViewMiddleware
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt

from accounts.access import person_of
from annotations.access import check_own_session, get_visible_session
from annotations.event_log import Holder, LogRefusal, append_events
from annotations.events import MOST_BYTES, RefusedBatch, read_batch
from annotations.held_backends import end_all_of
from annotations.models import ClosingReason, RepairSession
from annotations.sessions import (
    Held,
    Refused,
    close_session,
    latest_work,
    request_checks,
    request_some_checks,
    stop_checks,
    take_lease,
)
from annotations.states import session_state
from runs.live import run_news
from runs.models import Run

Client = Annotated[str, msgspec.Meta(pattern=r"^[\w.:-]{1,64}$")]
Digest = Annotated[str, msgspec.Meta(pattern=r"^[0-9a-f]{0,64}$")]
Number = Annotated[int, msgspec.Meta(ge=0, lt=2**40)]
Body = TypeVar("Body", bound=msgspec.Struct)


class LeaseBody(msgspec.Struct):
    client: Client
    take_over: bool = False


class ChecksBody(msgspec.Struct):
    client: Client
    token: Number
    through: Number
    digest: Digest = ""


class StopBody(msgspec.Struct):
    client: Client
    token: Number
    run: Number


class CloseBody(msgspec.Struct):
    client: Client
    token: Number
    through: Number
    reason: Literal["submitted", "gave_up"]
    digest: Digest = ""
    note: Annotated[str, msgspec.Meta(max_length=5000)] = ""


class SomeChecksBody(ChecksBody, kw_only=True):
    only: Annotated[list[Annotated[str, msgspec.Meta(max_length=160)]], msgspec.Meta(min_length=1, max_length=500)]


View = Callable[[HttpRequest, int], HttpResponse]


def answers(method: str) -> Callable[[View], View]:
    """An endpoint of the protocol: one method, and every refusal as the protocol's JSON, never a redirect or a page."""

    def decorate(view: View) -> View:
        @functools.wraps(view)
        def answer(request: HttpRequest, pk: int) -> HttpResponse:
            if not request.user.is_authenticated:
                return refusal(401, "signed_out", "You are signed out. Sign in to go on; nothing is lost.")
            if request.method != method:
                return refusal(405, "refused", f"This address takes {method} requests.")
            try:
                return view(request, pk)
            except LogRefusal as error:
                more = {"accepted": error.accepted} | _closing(error, pk)
                return refusal(409, error.code, more.pop("sentence", str(error)), **more)
            except RefusedBatch as error:
                return refusal(400, "refused", str(error))
            except Refused as error:
                return refusal(409, "running", str(error))
            except Http404 as error:
                return refusal(404, "unknown", str(error))

        return answer

    return decorate


@answers("GET")
def state(request: HttpRequest, pk: int) -> HttpResponse:
    """What a page needs to take the session up."""
    return reply(session_state(get_visible_session(person_of(request), pk)))


@answers("POST")
def lease(request: HttpRequest, pk: int) -> HttpResponse:
    """Give the session to this page, or say since when another one holds it."""
    check_own_session(person_of(request), pk)
    body = read(request, LeaseBody)
    held = take_lease(session_id=pk, client=body.client, take_over=body.take_over)
    if isinstance(held, Held):
        sentence = "This session is open in another page."
        return refusal(409, "held", sentence, since=held.since.isoformat())
    return reply({"token": held.token, "accepted": held.accepted})


@csrf_exempt  # a beacon cannot set the header: the token is in the body then, and is checked here either way
@answers("POST")
def events(request: HttpRequest, pk: int) -> HttpResponse:
    """Store a batch of entries."""
    person = person_of(request)
    try:
        too_large = int(request.META.get("CONTENT_LENGTH") or 0) > MOST_BYTES
        batch = None if too_large else read_batch(request.body)
    except RefusedBatch:
        check_own_session(person, pk)  # who may not know of the session learns nothing of what it takes
        raise
    if batch is None:
        check_own_session(person, pk)
        return refusal(413, "refused", f"A batch may have {MOST_BYTES:,} bytes.")
    if not comes_from_our_page(request, batch.csrf):
        return refusal(403, "signed_out", "The page does not belong to the present sign-in. Sign in again to go on.")
    try:
        return reply({"accepted": append_events(session_id=pk, batch=batch, annotator_id=person.pk)})
    except RepairSession.DoesNotExist as error:
        raise Http404("No such session of yours.") from error


@answers("POST")
def checks(request: HttpRequest, pk: int) -> HttpResponse:
    """Snapshot the files and queue a run of them."""
    check_own_session(person_of(request), pk)
    body = read(request, ChecksBody)
    asked = request_checks(
        session_id=pk, holder=Holder(body.client, body.token), through=body.through, digest=body.digest
    )
    return reply({"run": asked.run_id, "digest_matches": asked.digest_matches}, status=202)


@answers("POST")
def some_checks(request: HttpRequest, pk: int) -> HttpResponse:
    """Snapshot the files and queue a run of some checks only, which is no verdict."""
    check_own_session(person_of(request), pk)
    body = read(request, SomeChecksBody)
    asked = request_some_checks(
        session_id=pk,
        holder=Holder(body.client, body.token),
        through=body.through,
        digest=body.digest,
        only=body.only,
    )
    return reply({"run": asked.run_id, "digest_matches": asked.digest_matches}, status=202)


@answers("POST")
def stop(request: HttpRequest, pk: int) -> HttpResponse:
    """End a run that the person no longer waits for."""
    check_own_session(person_of(request), pk)
    body = read(request, StopBody)
    try:
        stopped = stop_checks(session_id=pk, holder=Holder(body.client, body.token), run_id=body.run)
    except Run.DoesNotExist as error:
        raise Http404("This session has no such run.") from error
    return reply({"run": body.run, "stopped": stopped})


@answers("POST")
def close(request: HttpRequest, pk: int) -> HttpResponse:
    """End the session for good and queue its final run."""
    check_own_session(person_of(request), pk)
    body = read(request, CloseBody)
    asked = close_session(
        session_id=pk,
        holder=Holder(body.client, body.token),
        through=body.through,
        digest=body.digest,
        reason=ClosingReason(body.reason),
        note=body.note.replace("\0", ""),
    )
    end_all_of(pk)
    return reply({"run": asked.run_id, "next": reverse("annotations:session", args=[pk])})


@answers("GET")
def run_state(request: HttpRequest, pk: int) -> HttpResponse:
    """The last `run` event, for pages that have no stream."""
    run = latest_work(get_visible_session(person_of(request), pk))
    return reply(run_news(run) if run else {"run": None, "state": "none"})


def read(request: HttpRequest, shape: type[Body]) -> Body:
    """The body of a request. Raises RefusedBatch with a sentence where it is not of this shape."""
    try:
        return msgspec.json.decode(request.body, type=shape)
    except (msgspec.MsgspecError, UnicodeError) as error:
        raise RefusedBatch(f"The request is not of the expected shape: {error}") from error


def reply(content: dict[str, Any], status: int = 200) -> HttpResponse:
    # json, not msgspec: half an emoji in a text is legal here, and only json can write it.
    response = HttpResponse(json.dumps(content), content_type="application/json", status=status)
    response["Cache-Control"] = "no-store"
    return response


def refusal(status: int, error: str, sentence: str, **more: Any) -> HttpResponse:
    return reply({"error": error, "sentence": sentence, **more}, status=status)


def comes_from_our_page(request: HttpRequest, token: str) -> bool:
    """Django's own check of the token, which is in the header or, from a beacon, in the body."""
    if token:
        request.META[settings.CSRF_HEADER_NAME] = token

    def answer(request: HttpRequest) -> HttpResponse:
        return HttpResponse()

    return CsrfViewMiddleware(answer).process_view(request, answer, (), {}) is None


def _closing(error: LogRefusal, pk: int) -> dict[str, Any]:
    """When and why the session was closed, where that is the reason of the refusal."""
    session = RepairSession.objects.filter(pk=pk).first() if error.code == "closed" else None
    if session is None or session.closed_at is None:
        return {}
    when = timezone.localtime(session.closed_at)
    reason = session.get_closing_reason_display().lower()
    return {
        "sentence": f"This session was closed on {when:%-d %B at %H:%M} ({reason}).",
        "closed_at": session.closed_at.isoformat(),
        "reason": session.closing_reason,
    }
