"""Signing in by script: a name and a password for a key, and who that key belongs to."""

from __future__ import annotations

from django.contrib.auth import authenticate
from django.urls import path
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import api_view, authentication_classes, permission_classes, throttle_classes
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.throttling import AnonRateThrottle

from accounts.access import person_of
from accounts.models import Person, Role
from accounts.tokens import take_token


class SignIn(serializers.Serializer[object]):
    username = serializers.CharField(max_length=150)
    password = serializers.CharField(max_length=200)


class Key(serializers.Serializer[object]):
    token = serializers.CharField(help_text="Send it as the header `Authorization: Token <token>`.")


class PersonOut(serializers.Serializer[object]):
    pseudonym = serializers.CharField()
    role = serializers.ChoiceField(choices=Role.choices)


class SignInRate(AnonRateThrottle):
    """Thirty attempts a minute from one address."""

    rate = "30/min"


@extend_schema(request=SignIn, responses=Key, tags=["people"], auth=[])
@api_view(["POST"])
@authentication_classes([])
@permission_classes([AllowAny])
@throttle_classes([SignInRate])
def token(request: Request) -> Response:
    """Exchange a user name and a password for a key."""
    given = SignIn(data=request.data)
    given.is_valid(raise_exception=True)
    person = authenticate(request._request, **given.validated_data)
    if not isinstance(person, Person):
        raise AuthenticationFailed("The user name or the password is wrong.")
    return Response({"token": take_token(person=person)})


@extend_schema(responses=PersonOut, tags=["people"])
@api_view(["GET"])
def me(request: Request) -> Response:
    """Who is signed in."""
    person = person_of(request)
    return Response({"pseudonym": person.pseudonym, "role": person.role})


urlpatterns = [path("token", token), path("me", me)]
