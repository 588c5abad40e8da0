"""Signing in and out, and the key for scripts."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth import views as auth_views
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from accounts.access import person_of
from accounts.tokens import has_token, renew_token, revoke_token

sign_in = auth_views.LoginView.as_view(template_name="accounts/sign_in.html", redirect_authenticated_user=True)
sign_out = auth_views.LogoutView.as_view()


@login_required
@never_cache
@require_http_methods(["GET", "POST"])
def token(request: HttpRequest) -> HttpResponse:
    """The key for scripts: shown once, when it is made."""
    person = person_of(request)
    if request.method == "POST" and request.POST.get("verb") == "revoke":
        revoke_token(person=person)
        messages.success(request, "The key is revoked; scripts that use it are signed out.")
        return redirect("accounts:token")
    key = renew_token(person=person) if request.method == "POST" else ""
    return render(request, "accounts/token.html", {"key": key, "has_token": has_token(person)})
