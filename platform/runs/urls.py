"""Pages of a study that show runs; `amend.urls` puts them beside those of studies.urls."""

from django.urls import URLPattern, path

from runs import views

study_pages: list[URLPattern] = [
    path("backends/<int:pk>/", views.backend, name="backend"),
    path("backends/<int:pk>/panel/", views.backend_panel, name="backend-panel"),
    path("backends/<int:pk>/evaluate/", views.evaluate_again, name="evaluate-again"),
    path("<slug:slug>/", views.study, name="study"),
    path("<slug:slug>/import/", views.import_backend, name="import-backend"),
]
