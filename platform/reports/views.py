"""Pages of figures and exports, for researchers and team leads among a study's members."""

from __future__ import annotations

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.cache import patch_vary_headers
from django.views.decorators.http import require_safe

from accounts.models import Person
from analysis.tables import to_csv, to_parquet
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
from reports.session_records import session_records
from studies.access import get_study_for_reports

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


def _person(request: HttpRequest) -> Person:
    person = request.user
    assert isinstance(person, Person)
    return person
