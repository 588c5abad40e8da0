"""Faults in combination: seeded schedules of acts and faults in real browsers on the real site.

Each fault alone is in test_faults.py. `AMEND_FAULT_SEEDS=7,100-120` runs other schedules than the suite's;
`AMEND_FAULT_ACTS` sets how many acts each has. A failure prints its seed and its diary (docs/recorder.md).
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.journeys.conftest import Site
from tests.journeys.fault_machines import Machine
from tests.journeys.fault_schedule import Schedule
from tests.journeys.fault_truth import what_is_untrue

pytestmark = [pytest.mark.journey, pytest.mark.sandbox]
SUITE = "39,49"
MAKE = """
from tests.journeys.study import newcomer
from annotations.sessions import open_session
from studies.assignments import assign_backends
from studies.imports import import_backend
from studies.models import Assignment, Study
lines = "".join(f"def article_{{n}}(title):\\n    return {{{{'title': title, 'n': {{n}}}}}}\\n" for n in range(40))
files = {{
    "run.sh": b"#!/bin/sh\\nexit 1\\n", "requirements.txt": b"flask\\n", "app/services.py": lines.encode(),
    "app/models.py": b"class Article:\\r\\n    def rename(self, title):\\r\\n        self.title = title\\r\\n",
}}
study = Study.objects.get(slug="journey")
backend = import_backend(study=study, files=files, task_id="uv-flask-openapi-unconstrained", name="{name}")
assign_backends(backends=[backend], annotator=newcomer("{name}"))
result = open_session(assignment=Assignment.objects.get(backend=backend)).pk
"""


def seeds() -> list[int]:
    found: list[int] = []
    for part in os.environ.get("AMEND_FAULT_SEEDS", SUITE).split(","):
        first, _, last = part.partition("-")
        found += range(int(first), int(last or first) + 1)
    return found


@pytest.mark.parametrize("seed", seeds())
def test_nothing_is_lost_doubled_or_wrongly_said_whatever_goes_wrong_together(
    seed: int, chromium: str, site: Site, tmp_path: Path
) -> None:
    from playwright.sync_api import sync_playwright

    name = f"faults-{seed}"
    session = int(site.ask(MAKE.format(name=name)))
    address = f"{site.url}/sessions/{session}/repair/"
    with sync_playwright() as playwright:
        machines = [
            Machine(which, tmp_path / which, chromium, playwright, person=name, address=address)
            for which in ("laptop", "desktop")
        ]
        schedule = Schedule(seed, site, session, machines)
        try:
            schedule.run(int(os.environ.get("AMEND_FAULT_ACTS", "9")))
            untrue = what_is_untrue(schedule)
        finally:
            for machine in machines:
                if machine.context:
                    machine.context.close()
    assert not untrue, "\n".join([f"AMEND_FAULT_SEEDS={seed}", *untrue, "", *schedule.told])
