"""Pages of the human side: home, the workspace, and a session once it is over."""

from __future__ import annotations

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.csrf import ensure_csrf_cookie
from django.views.decorators.http import require_GET, require_POST

from accounts.access import person_of
from annotations.access import get_own_session, get_run_of_session, get_visible_session
from annotations.endpoints import answers
from annotations.known_answers import known_answer
from annotations.models import RepairSession, Ruling
from annotations.outcomes import final_run
from annotations.pages import annotator_home, greeting, panel_context, place_of, session_report
from annotations.sessions import Refused, latest_run, open_in_order
from annotations.taxonomy import CATEGORIES
from runs.contract_pages import contract_in_words
from runs.models import Run
from runs.partial import build_partial
from studies.access import get_assignment
from studies.models import SeededUse
from studies.seeding import fault_of


class ForecastForm(forms.Form):
    """How long the annotator expects to need; may be left empty."""

    forecast_minutes = forms.IntegerField(min_value=1, max_value=600, required=False)


@login_required
@require_GET
def home(request: HttpRequest) -> HttpResponse:
    """What an annotator does next; those who read reports find their studies instead."""
    person = person_of(request)
    if person.sees_reports:
        return redirect("studies:studies")
    context = {"home": annotator_home(person), "greeting": greeting(timezone.localtime())}
    return render(request, "annotations/home.html", context)


@login_required
@require_POST
def open_repair(request: HttpRequest, pk: int) -> HttpResponse:
    """Begin (or take up again) the session of an assignment, and go to its workspace."""
    person = person_of(request)
    assignment = get_assignment(person, pk)
    form = ForecastForm(request.POST)
    if not form.is_valid():
        messages.error(request, "The forecast must be a whole number of minutes from 1 to 600, or stay empty.")
        return redirect("annotations:home")
    try:
        session = open_in_order(assignment=assignment, forecast_minutes=form.cleaned_data["forecast_minutes"])
    except Refused as error:
        messages.error(request, str(error))
        return redirect("annotations:home")
    return redirect("annotations:session" if session.closed else "annotations:workspace", session.pk)


@login_required
@ensure_csrf_cookie
@require_GET
def workspace(request: HttpRequest, pk: int) -> HttpResponse:
    """The editor with the checks beside it, for the session's own annotator."""
    session = get_own_session(person_of(request), pk)
    if session.closed:
        return redirect("annotations:session", pk)
    backend = session.assignment.backend
    run = latest_run(session)
    context = {
        "session": session,
        "assignment": place_of(session.assignment),
        "task": backend.task,
        "backend": backend,
        "statement": fault.statement if (fault := fault_of(backend)) else "",
        "study": backend.study,
        "categories": CATEGORIES,
    }
    context |= panel_context(session, run)
    return render(request, "annotations/workspace.html", context)


@login_required
@require_GET
def session(request: HttpRequest, pk: int) -> HttpResponse:
    """A session: what came out, what it cost, what changed. An open one of one's own goes to the workspace."""
    person = person_of(request)
    chosen = get_visible_session(person, pk)
    if not chosen.closed and chosen.assignment.annotator_id == person.pk:
        return redirect("annotations:workspace", pk)
    report, backend = session_report(chosen), chosen.assignment.backend
    context = panel_context(chosen, report.final) | {
        "report": report,
        "session": chosen,
        "may_decide": person.is_researcher,
        "rulings": Ruling.choices,
        "known": known_answer(chosen) if person.sees_reports or backend.seeded_use == SeededUse.PRACTICE else None,
    }
    return render(request, "annotations/session.html", context)


@login_required
@require_GET
def session_verdict(request: HttpRequest, pk: int) -> HttpResponse:
    """The final verdict alone, for a session page that waits for it."""
    chosen = get_visible_session(person_of(request), pk)
    context = panel_context(chosen, final_run(chosen)) | {"session": chosen}
    response = render(request, "annotations/_session_verdict.html", context)
    panel = context["panel"]
    if panel and not panel.waits:
        response["HX-Refresh"] = "true"  # outcome and counts above it have changed, too
    return response


@login_required
@require_GET
def contract(request: HttpRequest, pk: int) -> HttpResponse:
    """What the generator was asked for: operations, clauses and checks; with `?in=panel` without a page around it."""
    chosen = get_visible_session(person_of(request), pk)
    task = chosen.assignment.backend.task
    template = "runs/_contract.html" if request.GET.get("in") == "panel" else "annotations/contract.html"
    return render(request, template, {"contract": contract_in_words(task), "task": task})


@answers("GET")
def run_panel(request: HttpRequest, pk: int) -> HttpResponse:
    """The panel of `?run=`, or of the last run: counts, what changed, failures with exchange and log.

    Of a partial run, `runs/_partial.html`.
    """
    chosen = get_visible_session(person_of(request), pk)
    run = _wanted_run(request, chosen)
    if run.partial:
        return render(request, "annotations/_partial.html", {"partial": build_partial(run), "session": chosen})
    return render(request, "annotations/_run_panel.html", panel_context(chosen, run) | {"session": chosen})


@answers("GET")
def log(request: HttpRequest, pk: int) -> HttpResponse:
    """What the server printed during `?run=`, or during the last run, as plain text."""
    chosen = get_visible_session(person_of(request), pk)
    return HttpResponse(_wanted_run(request, chosen).log, content_type="text/plain; charset=utf-8")


def _wanted_run(request: HttpRequest, session: RepairSession) -> Run:
    wanted = request.GET.get("run", "")
    if wanted.isdecimal() and len(wanted) < 19:
        return get_run_of_session(session, int(wanted))
    run = None if wanted else latest_run(session)
    if run is None:
        raise Http404("There is no such run in this session.")
    return run
