"""The life of a run: asked for, claimed, evaluated, recorded. Every write is fenced by the lease in the row."""

from __future__ import annotations

import datetime
import uuid
from collections.abc import Collection
from contextlib import ExitStack
from dataclasses import asdict, replace

from django.db import connection, transaction
from django.utils import timezone

from evaluator.errors import SandboxUnavailable
from evaluator.evaluate import evaluate
from evaluator.sandbox import Sandbox
from evaluator.tasks import task_by_id
from evaluator.verdict import COUNTED_BASES, Verdict, summarise
from evaluator.warm import warm_sandbox
from runs import live
from runs.heartbeat import LEASE, beating
from runs.live_log import telling_the_log
from runs.models import CheckResult, Finding, Run, RunPurpose, RunState
from runs.texts import storable, storable_text
from studies.models import Snapshot

MOST_ATTEMPTS = 3
LONGEST_LOG = 64 * 1024  # characters of the log that are kept, from its end


def request_run(
    *,
    snapshot: Snapshot,
    task_id: str,
    purpose: RunPurpose,
    after: Run | None = None,
    only: Collection[str] = (),
    announce: bool = True,
) -> Run:
    """Queue an evaluation of a snapshot; the worker hears of it when the transaction is through.

    What was red in the run `after` is judged first; of a partial run `only` are judged. With `announce` false no worker
    is told: for a caller that works on the run itself.
    """
    from runs.tasks import evaluate_run

    run = Run.objects.create(snapshot=snapshot, task_id=task_id, purpose=purpose, after=after, only=list(only))
    if announce:
        transaction.on_commit(lambda: evaluate_run.delay(run.pk))
    return run


def work_on_run(run_id: int) -> None:
    """Claim the run, evaluate it, record the verdict. A run another worker holds, or that has ended, is left alone."""
    run = claim_run(run_id)
    if run is None:
        return
    live.publish(run)
    first = tuple(run.only) or red_checks(run.after)

    def record_first(verdict: Verdict) -> None:
        """Called in a thread of the evaluator's, which must not keep a connection."""
        try:
            record_first_verdict(run, verdict)
        finally:
            connection.close()

    with ExitStack() as meanwhile:
        heartbeat = meanwhile.enter_context(beating(run, first))
        log = meanwhile.enter_context(telling_the_log(f"run:{run.pk}"))
        verdict = evaluate(
            run.snapshot.files(),
            task_by_id(run.task_id),
            sandbox=_sandbox(),
            on_progress=heartbeat.tell,
            on_first_verdict=None if run.partial else record_first,
            on_launched=log.read_from,
            stop=heartbeat.stop,
            first=first,
            only=run.only,
        )
    record_verdict(run, verdict)


def _sandbox() -> Sandbox | None:
    """One with a pool; None where the machine has none, which the evaluation finds too and tells in a void verdict."""
    try:
        return warm_sandbox()
    except SandboxUnavailable:
        return None


def red_checks(run: Run | None) -> tuple[str, ...]:
    """The counted checks that failed in a run, in catalogue order; none without one."""
    if run is None:
        return ()
    failed = run.results.filter(outcome="failed", basis__in=COUNTED_BASES)
    return tuple(failed.values_list("check_id", flat=True))


def claim_run(run_id: int, *, now: datetime.datetime | None = None) -> Run | None:
    """Take the lease of a due run by a conditional update; None where it is not due. Too many attempts make it void."""
    now = now or timezone.now()
    token = uuid.uuid4()
    with transaction.atomic():
        run = Run.objects.select_for_update(skip_locked=True).due(now).filter(pk=run_id).first()
        if run is None:
            return None
        if run.attempts >= MOST_ATTEMPTS:
            _end_void(run, f"The worker was lost {run.attempts} times while it worked on this run.")
            return None
        run.state = RunState.RUNNING
        run.attempts += 1
        run.lease_token = token
        run.lease_expires_at = now + LEASE
        run.started_at, run.first_verdict_at = now, None
        run.results.all().delete()  # of a worker that was lost after its first verdict
        run.findings.all().delete()
        run.save()
    return run


def record_first_verdict(run: Run, verdict: Verdict) -> bool:
    """Store the verdict before the backend is restarted; the run goes on.

    False where no restart is to come (no check is open without a blocker), and where the lease has gone.
    """
    if not any(check.outcome == "not_reached" and not check.blocked_by for check in verdict.checks):
        return False
    with transaction.atomic():
        held = _held(run)
        if held is None:
            return False
        run.first_verdict_at = held.first_verdict_at = timezone.now()  # in both: the heartbeat tells of `run`
        _write(held, verdict)
        held.save()
        transaction.on_commit(lambda: live.publish(held))
    return True


def record_verdict(run: Run, verdict: Verdict) -> bool:
    """Store what the evaluator said. False where the lease has gone to another worker: nothing is written then."""
    with transaction.atomic():
        held = _held(run)
        if held is None:
            return False
        if verdict.summary.void:
            _write_circumstances(held, verdict)
            held.results.all().delete()
            held.findings.all().delete()
            held.first_verdict_at = None
            _end_void(held, verdict.summary.void_reason)
            return True
        _write(held, verdict)
        held.state, held.finished_at, held.progress = RunState.FINISHED, timezone.now(), {}
        held.save()
        transaction.on_commit(lambda: live.publish(held))
    return True


def _held(run: Run) -> Run | None:
    """The locked row, where our lease still stands in it."""
    held = Run.objects.select_for_update().filter(pk=run.pk, lease_token=run.lease_token).first()
    return held if held is not None and held.state == RunState.RUNNING else None


def _write(held: Run, verdict: Verdict) -> None:
    """Counts, results and findings of a verdict, in place of those of the first one."""
    if held.partial:
        verdict = _of_chosen_checks(verdict, held.only)
    summary = verdict.summary
    _write_circumstances(held, verdict)
    held.checks, held.passed, held.unstable = summary.checks, summary.passed, summary.unstable
    held.failed, held.not_reached = summary.failed, summary.not_reached
    if not held.partial:
        held.functional, held.conforming = summary.functional, summary.conforming
    held.conformance = dict(verdict.conformance)
    held.causes = [storable(asdict(cause)) for cause in verdict.causes]
    held.results.all().delete()
    held.findings.all().delete()
    CheckResult.objects.bulk_create(_check_rows(held, verdict))
    Finding.objects.bulk_create([Finding(run=held, **asdict(finding)) for finding in verdict.findings])


def _of_chosen_checks(verdict: Verdict, only: Collection[str]) -> Verdict:
    """What a partial run found: the checks that were asked for, and those that were judged since these need them."""
    checks = tuple(check for check in verdict.checks if check.id in only or check.outcome != "not_reached")
    return replace(verdict, checks=checks, findings=(), summary=summarise(checks, verdict.conformance))


def _write_circumstances(held: Run, verdict: Verdict) -> None:
    held.timings, held.environment = dict(verdict.timings), dict(verdict.environment)
    held.measures = storable(asdict(verdict.measures))
    held.tools = [storable(asdict(report)) for report in verdict.tools]
    held.log, held.started, held.start_error = _tail(verdict.log), verdict.started, _tail(verdict.start_error)


def stop_run(run: Run, *, now: datetime.datetime | None = None) -> bool:
    """End a run that somebody in a workspace asked for and no longer waits for; its worker sees it within a second.

    False where it cannot be stopped: it has ended or shows its verdict already, or it is a baseline or a final run.
    """
    asked_for = Run.objects.unfinished().filter(purpose__in=[RunPurpose.REQUESTED, RunPurpose.PARTIAL])
    ended = asked_for.filter(pk=run.pk, first_verdict_at=None).update(
        state=RunState.STOPPED, finished_at=now or timezone.now(), lease_token=None, lease_expires_at=None, progress={}
    )
    if ended:
        run.refresh_from_db()
        transaction.on_commit(lambda: live.publish(run))
    return bool(ended)


def sweep_runs(*, now: datetime.datetime | None = None) -> list[int]:
    """Ids of runs that wait without anyone working on them: queued for 15 s or longer, or with a lease run out.

    The broker may have lost their message; asking again is harmless, since only one worker can claim a run.
    """
    now = now or timezone.now()
    waiting = Run.objects.due(now).filter(queued_at__lt=now - datetime.timedelta(seconds=15))
    return list(waiting.order_by("pk").values_list("pk", flat=True)[:100])


def _end_void(run: Run, reason: str) -> None:
    run.state, run.finished_at, run.void_reason, run.progress = RunState.VOID, timezone.now(), storable_text(reason), {}
    run.save()
    transaction.on_commit(lambda: live.publish(run))


def _check_rows(run: Run, verdict: Verdict) -> list[CheckResult]:
    return [
        CheckResult(
            run=run,
            position=position,
            check_id=check.id,
            title=check.title,
            operation=check.operation,
            basis=check.basis,
            outcome=check.outcome,
            blocked_by=check.blocked_by,
            clause=check.clause,
            expected=storable_text(check.expected),
            received=storable_text(check.received),
            exchange=storable(asdict(check.exchange)) if check.exchange else None,
            steps=[storable(asdict(step)) for step in check.steps],
        )
        for position, check in enumerate(verdict.checks)
    ]


def _tail(log: str) -> str:
    """The end of a log, where the cause stands."""
    return storable_text(log[-LONGEST_LOG:], longest=LONGEST_LOG)
