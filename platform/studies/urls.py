"""Pages of a study that need no run; those that do are in runs.urls. `amend.urls` puts both into the namespace."""

from django.urls import URLPattern, path

from studies import views

study_pages: list[URLPattern] = [
    path("", views.studies, name="studies"),
    path("<slug:slug>/assign/", views.assign, name="assign"),
]
