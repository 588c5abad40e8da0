"""Studies and assignments for scripts: the same verbs as the pages."""

from __future__ import annotations

from django.urls import path
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import api_view
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.access import person_of
from accounts.models import Person
from studies.access import annotators_of, assignments_of, get_study, get_study_for_research, studies_of
from studies.assignments import assign_backends
from studies.models import Assignment, Backend, Study


class StudyOut(serializers.ModelSerializer[Study]):
    class Meta:
        model = Study
        fields = ("slug", "name", "description", "protocol", "idle_limit_seconds", "time_limit_seconds")


class AssignmentOut(serializers.ModelSerializer[Assignment]):
    backend = serializers.IntegerField(source="backend_id")
    task = serializers.CharField(source="backend.task_id")
    level = serializers.IntegerField(source="backend.level")
    annotator = serializers.CharField(source="annotator.pseudonym")

    class Meta:
        model = Assignment
        fields = ("id", "position", "backend", "task", "level", "annotator")


class AssignIn(serializers.Serializer[object]):
    annotator = serializers.CharField(help_text="Pseudonym of an annotator of the study.")
    backends = serializers.ListField(child=serializers.IntegerField(), allow_empty=False)


@extend_schema(responses=StudyOut(many=True), tags=["studies"])
@api_view(["GET"])
def studies(request: Request) -> Response:
    """The studies you take part in."""
    return Response(StudyOut(studies_of(person_of(request)), many=True).data)


@extend_schema(responses=StudyOut, tags=["studies"])
@api_view(["GET"])
def study(request: Request, slug: str) -> Response:
    """One study."""
    return Response(StudyOut(get_study(person_of(request), slug)).data)


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
]
