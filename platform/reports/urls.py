"""Addresses of the reports, from the site's root on; a study's own pages are in `studies.urls`."""

from __future__ import annotations

from django.urls import path

from reports import views

app_name = "reports"
urlpatterns = [
    path("studies/<slug:slug>/effort/", views.effort, name="effort"),
    path("studies/<slug:slug>/effort/levels.csv", views.effort_levels, name="effort-levels"),
    path("studies/<slug:slug>/effort/sessions.csv", views.effort_sessions, name="effort-sessions"),
    path("studies/<slug:slug>/seeded/", views.seeded, name="seeded"),
    path("studies/<slug:slug>/seeded/add/", views.add_seeded_faults, name="add-seeded-faults"),
    path("studies/<slug:slug>/seeded/counting/", views.count_gold_tasks, name="count-gold-tasks"),
    path("studies/<slug:slug>/return/", views.return_page, name="return-page"),
    path("studies/<slug:slug>/export/", views.export, name="export"),
    path("studies/<slug:slug>/export/data-set.zip", views.export_data_set, name="export-data-set"),
    path("studies/<slug:slug>/export/sessions.csv", views.export_sessions_csv, name="export-sessions-csv"),
    path("studies/<slug:slug>/export/sessions.parquet", views.export_sessions_parquet, name="export-sessions-parquet"),
    path("studies/<slug:slug>/export/dictionary.csv", views.export_dictionary_csv, name="export-dictionary-csv"),
    path(
        "studies/<slug:slug>/export/dictionary.md", views.export_dictionary_markdown, name="export-dictionary-markdown"
    ),
]
