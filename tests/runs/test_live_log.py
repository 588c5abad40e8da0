"""The server's log reaches open pages while its run goes on, in pieces that fit together."""

from __future__ import annotations

from typing import Any

import pytest

from runs import live, live_log
from runs.live_log import MOST_CHARACTERS, LiveLog, telling_the_log


@pytest.fixture
def told(monkeypatch: pytest.MonkeyPatch) -> list[dict[str, Any]]:
    pieces: list[dict[str, Any]] = []
    monkeypatch.setattr(live, "tell", lambda channel, piece: pieces.append(dict(piece)))
    monkeypatch.setattr(live, "keep", lambda key, piece, seconds: None)
    return pieces


def log_of(*texts: str) -> LiveLog:
    """A log that reads one of these texts after the other."""
    log, left = LiveLog("run:7"), list(texts)
    log.read_from(lambda: left.pop(0))
    for _ in texts:
        log.tell()
    return log


def test_each_piece_begins_where_the_last_one_ended(told: list[dict[str, Any]]) -> None:
    log_of("one\n", "one\n", "one\ntwo\n")
    assert told == [{"log": "one\n", "start": 0, "run": 7}, {"log": "two\n", "start": 4, "run": 7}]


def test_where_the_beginning_has_changed_the_whole_log_is_told_again(told: list[dict[str, Any]]) -> None:
    log_of("caf\ufffd", "café au lait")
    assert told[-1] == {"log": "café au lait", "start": 0, "run": 7}


def test_of_a_flood_the_end_is_told_and_says_where_it_begins(told: list[dict[str, Any]]) -> None:
    log_of("x\n", "x\n" + "y" * (2 * MOST_CHARACTERS))
    assert len(told[-1]["log"]) == MOST_CHARACTERS
    assert told[-1]["start"] == 2 + MOST_CHARACTERS


def test_before_the_launch_there_is_nothing_to_tell(told: list[dict[str, Any]]) -> None:
    LiveLog("run:7").tell()
    assert told == []


def test_the_thread_ends_with_its_block(told: list[dict[str, Any]], monkeypatch: pytest.MonkeyPatch) -> None:
    import threading

    monkeypatch.setattr(live_log, "TELL_SECONDS", 0.01)
    with telling_the_log("run:9") as log:
        log.read_from(lambda: "up\n")
        assert any(thread.name == "log of run:9" for thread in threading.enumerate())
    assert not any(thread.name == "log of run:9" for thread in threading.enumerate())
