"""Pages that show backends with their verdicts: a study, a backend, and bringing one in."""

from __future__ import annotations

from dataclasses import dataclass

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_POST

from accounts.access import person_of
from accounts.models import Person
from evaluator.errors import BadInput
from runs.baselines import baseline_of, baselines_of, import_and_evaluate, request_baseline
from runs.models import Run
from runs.panels import build_panel
from studies.access import backends_of, get_backend, get_study, get_study_for_research
from studies.archives import read_zip
from studies.forms import AssignForm, ImportForm
from studies.models import Backend, Study
from studies.seeding import fault_of


@dataclass(frozen=True)
class BackendRow:
    """A backend with its baseline run, if it has one."""

    backend: Backend
    run: Run | None


@login_required
@require_GET
def study(request: HttpRequest, slug: str) -> HttpResponse:
    """A study: its backends with their verdicts, and for researchers the forms to import and to assign."""
    person = person_of(request)
    return _study_page(request, person, get_study(person, slug), ImportForm())


@login_required
@require_POST
def import_backend(request: HttpRequest, slug: str) -> HttpResponse:
    """Take a zip as a backend of the study and evaluate it. What is refused is said in a sentence beside the form."""
    person = person_of(request)
    chosen = get_study_for_research(person, slug)
    form = ImportForm(request.POST, request.FILES)
    if not form.is_valid():
        return _study_page(request, person, chosen, form, status=400)
    archive = form.cleaned_data["archive"]
    try:
        backend, _ = import_and_evaluate(
            study=chosen,
            files=read_zip(archive, size=archive.size),
            task_id=form.cleaned_data["task_id"] or archive.name.removesuffix(".zip"),
            name=form.cleaned_data["name"],
            imported_by=person,
        )
    except BadInput as error:
        form.add_error(None, str(error))
        return _study_page(request, person, chosen, form, status=400)
    messages.success(request, f"{backend} is imported. Its first evaluation is on the way.")
    return redirect("studies:backend", backend.pk)


@login_required
@require_GET
def backend(request: HttpRequest, pk: int) -> HttpResponse:
    """A backend as it was generated: its files and the verdict over it."""
    chosen = get_backend(person_of(request), pk)
    return render(request, "studies/backend.html", _backend_context(request, chosen) | {"files": _sizes(chosen)})


@login_required
@require_GET
def backend_panel(request: HttpRequest, pk: int) -> HttpResponse:
    """The verdict panel of a backend alone, for a page that waits for it."""
    chosen = get_backend(person_of(request), pk)
    return render(request, "studies/_backend_panel.html", _backend_context(request, chosen))


@login_required
@require_POST
def evaluate_again(request: HttpRequest, pk: int) -> HttpResponse:
    """Queue another baseline run, for instance after a void one."""
    person = person_of(request)
    chosen = get_backend(person, pk)
    get_study_for_research(person, chosen.study.slug)
    request_baseline(backend=chosen)
    messages.success(request, "The evaluation is asked for.")
    return redirect("studies:backend", pk)


def _study_page(
    request: HttpRequest, person: Person, study: Study, import_form: ImportForm, status: int = 200
) -> HttpResponse:
    backends = list(backends_of(person, study).select_related("snapshot", "study"))
    runs = baselines_of(backends)
    context = {
        "study": study,
        "rows": [BackendRow(backend, runs.get(backend.pk)) for backend in backends],
        "sees_reports": person.sees_reports,
        "may_change": person.is_researcher,
        "import_form": import_form,
        "assign_form": AssignForm(study=study),
    }
    return render(request, "studies/study.html", context, status=status)


def _backend_context(request: HttpRequest, backend: Backend) -> dict[str, object]:
    person = person_of(request)
    latest = Run.objects.filter(snapshot=backend.snapshot, task_id=backend.task_id, purpose="baseline").last()
    run = latest if latest and latest.state in {"queued", "running"} else baseline_of(backend)
    return {
        "backend": backend,
        "task": backend.task,
        "fault": fault_of(backend) if person.sees_reports else None,
        "sees_reports": person.sees_reports,
        "may_change": person.is_researcher,
        "run": run,
        "panel": build_panel(run) if run else None,
    }


def _sizes(backend: Backend) -> list[tuple[str, int, int | None]]:
    """Path, bytes and lines of each file; no lines for a file that is not text."""
    return [
        (path, len(content), None if b"\0" in content else len(content.splitlines()))
        for path, content in backend.snapshot.files().items()
    ]
