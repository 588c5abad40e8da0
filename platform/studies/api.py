"""Studies and assignments for scripts: the same verbs as the pages."""

from __future__ import annotations

from django.core.exceptions import PermissionDenied
from django.urls import path
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import api_view
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.access import person_of
from accounts.models import Person
from evaluator.faults import catalogue
from studies.access import annotators_of, assignments_of, get_study, get_study_for_research, studies_of
from studies.assignments import assign_backends
from studies.models import Assignment, Backend, Study
from studies.seeding import count_gold


class StudyOut(serializers.ModelSerializer[Study]):
    class Meta:
        model = Study
        fields = ("slug", "name", "description", "protocol", "idle_limit_seconds", "time_limit_seconds", "counts_gold")


class AssignmentOut(serializers.ModelSerializer[Assignment]):
    backend = serializers.IntegerField(source="backend_id")
    task = serializers.CharField(source="backend.task_id")
    level = serializers.IntegerField(source="backend.level")
    annotator = serializers.CharField(source="annotator.pseudonym")
    seeded = serializers.CharField(source="backend.seeded_use", help_text="practice, gold or empty.")

    class Meta:
        model = Assignment
        fields = ("id", "position", "backend", "task", "level", "seeded", "annotator")


class AssignIn(serializers.Serializer[object]):
    annotator = serializers.CharField(help_text="Pseudonym of an annotator of the study.")
    backends = serializers.ListField(child=serializers.IntegerField(), allow_empty=False)


@extend_schema(responses=StudyOut(many=True), tags=["studies"])
@api_view(["GET"])
def studies(request: Request) -> Response:
    """The studies you take part in."""
    return Response(StudyOut(studies_of(person_of(request)), many=True).data)


class StudyIn(serializers.Serializer[object]):
    counts_gold = serializers.BooleanField(help_text="Whether sessions on gold tasks take part in its figures.")


@extend_schema(methods=["GET"], responses=StudyOut, tags=["studies"])
@extend_schema(methods=["PATCH"], request=StudyIn, responses=StudyOut, tags=["studies"])
@api_view(["GET", "PATCH"])
def study(request: Request, slug: str) -> Response:
    """One study; researchers say whether its gold tasks count."""
    person = person_of(request)
    if request.method == "GET":
        return Response(StudyOut(get_study(person, slug)).data)
    chosen = get_study_for_research(person, slug)
    given = StudyIn(data=request.data)
    given.is_valid(raise_exception=True)
    return Response(StudyOut(count_gold(study=chosen, counts=given.validated_data["counts_gold"])).data)


@extend_schema(responses=AssignmentOut(many=True), tags=["assignments"])
@api_view(["GET"])
def assignments(request: Request) -> Response:
    """Your own assignments in their order."""
    return Response(AssignmentOut(assignments_of(person_of(request)).select_related("annotator"), many=True).data)


@extend_schema(request=AssignIn, responses={201: AssignmentOut(many=True)}, tags=["assignments"])
@api_view(["POST"])
def assign(request: Request, slug: str) -> Response:
    """Append backends to an annotator's order of work; those already assigned keep their place."""
    study = get_study_for_research(person_of(request), slug)
    given = AssignIn(data=request.data)
    given.is_valid(raise_exception=True)
    annotator = _annotator(study, given.validated_data["annotator"])
    backends = _backends(study, given.validated_data["backends"])
    return Response(AssignmentOut(assign_backends(backends=backends, annotator=annotator), many=True).data, status=201)


class FaultOut(serializers.Serializer[object]):
    """A fault of the catalogue; its patch is not shown."""

    id = serializers.CharField()
    title = serializers.CharField(help_text="What is wrong, for somebody who knows.")
    statement = serializers.CharField(help_text="What somebody would report.")
    task = serializers.CharField(source="task.id")
    level = serializers.IntegerField(source="task.level")
    category = serializers.CharField(source="category.name")
    visible_with = serializers.CharField()
    difficulty = serializers.CharField()
    expected = serializers.ListField(child=serializers.CharField(), help_text="Checks or rules that notice it.")


@extend_schema(responses=FaultOut(many=True), tags=["studies"], filters=False)
@api_view(["GET"])
def faults(request: Request) -> Response:
    """The catalogue of seeded faults, for researchers and team leads: whoever repairs must not know it."""
    if not person_of(request).sees_reports:
        raise PermissionDenied("Only researchers and team leads see the catalogue of seeded faults.")
    return Response(FaultOut(catalogue(), many=True).data)


def _annotator(study: Study, pseudonym: str) -> Person:
    annotator = annotators_of(study).filter(pseudonym=pseudonym).first()
    if annotator is None:
        raise serializers.ValidationError({"annotator": [f"The study has no annotator “{pseudonym}”."]})
    return annotator


def _backends(study: Study, wanted: list[int]) -> list[Backend]:
    found = study.backends.in_bulk(wanted)
    if missing := [pk for pk in wanted if pk not in found]:
        raise serializers.ValidationError({"backends": [f"The study has no backend {missing[0]}."]})
    return [found[pk] for pk in wanted]


urlpatterns = [
    path("studies", studies),
    path("studies/<slug:slug>", study),
    path("studies/<slug:slug>/assignments", assign),
    path("assignments", assignments),
    path("faults", faults),
]
