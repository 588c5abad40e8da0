"""A backend kept running ends, whatever happens: with its page, its time, its worker, or the next one of its person."""

from __future__ import annotations

import datetime
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
from django.db import IntegrityError, connection
from django.utils import timezone

import runs.tasks
from accounts.models import Person
from evaluator.errors import BadInput
from evaluator.tasks import task_by_id
from runs import holding
from runs.holding import (
    LOOK_SECONDS,
    PAGE_LEASE,
    QUEUE_LIMIT,
    WORKER_LEASE,
    NotRunning,
    Request,
    ask_to_hold,
    claim_held,
    end_held,
    send_request,
    sweep_held,
    work_on_held,
)
from runs.models import HeldBackend, HeldExchange, HeldState
from studies.models import Snapshot
from studies.snapshots import store_snapshot
from tests.evaluator.test_holding import FILES
from tests.personas import ada, rita

__all__ = ["ada", "rita"]
TASK = "uv-flask-openapi-unconstrained"
NOW = timezone.now()


@pytest.fixture(autouse=True)
def no_worker(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AMEND_PREWARM", "0")
    monkeypatch.setattr(runs.tasks.hold_backend, "delay", lambda held_id: None)


@pytest.fixture
def snapshot(db: None) -> Snapshot:
    return store_snapshot(FILES)


@contextmanager
def worked_on(held: HeldBackend) -> Iterator[threading.Thread]:
    """A worker in a thread, as the queue for held backends has them."""

    def work() -> None:
        try:
            work_on_held(held.pk)
        finally:
            connection.close()

    thread = threading.Thread(target=work)
    thread.start()
    try:
        yield thread
    finally:
        end_held(held, "The test is over.")
        thread.join(20)
        assert not thread.is_alive()


def until(holds: Callable[[], bool], seconds: float = 30) -> None:
    deadline = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < deadline
        time.sleep(0.05)


def state(held: HeldBackend) -> str:
    held.refresh_from_db()
    return held.state


@pytest.mark.django_db(transaction=True)
@pytest.mark.engines
@pytest.mark.sandbox
def test_a_request_goes_to_the_running_backend_and_its_exchange_is_kept(
    snapshot: Snapshot, ada: Person, sandbox: str
) -> None:
    held = ask_to_hold(person=ada, snapshot=snapshot, task_id=TASK)
    with worked_on(held):
        until(lambda: state(held) == HeldState.READY)
        exchange = send_request(held, Request("POST", "/api/users", {"X-Mine": "yes"}, "{}"))
        assert (exchange.received_status, exchange.request_headers["X-Mine"]) == (200, "yes")
        assert "asked for /api/users" in exchange.log
        assert exchange.seconds is not None
        # What brings it down ends it, with the reason, and its worker is told: it does not look again for long.
        send_request(held, Request("GET", "/die"))
        until(lambda: state(held) == HeldState.ENDED, seconds=LOOK_SECONDS / 2)
        assert held.ended_because == "The backend ended by itself with status 3."
    with pytest.raises(NotRunning, match="ended by itself"):
        send_request(held, Request("GET", "/"))
    assert HeldExchange.objects.count() == 2


@pytest.mark.django_db(transaction=True)
@pytest.mark.engines
@pytest.mark.sandbox
def test_a_page_that_goes_silent_ends_it(
    snapshot: Snapshot, ada: Person, sandbox: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(holding, "LOOK_SECONDS", 0.2)
    held = ask_to_hold(person=ada, snapshot=snapshot, task_id=TASK)
    with worked_on(held):
        until(lambda: state(held) == HeldState.READY)
        HeldBackend.objects.filter(pk=held.pk).update(page_seen_at=timezone.now() - PAGE_LEASE * 2)
        until(lambda: state(held) == HeldState.ENDED)
        assert held.ended_because == "The page that used it was closed."


@pytest.mark.django_db(transaction=True)
@pytest.mark.engines
@pytest.mark.sandbox
def test_whoever_ends_it_wakes_its_worker(snapshot: Snapshot, ada: Person, sandbox: str) -> None:
    held = ask_to_hold(person=ada, snapshot=snapshot, task_id=TASK)
    with worked_on(held) as worker:
        until(lambda: state(held) == HeldState.READY)
        end_held(held, "Enough.")
        worker.join(LOOK_SECONDS / 2)
        assert not worker.is_alive()


@pytest.mark.django_db(transaction=True)
@pytest.mark.engines
@pytest.mark.sandbox
def test_a_backend_that_does_not_start_says_why(ada: Person, sandbox: str) -> None:
    broken = store_snapshot(FILES | {"run.sh": b"exit 7\n"})
    held = ask_to_hold(person=ada, snapshot=broken, task_id=TASK)
    with worked_on(held):
        until(lambda: state(held) == HeldState.ENDED)
    assert "status 7" in held.ended_because


@pytest.mark.django_db
def test_one_person_keeps_one_backend_running(snapshot: Snapshot, ada: Person, rita: Person) -> None:
    first = ask_to_hold(person=ada, snapshot=snapshot, task_id=TASK)
    other = ask_to_hold(person=rita, snapshot=snapshot, task_id=TASK)
    second = ask_to_hold(person=ada, snapshot=snapshot, task_id=TASK)
    assert [state(one) for one in (first, other, second)] == [HeldState.ENDED, HeldState.ASKED, HeldState.ASKED]
    with pytest.raises(IntegrityError, match="one_held_backend_per_person"):
        HeldBackend.objects.create(person=ada, snapshot=snapshot, task_id=TASK, ends_at=NOW)


@pytest.mark.django_db
def test_only_one_worker_claims_it_and_none_after_its_end(snapshot: Snapshot, ada: Person) -> None:
    held = ask_to_hold(person=ada, snapshot=snapshot, task_id=TASK)
    assert claim_held(held.pk) is not None
    assert claim_held(held.pk) is None
    ended = ask_to_hold(person=ada, snapshot=snapshot, task_id=TASK)
    end_held(ended, "Enough.")
    assert claim_held(ended.pk) is None


@pytest.mark.django_db
def test_the_first_reason_for_an_end_stands(snapshot: Snapshot, ada: Person) -> None:
    held = ask_to_hold(person=ada, snapshot=snapshot, task_id=TASK)
    end_held(held, "The page that used it was closed.")
    end_held(held, "Something else.")
    assert state(held) == HeldState.ENDED
    assert held.ended_because == "The page that used it was closed."


@pytest.mark.django_db
def test_the_sweep_ends_what_no_worker_keeps(snapshot: Snapshot, ada: Person, rita: Person) -> None:
    untaken = ask_to_hold(person=ada, snapshot=snapshot, task_id=TASK, now=NOW)
    assert sweep_held(now=NOW + QUEUE_LIMIT / 2) == 0
    assert sweep_held(now=NOW + QUEUE_LIMIT * 2) == 1
    assert (state(untaken), untaken.ended_because) == (HeldState.ENDED, "No worker had room for it.")

    lost = ask_to_hold(person=rita, snapshot=snapshot, task_id=TASK)
    claim_held(lost.pk)
    HeldBackend.objects.filter(pk=lost.pk).update(state=HeldState.READY, worker_seen_at=NOW)
    assert sweep_held(now=NOW + WORKER_LEASE / 2) == 0
    assert sweep_held(now=NOW + WORKER_LEASE * 2) == 1
    assert state(lost) == HeldState.ENDED


@pytest.mark.django_db
def test_before_it_is_ready_and_for_what_is_no_request_nothing_is_sent(snapshot: Snapshot, ada: Person) -> None:
    held = ask_to_hold(person=ada, snapshot=snapshot, task_id=TASK)
    with pytest.raises(NotRunning, match="not running yet"):
        send_request(held, Request("GET", "/"))
    with pytest.raises(BadInput):
        send_request(held, Request("GET", "elsewhere"))
    assert HeldExchange.objects.count() == 0


@pytest.mark.django_db
def test_after_many_requests_it_is_enough(snapshot: Snapshot, ada: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(holding, "MOST_EXCHANGES", 1)
    held = ask_to_hold(person=ada, snapshot=snapshot, task_id=TASK)
    HeldBackend.objects.update(state=HeldState.READY)
    HeldExchange.objects.create(held=held, method="GET", path="/")
    with pytest.raises(NotRunning, match="1 requests"):
        send_request(held, Request("GET", "/"))


@pytest.mark.django_db
def test_its_time_is_bounded_from_the_start(snapshot: Snapshot, ada: Person) -> None:
    held = ask_to_hold(person=ada, snapshot=snapshot, task_id=TASK, now=NOW)
    assert held.ends_at - NOW == datetime.timedelta(minutes=10)
    assert held.task == task_by_id(TASK)
