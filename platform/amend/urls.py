"""Which page answers which address. Pages of a study need its runs, so their names are put together here."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver, include, path

from runs.urls import study_pages as pages_with_runs
from studies.urls import study_pages

handler400 = "amend.views.bad_request"
handler403 = "amend.views.permission_denied"
handler404 = "amend.views.page_not_found"
handler500 = "amend.views.server_error"

urlpatterns: list[URLPattern | URLResolver] = [
    path("accounts/", include("accounts.urls")),
    path("studies/", include(([*study_pages, *pages_with_runs], "studies"))),
    path("api/v1/", include("amend.api")),
    path("", include("reports.urls")),
    path("", include("annotations.urls")),
]
