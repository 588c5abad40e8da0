"""An annotator who means harm, at the address that takes the log: each attempt gets a sentence, and nothing is lost.

What ordinary pages may get wrong is in test_workspace_protocol.py.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from accounts.models import Person
from annotations.event_log import Holder, read_events
from annotations.events import MOST_BYTES, MOST_SEQUENCE
from annotations.models import RepairSession
from annotations.sessions import open_session, take_lease
from studies.models import Assignment
from tests.personas import signed_in
from tests.site.conftest import FILES, batch, event, insert

Post = Callable[..., Any]
pytestmark = pytest.mark.django_db
LENGTH = len(FILES["app.py"])


def still_whole(post: Post, holder: Holder, session: RepairSession) -> bool:
    """The log holds what was there before, and takes what follows."""
    session.refresh_from_db()
    following = batch(holder, event(session.accepted + 1, "focus"), first=session.accepted + 1)
    stored = post("events", following).json() == {"accepted": session.accepted + 1}
    return stored and [one["seq"] for one in read_events(session)] == list(range(1, session.accepted + 2))


def raw(browser: Client, session: RepairSession, body: bytes, **how: Any) -> Any:
    return browser.post(f"/sessions/{session.pk}/events", body, content_type="application/json", **how)


def test_the_session_of_another_is_no_session_whatever_is_said_of_it(
    eve: Person, session: RepairSession, holder: Holder, post: Post
) -> None:
    stranger = signed_in(eve)
    for sent in (batch(holder, event(1, "focus")), batch(holder, event(5, "focus"), first=5), {"nonsense": 1}):
        answer = stranger.post(f"/sessions/{session.pk}/events", json.dumps(sent), content_type="application/json")
        assert (answer.status_code, answer.json()["error"]) == (404, "unknown")
        assert "such session" in answer.json()["sentence"]
    missing = stranger.post(f"/sessions/{2**62}/events", json.dumps(sent), content_type="application/json")
    assert missing.status_code == 404
    assert still_whole(post, holder, session)


@pytest.mark.parametrize("token", [0, -1, 2**31, 2**40, 2**63, 2**80])
def test_a_token_that_was_never_given_fences(session: RepairSession, holder: Holder, post: Post, token: int) -> None:
    answer = post("events", batch(Holder(holder.client, token), event(1, "focus")))
    assert (answer.status_code, answer.json()["error"]) in {(409, "fenced"), (400, "refused")}
    assert answer.json()["sentence"]
    assert still_whole(post, holder, session)


@pytest.mark.parametrize("client", ["", "page-2", "x" * 100_000, "nul\0nul", "\ud83d", "'; DROP TABLE x; --"])
def test_a_page_that_does_not_hold_the_session_writes_nothing(
    session: RepairSession, holder: Holder, post: Post, client: str
) -> None:
    answer = post("events", batch(Holder(client, holder.token), event(1, "focus")))
    assert (answer.status_code, answer.json()["error"]) in {(409, "fenced"), (400, "refused")}
    assert answer.json()["sentence"]
    assert still_whole(post, holder, session)


def test_a_token_of_before_a_take_over_fences_even_where_the_numbers_were_given_anew(
    session: RepairSession, holder: Holder, post: Post
) -> None:
    """Both pages numbered on from the same entry: the one before is fenced, its record is not broken."""
    now = take_lease(session_id=session.pk, client="page-2", take_over=True)
    assert isinstance(now, RepairSession)
    post("events", batch(Holder("page-2", now.token), event(1, "focus"), event(2, "blur")))
    answer = post("events", batch(holder, event(1, "hidden"), event(2, "visible"), event(3, "blur")))
    assert (answer.status_code, answer.json()["error"]) == (409, "fenced")
    assert [one["kind"] for one in read_events(session)] == ["focus", "blur"]


@pytest.mark.parametrize("change", [{"kind": "blur"}, {"at": 5}, {"page": "page-9"}, {"more": 1}])
def test_a_batch_replayed_with_another_content_changes_nothing(
    session: RepairSession, holder: Holder, post: Post, change: dict[str, Any]
) -> None:
    sent = [event(1, "focus"), insert(2), event(3, "blur")]
    post("events", batch(holder, *sent))
    answer = post("events", batch(holder, sent[0] | change, *sent[1:]))
    assert (answer.status_code, answer.json()["error"]) == (409, "broken")
    assert "Entry 1" in answer.json()["sentence"]
    assert read_events(session) == sent
    assert still_whole(post, holder, session)


@pytest.mark.parametrize("first", [-1, 0, 2**40, 2**63 - 1, 2**63, 2**64, 10**30, MOST_SEQUENCE])
def test_a_number_at_the_extremes_is_refused(session: RepairSession, holder: Holder, post: Post, first: int) -> None:
    answer = post("events", batch(holder, event(1, "focus") | {"seq": first}, first=first))
    assert (answer.status_code, answer.json()["error"]) == (400, "refused")
    assert answer.json()["sentence"]
    assert still_whole(post, holder, session)


@pytest.mark.parametrize("sent_at", [-1, -(2**53), 2**53, 2**63, -(2**63), 10**30, -(10**30)])
def test_a_clock_at_the_extremes_keeps_nobody_from_writing(
    session: RepairSession, holder: Holder, post: Post, sent_at: int
) -> None:
    answer = post("events", batch(holder, event(1, "focus")) | {"sent_at": sent_at})
    assert answer.status_code in (200, 400), answer.content
    assert answer.json().get("accepted") == 1 or answer.json()["sentence"]
    assert still_whole(post, holder, session)


NOT_OF_THE_PROTOCOL: dict[str, dict[str, Any]] = {
    "a time that is no number": event(1, "focus") | {"at": "now"},
    "a negative time": event(1, "focus") | {"mono": -1},
    "a time beyond all calendars": event(1, "focus") | {"at": 253_402_300_800_000},
    "a clock beyond all numbers": event(1, "focus") | {"mono": 2**53},
    "a number beyond all integers": event(1, "selected", path="app.py", head=10**40),
    "a fraction for a number": event(1, "selected", path="app.py", head=1.5),
    "a truth for a number": event(1, "selected", path="app.py", head=True),
    "no kind": event(1, "focus") | {"kind": None},
    "an unknown kind": event(1, "file.emptied", path="app.py"),
    "a kind that is long": event(1, "x" * 100_000),
    "a kind that is a list": event(1, "focus") | {"kind": ["focus"]},
    "a page that is long": event(1, "focus") | {"page": "x" * 65},
    "changes that are a text": event(1, "edit", path="app.py", changes="all", user=""),
    "a path that is a number": event(1, "file.deleted", path=7),
    "a jump that is no number": event(1, "clock.jumped", seconds=float("nan")),
    "an endless jump": event(1, "clock.jumped", seconds=float("inf")),
    "a jump beyond all numbers": event(1, "clock.jumped", seconds=1e300),
    "no number anywhere": event(1, "focus", more=[{"deep": float("nan")}]),
}


@pytest.mark.parametrize("what", NOT_OF_THE_PROTOCOL)
def test_an_entry_that_is_not_of_the_protocol_is_refused_with_a_sentence(
    browser: Client, session: RepairSession, holder: Holder, post: Post, what: str
) -> None:
    good = event(1, "focus")
    bad = NOT_OF_THE_PROTOCOL[what] | {"seq": 2}
    answer = raw(browser, session, json.dumps(batch(holder, good, bad)).encode())
    assert (answer.status_code, answer.json()["error"]) == (400, "refused"), answer.content
    assert 10 < len(answer.json()["sentence"]) < 1_000
    session.refresh_from_db()
    assert session.accepted == 0  # the good one beside it neither
    assert still_whole(post, holder, session)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"null",
        b"[]",
        b"{}",
        b"\xff\xfe\x00",
        b'{"client":"page-1"',
        b"[" * 200_000,
        b"[" * 200_000 + b"]" * 200_000,
        b'{"a":' * 80_000 + b"1" + b"}" * 80_000,
        b'{"client":"page-1","token":1,"first":1,"sent_at":1,"events":' + b"[" * 900 + b"]" * 900 + b"}",
        b'{"client":"page-1","token":1e999,"first":1,"sent_at":1,"events":[{}]}',
        b"9" * 5_000,
    ],
    ids=lambda body: f"{body[:12]!r} {len(body)}",
)
def test_what_is_no_batch_is_refused_with_a_sentence(
    browser: Client, session: RepairSession, holder: Holder, post: Post, body: bytes
) -> None:
    answer = raw(browser, session, body)
    assert (answer.status_code, answer.json()["error"]) == (400, "refused"), answer.content
    assert 10 < len(answer.json()["sentence"]) < 1_000
    assert still_whole(post, holder, session)


def test_nested_as_deep_as_fits_is_refused_or_read_again_as_it_was_sent(
    browser: Client, session: RepairSession, holder: Holder, post: Post
) -> None:
    for depth in (10, 200, 500, 900, 1_500, 10_000, 250_000):
        session.refresh_from_db()
        seq = session.accepted + 1
        nested = "[" * depth + "]" * depth
        entry = json.dumps(event(seq, "focus"))[:-1] + f', "more": {nested}}}'
        body = json.dumps(batch(holder, first=seq)).replace('"events": []', f'"events": [{entry}]')
        answer = raw(browser, session, body.encode())
        assert answer.status_code in (200, 400, 413), answer.content
        assert "accepted" in answer.json() or answer.json()["sentence"]
        assert still_whole(post, holder, session)


def test_more_than_a_batch_may_have_is_refused_before_it_is_read(
    browser: Client, session: RepairSession, holder: Holder, post: Post
) -> None:
    answer = raw(browser, session, b'{"more": "' + b"x" * MOST_BYTES + b'"}')
    assert (answer.status_code, answer.json()["error"]) == (413, "refused")
    many = batch(holder, *(event(seq, "focus") for seq in range(1, 502)))
    answer = post("events", many)
    assert (answer.status_code, answer.json()["error"]) == (400, "refused")
    assert "500" in answer.json()["sentence"]
    assert still_whole(post, holder, session)


def test_a_beacon_from_a_page_of_another_site_is_refused(
    ada: Person, session: RepairSession, holder: Holder, post: Post
) -> None:
    strict = signed_in(ada, enforce_csrf_checks=True)
    strict.get(f"/sessions/{session.pk}/repair/")
    token = strict.cookies["csrftoken"].value
    sent = batch(holder, event(1, "hidden"))
    for body in (sent, sent | {"csrf": "x" * 32}, sent | {"csrf": token[:-1] + "!"}, sent | {"csrf": 5}):
        answer = raw(strict, session, json.dumps(body).encode(), query_params={"beacon": "1"})
        assert answer.status_code in (400, 403)
        assert answer.json()["sentence"]
    foreign = json.dumps(sent | {"csrf": token}).encode()
    assert raw(strict, session, foreign, headers={"Origin": "https://elsewhere.example"}).status_code == 403
    assert still_whole(post, holder, session)


DOES_NOT_FIT: dict[str, dict[str, Any]] = {
    "an offset beyond the text": event(1, "edit", path="app.py", changes=[LENGTH + 10, [0, "x"]], user=""),
    "a deletion beyond the text": event(1, "edit", path="app.py", changes=[[LENGTH + 1]], user=""),
    "a negative size": event(1, "edit", path="app.py", changes=[-5, [0, "x"], LENGTH + 5], user=""),
    "a negative deletion": event(1, "edit", path="app.py", changes=[[-1, "x"], LENGTH + 1], user=""),
    "a size beyond all integers": event(1, "edit", path="app.py", changes=[2**62, 2**62], user=""),
    "a section of nothing": event(1, "edit", path="app.py", changes=[[]], user=""),
    "a size that is a fraction": event(1, "edit", path="app.py", changes=[1.5, [0, "x"]], user=""),
    "a truth for a size": event(1, "edit", path="app.py", changes=[True, [0, "x"], LENGTH - 1], user=""),
    "a path out of the project": event(1, "file.created", path="../../etc/passwd", text=""),
    "an absolute path": event(1, "file.created", path="/etc/passwd", text=""),
    "a path with NUL": event(1, "file.created", path="a\0b", text=""),
    "a path with half an emoji": event(1, "file.created", path="\ud83d.py", text=""),
    "a path without end": event(1, "file.renamed", path="app.py", to="a/" * 5_000 + "b"),
    "a file below a file": event(1, "file.created", path="app.py/app.py", text=""),
    "an edit of what is no text": event(1, "edit", path="logo.png", changes=[[0, "x"], 6], user=""),
}


@pytest.mark.parametrize("what", DOES_NOT_FIT)
def test_an_entry_that_fits_no_file_is_recorded_shown_and_never_guessed_at(
    browser: Client, session: RepairSession, holder: Holder, post: Post, what: str
) -> None:
    post("events", batch(holder, DOES_NOT_FIT[what]))
    asked = post("checks", {"client": holder.client, "token": holder.token, "through": 1, "digest": ""})
    assert (asked.status_code, asked.json()["error"]) == (409, "broken")
    assert "Event 1" in asked.json()["sentence"]
    later = post("events", batch(holder, event(2, "focus"), first=2))
    assert later.json()["error"] == "broken"
    assert [one["seq"] for one in read_events(session)] == [1]
    assert browser.get(f"/sessions/{session.pk}/history/").status_code == 200


STRANGE: dict[str, dict[str, Any]] = {
    "the end of all calendars": event(1, "focus") | {"at": 253_402_300_799_999},
    "the beginning of time": event(1, "focus") | {"at": 0, "mono": 2**53 - 1},
    "negative counts": event(1, "stranded", entries=-(10**15)),
    "a jump of ages": event(1, "clock.jumped", seconds=-8e15),
    "a run of nobody": event(1, "run.seen", run=2**53 - 1),
    "a negative run": event(1, "checks.requested", run=-1),
    "a line before the first": event(1, "scrolled", path="nowhere", line=-(2**53 - 1)),
    "a reason that is a page": event(1, "paused", reason="<script>alert(1)</script>" * 1_000),
    "NUL in a reason": event(1, "paused", reason="a\0b"),
    "half an emoji in a reason": event(1, "paused", reason="\ud83d"),
    "a hash that is none": event(1, "hash", digest="\0" * 64),
    "an exchange of nobody": event(1, "request.sent", exchange=2**53 - 1),
    "a length beyond all files": event(1, "edit.refused", path="\ud83d\0", length=2**53 - 1),
    "half an emoji in a file": event(1, "file.created", path="a.py", text="\ud83d"),
    "NUL in a file": event(1, "file.created", path="a.py", text="a\0b"),
    "a cursor beyond all files": event(1, "selected", path="x" * 10_000, head=2**53 - 1),
}


@pytest.mark.parametrize("what", STRANGE)
def test_an_entry_that_is_strange_but_possible_is_kept_and_every_page_can_show_it(
    browser: Client, session: RepairSession, holder: Holder, post: Post, what: str
) -> None:
    assert post("events", batch(holder, STRANGE[what])).json() == {"accepted": 1}
    assert still_whole(post, holder, session)
    assert read_events(session)[0] == STRANGE[what]
    for page in ("state", "history/", "history-steps", "history-chunk?n=0", "compare/", ""):
        answer = browser.get(f"/sessions/{session.pk}/{page}")
        assert answer.status_code == (200 if page else 302), page
        assert b"<script>alert(1)" not in b"".join(answer)


def test_a_hundred_thousand_new_files_are_kept_as_said_and_end_where_the_limit_is(
    browser: Client, assignment: Assignment, holder: Holder, post: Post
) -> None:
    """5,500 of them are sent, which is enough to come past the limit of 5,000 files: the rest would be more of it."""
    session = open_session(assignment=assignment)
    for first in range(1, 5_502, 500):
        names = (event(seq, "file.created", path=f"f{seq}.py", text="") for seq in range(first, first + 500))
        assert post("events", batch(holder, *names, first=first)).json() == {"accepted": first + 499}
    body = {"client": holder.client, "token": holder.token, "through": 5_500, "digest": ""}
    asked = post("checks", body)
    assert (asked.status_code, asked.json()["error"]) == (409, "broken")
    assert "5,000 files" in asked.json()["sentence"]
    assert browser.get(f"/sessions/{session.pk}/history/").status_code == 200
