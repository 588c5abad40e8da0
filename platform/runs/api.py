"""Backends and their baseline runs for scripts: the same verbs as the pages."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django.urls import path
from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.decorators import api_view, parser_classes
from rest_framework.parsers import FormParser, MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.access import person_of
from accounts.models import Person
from evaluator.errors import BadInput
from runs.baselines import baselines_of, import_and_evaluate, request_baseline
from runs.measured import measures_of
from runs.models import CheckResult, Finding, Run
from studies.access import backends_of, get_backend, get_study, get_study_for_research
from studies.archives import read_zip
from studies.models import Backend, SeededUse


class RunOut(serializers.ModelSerializer[Run]):
    """One evaluation. Counts are null until it is finished; a void run never has any."""

    digest = serializers.CharField(source="snapshot.digest", help_text="Of the snapshot that is judged.")
    pass_rate = serializers.FloatField(allow_null=True, help_text="Passed over counted checks, 0 to 1.")
    seconds = serializers.FloatField(allow_null=True)

    class Meta:
        model = Run
        fields = (
            *("id", "task_id", "purpose", "state", "void_reason", "digest", "queued_at", "started_at", "finished_at"),
            *("checks", "passed", "failed", "not_reached", "unstable", "pass_rate"),
            *("functional", "conforming", "conformance", "started", "start_error"),
            *("first_verdict_at", "seconds", "progress"),
        )


class CheckOut(serializers.ModelSerializer[CheckResult]):
    class Meta:
        model = CheckResult
        fields = (
            *("check_id", "title", "operation", "basis", "outcome", "blocked_by", "clause"),
            *("expected", "received", "exchange"),
        )


class FindingOut(serializers.ModelSerializer[Finding]):
    class Meta:
        model = Finding
        fields = ("verifier", "constraint", "rule", "path", "line", "message", "certainty")


class CauseOut(serializers.Serializer[object]):
    """What several failures have in common. `path` is empty and `line` 0 where the log names no line of the code."""

    title = serializers.CharField()
    checks = serializers.ListField(child=serializers.CharField(), help_text="Failed checks, the first to look at.")
    not_reached = serializers.IntegerField(help_text="Counted checks that these hold back.")
    path = serializers.CharField()
    line = serializers.IntegerField()
    log = serializers.CharField(help_text="What the server printed at that moment.")


class LatencyOut(serializers.Serializer[object]):
    operation = serializers.CharField()
    requests = serializers.IntegerField()
    p50_seconds = serializers.FloatField()
    p95_seconds = serializers.FloatField()


class StatementsOut(serializers.Serializer[object]):
    """SQL statements of one request with so many items in its answer."""

    operation = serializers.CharField()
    title = serializers.CharField()
    statements = serializers.IntegerField()
    items = serializers.IntegerField(help_text="Things in the answer.")


class MeasuresOut(serializers.Serializer[object]):
    """What was measured beside the verdict; null where it could not be. Nothing of it decides a check."""

    ready_seconds = serializers.FloatField(allow_null=True, help_text="From launch to the first healthy answer.")
    serving_seconds = serializers.FloatField(help_text="Time in which at least one request was under way.")
    requests = serializers.IntegerField()
    latencies = LatencyOut(many=True)
    peak_memory_bytes = serializers.IntegerField(allow_null=True)
    peak_memory_source = serializers.CharField(help_text="cgroup (exact), processes (sampled sum) or empty.")
    statements = StatementsOut(many=True)


class ToolFindingOut(serializers.Serializer[object]):
    """`line` and `column` count from 1, columns in UTF-16 code units; 0 where the tool named none."""

    path = serializers.CharField()
    line = serializers.IntegerField()
    column = serializers.IntegerField()
    rule = serializers.CharField(help_text="The tool's own name for it.")
    severity = serializers.CharField(help_text="error, warning or note.")
    message = serializers.CharField()


class ToolReportOut(serializers.Serializer[object]):
    """What an ordinary tool said, apart from the findings on constraints. It decides nothing."""

    tool = serializers.CharField()
    version = serializers.CharField()
    state = serializers.CharField(help_text="finished, not-applicable, timed-out or crashed.")
    seconds = serializers.FloatField()
    message = serializers.CharField(help_text="Why it is not finished, or what was left out.")
    findings = ToolFindingOut(many=True)


class VerdictOut(RunOut):
    """A run with everything that was found. While a run goes on after its first verdict, that one is shown."""

    results = CheckOut(many=True)
    findings = FindingOut(many=True)
    causes = CauseOut(many=True, help_text="Those first that cost the most checks.")
    tools = ToolReportOut(many=True, help_text="Filled some seconds after the verdict.")
    measures = serializers.SerializerMethodField()

    class Meta(RunOut.Meta):
        fields = (
            *RunOut.Meta.fields,
            *("causes", "results", "findings", "tools", "measures", "log"),
        )  # type: ignore[assignment]

    @extend_schema_field(MeasuresOut())
    def get_measures(self, run: Run) -> Any:
        return MeasuresOut(measures_of(run)).data


class BackendOut(serializers.ModelSerializer[Backend]):
    level = serializers.IntegerField()
    digest = serializers.CharField(source="snapshot.digest")
    baseline = serializers.SerializerMethodField()
    seeded = serializers.ChoiceField(
        choices=["", *SeededUse.values],
        source="seeded_use",
        help_text="practice or gold where we put a fault into it; empty: as generated.",
    )

    class Meta:
        model = Backend
        fields = (
            *("id", "name", "task_id", "level", "seeded", "fault_id", "fault_category", "generator"),
            *("digest", "imported_at", "baseline"),
        )

    def to_representation(self, backend: Backend) -> dict[str, Any]:
        """Who wrote it, and which fault was put into it, is for those who read reports."""
        shown = super().to_representation(backend)
        if not self.context["sees_reports"]:
            shown |= {"generator": {}, "fault_id": "", "fault_category": ""}
        return shown

    @extend_schema_field(RunOut(allow_null=True))
    def get_baseline(self, backend: Backend) -> Any:
        run = self.context["baselines"].get(backend.pk)
        return RunOut(run).data if run else None


class ImportIn(serializers.Serializer[object]):
    archive = serializers.FileField(help_text="A zip of the backend's files, at most 50 MB.")
    task_id = serializers.CharField(max_length=200, help_text="As `python -m evaluator tasks` lists them.")
    name = serializers.SlugField(max_length=160, required=False, help_text="The task id unless given.")
    generator = serializers.JSONField(required=False, help_text="Who wrote it: model, settings, condition.")


@extend_schema(methods=["GET"], responses=BackendOut(many=True), tags=["backends"])
@extend_schema(
    methods=["POST"], request={"multipart/form-data": ImportIn}, responses={201: BackendOut}, tags=["backends"]
)
@api_view(["GET", "POST"])
@parser_classes([MultiPartParser, FormParser])
def backends(request: Request, slug: str) -> Response:
    """The backends of a study you may see; or import one, which is then evaluated."""
    person = person_of(request)
    if request.method == "GET":
        return Response(_shown(person, backends_of(person, get_study(person, slug)).select_related("snapshot")))
    study = get_study_for_research(person, slug)
    given = ImportIn(data=request.data)
    given.is_valid(raise_exception=True)
    values = given.validated_data
    if not isinstance(values.get("generator", {}), dict):
        raise serializers.ValidationError({"generator": ["The generator must be a JSON object."]})
    try:
        backend, _ = import_and_evaluate(
            study=study,
            files=read_zip(values["archive"], size=values["archive"].size),
            task_id=values["task_id"],
            name=values.get("name", ""),
            generator=values.get("generator"),
            imported_by=person,
        )
    except BadInput as error:
        raise serializers.ValidationError({"archive": [str(error)]}) from error
    return Response(_shown(person, [backend])[0], status=201)


@extend_schema(responses=BackendOut, tags=["backends"])
@api_view(["GET"])
def backend(request: Request, pk: int) -> Response:
    """One backend with its baseline run."""
    person = person_of(request)
    return Response(_shown(person, [get_backend(person, pk)])[0])


@extend_schema(request=None, responses={202: RunOut}, tags=["runs"])
@api_view(["POST"])
def evaluate(request: Request, pk: int) -> Response:
    """Evaluate a backend as it was generated once more."""
    person = person_of(request)
    backend = get_backend(person, pk)
    get_study_for_research(person, backend.study.slug)
    return Response(RunOut(request_baseline(backend=backend)).data, status=202)


def _shown(person: Person, backends: QuerySet[Backend] | list[Backend]) -> Any:
    context = {"baselines": baselines_of(backends), "sees_reports": person.sees_reports}
    return BackendOut(backends, many=True, context=context).data


urlpatterns = [
    path("studies/<slug:slug>/backends", backends),
    path("backends/<int:pk>", backend),
    path("backends/<int:pk>/runs", evaluate),
]
