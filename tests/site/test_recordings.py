"""A history asks the same of a log again and again: it is read once, and what is remembered of logs is bounded."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from annotations import recordings
from annotations.event_log import Holder
from annotations.models import RepairSession
from annotations.recordings import recording_of
from tests.site.conftest import batch, event, insert

pytestmark = pytest.mark.django_db


@pytest.fixture
def recorded(session: RepairSession, holder: Holder, post: Callable[..., Any]) -> RepairSession:
    """A session of three entries."""
    post("events", batch(holder, event(1, "opened", client="page-1"), insert(2), event(3, "focus")))
    session.refresh_from_db()
    return session


def test_page_steps_and_chunk_of_a_history_read_the_log_once(browser: Client, recorded: RepairSession) -> None:
    with CaptureQueriesContext(
        connection,
    ) as asked:
        for address in ("history/", "history-steps"):
            assert browser.get(f"/sessions/{recorded.pk}/{address}").status_code == 200
    assert sum('"annotations_eventbatch"."events"' in query["sql"] for query in asked.captured_queries) == 1
    assert not any('"annotations_eventbatch"."id" =' in query["sql"] for query in asked.captured_queries)


def test_a_recording_holds_the_entries_up_to_the_one_asked_for(recorded: RepairSession) -> None:
    assert [moment["kind"] for moment in recording_of(recorded, through=2).moments] == ["opened", "edit"]
    assert "changes" not in recording_of(recorded, through=2).moments[1]
    assert recording_of(recorded, through=3).frames.entries == 3


def test_of_many_recordings_the_last_are_remembered(recorded: RepairSession, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(recordings, "_remembered", {})
    monkeypatch.setattr(recordings, "MOST_ENTRIES_REMEMBERED", 3)
    one, two = recording_of(recorded, through=1), recording_of(recorded, through=2)
    assert recording_of(recorded, through=1) is one
    assert recording_of(recorded, through=2) is two
    three = recording_of(recorded, through=3)
    assert list(recordings._remembered.values()) == [three]
    assert recording_of(recorded, through=3) is three
