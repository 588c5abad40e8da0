"""The requests that label a cause or dispute a check; each answers with the fragment that shows what stands now."""

from __future__ import annotations

from typing import Annotated

import msgspec
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST

from accounts.access import person_of
from annotations.access import get_dispute_to_decide, get_judged_session, get_run_of_session
from annotations.endpoints import Number, answers, read
from annotations.judgements import MOST_DETAIL, decide_dispute, dispute_check, label_cause
from annotations.models import Ruling

Words = Annotated[str, msgspec.Meta(max_length=MOST_DETAIL)]
Id = Annotated[str, msgspec.Meta(max_length=160)]


class LabelBody(msgspec.Struct):
    run: Number
    cause: Annotated[str, msgspec.Meta(max_length=500)]
    category: Id = ""
    subcategory: Id = ""
    detail: Words = ""


class DisputeBody(msgspec.Struct):
    run: Number
    check: Id
    reason: Words = ""
    withdrawn: bool = False


@answers("POST")
def label(request: HttpRequest, pk: int) -> HttpResponse:
    """Label the cause of a group of failures; `annotations/_label.html`."""
    person = person_of(request)
    session = get_judged_session(person, pk)
    body = read(request, LabelBody)
    said = label_cause(
        session=session,
        run=get_run_of_session(session, body.run),
        cause=body.cause,
        author=person,
        category=body.category,
        subcategory=body.subcategory,
        detail=body.detail,
    )
    shown = {"label": said if said.category else None, "key": said.cause, "again": True}
    return render(request, "annotations/_label.html", shown)


@answers("POST")
def dispute(request: HttpRequest, pk: int) -> HttpResponse:
    """Dispute a check, or take that back; `annotations/_dispute.html`."""
    person = person_of(request)
    session = get_judged_session(person, pk)
    body = read(request, DisputeBody)
    said = dispute_check(
        session=session,
        run=get_run_of_session(session, body.run),
        check_id=body.check,
        author=person,
        reason=body.reason,
        withdrawn=body.withdrawn,
    )
    shown = {"dispute": None if said.withdrawn else said, "check_id": said.check_id}
    return render(request, "annotations/_dispute.html", shown)


@login_required
@require_POST
def decide(request: HttpRequest, pk: int, dispute_pk: int) -> HttpResponse:
    """A researcher's decision over a dispute, from the page of the session."""
    person = person_of(request)
    dispute = get_dispute_to_decide(person, pk, dispute_pk)
    ruling = request.POST.get("ruling", "")
    if ruling not in Ruling.values:
        messages.error(request, "Choose whether the check is wrong or stands.")
    else:
        decide_dispute(dispute=dispute, author=person, ruling=Ruling(ruling), note=request.POST.get("note", ""))
        messages.success(request, "The decision is recorded.")
    return redirect("annotations:session", pk)
