"""Pages of figures and exports, for researchers and team leads among a study's members."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.cache import patch_vary_headers
from django.views.decorators.http import require_POST, require_safe

from accounts.models import Person
from analysis.tables import to_csv, to_parquet
from annotations.known_answers import add_seeded
from evaluator.faults import fault_named
from reports.archive import attachment
from reports.data_set import data_set
from reports.dictionary import TABLES, dictionary_csv, dictionary_markdown
from reports.effort_report import (
    effort_report,
    finding,
    minutes_figure,
    minutes_finding,
    pass_rate_figure,
    pass_rate_finding,
    survival_figure,
)
from reports.effort_tables import levels_csv, sessions_csv
from reports.forms import ReturnForm
from reports.return_report import levels_figure, levels_finding, measured_inputs, return_report, verdict
from reports.seeded import seeded_report
from reports.session_records import session_records
from studies.access import get_study_for_reports, get_study_for_research
from studies.forms import SeedForm
from studies.models import SeededUse, Study
from studies.seeding import count_gold

CSV, MARKDOWN, PARQUET = "text/csv; charset=utf-8", "text/markdown; charset=utf-8", "application/vnd.apache.parquet"


@require_safe
@login_required
def effort(request: HttpRequest, slug: str) -> HttpResponse:
    """Effort per constraint level: the finding, the figures, the tables, and how each number was made."""
    study = get_study_for_reports(_person(request), slug)
    report = effort_report(study=study)
    context = {
        "study": study,
        "report": report,
        "finding": finding(report),
        "pass_rate_finding": pass_rate_finding(report),
        "pass_rate_figure": pass_rate_figure(report),
        "minutes_finding": minutes_finding(report),
        "minutes_figure": minutes_figure(report),
        "survival_figure": survival_figure(report),
    }
    return render(request, "reports/effort.html", context)


@require_safe
@login_required
def effort_levels(request: HttpRequest, slug: str) -> StreamingHttpResponse:
    """The table per level as CSV."""
    study = get_study_for_reports(_person(request), slug)
    chunks = levels_csv(effort_report(study=study))
    return attachment(request, chunks, name=f"{slug}-effort-by-level.csv", content_type=CSV)


@require_safe
@login_required
def effort_sessions(request: HttpRequest, slug: str) -> StreamingHttpResponse:
    """The table of sessions as CSV."""
    study = get_study_for_reports(_person(request), slug)
    chunks = sessions_csv(effort_report(study=study))
    return attachment(request, chunks, name=f"{slug}-effort-by-session.csv", content_type=CSV)


@require_safe
@login_required
def export(request: HttpRequest, slug: str) -> HttpResponse:
    """What the data set holds, and the ways to take it away."""
    study = get_study_for_reports(_person(request), slug)
    context = {"study": study, "sessions": len(session_records(study=study)), "tables": TABLES}
    return render(request, "reports/export.html", context)


@require_safe
@login_required
def export_data_set(request: HttpRequest, slug: str) -> StreamingHttpResponse:
    """The whole data set as a zip."""
    study = get_study_for_reports(_person(request), slug)
    chunks = data_set(study=study, now=timezone.now())
    return attachment(request, chunks, name=f"{slug}.zip", content_type="application/zip")


@require_safe
@login_required
def export_sessions_csv(request: HttpRequest, slug: str) -> StreamingHttpResponse:
    study = get_study_for_reports(_person(request), slug)
    text = to_csv(session_records(study=study))
    return attachment(request, [text.encode()], name=f"{slug}-sessions.csv", content_type=CSV)


@require_safe
@login_required
def export_sessions_parquet(request: HttpRequest, slug: str) -> StreamingHttpResponse:
    study = get_study_for_reports(_person(request), slug)
    data = to_parquet(session_records(study=study))
    return attachment(request, [data], name=f"{slug}-sessions.parquet", content_type=PARQUET)


@require_safe
@login_required
def export_dictionary_csv(request: HttpRequest, slug: str) -> StreamingHttpResponse:
    get_study_for_reports(_person(request), slug)
    return attachment(request, dictionary_csv(), name="dictionary.csv", content_type=CSV)


@require_safe
@login_required
def export_dictionary_markdown(request: HttpRequest, slug: str) -> StreamingHttpResponse:
    get_study_for_reports(_person(request), slug)
    return attachment(request, [dictionary_markdown().encode()], name="dictionary.md", content_type=MARKDOWN)


@require_safe
@login_required
def return_page(request: HttpRequest, slug: str) -> HttpResponse:
    """Does the assistant pay? The address holds the inputs, so a link shares them; htmx asks for the answer alone."""
    study = get_study_for_reports(_person(request), slug)
    records = session_records(study=study)
    form = ReturnForm(request.GET if request.GET else None)
    report = return_report(records, form) if form.is_valid() else None
    context = {
        "study": study,
        "form": form,
        "report": report,
        "measured": measured_inputs(records),
        "answer": verdict(report.overall) if report else "",
        "levels_finding": levels_finding(report) if report else "",
        "levels_figure": levels_figure(report) if report else None,
    }
    alone = request.headers.get("HX-Request") == "true"
    response = render(request, "reports/_return_result.html" if alone else "reports/return.html", context)
    patch_vary_headers(response, ["HX-Request"])
    return response


@require_safe
@login_required
def seeded(request: HttpRequest, slug: str) -> HttpResponse:
    """The seeded faults of a study: who has which, who found it, and for researchers the form to add some."""
    person = _person(request)
    return _seeded_page(request, get_study_for_reports(person, slug), may_change=person.is_researcher)


@require_POST
@login_required
def add_seeded_faults(request: HttpRequest, slug: str) -> HttpResponse:
    """Put faults of the catalogue into a study, as practice or as gold tasks."""
    person = _person(request)
    study = get_study_for_research(person, slug)
    form = SeedForm(request.POST, study=study)
    if not form.is_valid():
        return _seeded_page(request, study, may_change=True, form=form, status=400)
    annotators = form.cleaned_data["annotators"]
    added = add_seeded(
        study=study,
        faults=[fault_named(id) for id in form.cleaned_data["faults"]],
        use=SeededUse(form.cleaned_data["use"]),
        annotators=annotators,
        added_by=person,
    )
    given = ", ".join(map(str, annotators)) or "nobody yet"
    messages.success(request, f"{len(added)} seeded, for {given}. The first evaluation is on the way.")
    return redirect("reports:seeded", slug)


@require_POST
@login_required
def count_gold_tasks(request: HttpRequest, slug: str) -> HttpResponse:
    """Say whether sessions on gold tasks take part in the study's figures."""
    study = get_study_for_research(_person(request), slug)
    count_gold(study=study, counts=request.POST.get("counts") == "yes")
    messages.success(
        request, f"Sessions on gold tasks {'take part' if study.counts_gold else 'take no part'} in figures."
    )
    return redirect("reports:seeded", slug)


def _seeded_page(
    request: HttpRequest, study: Study, *, may_change: bool, form: SeedForm | None = None, status: int = 200
) -> HttpResponse:
    context = {
        "study": study,
        "report": seeded_report(study=study),
        "may_change": may_change,
        "form": form or SeedForm(study=study),
    }
    return render(request, "reports/seeded.html", context, status=status)


def _person(request: HttpRequest) -> Person:
    person = request.user
    assert isinstance(person, Person)
    return person
