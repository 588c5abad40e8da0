"""The page that replays a session, and what its player fetches."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from accounts.models import Person
from annotations.event_log import Holder
from annotations.models import RepairSession
from annotations.sessions import baseline_run
from runs.models import Run
from tests.personas import signed_in
from tests.site.conftest import FILES, batch, event, finish, insert

Post = Callable[..., Any]
pytestmark = pytest.mark.django_db


@pytest.fixture
def run(session: RepairSession, holder: Holder, post: Post) -> int:
    """A run that turned the failing check, asked for after one edit, with a selection before it."""
    post(
        "events",
        batch(holder, event(1, "opened", client="page-1"), insert(2), event(3, "selected", path="app.py", head=3)),
    )
    asked = post("checks", {"client": holder.client, "token": holder.token, "through": 3, "digest": ""}).json()["run"]
    finish(Run.objects.get(pk=asked), failing=0)
    post("events", batch(holder, event(4, "run.seen", run=asked), event(5, "file.deleted", path="run.sh"), first=4))
    return int(asked)


def test_the_page_shows_which_edits_turned_which_checks(browser: Client, session: RepairSession, run: int) -> None:
    html = browser.get(f"/sessions/{session.pk}/history/").content.decode()
    assert "<svg viewBox" in html
    assert " style=" not in html
    assert "turned <b>" in html
    assert "app.py · " in html
    assert f"?from=generated&amp;to=run-{run}" in html
    assert "Since the last run" in html


def test_a_row_of_the_ledger_is_called_by_the_check_it_fixed_and_the_cause_somebody_named(
    browser: Client, session: RepairSession, run: int, post: Post
) -> None:
    baseline = baseline_run(session)
    assert baseline is not None
    answered = baseline.results.get(check_id="bad.0")
    answered.pk, answered.run_id, answered.outcome = None, run, "passed"
    answered.save()
    label = {"run": baseline.pk, "cause": "app.py:7", "category": "logic_error", "subcategory": "incorrect_query_logic"}
    assert post("labels", label | {"detail": "The <key> is missing."}).status_code == 200
    html = browser.get(f"/sessions/{session.pk}/history/").content.decode()
    first, second = html.split('<li data-first="')[1:3]
    assert "<b>Thing 0 is refused</b>" in first
    assert "Root cause: Logic: Query. The &lt;key&gt; is missing." in first
    assert "Run 1" in first
    assert "<b>Edits in run.sh</b>" in second
    assert "Root cause" not in second


def test_the_browser_s_wrong_hash_is_an_incident_of_the_page(browser: Client, session: RepairSession, run: int) -> None:
    """The request above sent an empty hash: it is not that of the log, and that must not be hidden."""
    assert "The files differed from the record" in browser.get(f"/sessions/{session.pk}/history/").content.decode()


def test_the_steps_tell_time_kind_and_verdicts_of_every_entry(
    browser: Client, session: RepairSession, run: int
) -> None:
    steps = browser.get(f"/sessions/{session.pk}/history-steps").json()
    assert steps["tenths"] == [0, 10, 20, 30, 40]
    assert [steps["kinds"][kind] for kind in steps["kind_of"]] == [
        "opened",
        "edit",
        "selected",
        "run.seen",
        "file.deleted",
    ]
    assert steps["generated"]["app.py"] == FILES["app.py"].decode()
    assert steps["generated"]["logo.png"] is None
    baseline, asked = steps["runs"]
    assert (baseline["tenths"], asked["tenths"], asked["name"]) == (0, 30, "Run 1")
    assert set(asked["outcomes"]) - {"-"} == {"p"}
    assert "f" in baseline["outcomes"]
    assert len(steps["checks"]) == len(asked["outcomes"])


def test_a_chunk_holds_what_leads_from_its_keyframe_on(browser: Client, session: RepairSession, run: int) -> None:
    chunk = browser.get(f"/sessions/{session.pk}/history-chunk?n=0").json()
    assert (chunk["texts"], chunk["gone"]) == ({}, [])
    assert [entry["kind"] for entry in chunk["events"]] == ["edit", "selected", "file.deleted"]
    up_to = browser.get(f"/sessions/{session.pk}/history-chunk?n=0&through=2").json()
    assert [entry["seq"] for entry in up_to["events"]] == [2]
    for query in ("n=1", "n=-1", "n=x", "n=" + "9" * 30):
        assert browser.get(f"/sessions/{session.pk}/history-chunk?{query}").status_code == 404


def test_a_session_without_entries_says_what_will_appear(browser: Client, session: RepairSession) -> None:
    html = browser.get(f"/sessions/{session.pk}/history/").content.decode()
    assert "Nothing has been recorded yet" in html
    assert "history_page.js" not in html


def test_a_void_run_is_shown_and_counts_for_nothing(
    browser: Client, session: RepairSession, holder: Holder, post: Post
) -> None:
    post("events", batch(holder, insert(1)))
    asked = post("checks", {"client": holder.client, "token": holder.token, "through": 1, "digest": ""}).json()["run"]
    Run.objects.filter(pk=asked).update(state="void", void_reason="The sandbox would not start.")
    html = browser.get(f"/sessions/{session.pk}/history/").content.decode()
    assert "does not count" in html
    assert "turned <b>0 checks green</b>" in html


def test_a_broken_log_is_shown_up_to_where_it_breaks(
    browser: Client, session: RepairSession, holder: Holder, post: Post
) -> None:
    post("events", batch(holder, insert(1), event(2, "edit", path="app.py", changes=[3], user="")))
    html = browser.get(f"/sessions/{session.pk}/history/").content.decode()
    assert "does not replay to its end" in html
    assert browser.get(f"/sessions/{session.pk}/history-steps").json()["tenths"] == [0]


def test_only_who_may_see_the_session_may_replay_it(
    session: RepairSession, run: int, rita: Person, eve: Person
) -> None:
    for verb in ("history/", "history-steps", "history-chunk"):
        assert signed_in(rita).get(f"/sessions/{session.pk}/{verb}").status_code == 200
        assert signed_in(eve).get(f"/sessions/{session.pk}/{verb}").status_code == 404
        assert Client().get(f"/sessions/{session.pk}/{verb}").status_code in (302, 401)
