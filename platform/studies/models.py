"""What a study consists of. Backends and snapshots are immutable: a repair makes a new snapshot."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q

from evaluator.tasks import Task, task_by_id


class Study(models.Model):
    """An experiment. Limits are seconds; `time_limit_seconds` empty means none is set.

    `counts_gold`: sessions on gold tasks take part in its figures. Practice never does.
    """

    name = models.CharField(max_length=120)
    slug = models.SlugField(unique=True)
    description = models.TextField(blank=True)
    protocol = models.TextField(blank=True, help_text="What annotators are asked to do, shown in the workspace.")
    idle_limit_seconds = models.PositiveIntegerField(default=120)
    time_limit_seconds = models.PositiveIntegerField(null=True, blank=True)
    counts_gold = models.BooleanField(default=False, help_text="Sessions on gold tasks take part in its figures.")
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name_plural = "studies"
        ordering: ClassVar[list[str]] = ["name"]

    def __str__(self) -> str:
        return self.name


class Membership(models.Model):
    """A person takes part in a study, in the role they have on the site."""

    study = models.ForeignKey(Study, on_delete=models.CASCADE, related_name="memberships")
    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="memberships")
    joined_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["study", "person"], name="a_person_joins_a_study_once")
        ]


class Content(models.Model):
    """The bytes of a file, stored once under their SHA-256 (hexadecimal)."""

    sha256 = models.CharField(max_length=64, primary_key=True)
    data = models.BinaryField()


class Snapshot(models.Model):
    """The files of a backend at one moment: `manifest` maps each path to the SHA-256 of its content.

    `digest` is the hash of the manifest (see studies.snapshots), so equal files have equal digests.
    """

    digest = models.CharField(max_length=64, unique=True)
    manifest = models.JSONField()
    made_at = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return self.digest[:7]

    def files(self) -> dict[str, bytes]:
        """Every path with its bytes."""
        contents = {
            content.sha256: bytes(content.data)
            for content in Content.objects.filter(sha256__in=set(self.manifest.values()))
        }
        return {path: contents[sha256] for path, sha256 in self.manifest.items()}


class SeededUse(models.TextChoices):
    """What a backend with a seeded fault is for."""

    PRACTICE = "practice", "Practice"
    GOLD = "gold", "Gold task"


class Backend(models.Model):
    """Imported code for one task. `generator` says who wrote it and under which condition, as far as is known.

    One that was made from the catalogue of seeded faults says so in fields of its own: the fault, its category, and
    what it is for. Every page and export that shows it says so, too.
    """

    study = models.ForeignKey(Study, on_delete=models.CASCADE, related_name="backends")
    task_id = models.CharField(max_length=120)
    name = models.SlugField(max_length=160, help_text="Unique within the study.")
    generator = models.JSONField(default=dict, blank=True)
    fault_id = models.CharField(max_length=120, blank=True)
    fault_category = models.CharField(max_length=60, blank=True)
    seeded_use = models.CharField(max_length=20, choices=SeededUse, blank=True)
    snapshot = models.ForeignKey(Snapshot, on_delete=models.PROTECT, related_name="backends")
    imported_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    imported_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["study", "name"], name="a_backend_has_one_name_in_a_study"),
            models.UniqueConstraint(
                fields=["study", "fault_id"], condition=~Q(fault_id=""), name="a_study_seeds_a_fault_once"
            ),
            models.CheckConstraint(
                condition=Q(fault_id="", fault_category="", seeded_use="")
                | ~Q(fault_id="") & ~Q(fault_category="") & ~Q(seeded_use=""),
                name="a_seeded_backend_says_which_fault_and_what_for",
            ),
        ]
        ordering: ClassVar[list[str]] = ["task_id", "name"]

    def __str__(self) -> str:
        return self.name

    @property
    def task(self) -> Task:
        return task_by_id(self.task_id)

    @property
    def level(self) -> int:
        return self.task.level

    @property
    def seeded(self) -> bool:
        """Whether it carries a fault that we put into it."""
        return bool(self.fault_id)

    @property
    def counts(self) -> bool:
        """Whether sessions on it take part in figures: seeded ones only where the study counts its gold tasks."""
        return not self.seeded or (self.seeded_use == SeededUse.GOLD and self.study.counts_gold)

    @property
    def generation_condition(self) -> str:
        """The condition it was generated under, as `knowledge: 2021, versions: unpinned`; empty if none is known."""
        return ", ".join(f"{key}: {value}" for key, value in self.generator.get("condition", {}).items())


class Assignment(models.Model):
    """One backend for one annotator, at a position in their order (counting from 1)."""

    backend = models.ForeignKey(Backend, on_delete=models.PROTECT, related_name="assignments")
    annotator = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="assignments")
    position = models.PositiveIntegerField()
    assigned_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["backend", "annotator"], name="nobody_repairs_a_backend_twice"),
            models.UniqueConstraint(fields=["annotator", "position"], name="an_annotator_has_one_order_of_work"),
        ]
        ordering: ClassVar[list[str]] = ["position"]

    def __str__(self) -> str:
        return f"{self.backend} for {self.annotator}"
