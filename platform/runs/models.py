"""The record of an evaluation. The row is the truth; the broker only carries its id."""

from __future__ import annotations

import datetime
from typing import ClassVar, Self

from django.db import models
from django.db.models import Case, Q, When
from django.utils import timezone

from accounts.models import Person
from evaluator.tasks import Task, task_by_id
from studies.models import Snapshot


class RunState(models.TextChoices):
    QUEUED = "queued", "Queued"
    RUNNING = "running", "Running"
    FINISHED = "finished", "Finished"
    VOID = "void", "Void"
    STOPPED = "stopped", "Stopped"


ENDED = (RunState.FINISHED, RunState.VOID, RunState.STOPPED)


class RunPurpose(models.TextChoices):
    BASELINE = "baseline", "As generated"
    REQUESTED = "requested", "Asked for in the workspace"
    FINAL = "final", "After closing"
    PARTIAL = "partial", "Only some checks"


class RunQuerySet(models.QuerySet["Run"]):
    def finished(self) -> Self:
        """Runs with a verdict that counts."""
        return self.filter(state=RunState.FINISHED)

    def void(self) -> Self:
        """Runs in which our side failed: shown, never counted."""
        return self.filter(state=RunState.VOID)

    def unfinished(self) -> Self:
        return self.filter(state__in=[RunState.QUEUED, RunState.RUNNING])

    def newest_baselines(self) -> Self:
        """Of each snapshot and task one baseline: the last that was finished, else the last that was tried."""
        unfinished = Case(When(state=RunState.FINISHED, then=0), default=1, output_field=models.IntegerField())
        return (
            self.filter(purpose=RunPurpose.BASELINE)
            .order_by("snapshot", "task_id", unfinished, "-pk")
            .distinct("snapshot", "task_id")
        )

    def due(self, now: datetime.datetime) -> Self:
        """Runs nobody works on: queued, or claimed by a worker whose lease has run out."""
        return self.filter(Q(state=RunState.QUEUED) | Q(state=RunState.RUNNING, lease_expires_at__lt=now))


class Run(models.Model):
    """One evaluation of one snapshot for one task.

    `lease_token` fences: a worker may only write while its token stands in the row. Counts are filled with the verdict;
    a void run has none, nor has one that was stopped since nobody waited for it any more. Where the backend is
    restarted, the results are there from `first_verdict_at`, and those of the checks after the restart come with the
    end. `after` is the run whose failures this one judges first. A partial run judges the checks in `only` and those
    they need; it is no verdict, and counts for nothing.
    """

    snapshot = models.ForeignKey(Snapshot, on_delete=models.PROTECT, related_name="runs")
    after = models.ForeignKey("self", on_delete=models.SET_NULL, null=True, blank=True, related_name="followed_by")
    task_id = models.CharField(max_length=120)
    purpose = models.CharField(max_length=20, choices=RunPurpose)
    only = models.JSONField(default=list, blank=True)
    state = models.CharField(max_length=20, choices=RunState, default=RunState.QUEUED)
    void_reason = models.TextField(blank=True)
    attempts = models.PositiveIntegerField(default=0)
    lease_token = models.UUIDField(null=True, blank=True)
    lease_expires_at = models.DateTimeField(null=True, blank=True)
    queued_at = models.DateTimeField(default=timezone.now)
    started_at = models.DateTimeField(null=True, blank=True)
    first_verdict_at = models.DateTimeField(null=True, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)
    progress = models.JSONField(default=dict, blank=True)
    checks = models.PositiveIntegerField(null=True, blank=True)
    passed = models.PositiveIntegerField(null=True, blank=True)
    failed = models.PositiveIntegerField(null=True, blank=True)
    not_reached = models.PositiveIntegerField(null=True, blank=True)
    functional = models.BooleanField(null=True, blank=True)
    conforming = models.BooleanField(null=True, blank=True)
    started = models.BooleanField(null=True, blank=True)
    start_error = models.TextField(blank=True)
    conformance = models.JSONField(default=dict, blank=True)
    timings = models.JSONField(default=dict, blank=True)
    environment = models.JSONField(default=dict, blank=True)
    causes = models.JSONField(default=list, blank=True)
    measures = models.JSONField(default=dict, blank=True)
    tools = models.JSONField(default=list, blank=True)
    unstable = models.PositiveIntegerField(default=0)
    log = models.TextField(blank=True)

    objects = RunQuerySet.as_manager()

    class Meta:
        ordering: ClassVar[list[str]] = ["pk"]
        indexes: ClassVar[list[models.Index]] = [
            # RunQuerySet.due, asked every few seconds by the sweep.
            models.Index(fields=["state", "lease_expires_at"], name="runs_due"),
        ]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(
                condition=~Q(state="finished") | Q(checks__isnull=False, finished_at__isnull=False),
                name="a_finished_run_has_counts",
            ),
            models.CheckConstraint(condition=~Q(state="void") | ~Q(void_reason=""), name="a_void_run_says_why"),
            models.CheckConstraint(
                condition=Q(purpose="partial", functional__isnull=True, conforming__isnull=True) & ~Q(only=[])
                | ~Q(purpose="partial") & Q(only=[]),
                name="a_partial_run_is_no_verdict",
            ),
        ]

    def __str__(self) -> str:
        return f"Run {self.pk}"

    @property
    def has_results(self) -> bool:
        """Whether its checks have results, if only those before the restart."""
        return self.state == RunState.FINISHED or (self.state == RunState.RUNNING and bool(self.first_verdict_at))

    @property
    def partial(self) -> bool:
        return self.purpose == RunPurpose.PARTIAL

    @property
    def sound(self) -> bool:
        """All checks passed and every constraint holds."""
        return bool(self.functional and self.conforming)

    @property
    def pass_rate(self) -> float | None:
        """Passed checks over all counted checks, 0 to 1; None while there is no verdict."""
        return self.passed / self.checks if self.checks and self.passed is not None else None

    @property
    def seconds(self) -> float | None:
        """From the claim to the verdict."""
        return _seconds_between(self.started_at, self.finished_at)

    @property
    def first_verdict_seconds(self) -> float | None:
        """From the claim to the verdict before the restart; None where there was none."""
        return _seconds_between(self.started_at, self.first_verdict_at)


def _seconds_between(start: datetime.datetime | None, end: datetime.datetime | None) -> float | None:
    return (end - start).total_seconds() if start and end else None


class CheckResult(models.Model):
    """One check of the contract in one run; `position` is its place in the catalogue."""

    run = models.ForeignKey(Run, on_delete=models.CASCADE, related_name="results")
    position = models.PositiveIntegerField()
    check_id = models.CharField(max_length=160)
    title = models.TextField()
    operation = models.CharField(max_length=160)
    basis = models.CharField(max_length=20)
    outcome = models.CharField(max_length=20)
    blocked_by = models.CharField(max_length=160, blank=True)
    clause = models.TextField(blank=True)
    expected = models.TextField(blank=True)
    received = models.TextField(blank=True)
    exchange = models.JSONField(null=True, blank=True)
    steps = models.JSONField(default=list, blank=True)

    class Meta:
        ordering: ClassVar[list[str]] = ["position"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["run", "check_id"], name="a_check_has_one_result_in_a_run")
        ]

    def __str__(self) -> str:
        return f"{self.check_id}: {self.outcome}"


class Finding(models.Model):
    """What a verifier found in one run's files."""

    run = models.ForeignKey(Run, on_delete=models.CASCADE, related_name="findings")
    verifier = models.CharField(max_length=60)
    constraint = models.CharField(max_length=60)
    rule = models.CharField(max_length=60)
    path = models.CharField(max_length=400)
    line = models.PositiveIntegerField()
    message = models.TextField()
    certainty = models.CharField(max_length=20)
    mend = models.TextField(blank=True, default="")
    seen = models.CharField(max_length=20, default="text")

    class Meta:
        ordering: ClassVar[list[str]] = ["pk"]

    def __str__(self) -> str:
        return f"{self.rule} at {self.path}:{self.line}"


class HeldState(models.TextChoices):
    ASKED = "asked", "Starting"
    READY = "ready", "Running"
    ENDED = "ended", "Ended"


class HeldBackend(models.Model):
    """A backend kept running for one person's own requests; nothing is judged.

    `token` is of the worker that has claimed it. The page and the worker note when they were last there; `ends_at` is
    the end in any case.
    """

    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="held_backends")
    snapshot = models.ForeignKey(Snapshot, on_delete=models.PROTECT, related_name="+")
    task_id = models.CharField(max_length=120)
    state = models.CharField(max_length=20, choices=HeldState, default=HeldState.ASKED)
    token = models.UUIDField(null=True, blank=True)
    asked_at = models.DateTimeField(default=timezone.now)
    ready_at = models.DateTimeField(null=True, blank=True)
    page_seen_at = models.DateTimeField(default=timezone.now)
    worker_seen_at = models.DateTimeField(null=True, blank=True)
    ends_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)
    ended_because = models.TextField(blank=True)

    class Meta:
        ordering: ClassVar[list[str]] = ["pk"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["person"], condition=~Q(state="ended"), name="one_held_backend_per_person"),
        ]

    def __str__(self) -> str:
        return f"Held backend {self.pk}"

    @property
    def task(self) -> Task:
        return task_by_id(self.task_id)


class HeldExchange(models.Model):
    """A request somebody sent to a held backend, and what came back. `error` says why no answer came."""

    held = models.ForeignKey(HeldBackend, on_delete=models.CASCADE, related_name="exchanges")
    sent_at = models.DateTimeField(default=timezone.now)
    answered_at = models.DateTimeField(null=True, blank=True)
    method = models.CharField(max_length=10)
    path = models.TextField()
    request_headers = models.JSONField(default=dict, blank=True)
    request_body = models.TextField(blank=True)
    received_status = models.PositiveIntegerField(null=True, blank=True)
    received_headers = models.JSONField(default=dict, blank=True)
    received_body = models.TextField(blank=True)
    seconds = models.FloatField(null=True, blank=True)
    error = models.TextField(blank=True)
    log = models.TextField(blank=True)

    class Meta:
        ordering: ClassVar[list[str]] = ["pk"]

    def __str__(self) -> str:
        return f"{self.method} {self.path[:80]}"
