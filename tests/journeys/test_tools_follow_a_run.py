"""On the real site, the worker for tools looks at a run that has its verdict, and stores what they said."""

from __future__ import annotations

import pytest

from tests.journeys.conftest import Site

pytestmark = [pytest.mark.journey, pytest.mark.sandbox]
FIND = """
import time
from runs.models import Run
from runs.tasks import inspect_run
run = Run.objects.finished().get(task_id='uv-flask-openapi-unconstrained', purpose='baseline')
"""
ASK = FIND + "result = run.tools\ninspect_run.delay(run.pk)\n"
LOOK = f"""{FIND}
for _ in range(150):
    if run.tools: break
    time.sleep(0.2)
    run.refresh_from_db()
result = [[report['tool'], report['state']] for report in run.tools]
"""
LOOKS = 6  # of half a minute: tools let everybody else go first


def test_a_run_gets_the_reports_of_tools_from_their_own_worker(site: Site) -> None:
    assert site.ask(ASK) == []
    states: dict[str, str] = {}
    for _ in range(LOOKS):
        if states := dict(site.ask(LOOK)):
            break
    assert states["ruff"] == states["mypy"] == states["pylint"] == "finished"
    assert states["eslint"] == "not-applicable"
