"""Repair sessions for scripts and agents: the same verbs as the workspace, with a key instead of a cookie."""

from __future__ import annotations

from typing import Any

from django.urls import path
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import api_view
from rest_framework.exceptions import APIException
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.access import person_of
from annotations.access import check_own_session, get_visible_run, get_visible_session, visible_sessions
from annotations.event_log import Holder, LogRefusal, append_events, read_events
from annotations.events import MOST_BYTES, RefusedBatch, read_batch
from annotations.models import ClosingReason, RepairSession
from annotations.outcomes import outcome_of
from annotations.sessions import Held, Refused, close_session, open_in_order, request_checks, take_lease
from annotations.states import session_state
from runs.api import RunOut, VerdictOut
from studies.access import get_assignment


class SessionOut(serializers.ModelSerializer[RepairSession]):
    backend = serializers.IntegerField(source="assignment.backend_id")
    task = serializers.CharField(source="assignment.backend.task_id")
    level = serializers.IntegerField(source="assignment.backend.level")
    seeded = serializers.CharField(source="assignment.backend.seeded_use", help_text="practice, gold or empty.")
    annotator = serializers.CharField(source="assignment.annotator.pseudonym")
    outcome = serializers.SerializerMethodField(help_text="open, judging, void, repaired or unrepaired.")
    runs = serializers.SerializerMethodField(help_text="Ids of the runs asked for, oldest first.")

    class Meta:
        model = RepairSession
        fields = (
            *("id", "assignment", "backend", "task", "level", "seeded", "annotator", "forecast_minutes", "opened_at"),
            *("closed_at", "closing_reason", "closing_note", "accepted", "broken", "outcome", "runs"),
        )

    def get_outcome(self, session: RepairSession) -> str:
        return outcome_of(session).word

    def get_runs(self, session: RepairSession) -> list[int]:
        return list(session.check_requests.values_list("run_id", flat=True))


class OpenIn(serializers.Serializer[object]):
    forecast_minutes = serializers.IntegerField(min_value=1, max_value=600, required=False, allow_null=True)


class LeaseIn(serializers.Serializer[object]):
    client = serializers.RegexField(r"^[\w.:-]{1,64}$", help_text="A random id of the writer.")
    take_over = serializers.BooleanField(default=False)


class LeaseOut(serializers.Serializer[object]):
    token = serializers.IntegerField(help_text="Fences: only the holder of the present token may write.")
    accepted = serializers.IntegerField(help_text="The last entry stored.")


class EventsIn(serializers.Serializer[object]):
    """A batch as docs/workspace-protocol.md describes it."""

    client = serializers.CharField()
    token = serializers.IntegerField()
    first = serializers.IntegerField()
    sent_at = serializers.IntegerField(help_text="Milliseconds since 1970 by the writer's clock.")
    events = serializers.ListField(child=serializers.DictField())


class EventsOut(serializers.Serializer[object]):
    accepted = serializers.IntegerField()


class ChecksIn(serializers.Serializer[object]):
    client = serializers.CharField(max_length=64)
    token = serializers.IntegerField()
    through = serializers.IntegerField(min_value=0, help_text="The last entry that counts.")
    digest = serializers.RegexField(r"^[0-9a-f]{0,64}$", required=False, default="", allow_blank=True)


class CloseIn(ChecksIn):
    reason = serializers.ChoiceField(choices=["submitted", "gave_up"])
    note = serializers.CharField(max_length=5000, required=False, default="", allow_blank=True)


class Conflict(APIException):
    """A verb that cannot be done now; `code` is the protocol's word."""

    status_code = 409

    def __init__(self, code: str, sentence: str, **more: Any) -> None:
        super().__init__({"error": code, "sentence": sentence, **more})


@extend_schema(responses=SessionOut(many=True), tags=["sessions"])
@api_view(["GET"])
def sessions(request: Request) -> Response:
    """Your own sessions; for those who read reports, all sessions of their studies."""
    return Response(SessionOut(visible_sessions(person_of(request)).order_by("pk"), many=True).data)


@extend_schema(responses=SessionOut, tags=["sessions"])
@api_view(["GET"])
def session(request: Request, pk: int) -> Response:
    """One session."""
    return Response(SessionOut(get_visible_session(person_of(request), pk)).data)


@extend_schema(request=OpenIn, responses={201: SessionOut}, tags=["sessions"])
@api_view(["POST"])
def open_repair(request: Request, pk: int) -> Response:
    """Begin the session of one of your assignments, or find it again."""
    assignment = get_assignment(person_of(request), pk)
    given = OpenIn(data=request.data)
    given.is_valid(raise_exception=True)
    try:
        opened = open_in_order(assignment=assignment, forecast_minutes=given.validated_data.get("forecast_minutes"))
    except Refused as error:
        raise Conflict("later", str(error)) from error
    return Response(SessionOut(opened).data, status=201)


@extend_schema(responses=OpenApiTypes.OBJECT, tags=["sessions"])
@api_view(["GET"])
def state(request: Request, pk: int) -> Response:
    """Files as the log has them, and where the session stands."""
    try:
        return Response(session_state(get_visible_session(person_of(request), pk)))
    except LogRefusal as error:
        raise _conflict(error) from error


@extend_schema(request=LeaseIn, responses=LeaseOut, tags=["sessions"])
@api_view(["POST"])
def lease(request: Request, pk: int) -> Response:
    """Take the session, so that you may write to it."""
    check_own_session(person_of(request), pk)
    given = LeaseIn(data=request.data)
    given.is_valid(raise_exception=True)
    try:
        held = take_lease(session_id=pk, **given.validated_data)
    except LogRefusal as error:
        raise _conflict(error) from error
    if isinstance(held, Held):
        raise Conflict("held", "Another writer holds this session.", since=held.since.isoformat())
    return Response({"token": held.token, "accepted": held.accepted})


@extend_schema(methods=["GET"], responses=OpenApiTypes.OBJECT, tags=["sessions"])
@extend_schema(methods=["POST"], request=EventsIn, responses=EventsOut, tags=["sessions"])
@api_view(["GET", "POST"])
def events(request: Request, pk: int) -> Response:
    """Read the log of a session, or append a batch to one of your own."""
    person = person_of(request)
    if request.method == "GET":
        return Response({"events": read_events(get_visible_session(person, pk))})
    check_own_session(person, pk)
    if int(request.META.get("CONTENT_LENGTH") or 0) > MOST_BYTES:
        raise serializers.ValidationError(f"A batch may have {MOST_BYTES:,} bytes.")
    try:
        return Response({"accepted": append_events(session_id=pk, batch=read_batch(request.body))})
    except RefusedBatch as error:
        raise serializers.ValidationError(str(error)) from error
    except LogRefusal as error:
        raise _conflict(error) from error


@extend_schema(request=ChecksIn, responses={202: RunOut}, tags=["sessions"])
@api_view(["POST"])
def checks(request: Request, pk: int) -> Response:
    """Snapshot the files and queue a run of them."""
    check_own_session(person_of(request), pk)
    given = ChecksIn(data=request.data)
    given.is_valid(raise_exception=True)
    holder = Holder(given.validated_data.pop("client"), given.validated_data.pop("token"))
    try:
        asked = request_checks(session_id=pk, holder=holder, **given.validated_data)
    except LogRefusal as error:
        raise _conflict(error) from error
    except Refused as error:
        raise Conflict("running", str(error)) from error
    return Response(RunOut(asked.run).data, status=202)


@extend_schema(request=CloseIn, responses={202: RunOut}, tags=["sessions"])
@api_view(["POST"])
def close(request: Request, pk: int) -> Response:
    """End the session for good; the final run is made in a fresh sandbox."""
    check_own_session(person_of(request), pk)
    given = CloseIn(data=request.data)
    given.is_valid(raise_exception=True)
    values = dict(given.validated_data)
    holder = Holder(values.pop("client"), values.pop("token"))
    try:
        asked = close_session(session_id=pk, holder=holder, reason=ClosingReason(values.pop("reason")), **values)
    except LogRefusal as error:
        raise _conflict(error) from error
    return Response(RunOut(asked.run).data, status=202)


@extend_schema(responses=VerdictOut, tags=["runs"])
@api_view(["GET"])
def run(request: Request, pk: int) -> Response:
    """A run of a session or backend you may see, with every check and finding once it is finished."""
    return Response(VerdictOut(get_visible_run(person_of(request), pk)).data)


def _conflict(error: LogRefusal) -> Conflict:
    return Conflict(error.code, str(error), accepted=error.accepted)


urlpatterns = [
    path("assignments/<int:pk>/session", open_repair),
    path("sessions", sessions),
    path("sessions/<int:pk>", session),
    path("sessions/<int:pk>/state", state),
    path("sessions/<int:pk>/lease", lease),
    path("sessions/<int:pk>/events", events),
    path("sessions/<int:pk>/checks", checks),
    path("sessions/<int:pk>/close", close),
    path("runs/<int:pk>", run),
]
