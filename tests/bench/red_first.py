"""`python -m tests.bench.red_first [REPEATS]`: from the click on “Run checks” to what became of the red checks.

A real site, a real Chromium, demo backends with a seeded fault. All times are milliseconds since the click, read from
one clock of one machine: the browser's (`Date.now`), the row of the run and the news as they were published.
"""

from __future__ import annotations

import json
import shutil
import statistics
import sys
import threading
import time
from pathlib import Path
from typing import Any

import redis

from tests.journeys.conftest import Site, browser_page, running_site
from tests.journeys.steps import sign_in, until, workspace_ready

ROOT = Path(__file__).resolve().parent.parent.parent
FAULTS = ("express-following-the-wrong-way", "flask-unfavourite-not-committed")
MAKE = f"from tests.bench.red_first import make; make({FAULTS!r})"
STEPS = (
    ("queued", "the log saved, replayed, and the run queued"),
    ("claimed", "a worker has claimed it"),
    ("launching", "its dependencies are found, the sandbox is launched"),
    ("ready", "the backend answers its health check"),
    ("first_told", "the first red check is answered, and told"),
    ("first_shown", "… and shown on the page"),
    ("all_told", "all red checks are answered, and told"),
    ("all_shown", "… and shown on the page"),
    ("verdict", "the verdict is stored"),
    ("verdict_shown", "… and shown on the page"),
)
WATCH = """() => {
  const seen = (window.seen = { click: Date.now() });
  const note = (name, is) => { if (is && !(name in seen)) seen[name] = Date.now(); };
  const before = document.querySelector('#run-panel').dataset.run;
  const look = () => {
    const red = [...document.querySelectorAll('#run-live [data-awaited]')];
    note('first_shown', red.some((one) => one.dataset.now));
    note('all_shown', red.length && red.every((one) => one.dataset.now));
    const panel = document.querySelector('#run-panel');
    note('verdict_shown', panel.dataset.run !== before && panel.hasAttribute('data-results'));
    note('ended', panel.dataset.run !== before && panel.dataset.runState === 'finished');
  };
  new MutationObserver(look).observe(document.body, { childList: true, subtree: true, attributes: true });
  document.querySelector('#run-checks').click();
}"""


def make(faults: tuple[str, ...]) -> None:
    """The study: each fault's backend with its baseline, assigned to one annotator."""
    from django.core.management import call_command

    from accounts.models import Person, Role
    from annotations.sessions import open_session
    from evaluator.faults import fault_named, mutated_files
    from runs.evaluation import request_run, work_on_run
    from runs.models import RunPurpose
    from studies.assignments import assign_backends
    from studies.imports import import_backend
    from studies.models import Membership, Study

    call_command("migrate", verbosity=0)
    annotator = Person.objects.create_user("annotator", password="journey-pass-1", pseudonym="A1", role=Role.ANNOTATOR)
    study = Study.objects.create(name="Bench", slug="bench")
    Membership.objects.create(study=study, person=annotator)
    for fault in map(fault_named, faults):
        backend = import_backend(study=study, files=mutated_files(fault), task_id=fault.task.id, name=fault.id)
        run = request_run(
            snapshot=backend.snapshot, task_id=backend.task_id, purpose=RunPurpose.BASELINE, announce=False
        )
        work_on_run(run.pk)
        (assignment,) = assign_backends(backends=[backend], annotator=annotator)
        open_session(assignment=assignment)


def main(repeats: int) -> int:
    chromium = shutil.which("chromium") or shutil.which("google-chrome") or ""
    with running_site(ROOT / "var" / "bench", make=MAKE, port=8466) as site, browser_page(chromium) as (page, _):
        sign_in(page, site, "annotator")
        for number, fault in enumerate(FAULTS, start=1):
            page.goto(f"{site.url}/sessions/{number}/repair/")
            workspace_ready(page)
            timelines = [click(page, site) for _ in range(repeats + 1)][1:]  # the first one warms everything up
            print_table(fault, timelines)
    return 0


def click(page: Any, site: Site) -> dict[str, float]:
    """One click and its timeline, milliseconds since the click."""
    news = News(site)
    page.evaluate(WATCH)
    until(page, "'ended' in window.seen", seconds=90)
    page.wait_for_timeout(300)
    seen = page.evaluate("window.seen")
    told = news.end()
    run = site.ask(
        "from runs.models import Run\n"
        f"run = Run.objects.get(pk={told[-1][1]['run']})\n"
        "at = lambda moment: moment.timestamp() * 1000\n"
        "launching = at(run.started_at) + 1000 * run.timings['prepare']\n"
        "result = {'queued': at(run.queued_at), 'claimed': at(run.started_at), 'launching': launching,"
        " 'ready': launching + 1000 * run.timings['start'], 'verdict': at(run.first_verdict_at or run.finished_at)}"
    )
    moments = {**seen, **run, **_told(told)}
    return {name: moments[name] - seen["click"] for name, _ in STEPS if name in moments}


def _told(told: list[tuple[float, dict[str, Any]]]) -> dict[str, float]:
    first: dict[str, float] = {}
    for at, said in told:
        answered = said.get("answered", {})
        for name, is_so in (
            ("first_told", bool(answered)),
            ("all_told", bool(said.get("first")) and len(answered) == said.get("first")),
        ):
            if is_so:
                first.setdefault(name, at)
    return first


class News:
    """Everything that is published about runs, with the moment it was heard (milliseconds since 1970)."""

    def __init__(self, site: Site) -> None:
        self._heard: list[tuple[float, dict[str, Any]]] = []
        self._pubsub = redis.Redis(unix_socket_path=str(site.state / "valkey.sock")).pubsub()  # type: ignore[no-untyped-call]
        self._pubsub.psubscribe("amend:run:*")
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._listen, daemon=True)
        self._thread.start()

    def end(self) -> list[tuple[float, dict[str, Any]]]:
        self._over.set()
        self._thread.join()
        return self._heard

    def _listen(self) -> None:
        while not self._over.is_set():
            message = self._pubsub.get_message(ignore_subscribe_messages=True, timeout=0.05)
            if message:
                self._heard.append((time.time() * 1000, json.loads(message["data"])))


def print_table(fault: str, timelines: list[dict[str, float]]) -> None:
    print(f"\n{fault}, {len(timelines)} clicks{'median ms':>40}{'fastest':>10}")
    for name, words in STEPS:
        moments = [timeline[name] for timeline in timelines if name in timeline]
        if moments:
            print(f"  {words:<60}{statistics.median(moments):>10.0f}{min(moments):>10.0f}")


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]) if len(sys.argv) > 1 else 10))
