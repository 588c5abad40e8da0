"""The reports for scripts: the same values as the pages, as JSON and as files."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any, cast

from django.http import HttpResponseBase
from django.urls import path
from django.utils import timezone
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse, extend_schema
from rest_framework import serializers
from rest_framework.decorators import api_view
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.models import Person
from analysis.columns import COLUMNS
from analysis.roi import Return
from analysis.tables import to_csv, to_parquet
from annotations.known_answers import add_seeded
from evaluator.errors import BadInput
from evaluator.faults import fault_named
from reports.archive import attachment
from reports.data_set import data_set
from reports.effort_report import effort_report, finding
from reports.forms import ReturnForm
from reports.return_report import levels_finding, measured_inputs, return_report, verdict
from reports.seeded import seeded_report
from reports.session_records import session_records
from reports.views import CSV, PARQUET
from studies.access import annotators_of, get_study_for_reports, get_study_for_research
from studies.models import SeededUse, Study

_FIELD_OF_TYPE: dict[str, type[serializers.Field[Any, Any, Any, Any]]] = {
    "text": serializers.CharField,
    "integer": serializers.IntegerField,
    "number": serializers.FloatField,
    "boolean": serializers.BooleanField,
    "time": serializers.DateTimeField,
}


class IntervalSerializer(serializers.Serializer[Any]):
    """The ends of a 95 % interval."""

    low = serializers.FloatField()
    high = serializers.FloatField()


class LevelEffortSerializer(serializers.Serializer[Any]):
    """One level; estimates are null where `too_few` is true."""

    level = serializers.IntegerField()
    sessions = serializers.IntegerField()
    repaired = serializers.IntegerField()
    censored = serializers.IntegerField()
    excluded = serializers.IntegerField()
    too_few = serializers.BooleanField()
    mean_is_a_lower_bound = serializers.BooleanField()
    mean_active_minutes = serializers.FloatField(allow_null=True)
    mean_interval = IntervalSerializer(allow_null=True)
    median_active_minutes = serializers.FloatField(allow_null=True)
    restricted_mean_minutes = serializers.FloatField(allow_null=True)
    horizon_minutes = serializers.FloatField(allow_null=True)
    pass_rate_before = serializers.FloatField(allow_null=True)
    pass_rate_after = serializers.FloatField(allow_null=True)
    mean_edits = serializers.FloatField(allow_null=True)
    mean_checks_requested = serializers.FloatField(allow_null=True)


class EffortSerializer(serializers.Serializer[Any]):
    """The effort page: the finding in a sentence, the levels, and what does not count."""

    study = serializers.CharField()
    finding = serializers.CharField()
    idle_limit_seconds = serializers.IntegerField()
    sessions_open = serializers.IntegerField()
    sessions_waiting_for_final_run = serializers.IntegerField()
    sessions_excluded = serializers.IntegerField()
    sessions_set_apart = serializers.IntegerField(help_text="On seeded backends that the study does not count.")
    void_runs = serializers.IntegerField()
    hash_mismatches = serializers.IntegerField()
    levels = LevelEffortSerializer(many=True)


class RecordSerializer(serializers.Serializer[Any]):
    """A closed session; the fields are the columns of the data dictionary."""

    def get_fields(self) -> dict[str, serializers.Field[Any, Any, Any, Any]]:
        return {
            column.name: (
                serializers.ListField(child=serializers.CharField(), help_text=column.meaning)
                if column.type == "texts"
                else _FIELD_OF_TYPE[column.type](
                    allow_null=column.nullable, help_text=_meaning(column.meaning, column.unit)
                )
            )
            for column in COLUMNS
        }


class SavedSerializer(serializers.Serializer[Any]):
    """Minutes and money per backend; null where `too_few` is true."""

    sessions = serializers.IntegerField()
    unrepaired = serializers.IntegerField()
    excluded = serializers.IntegerField()
    too_few = serializers.BooleanField()
    repair_minutes = serializers.FloatField(allow_null=True)
    share_unrepaired = serializers.FloatField(allow_null=True)
    minutes_with_assistant = serializers.FloatField(allow_null=True)
    minutes_saved = serializers.FloatField(allow_null=True)
    minutes_saved_interval = IntervalSerializer(allow_null=True)
    money_saved = serializers.FloatField(allow_null=True)
    money_saved_interval = IntervalSerializer(allow_null=True)
    probability_it_pays = serializers.FloatField(allow_null=True)
    return_ratio = serializers.FloatField(allow_null=True)
    break_even_repair_minutes = serializers.FloatField(allow_null=True)
    break_even_writing_minutes = serializers.FloatField(allow_null=True)
    break_even_share_unrepaired = serializers.FloatField(allow_null=True)


class LevelReturnSerializer(serializers.Serializer[Any]):
    level = serializers.IntegerField()
    sessions = serializers.IntegerField()
    own_minutes = serializers.FloatField(allow_null=True)
    verdict = serializers.CharField(help_text="pays, loses, open, too few or unknown")
    saved = SavedSerializer(allow_null=True)


class MeasuredSerializer(serializers.Serializer[Any]):
    sessions = serializers.IntegerField()
    repair_minutes = serializers.FloatField(allow_null=True)
    repair_interval = IntervalSerializer(allow_null=True)
    share_unrepaired = serializers.FloatField(allow_null=True)
    share_interval = IntervalSerializer(allow_null=True)


class ReturnSerializer(serializers.Serializer[Any]):
    """The return page. `entered` repeats the assumptions, `measured` what the sessions say."""

    study = serializers.CharField()
    entered = serializers.DictField(child=serializers.FloatField(allow_null=True))
    measured = MeasuredSerializer()
    finding = serializers.CharField()
    verdict = serializers.CharField(help_text="pays, loses, open, too few or unknown")
    own_minutes = serializers.FloatField(allow_null=True)
    overall = SavedSerializer(allow_null=True)
    levels = LevelReturnSerializer(many=True)


class ProblemsSerializer(serializers.Serializer[Any]):
    """A sentence for every parameter that cannot be used."""

    problems = serializers.DictField(child=serializers.ListField(child=serializers.CharField()))


def _meaning(meaning: str, unit: str) -> str:
    return f"{meaning} ({unit})" if unit else meaning


_FILE = {200: OpenApiResponse(OpenApiTypes.BINARY, description="The file.")}
_ASSUMPTIONS = [
    OpenApiParameter(name, float, required=field.required, description=str(field.label))
    for name, field in ReturnForm.base_fields.items()
]


@extend_schema(responses=EffortSerializer, summary="Effort per constraint level")
@api_view(["GET"])
def effort(request: Request, slug: str) -> Response:
    """Estimates with fewer than five sessions are null and marked `too_few`. Open sessions are in no estimate."""
    study = get_study_for_reports(_person(request), slug)
    report = effort_report(study=study)
    return Response(
        {
            "study": study.slug,
            "finding": finding(report),
            "idle_limit_seconds": study.idle_limit_seconds,
            "sessions_open": len(report.open),
            "sessions_waiting_for_final_run": len(report.waiting),
            "sessions_excluded": len(report.excluded),
            "sessions_set_apart": len(report.set_apart),
            "void_runs": len(report.void_runs),
            "hash_mismatches": report.hash_mismatches,
            "levels": [
                asdict(level) | {"mean_is_a_lower_bound": level.mean_is_a_lower_bound} for level in report.levels
            ],
        }
    )


@extend_schema(responses=RecordSerializer(many=True), summary="Closed sessions, one record each", filters=False)
@api_view(["GET"])
def records(request: Request, slug: str) -> Response:
    """The rows of `sessions.csv` as JSON, people under their pseudonyms."""
    study = get_study_for_reports(_person(request), slug)
    return Response([asdict(record) for record in session_records(study=study)])


@extend_schema(responses=_FILE, summary="Closed sessions as CSV")
@api_view(["GET"])
def sessions_csv(request: Request, slug: str) -> HttpResponseBase:
    """UTF-8 with a header; the columns are those of the data dictionary."""
    study = get_study_for_reports(_person(request), slug)
    chunks = [to_csv(session_records(study=study)).encode()]
    return attachment(request._request, chunks, name=f"{slug}-sessions.csv", content_type=CSV)


@extend_schema(responses=_FILE, summary="Closed sessions as Parquet")
@api_view(["GET"])
def sessions_parquet(request: Request, slug: str) -> HttpResponseBase:
    """Unit, meaning and source of every column are metadata of its field."""
    study = get_study_for_reports(_person(request), slug)
    chunks = [to_parquet(session_records(study=study))]
    return attachment(request._request, chunks, name=f"{slug}-sessions.parquet", content_type=PARQUET)


@extend_schema(responses=_FILE, summary="The whole data set as a zip")
@api_view(["GET"])
def whole_data_set(request: Request, slug: str) -> HttpResponseBase:
    """Sessions, runs, check results, event logs, data dictionary and a README."""
    study = get_study_for_reports(_person(request), slug)
    chunks = data_set(study=study, now=timezone.now())
    return attachment(request._request, chunks, name=f"{slug}.zip", content_type="application/zip")


@extend_schema(
    parameters=_ASSUMPTIONS,
    responses={200: ReturnSerializer, 400: ProblemsSerializer},
    summary="What the assistant saves per backend",
)
@api_view(["GET"])
def return_of_assistant(request: Request, slug: str) -> Response:
    """Money is in any one currency, times are minutes. Below five sessions there is no number."""
    study = get_study_for_reports(_person(request), slug)
    form = ReturnForm(request.query_params)
    if not form.is_valid():
        return Response({"problems": form.errors}, status=400)
    sessions = session_records(study=study)
    report = return_report(sessions, form)
    return Response(
        {
            "study": study.slug,
            "entered": form.cleaned_data,
            "measured": asdict(measured_inputs(sessions)),
            "finding": levels_finding(report),
            "verdict": verdict(report.overall),
            "own_minutes": report.own_minutes,
            "overall": _saved(report.overall),
            "levels": [
                {
                    "level": level.level,
                    "sessions": level.sessions,
                    "own_minutes": level.own_minutes,
                    "verdict": verdict(level.saved),
                    "saved": _saved(level.saved),
                }
                for level in report.levels
            ],
        }
    )


class KnownAnswerSerializer(serializers.Serializer[Any]):
    """What a session made of the fault, compared with its reverse patch and its known answers."""

    result = serializers.CharField(source="word", help_text="found, mended elsewhere or not found.")
    lines = serializers.CharField(help_text="undone, changed or untouched.")
    turned = serializers.IntegerField(help_text="Of the known answers that the fault broke, those that hold again.")
    broken = serializers.IntegerField()


class SeededSessionSerializer(serializers.Serializer[Any]):
    session_id = serializers.IntegerField(source="session.pk")
    person = serializers.CharField(source="session.assignment.annotator.pseudonym")
    closed = serializers.BooleanField(source="session.closed")
    active_seconds = serializers.FloatField()
    answer = KnownAnswerSerializer(allow_null=True)


class SeededBackendSerializer(serializers.Serializer[Any]):
    """A backend that we put a fault into."""

    backend = serializers.IntegerField(source="backend.pk")
    name = serializers.CharField(source="backend.name")
    task = serializers.CharField(source="backend.task_id")
    use = serializers.ChoiceField(choices=SeededUse.choices, source="backend.seeded_use")
    fault = serializers.CharField(source="backend.fault_id")
    category = serializers.CharField(source="backend.fault_category")
    assigned = serializers.IntegerField(help_text="Annotators who have it.")
    found = serializers.IntegerField(help_text="Sessions that found the fault.")
    sessions = SeededSessionSerializer(many=True)


class SeedInput(serializers.Serializer[Any]):
    faults = serializers.ListField(child=serializers.CharField(), allow_empty=False, help_text="Ids of the catalogue.")
    use = serializers.ChoiceField(choices=SeededUse.choices)
    annotators = serializers.ListField(
        child=serializers.CharField(), required=False, help_text="Pseudonyms; all annotators of the study unless given."
    )


@extend_schema(
    methods=["GET"], responses=SeededBackendSerializer(many=True), summary="Seeded backends and who found what"
)
@extend_schema(
    methods=["POST"],
    request=SeedInput,
    responses={201: SeededBackendSerializer(many=True)},
    summary="Add seeded faults as practice or gold tasks",
)
@api_view(["GET", "POST"])
def seeded(request: Request, slug: str) -> Response:
    """Practice goes to the front of what an annotator has not begun and never counts; gold tasks go to the end."""
    person = _person(request)
    if request.method == "GET":
        rows = seeded_report(study=get_study_for_reports(person, slug)).rows
        return Response(SeededBackendSerializer(rows, many=True).data)
    study = get_study_for_research(person, slug)
    given = SeedInput(data=request.data)
    given.is_valid(raise_exception=True)
    values = given.validated_data
    annotators = _annotators(study, values.get("annotators"))
    try:
        chosen = [fault_named(id) for id in dict.fromkeys(values["faults"])]
        added = add_seeded(
            study=study, faults=chosen, use=SeededUse(values["use"]), annotators=annotators, added_by=person
        )
    except BadInput as error:
        raise serializers.ValidationError({"faults": [str(error)]}) from error
    new = {backend.pk for backend in added}
    rows = [row for row in seeded_report(study=study).rows if row.backend.pk in new]
    return Response(SeededBackendSerializer(rows, many=True).data, status=201)


def _annotators(study: Study, pseudonyms: list[str] | None) -> list[Person]:
    known = {person.pseudonym: person for person in annotators_of(study)}
    if pseudonyms is None:
        return list(known.values())
    if missing := [pseudonym for pseudonym in pseudonyms if pseudonym not in known]:
        raise serializers.ValidationError({"annotators": [f"The study has no annotator “{missing[0]}”."]})
    return [known[pseudonym] for pseudonym in pseudonyms]


def _saved(saved: Return | None) -> dict[str, Any] | None:
    if saved is None:
        return None
    fields = asdict(saved)
    del fields["inputs"]
    return fields


def _person(request: Request) -> Person:
    return cast(Person, request.user)


urlpatterns = [
    path("studies/<slug:slug>/effort/", effort, name="effort"),
    path("studies/<slug:slug>/records/", records, name="records"),
    path("studies/<slug:slug>/export/sessions.csv", sessions_csv, name="export-sessions-csv"),
    path("studies/<slug:slug>/export/sessions.parquet", sessions_parquet, name="export-sessions-parquet"),
    path("studies/<slug:slug>/export/data-set.zip", whole_data_set, name="export-data-set"),
    path("studies/<slug:slug>/seeded", seeded, name="seeded"),
    path("studies/<slug:slug>/return/", return_of_assistant, name="return"),
]
