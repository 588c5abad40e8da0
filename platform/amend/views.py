"""The pages for what went wrong: what happened, what it means for your work, what to do."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    return render(request, "400.html", status=400)


def permission_denied(request: HttpRequest, exception: Exception) -> HttpResponse:
    return render(request, "403.html", {"sentence": str(exception)}, status=403)


def page_not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    reason = exception.args[0] if exception.args else ""
    # The resolver's own 404 carries the patterns it tried, which say nothing to a reader.
    return render(request, "404.html", {"sentence": reason if isinstance(reason, str) else ""}, status=404)


def server_error(request: HttpRequest) -> HttpResponse:
    return render(request, "500.html", status=500)


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """A form came without the proof that it is of this site: mostly because of a sign-in in another tab."""
    if request.content_type == "application/json":
        sentence = "The page does not belong to the present sign-in. Sign in, then try again."
        return JsonResponse({"error": "signed_out", "sentence": sentence}, status=403)
    sentence = "The form is from before your present sign-in. Go back, load the page again and send it once more."
    return render(request, "403.html", {"sentence": sentence}, status=403)
