"""The replay of a session: a page with timeline and ledger, and what its player fetches."""

from __future__ import annotations

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.views.decorators.http import require_GET

from accounts.access import person_of
from annotations.access import get_visible_session
from annotations.endpoints import answers, reply
from annotations.history import History, chunk_of
from annotations.outcomes import outcome_of


@login_required
@require_GET
def history(request: HttpRequest, pk: int) -> HttpResponse:
    """The whole session to be played: code, cursor, checks and time together, and the ledger beside it."""
    person = person_of(request)
    session = get_visible_session(person, pk)
    context = {
        "session": session,
        "own": session.assignment.annotator_id == person.pk,
        "outcome": outcome_of(session),
        "history": History(session),
    }
    # A reason or the name of a file that was refused may hold half an emoji, which no page can be sent with.
    return HttpResponse(render_to_string("annotations/history.html", context, request).encode(errors="replace"))


@answers("GET")
def history_steps(request: HttpRequest, pk: int) -> HttpResponse:
    """When each entry up to `?through=` was, of which kind, the generated texts and the verdicts."""
    session = get_visible_session(person_of(request), pk)
    return reply(History(session, through=_number(request, "through", session.accepted)).steps())


@answers("GET")
def history_chunk(request: HttpRequest, pk: int) -> HttpResponse:
    """The files at the start of chunk `?n=` of the log up to `?through=`, and its entries."""
    session = get_visible_session(person_of(request), pk)
    try:
        return reply(chunk_of(session, _number(request, "n", 0), through=_number(request, "through", session.accepted)))
    except IndexError as error:
        raise Http404("The log has no such chunk.") from error


def _number(request: HttpRequest, name: str, otherwise: int) -> int:
    said = request.GET.get(name, "")
    if not said:
        return otherwise
    if not said.isascii() or not said.isdecimal() or len(said) > 12:
        raise Http404(f"“{name}” is not a number.")
    return int(said)
