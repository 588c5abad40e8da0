"""The verbs of a repair session: open it, take it up, ask for checks, close it."""

from __future__ import annotations

import datetime
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from accounts.models import Person
from annotations import news
from annotations.event_log import LEASE, Holder, LogRefusal, check_holder, read_events
from annotations.models import CheckRequest, ClosingReason, PartialRequest, RepairSession
from annotations.replay import BrokenLog, Workspace
from runs.evaluation import request_run, stop_run
from runs.models import Run, RunPurpose, RunQuerySet
from studies.models import Assignment
from studies.snapshots import store_snapshot


class Refused(Exception):
    """The verb cannot be done now; `str(error)` says why in a sentence."""


@dataclass(frozen=True)
class Held:
    """Another page holds the session since `since`."""

    since: datetime.datetime


@transaction.atomic
def open_session(
    *, assignment: Assignment, forecast_minutes: int | None = None, now: datetime.datetime | None = None
) -> RepairSession:
    """The session of this assignment, begun if there was none."""
    session, _ = RepairSession.objects.get_or_create(
        assignment=assignment,
        defaults={
            "generated": assignment.backend.snapshot,
            "forecast_minutes": forecast_minutes,
            "opened_at": now or timezone.now(),
        },
    )
    return session


def open_in_order(*, assignment: Assignment, forecast_minutes: int | None = None) -> RepairSession:
    """`open_session`, as a person may do it: Refused where another assignment has to be done before this one."""
    begun = RepairSession.objects.filter(assignment=assignment).exists()
    upcoming = next_assignment(assignment.annotator)
    if not begun and (upcoming is None or upcoming.pk != assignment.pk):
        raise Refused("The order of your assignments is fixed; this one comes later.")
    return open_session(assignment=assignment, forecast_minutes=forecast_minutes)


@transaction.atomic
def take_lease(
    *, session_id: int, client: str, take_over: bool = False, now: datetime.datetime | None = None
) -> RepairSession | Held:
    """Give the session to a page. Held where another page's lease runs and `take_over` is not asked for.

    Raises LogRefusal `closed` or `broken`. Every change of hands raises the token, which fences the page before.
    """
    now = now or timezone.now()
    session = RepairSession.objects.select_for_update().get(pk=session_id)
    if session.closed:
        raise LogRefusal("closed", "This session has been closed.", accepted=session.accepted)
    if session.client and session.client != client and not take_over:
        expires = session.lease_expires_at
        if expires is not None and expires > now:
            return Held(since=expires - LEASE)
    if session.client != client or session.token == 0:
        session.client, session.token = client, session.token + 1
        transaction.on_commit(lambda: news.tell_fenced(session))
    session.lease_expires_at = now + LEASE
    session.save(update_fields=["client", "token", "lease_expires_at"])
    return session


def replayed(session: RepairSession, *, through: int | None = None) -> Workspace:
    """The files as the log says they are after entry `through`. Raises BrokenLog where an entry does not fit."""
    workspace = Workspace(session.generated.files())
    for event in read_events(session, through=through):
        workspace.apply(event)
    return workspace


def mark_broken(*, session_id: int, error: BrokenLog) -> None:
    """Record that the log does not replay; it is shown, and nothing more is written to it."""
    RepairSession.objects.filter(pk=session_id).update(broken=str(error))


def request_checks(*, session_id: int, holder: Holder, through: int, digest: str) -> CheckRequest:
    """Snapshot the files as of entry `through` and queue a run of them.

    Raises LogRefusal (`gap`, `fenced`, `closed`, `broken`) and Refused while an earlier run of the session is going on.
    """
    with held_session(session_id, holder, through) as session:
        _refuse_while_running(session)
        return _snapshot_and_run(session, through=through, digest=digest, purpose=RunPurpose.REQUESTED)


def request_some_checks(
    *, session_id: int, holder: Holder, through: int, digest: str, only: Collection[str]
) -> PartialRequest:
    """Snapshot the files as of entry `through` and queue a run of the checks in `only` and those they need.

    It is no verdict. Raises like `request_checks`, and Refused where the last verdict knows none of these checks.
    """
    with held_session(session_id, holder, through) as session:
        _refuse_while_running(session)
        verdict = last_verdict(session)
        known = verdict.results.filter(check_id__in=only).values_list("check_id", flat=True) if verdict else []
        if not known:
            raise Refused("These checks are not part of the contract. Run all checks first.")
        workspace = replayed(session, through=through)
        run = request_run(
            snapshot=store_snapshot(workspace.files()),
            task_id=session.assignment.backend.task_id,
            purpose=RunPurpose.PARTIAL,
            after=verdict,
            only=list(known),
        )
        transaction.on_commit(lambda: news.tell_of_run(session, run))
        return PartialRequest.objects.create(
            session=session, run=run, through=through, browser_digest=digest[:64], server_digest=workspace.digest()
        )


def close_session(
    *,
    session_id: int,
    holder: Holder,
    through: int,
    digest: str,
    reason: ClosingReason,
    note: str = "",
    now: datetime.datetime | None = None,
) -> CheckRequest:
    """End the session for good and queue the final run, in a fresh sandbox. Raises LogRefusal like request_checks."""
    with held_session(session_id, holder, through) as session:
        request = _snapshot_and_run(session, through=through, digest=digest, purpose=RunPurpose.FINAL)
        session.repaired = request.run.snapshot
        session.closed_at = now or timezone.now()
        session.closing_reason = reason
        session.closing_note = note
        session.save(update_fields=["repaired", "closed_at", "closing_reason", "closing_note"])
        return request


def stop_checks(*, session_id: int, holder: Holder, run_id: int) -> bool:
    """End a run of this session that nobody waits for any more; False where it cannot be stopped now.

    Raises LogRefusal where another page holds the session, Run.DoesNotExist where the session has no such run.
    """
    with held_session(session_id, holder, through=0) as session:
        return stop_run(_runs_asked_for(session).get(pk=run_id))


def latest_request(session: RepairSession) -> CheckRequest | None:
    """The last run asked for in this session, if any."""
    return session.check_requests.select_related("run").order_by("pk").last()


def baseline_run(session: RepairSession) -> Run | None:
    """The verdict over the backend as it was generated: the last finished baseline, else the last that was tried."""
    of_it = Run.objects.filter(snapshot=session.generated, task_id=session.assignment.backend.task_id)
    return of_it.newest_baselines().first()


def last_verdict(session: RepairSession) -> Run | None:
    """The last run of the session that ended with a verdict, else the baseline: what it found red is checked first."""
    asked_for = Run.objects.finished().filter(check_request__session=session).last()
    return asked_for or baseline_run(session)


def latest_run(session: RepairSession) -> Run | None:
    """What the workspace shows first: the last run of the session, else the baseline."""
    request = latest_request(session)
    return request.run if request else baseline_run(session)


def latest_work(session: RepairSession) -> Run | None:
    """The run that news are about: like `latest_run`, or a partial one where that was asked for later."""
    return latest_works([session.pk]).get(session.pk)


def latest_works(session_ids: Collection[int]) -> dict[int, Run]:
    """`latest_work` of many sessions at once, in five queries; of the runs no more than their news tell."""
    asked = _last_asked(CheckRequest, session_ids)
    partial = _last_asked(PartialRequest, session_ids)
    others = {
        pk: (snapshot, task)
        for pk, snapshot, task in RepairSession.objects.filter(pk__in=set(session_ids) - set(asked)).values_list(
            "pk", "generated", "assignment__backend__task_id"
        )
    }
    snapshots, tasks = {snapshot for snapshot, _ in others.values()}, {task for _, task in others.values()}
    newest = Run.objects.filter(snapshot__in=snapshots, task_id__in=tasks).newest_baselines()
    baselines = {(run.snapshot_id, run.task_id): run.pk for run in newest.only("snapshot", "task_id")}
    first = {pk: baselines[of] for pk, of in others.items() if of in baselines} | asked
    runs = Run.objects.only("purpose", "state", "first_verdict_at", "progress")
    found = runs.in_bulk({*first.values(), *partial.values()})
    works = {pk: found.get(max(first.get(pk, 0), partial.get(pk, 0))) for pk in session_ids}
    return {pk: run for pk, run in works.items() if run is not None}


def _last_asked(requests: type[CheckRequest] | type[PartialRequest], session_ids: Collection[int]) -> dict[int, int]:
    """The run that was asked for last, by session."""
    newest = requests.objects.filter(session__in=session_ids).order_by("session", "-pk").distinct("session")
    return dict(newest.values_list("session", "run"))


def next_assignment(person: Person) -> Assignment | None:
    """The first of a person's assignments that is not closed."""
    return (
        Assignment.objects.filter(annotator=person, session__closed_at__isnull=True)
        .select_related("backend__study", "backend__snapshot")
        .order_by("position")
        .first()
    )


def _runs_asked_for(session: RepairSession) -> RunQuerySet:
    """All runs that were asked for in this session, partial ones among them."""
    return Run.objects.filter(Q(check_request__session=session) | Q(partial_request__session=session))


def _refuse_while_running(session: RepairSession) -> None:
    if _runs_asked_for(session).unfinished().exists():
        raise Refused("The last run is still going on.")


@contextmanager
def held_session(session_id: int, holder: Holder, through: int) -> Iterator[RepairSession]:
    """A transaction over the locked session, held by this page; a log that does not replay is marked broken anyway."""
    try:
        with transaction.atomic():
            session = RepairSession.objects.select_for_update().get(pk=session_id)
            check_holder(session, holder)
            if through > session.accepted:
                sentence = f"The log ends at entry {session.accepted}, the page says {through}."
                raise LogRefusal("gap", sentence, accepted=session.accepted)
            yield session
    except BrokenLog as error:
        mark_broken(session_id=session_id, error=error)
        raise LogRefusal("broken", str(error), accepted=through) from error


def _snapshot_and_run(session: RepairSession, *, through: int, digest: str, purpose: RunPurpose) -> CheckRequest:
    workspace = replayed(session, through=through)
    run = request_run(
        snapshot=store_snapshot(workspace.files()),
        task_id=session.assignment.backend.task_id,
        purpose=purpose,
        after=last_verdict(session),
    )
    transaction.on_commit(lambda: news.tell_of_run(session, run))
    return CheckRequest.objects.create(
        session=session, run=run, through=through, browser_digest=digest[:64], server_digest=workspace.digest()
    )
