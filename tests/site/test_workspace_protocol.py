"""The requests of docs/workspace-protocol.md, as a browser sends them."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from accounts.models import Person
from annotations.event_log import Holder
from annotations.models import CheckRequest, RepairSession
from annotations.replay import Workspace
from runs.models import Run, RunPurpose
from tests.personas import signed_in
from tests.site.conftest import FILES, batch, event, finish, insert

Post = Callable[..., Any]
pytestmark = pytest.mark.django_db


def digest_after(*events: dict[str, Any]) -> str:
    workspace = Workspace(FILES)
    for one in events:
        workspace.apply(one)
    return workspace.digest()


def test_the_state_holds_the_files_as_the_log_has_them(
    browser: Client, session: RepairSession, holder: Holder, post: Post
) -> None:
    events = [event(1, "opened", client="page-1"), insert(2), event(3, "file.deleted", path="run.sh")]
    assert post("events", batch(holder, *events)).json() == {"accepted": 3}
    state = browser.get(f"/sessions/{session.pk}/state").json()
    files = {file["path"]: file for file in state["files"]}
    assert files["app.py"]["text"].startswith("# fixed\nimport flask")
    assert files["app.py"]["changed"]
    assert files["app.py"]["original"].startswith("import flask")
    assert files["logo.png"]["text"] is None
    assert files["logo.png"]["size"] == len(FILES["logo.png"])
    assert (state["accepted"], state["deleted"], state["active_seconds"]) == (3, ["run.sh"], 2.0)
    assert state["digest"] == digest_after(*events)
    assert state["last_run"]["purpose"] == "baseline"


def test_the_same_batch_sent_twice_is_stored_once_and_answered_the_same(
    session: RepairSession, holder: Holder, post: Post
) -> None:
    sent = batch(holder, event(1, "focus"), event(2, "blur"))
    assert post("events", sent).json() == post("events", sent).json() == {"accepted": 2}
    assert session.batches.count() == 1


def test_another_content_under_a_stored_number_is_broken(holder: Holder, post: Post) -> None:
    post("events", batch(holder, event(1, "focus")))
    answer = post("events", batch(holder, event(1, "blur")))
    assert answer.status_code == 409
    assert answer.json()["error"] == "broken"
    assert "Entry 1" in answer.json()["sentence"]


def test_a_gap_says_where_to_send_again_from(holder: Holder, post: Post) -> None:
    post("events", batch(holder, event(1, "focus")))
    answer = post("events", batch(holder, event(5, "focus"), first=5))
    assert (answer.status_code, answer.json()["error"], answer.json()["accepted"]) == (409, "gap", 1)


def test_a_second_page_must_ask_before_it_takes_over_and_then_fences_the_first(holder: Holder, post: Post) -> None:
    held = post("lease", {"client": "page-2"})
    assert (held.status_code, held.json()["error"]) == (409, "held")
    assert held.json()["since"]
    taken = post("lease", {"client": "page-2", "take_over": True}).json()
    assert taken["token"] == holder.token + 1
    fenced = post("events", batch(holder, event(1, "focus")))
    assert (fenced.status_code, fenced.json()["error"]) == (409, "fenced")


@pytest.mark.parametrize(
    "wrong",
    [
        {"events": [event(1, "shrugged")]},
        {"events": [event(1, "edit", path="app.py")]},
        {"events": []},
        {"first": "one"},
        {"events": [event(2, "focus")]},
    ],
)
def test_a_batch_that_is_not_of_the_protocol_is_refused_as_a_whole(
    session: RepairSession, holder: Holder, post: Post, wrong: dict[str, Any]
) -> None:
    answer = post("events", batch(holder, event(1, "focus")) | wrong)
    assert (answer.status_code, answer.json()["error"]) == (400, "refused")
    assert answer.json()["sentence"]
    assert not session.batches.exists()


def test_a_batch_that_is_too_large_is_refused_before_it_is_read(holder: Holder, post: Post) -> None:
    answer = post("events", batch(holder, event(1, "file.created", path="big.py", text="x" * 600_000)))
    assert (answer.status_code, answer.json()["error"]) == (413, "refused")


def test_checks_snapshot_the_files_of_the_log_and_queue_one_run(
    session: RepairSession, holder: Holder, post: Post
) -> None:
    post("events", batch(holder, insert(1)))
    answer = post(
        "checks", {"client": holder.client, "token": holder.token, "through": 1, "digest": digest_after(insert(1))}
    )
    assert answer.status_code == 202
    assert answer.json()["digest_matches"]
    run = Run.objects.get(pk=answer.json()["run"])
    assert run.snapshot.files()["app.py"].startswith(b"# fixed\n")
    again = post("checks", {"client": holder.client, "token": holder.token, "through": 1, "digest": ""})
    assert (again.status_code, again.json()["error"]) == (409, "running")


def test_checks_for_entries_that_have_not_arrived_wait_for_them(holder: Holder, post: Post) -> None:
    answer = post("checks", {"client": holder.client, "token": holder.token, "through": 9, "digest": ""})
    assert (answer.status_code, answer.json()["error"], answer.json()["accepted"]) == (409, "gap", 0)


def test_a_digest_that_differs_is_recorded_and_shown_and_the_run_judges_the_log(
    browser: Client, session: RepairSession, holder: Holder, post: Post
) -> None:
    """The browser's files and ours may differ by a bug of either: hiding it would make every later number doubtful."""
    body = {"client": holder.client, "token": holder.token, "through": 0, "digest": "ab" * 32, "reason": "gave_up"}
    assert post("close", body).status_code == 200
    assert not CheckRequest.objects.get().digest_matches
    assert "another hash" in browser.get(f"/sessions/{session.pk}/").content.decode()


def test_closing_ends_the_session_and_says_so_to_a_late_batch(
    browser: Client, session: RepairSession, holder: Holder, post: Post
) -> None:
    post("events", batch(holder, insert(1)))
    body = {
        "client": holder.client,
        "token": holder.token,
        "through": 1,
        "digest": "",
        "reason": "submitted",
        "note": "ok",
    }
    closed = post("close", body)
    assert closed.json()["next"] == f"/sessions/{session.pk}/"
    assert Run.objects.get(pk=closed.json()["run"]).purpose == RunPurpose.FINAL
    late = post("events", batch(holder, event(2, "focus"), first=2))
    assert (late.status_code, late.json()["error"]) == (409, "closed")
    assert "submitted" in late.json()["sentence"]
    assert browser.get(f"/sessions/{session.pk}/state").json()["closed"]


def test_a_session_is_not_closed_for_an_unknown_reason(session: RepairSession, holder: Holder, post: Post) -> None:
    answer = post("close", {"client": holder.client, "token": holder.token, "through": 0, "reason": "bored"})
    assert (answer.status_code, answer.json()["error"]) == (400, "refused")
    session.refresh_from_db()
    assert not session.closed


def test_a_change_that_does_not_fit_makes_the_log_broken_and_is_shown(
    browser: Client, session: RepairSession, holder: Holder, post: Post
) -> None:
    post("events", batch(holder, event(1, "edit", path="app.py", changes=[3, [1]], user="")))
    answer = post("checks", {"client": holder.client, "token": holder.token, "through": 1, "digest": ""})
    assert (answer.status_code, answer.json()["error"]) == (409, "broken")
    session.refresh_from_db()
    assert session.broken
    assert browser.get(f"/sessions/{session.pk}/state").json()["error"] == "broken"


@pytest.mark.parametrize("verb", ["state", "run-state", "run-panel", "stream", "diff?path=app.py", "log"])
def test_who_is_signed_out_is_told_in_json_and_not_sent_to_a_page(session: RepairSession, verb: str) -> None:
    answer = Client().get(f"/sessions/{session.pk}/{verb}")
    assert answer.status_code == 401
    assert answer.json()["error"] == "signed_out"


def test_a_beacon_carries_its_token_in_the_body(ada: Person, session: RepairSession, holder: Holder) -> None:
    strict = signed_in(ada, enforce_csrf_checks=True)
    strict.get(f"/sessions/{session.pk}/repair/")
    sent = batch(holder, event(1, "hidden"))
    address = f"/sessions/{session.pk}/events?beacon=1"
    refused = strict.post(address, json.dumps(sent), content_type="application/json")
    assert (refused.status_code, refused.json()["error"]) == (403, "signed_out")
    token = strict.cookies["csrftoken"].value
    taken = strict.post(address, json.dumps(sent | {"csrf": token}), content_type="application/json")
    assert taken.json() == {"accepted": 1}


def test_the_diff_shows_generated_against_present(
    browser: Client, session: RepairSession, holder: Holder, post: Post
) -> None:
    post("events", batch(holder, insert(1)))
    shown = browser.get(f"/sessions/{session.pk}/diff?path=app.py&mode=inline").content.decode()
    assert "# fixed" in shown
    assert " style=" not in shown
    assert "bytes" in browser.get(f"/sessions/{session.pk}/diff?path=logo.png").content.decode()
    assert browser.get(f"/sessions/{session.pk}/diff?path=../etc/passwd").status_code == 404


def test_the_run_panel_and_the_log_are_those_of_the_run_that_is_asked_for(
    browser: Client, session: RepairSession, holder: Holder, post: Post
) -> None:
    asked = post("checks", {"client": holder.client, "token": holder.token, "through": 0, "digest": ""}).json()["run"]
    assert browser.get(f"/sessions/{session.pk}/run-state").json()["state"] == "queued"
    assert "is waiting for its turn" in browser.get(f"/sessions/{session.pk}/run-panel?run={asked}").content.decode()
    finish(Run.objects.get(pk=asked), failing=0)
    panel = browser.get(f"/sessions/{session.pk}/run-panel?run={asked}").content.decode()
    assert "0 broken" in panel
    assert 'id="run-panel"' in panel
    assert browser.get(f"/sessions/{session.pk}/log?run={asked}")["Content-Type"].startswith("text/plain")
    assert browser.get(f"/sessions/{session.pk}/run-panel?run=999999").status_code == 404


def test_a_batch_that_overlaps_what_is_stored_adds_only_what_is_new(
    session: RepairSession, holder: Holder, post: Post
) -> None:
    post("events", batch(holder, event(1, "focus"), event(2, "blur")))
    longer = batch(holder, event(2, "blur"), event(3, "focus"), event(4, "blur"), first=2)
    assert post("events", longer).json() == {"accepted": 4}
    assert list(session.batches.values_list("first", "last")) == [(1, 2), (3, 4)]
    session.refresh_from_db()
    assert session.accepted == 4
    assert session.lease_expires_at is not None
