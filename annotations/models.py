"""The record of a repair: sessions, the append-only event log, the checks asked for, and what people say of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import RangeOperators
from django.db import models
from django.db.models import F, Func, Q, Value
from django.utils import timezone

from accounts.models import Person
from annotations import log_json, taxonomy
from annotations.events import Event
from annotations.moments import decode_moments
from runs.models import HeldBackend, Run
from studies.models import Assignment, Snapshot


class ClosingReason(models.TextChoices):
    SUBMITTED = "submitted", "Submitted"
    GAVE_UP = "gave_up", "Gave up"
    TIMED_OUT = "timed_out", "Time limit reached"


class RepairSession(models.Model):
    """The work of one annotator on one assignment.

    `token` fences: it grows with every take-over, and only the page that holds the present one may write.
    `accepted` is the last sequence number stored. `broken` says, in a sentence, why the log could not be replayed; it
    is empty as it should be.
    """

    assignment = models.OneToOneField(Assignment, on_delete=models.PROTECT, related_name="session")
    generated = models.ForeignKey(Snapshot, on_delete=models.PROTECT, related_name="+")
    forecast_minutes = models.PositiveIntegerField(null=True, blank=True)
    opened_at = models.DateTimeField(default=timezone.now)
    closed_at = models.DateTimeField(null=True, blank=True)
    closing_reason = models.CharField(max_length=20, choices=ClosingReason, blank=True)
    closing_note = models.TextField(blank=True)
    repaired = models.ForeignKey(Snapshot, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    client = models.CharField(max_length=64, blank=True)
    token = models.PositiveIntegerField(default=0)
    lease_expires_at = models.DateTimeField(null=True, blank=True)
    accepted = models.PositiveBigIntegerField(default=0)
    broken = models.TextField(blank=True)

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(
                condition=Q(closed_at__isnull=True, closing_reason="")
                | Q(closed_at__isnull=False) & ~Q(closing_reason=""),
                name="a_closed_session_has_a_reason",
            )
        ]

    def __str__(self) -> str:
        return f"Session {self.pk}"

    @property
    def closed(self) -> bool:
        return self.closed_at is not None


class EventBatch(models.Model):
    """Entries `first` to `last` of a session's log, as the browser sent them: immutable.

    `events` is a JSON array. `client_sent_at` is the browser's clock, `received_at` ours.
    """

    session = models.ForeignKey(RepairSession, on_delete=models.CASCADE, related_name="batches")
    first = models.PositiveBigIntegerField()
    last = models.PositiveBigIntegerField()
    token = models.PositiveIntegerField()
    client_sent_at = models.DateTimeField()
    received_at = models.DateTimeField(default=timezone.now)
    sha256 = models.CharField(max_length=64)
    events = models.BinaryField()

    class Meta:
        ordering: ClassVar[list[str]] = ["first"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(condition=Q(last__gte=F("first"), first__gte=1), name="a_batch_holds_entries"),
            # Entries are numbered below 2**40, so a session's entries are a range of their own on one number line; GiST
            # compares ranges without the btree_gist extension, which the embedded PostgreSQL does not bring.
            ExclusionConstraint(
                name="batches_of_a_session_never_overlap",
                expressions=[
                    (
                        Func(
                            F("session_id") * Value(2**40) + F("first"),
                            F("session_id") * Value(2**40) + F("last"),
                            Value("[]"),
                            function="int8range",
                            output_field=models.Field(),
                        ),
                        RangeOperators.OVERLAPS,
                    )
                ],
            ),
        ]

    def __str__(self) -> str:
        return f"{self.session}: {self.first} to {self.last}"

    def entries(self) -> list[Event]:
        """The events of this batch."""
        entries: list[Event] = log_json.decode(bytes(self.events))
        return entries

    def moments(self) -> Sequence[Mapping[str, Any]]:
        """When its events were and of which kind, without what was typed (`annotations.moments`)."""
        return decode_moments(bytes(self.events))


class RunRequest(models.Model):
    """Somebody asked for a run: which entries were in force, and whether the hashes agreed."""

    session: models.ForeignKey[RepairSession]
    run: models.OneToOneField[Run]
    run_id: int
    through = models.PositiveBigIntegerField()
    browser_digest = models.CharField(max_length=64)
    server_digest = models.CharField(max_length=64)
    requested_at = models.DateTimeField(default=timezone.now)

    class Meta:
        abstract = True
        ordering: ClassVar[list[str]] = ["pk"]

    def __str__(self) -> str:
        return f"{self.run} of {self.session}"

    @property
    def digest_matches(self) -> bool:
        return self.browser_digest == self.server_digest


class CheckRequest(RunRequest):
    """Somebody asked for all checks, or closed the session: its run is a verdict."""

    session = models.ForeignKey(RepairSession, on_delete=models.CASCADE, related_name="check_requests")
    run = models.OneToOneField(Run, on_delete=models.PROTECT, related_name="check_request")


class PartialRequest(RunRequest):
    """Somebody asked for some checks only. Apart from `CheckRequest`, so that such a run is never read as a verdict."""

    session = models.ForeignKey(RepairSession, on_delete=models.CASCADE, related_name="partial_requests")
    run = models.OneToOneField(Run, on_delete=models.PROTECT, related_name="partial_request")


class SessionBackend(models.Model):
    """A backend that its annotator kept running for requests of their own: which entries were in force."""

    session = models.ForeignKey(RepairSession, on_delete=models.CASCADE, related_name="held_backends")
    held = models.OneToOneField(HeldBackend, on_delete=models.PROTECT, related_name="of_session")
    through = models.PositiveBigIntegerField()

    class Meta:
        ordering: ClassVar[list[str]] = ["pk"]

    def __str__(self) -> str:
        return f"{self.held} of {self.session}"


class Judgement(models.Model):
    """What somebody said of a session at one moment. Rows are only added: whoever changes their mind adds another.

    The database refuses to change one (migration 0002).
    """

    author = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    said_at = models.DateTimeField(default=timezone.now)

    class Meta:
        abstract = True
        ordering: ClassVar[list[str]] = ["pk"]

    def save(self, *args: Any, **options: Any) -> None:
        if self.pk is not None:
            raise ValueError("A judgement is never changed; add another one.")
        super().save(*args, **options)


class CauseLabel(Judgement):
    """The root cause of a group of failures, in the words of `taxonomy`; no category takes an earlier label back.

    `cause` is what the group is known by in its run (its line of code, else its title), `checks` are its failed checks.
    """

    session = models.ForeignKey(RepairSession, on_delete=models.CASCADE, related_name="labels")
    run = models.ForeignKey(Run, on_delete=models.PROTECT, related_name="labels")
    cause = models.CharField(max_length=500)
    title = models.TextField()
    checks = models.JSONField()
    category = models.CharField(max_length=60, blank=True)
    subcategory = models.CharField(max_length=60, blank=True)
    detail = models.TextField(blank=True)

    def __str__(self) -> str:
        return f"{self.cause}: {self.words or 'no label'}"

    @property
    def words(self) -> str:
        return taxonomy.title_of(self.category, self.subcategory) if self.category else ""


class Dispute(Judgement):
    """Somebody says that a check is wrong, and why; `withdrawn`: they no longer say so."""

    session = models.ForeignKey(RepairSession, on_delete=models.CASCADE, related_name="disputes")
    run = models.ForeignKey(Run, on_delete=models.PROTECT, related_name="disputes")
    check_id = models.CharField(max_length=160)
    reason = models.TextField(blank=True)
    withdrawn = models.BooleanField(default=False)

    class Meta(Judgement.Meta):
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(condition=Q(withdrawn=True) | ~Q(reason=""), name="a_dispute_has_a_reason")
        ]

    def __str__(self) -> str:
        return f"{self.check_id} {'undisputed' if self.withdrawn else 'disputed'} in {self.session}"


class Ruling(models.TextChoices):
    UPHELD = "upheld", "The check is wrong"
    REJECTED = "rejected", "The check stands"


class DisputeDecision(Judgement):
    """A researcher's answer to a dispute; the last one stands. It changes no verdict: the data set carries it."""

    dispute = models.ForeignKey(Dispute, on_delete=models.CASCADE, related_name="decisions")
    ruling = models.CharField(max_length=20, choices=Ruling)
    note = models.TextField(blank=True)

    def __str__(self) -> str:
        return f"{self.dispute}: {self.get_ruling_display()}"
