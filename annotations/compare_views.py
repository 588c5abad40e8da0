"""Comparing two states of a session: a page, the comparison of one file, and the rows of an expanded fold."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urlencode

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.templatetags.static import static
from django.views.decorators.http import require_GET

from accounts.access import person_of
from annotations.access import get_visible_session
from annotations.bought import bought_by
from annotations.diff_table import Mode, Pricing
from annotations.diffs import DiffHtml, render_binary_diff, render_diff, render_unchanged
from annotations.documents import open_document
from annotations.endpoints import answers
from annotations.file_changes import FileChange, file_changes
from annotations.models import RepairSession
from annotations.replay import BrokenLog
from annotations.versions import Version, version_of, versions_of


@dataclass(frozen=True)
class Comparing:
    """What an address asks to compare."""

    session: RepairSession
    versions: list[Version]
    before: Version
    after: Version
    mode: Mode
    ignore_whitespace: bool

    def address(self, **other: str) -> str:
        """The query of this comparison with some of it changed."""
        asked = {
            "from": self.before.key,
            "to": self.after.key,
            "mode": self.mode,
            "whitespace": "ignore" if self.ignore_whitespace else "",
        } | other
        return urlencode({key: value for key, value in asked.items() if value})


@login_required
@require_GET
def compare(request: HttpRequest, pk: int) -> HttpResponse:
    """Any two states of a session beside each other: the changed files, and the changes in one of them."""
    asked = _asked(request, pk)
    try:
        before, after = asked.before.files(), asked.after.files()
    except BrokenLog as error:
        context = {"session": asked.session, "broken": str(error), "asked": asked}
        return render(request, "annotations/compare.html", context, status=409)
    changes = file_changes(before, after)
    path = request.GET.get("path", "")
    chosen = next((change for change in changes if path in (change.before, change.after)), None)
    if chosen is None and path:
        chosen = _unchanged_file(path, before, after)
    elif chosen is None:
        chosen = changes[0] if changes else None
    context = {
        "session": asked.session,
        "own": asked.session.assignment.annotator_id == person_of(request).pk,
        "asked": asked,
        "changes": changes,
        "added": sum(change.added for change in changes),
        "removed": sum(change.removed for change in changes),
        "chosen": chosen,
        "diff": _compared(before, after, chosen, asked, bought=_bought(asked, chosen)) if chosen else None,
    }
    return render(request, "annotations/compare.html", context)


@answers("GET")
def diff(request: HttpRequest, pk: int) -> HttpResponse:
    """One file, `?from=` against `?to=` (generated against now), as `?mode=side` or `inline`."""
    asked, before, after, change = _asked_file(request, pk)
    context = {"diff": _compared(before, after, change, asked), "path": change.path}
    return render(request, "annotations/_diff.html", context)


@answers("GET")
def diff_rows(request: HttpRequest, pk: int) -> HttpResponse:
    """Unchanged rows that the comparison of a long file left out: `?rows=` line before, line after, how many."""
    asked, before, after, change = _asked_file(request, pk)
    documents = [open_document(before.get(change.before or "", b"")), open_document(after.get(change.after or "", b""))]
    numbers = request.GET.get("rows", "").split(",")
    try:
        first_before, first_after, count = (int(number) for number in numbers if len(number) < 9)
        texts = [document.text for document in documents if document]
        html = render_unchanged(
            *texts, path=change.path, mode=asked.mode, first_before=first_before, first_after=first_after, count=count
        )
    except (ValueError, TypeError, IndexError) as error:
        raise Http404("There are no such lines in this comparison.") from error
    return HttpResponse(f"<table>{html}</table>")


@answers("GET")
def file(request: HttpRequest, pk: int) -> HttpResponse:
    """A file of the state `?at=` as plain text, to be copied; 404 where it is not there or not text."""
    session = get_visible_session(person_of(request), pk)
    versions = versions_of(session)
    content = (
        version_of(versions, request.GET.get("at", ""), otherwise=versions[-1]).files().get(request.GET.get("path", ""))
    )
    document = open_document(content) if content is not None else None
    if document is None:
        raise Http404("There is no such text file in this state of the session.")
    return HttpResponse(document.to_bytes(), content_type="text/plain; charset=utf-8")


def _asked(request: HttpRequest, pk: int) -> Comparing:
    session = get_visible_session(person_of(request), pk)
    versions = versions_of(session)
    return Comparing(
        session=session,
        versions=versions,
        before=version_of(versions, request.GET.get("from", ""), otherwise=versions[0]),
        after=version_of(versions, request.GET.get("to", ""), otherwise=versions[-1]),
        mode="inline" if request.GET.get("mode") == "inline" else "side",
        ignore_whitespace=request.GET.get("whitespace") == "ignore",
    )


def _asked_file(request: HttpRequest, pk: int) -> tuple[Comparing, dict[str, bytes], dict[str, bytes], FileChange]:
    asked = _asked(request, pk)
    before, after = asked.before.files(), asked.after.files()
    path = request.GET.get("path", "")
    if path in before and path in after:
        return asked, before, after, FileChange(path, path, 0, 0)
    changes = file_changes(before, after)
    change = next((change for change in changes if path in (change.before, change.after)), None)
    return asked, before, after, change or _unchanged_file(path, before, after)


def _unchanged_file(path: str, before: dict[str, bytes], after: dict[str, bytes]) -> FileChange:
    if path not in before and path not in after:
        raise Http404(f"There is no file “{path[:200]}” in this session.")
    return FileChange(path if path in before else None, path if path in after else None, 0, 0)


def _bought(asked: Comparing, change: FileChange) -> Pricing | None:
    """What the edits of each place bought; nothing for a renamed file, whose lines have another history."""
    if change.kind == "renamed":
        return None
    return bought_by(asked.session, asked.versions, asked.before, asked.after, change.path)


def _compared(
    before: dict[str, bytes],
    after: dict[str, bytes],
    change: FileChange,
    asked: Comparing,
    *,
    bought: Pricing | None = None,
) -> DiffHtml:
    contents = (before.get(change.before or ""), after.get(change.after or ""))
    documents = [open_document(content) if content is not None else None for content in contents]
    if any(content is not None and document is None for content, document in zip(contents, documents, strict=True)):
        return render_binary_diff(*contents, path=change.path, mode=asked.mode)
    return render_diff(
        *(document.text if document else "" for document in documents),
        path=change.path,
        mode=asked.mode,
        sprite_url=static("amend/icons/sprite.svg"),
        ignore_whitespace=asked.ignore_whitespace,
        bought=bought,
    )
