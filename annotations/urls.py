from django.urls import path

from annotations import compare_views, composing, endpoints, history_views, judging, views
from annotations.stream import stream

app_name = "annotations"
urlpatterns = [
    path("", views.home, name="home"),
    path("assignments/<int:pk>/open/", views.open_repair, name="open-repair"),
    path("sessions/<int:pk>/", views.session, name="session"),
    path("sessions/<int:pk>/repair/", views.workspace, name="workspace"),
    path("sessions/<int:pk>/verdict/", views.session_verdict, name="session-verdict"),
    # docs/workspace-protocol.md
    path("sessions/<int:pk>/state", endpoints.state, name="state"),
    path("sessions/<int:pk>/lease", endpoints.lease, name="lease"),
    path("sessions/<int:pk>/events", endpoints.events, name="events"),
    path("sessions/<int:pk>/checks", endpoints.checks, name="checks"),
    path("sessions/<int:pk>/some-checks", endpoints.some_checks, name="some-checks"),
    path("sessions/<int:pk>/stop", endpoints.stop, name="stop"),
    path("sessions/<int:pk>/labels", judging.label, name="label"),
    path("sessions/<int:pk>/disputes", judging.dispute, name="dispute"),
    path("sessions/<int:pk>/disputes/<int:dispute_pk>/decision", judging.decide, name="decide"),
    path("sessions/<int:pk>/backend", composing.start, name="keep-running"),
    path("sessions/<int:pk>/backend/beat", composing.beat, name="keep-beat"),
    path("sessions/<int:pk>/backend/requests", composing.send, name="keep-send"),
    path("sessions/<int:pk>/backend/end", composing.end, name="keep-end"),
    path("sessions/<int:pk>/close", endpoints.close, name="close"),
    path("sessions/<int:pk>/run-state", endpoints.run_state, name="run-state"),
    path("sessions/<int:pk>/run-panel", views.run_panel, name="run-panel"),
    path("sessions/<int:pk>/contract", views.contract, name="contract"),
    path("sessions/<int:pk>/stream", stream, name="stream"),
    path("sessions/stream", stream, name="streams"),
    path("sessions/<int:pk>/history/", history_views.history, name="history"),
    path("sessions/<int:pk>/history-steps", history_views.history_steps, name="history-steps"),
    path("sessions/<int:pk>/history-chunk", history_views.history_chunk, name="history-chunk"),
    path("sessions/<int:pk>/compare/", compare_views.compare, name="compare"),
    path("sessions/<int:pk>/diff", compare_views.diff, name="diff"),
    path("sessions/<int:pk>/diff-rows", compare_views.diff_rows, name="diff-rows"),
    path("sessions/<int:pk>/file", compare_views.file, name="file"),
    path("sessions/<int:pk>/log", views.log, name="log"),
]
