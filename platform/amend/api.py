"""The REST API: the same verbs as the pages, described at /api/v1/schema and to be tried at /api/v1/docs."""

from csp.decorators import csp_update
from django.urls import include, path
from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerSplitView

urlpatterns = [
    path("", include("accounts.api")),
    path("", include("studies.api")),
    path("", include("runs.api")),
    path("", include("annotations.api")),
    path("", include("reports.api")),
    path("schema", SpectacularAPIView.as_view(), name="schema"),
    # The split view keeps its script in an answer of its own, so that it holds under the content security policy;
    # but Swagger writes style attributes, which this one page therefore allows.
    path(
        "docs",
        csp_update({"style-src": "'unsafe-inline'"})(SpectacularSwaggerSplitView.as_view(url_name="schema")),
        name="docs",
    ),
]
