"""The list of studies, and who repairs what."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db.models import Count
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_POST

from accounts.access import person_of
from studies.access import get_study_for_research, studies_of
from studies.assignments import assign_backends
from studies.forms import AssignForm


@login_required
@require_GET
def studies(request: HttpRequest) -> HttpResponse:
    """The studies a person takes part in, as cards."""
    own = studies_of(person_of(request)).annotate(
        backend_count=Count("backends", distinct=True), member_count=Count("memberships__person", distinct=True)
    )
    return render(request, "studies/studies.html", {"studies": own})


@login_required
@require_POST
def assign(request: HttpRequest, slug: str) -> HttpResponse:
    """Append backends to an annotator's order of work."""
    study = get_study_for_research(person_of(request), slug)
    form = AssignForm(request.POST, study=study)
    if not form.is_valid():
        for errors in form.errors.values():
            messages.error(request, " ".join(map(str, errors)))
        return redirect("studies:study", slug)
    annotator = form.cleaned_data["annotator"]
    assigned = assign_backends(backends=form.cleaned_data["backends"], annotator=annotator)
    already = len(form.cleaned_data["backends"]) - len(assigned)
    sentence = f"{len(assigned)} assigned to {annotator}."
    messages.success(request, sentence + (f" {already} were already." if already else ""))
    return redirect("studies:study", slug)
