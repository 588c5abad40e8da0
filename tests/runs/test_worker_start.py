"""A worker clears what killed workers left, before it takes a run."""

from __future__ import annotations

import sys
import weakref
from typing import Any

import pytest
from celery.signals import worker_init

from amend import celery


def test_a_worker_that_starts_sweeps_in_a_process_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    # In its own process: locks and connections of a sweep must not be inherited by the processes a worker forks.
    ran: list[list[str]] = []

    def note(command: list[str], **options: Any) -> None:
        ran.append(command)

    monkeypatch.setattr(celery.subprocess, "run", note)
    started = [receiver() for _, receiver in worker_init.receivers if isinstance(receiver, weakref.ref)]
    assert celery.sweep_what_killed_workers_left in started
    celery.sweep_what_killed_workers_left()
    assert ran == [[sys.executable, "-m", "evaluator", "sweep"]]
