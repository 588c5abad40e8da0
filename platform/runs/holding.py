"""A backend kept running for a person's own requests: asked for, claimed by a worker, used, ended.

The rows are the record, as of a run. A page renews its lease while it is open; the worker notes that it is there. Where
either goes silent, or the time is over, the backend is ended: by the worker itself, or by the sweep for a lost worker.
"""

from __future__ import annotations

import datetime
import threading
import uuid
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import asdict

import redis
from django.db import transaction
from django.utils import timezone

from accounts.models import Person
from evaluator.errors import BadInput, MachineryFailed
from evaluator.holding import MOST_BODY, MOST_PATH, Held, NotHeld, Request, check_request, held_backend
from evaluator.tasks import task_by_id
from runs import live
from runs.live_log import telling_the_log
from runs.models import HeldBackend, HeldExchange, HeldState
from runs.texts import storable_text
from studies.models import Snapshot

__all__ = ["MOST_BODY", "MOST_PATH", "NotRunning", "Request", "ask_to_hold", "end_held", "renew_page", "send_request"]

HELD = datetime.timedelta(minutes=10)
PAGE_LEASE = datetime.timedelta(seconds=75)  # a hidden page may act once a minute
WORKER_LEASE = datetime.timedelta(seconds=30)
QUEUE_LIMIT = datetime.timedelta(seconds=120)
LOOK_SECONDS = 10.0  # at the latest; whatever ends it wakes its worker. Well below the worker's lease
SHORTEST_LOOK_SECONDS = 0.1
BROKER_AWAY_SECONDS = 1.0
LOOK = 0  # no exchange has this key
ANSWER_SECONDS = 20
MOST_EXCHANGES = 500
KEPT = 80_000  # characters of a body or a log: what the evaluator keeps, and its note on what it cut


class NotRunning(Exception):
    """No request can be sent now; `str(error)` says why in a sentence."""


@transaction.atomic
def ask_to_hold(
    *, person: Person, snapshot: Snapshot, task_id: str, now: datetime.datetime | None = None
) -> HeldBackend:
    """Ask for a backend to be kept running. Whatever this person keeps running already is ended: one per person."""
    from runs.tasks import hold_backend

    now = now or timezone.now()
    for earlier in HeldBackend.objects.select_for_update().filter(person=person).exclude(state=HeldState.ENDED):
        end_held(earlier, "Another backend was started in its place.", now=now)
    held = HeldBackend.objects.create(
        person=person, snapshot=snapshot, task_id=task_id, asked_at=now, page_seen_at=now, ends_at=now + HELD
    )
    transaction.on_commit(lambda: hold_backend.delay(held.pk))
    return held


def work_on_held(pk: int) -> None:
    """Claim, start, and serve requests until the page, the person, the clock or the backend ends it."""
    held = claim_held(pk)
    if held is None:
        return
    seconds = (held.ends_at - timezone.now()).total_seconds()
    why = ""
    try:
        with (
            telling_the_log(log_name(held)) as log,
            held_backend(
                held.snapshot.files(), task_by_id(held.task_id), seconds=seconds, on_launched=log.read_from
            ) as running,
        ):
            _mark_ready(held)
            why = _serve(held, running)
            log.tell()
    except NotHeld as error:
        why = f"The backend does not run: {error}"
    except MachineryFailed as error:
        why = f"Our side failed: {error}"
    finally:
        end_held(held, why or "Our side failed.")


def claim_held(pk: int) -> HeldBackend | None:
    """Take a backend that nobody has claimed, by a conditional update; None where there is none to take."""
    token, now = uuid.uuid4(), timezone.now()
    waiting = HeldBackend.objects.filter(pk=pk, state=HeldState.ASKED, token__isnull=True, ends_at__gt=now)
    if not waiting.update(token=token, worker_seen_at=now):
        return None
    return HeldBackend.objects.select_related("snapshot").get(pk=pk)


def renew_page(held: HeldBackend, *, now: datetime.datetime | None = None) -> None:
    """The page is still there."""
    HeldBackend.objects.filter(pk=held.pk).exclude(state=HeldState.ENDED).update(page_seen_at=now or timezone.now())


def end_held(held: HeldBackend, why: str, *, now: datetime.datetime | None = None) -> None:
    """End it, whoever says so; the first reason stands. Its worker is woken and lets go."""
    ending = HeldBackend.objects.filter(pk=held.pk).exclude(state=HeldState.ENDED)
    because = storable_text(why, longest=2_000)
    if ending.update(state=HeldState.ENDED, ended_at=now or timezone.now(), ended_because=because):
        transaction.on_commit(lambda: _wake(held))


def send_request(held: HeldBackend, request: Request) -> HeldExchange:
    """Have one request sent, and wait for its answer. Raises BadInput for what may not be sent, and NotRunning."""
    check_request(request)
    held.refresh_from_db()
    if held.state != HeldState.READY:
        raise NotRunning(held.ended_because or "The backend is not running yet.")
    if held.exchanges.count() >= MOST_EXCHANGES:
        raise NotRunning(f"{MOST_EXCHANGES} requests were sent to it; start the backend again to send more.")
    renew_page(held)
    exchange = HeldExchange.objects.create(
        held=held,
        method=request.method,
        path=request.path,
        request_headers=dict(request.headers),
        request_body=_kept(request.body),
    )
    try:
        _push(held, exchange.pk)
        live.client(wait_seconds=ANSWER_SECONDS).blpop([_answered(exchange)], timeout=ANSWER_SECONDS)
    except redis.RedisError:
        pass  # the row says whether an answer came
    exchange.refresh_from_db()
    if exchange.answered_at is None:
        raise NotRunning("The worker that keeps the backend did not take the request in time.")
    return exchange


def sweep_held(*, now: datetime.datetime | None = None) -> int:
    """End what nobody keeps any more: its worker is lost, it was never taken, or its time is over. How many."""
    now = now or timezone.now()
    open_ones = HeldBackend.objects.exclude(state=HeldState.ENDED)
    ended = 0
    for found, why in (
        (open_ones.filter(token__isnull=True, asked_at__lt=now - QUEUE_LIMIT), "No worker had room for it."),
        (open_ones.filter(worker_seen_at__lt=now - WORKER_LEASE - QUEUE_LIMIT, state=HeldState.ASKED), LOST),
        (open_ones.filter(worker_seen_at__lt=now - WORKER_LEASE, state=HeldState.READY), LOST),
    ):
        for held in found:
            end_held(held, why, now=now)
            ended += 1
    return ended


LOST = "The worker that kept it was lost."


def log_name(held: HeldBackend) -> str:
    """The name of its live log."""
    return f"held:{held.pk}"


def _mark_ready(held: HeldBackend) -> None:
    starting = HeldBackend.objects.filter(pk=held.pk, token=held.token, state=HeldState.ASKED)
    starting.update(state=HeldState.READY, ready_at=timezone.now())


def _serve(held: HeldBackend, running: Held) -> str:
    """Send what is asked for until it ends; why it ended, in a sentence."""
    threading.Thread(target=_wake_at_its_end, args=(held, running), daemon=True).start()
    waiting = live.client(wait_seconds=LOOK_SECONDS)
    while not (why := _over(held, running)):
        try:
            asked = waiting.blpop([_asked(held)], timeout=_seconds_to_look(held))
        except redis.RedisError:
            running.wait(BROKER_AWAY_SECONDS)
            continue
        if asked and int(asked[1]) != LOOK:
            _answer(held, running, int(asked[1]))
    return why


def _wake_at_its_end(held: HeldBackend, running: Held) -> None:
    if running.wait(HELD.total_seconds()):
        _wake(held)


def _wake(held: HeldBackend) -> None:
    """Have its worker look at the row and at the backend now instead of soon."""
    with suppress(redis.RedisError):
        _push(held, LOOK)


def _push(held: HeldBackend, asked: int) -> None:
    """Put the key of an exchange, or LOOK, before its worker."""
    with live.client().pipeline() as together:
        together.rpush(_asked(held), asked)
        together.expire(_asked(held), HELD)
        together.execute()


def _seconds_to_look(held: HeldBackend) -> float:
    """Until its time or its page's may be over."""
    ends = min(held.ends_at, held.page_seen_at + PAGE_LEASE)
    return max(SHORTEST_LOOK_SECONDS, min(LOOK_SECONDS, (ends - timezone.now()).total_seconds()))


def _over(held: HeldBackend, running: Held) -> str:
    now = timezone.now()
    HeldBackend.objects.filter(pk=held.pk).update(worker_seen_at=now)
    held.refresh_from_db()
    if held.state == HeldState.ENDED:
        return held.ended_because
    if now >= held.ends_at:
        return f"Its {HELD.seconds // 60} minutes are over."
    if now - held.page_seen_at > PAGE_LEASE:
        return "The page that used it was closed."
    return "" if running.alive() else running.why_it_ended()


def _answer(held: HeldBackend, running: Held, pk: int) -> None:
    exchange = HeldExchange.objects.filter(pk=pk, held=held, answered_at__isnull=True).first()
    if exchange is None:
        return
    asked = Request(exchange.method, exchange.path, exchange.request_headers, exchange.request_body)
    try:
        sent = asdict(running.send(asked))
    except BadInput as error:
        sent = {"error": str(error)}
    exchange.request_headers = _texts(sent.get("request_headers", exchange.request_headers))
    exchange.received_status = sent.get("received_status")
    exchange.received_headers = _texts(sent.get("received_headers", {}))
    exchange.received_body, exchange.log = _kept(sent.get("received_body", "")), _kept(sent.get("log", ""))
    exchange.seconds, exchange.error = sent.get("seconds"), storable_text(sent.get("error", ""))
    exchange.answered_at = timezone.now()
    exchange.save()
    live.client().rpush(_answered(exchange), 1)
    live.client().expire(_answered(exchange), 60)


def _kept(text: str) -> str:
    return storable_text(text, longest=KEPT)


def _texts(headers: Mapping[str, str]) -> dict[str, str]:
    return {storable_text(name): storable_text(value) for name, value in headers.items()}


def _asked(held: HeldBackend) -> str:
    return f"amend:held:{held.pk}:asked"


def _answered(exchange: HeldExchange) -> str:
    return f"amend:held:answered:{exchange.pk}"
