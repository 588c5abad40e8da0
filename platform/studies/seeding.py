"""Backends with a fault from the catalogue: practice, and gold tasks with a known answer. Always labelled as seeded."""

from __future__ import annotations

from django.db import transaction

from accounts.models import Person
from evaluator.errors import BadInput
from evaluator.faults import CATEGORIES, Category, Fault, catalogue, fault_named, mutated_files
from studies.imports import import_backend
from studies.models import Backend, SeededUse, Study


@transaction.atomic
def seed_backend(*, study: Study, fault: Fault, use: SeededUse, seeded_by: Person | None = None) -> Backend:
    """Add the backend with this fault in it to a study. Raises BadInput where the study has it already.

    Its name says that it is seeded and nothing about the fault, for annotators see it.
    """
    study = Study.objects.select_for_update().get(pk=study.pk)
    if study.backends.filter(fault_id=fault.id).exists():
        raise BadInput(f"The study “{study}” already has the seeded fault “{fault.id}”.")
    backend = import_backend(
        study=study,
        files=mutated_files(fault),
        task_id=fault.task.id,
        name=_free_name(study, fault),
        generator=fault.provenance,
        imported_by=seeded_by,
    )
    backend.fault_id, backend.fault_category, backend.seeded_use = fault.id, fault.category.name, use
    backend.save(update_fields=["fault_id", "fault_category", "seeded_use"])
    return backend


def count_gold(*, study: Study, counts: bool) -> Study:
    """Say whether sessions on the study's gold tasks take part in its figures."""
    study.counts_gold = counts
    study.save(update_fields=["counts_gold"])
    return study


def fault_of(backend: Backend) -> Fault | None:
    """The fault in a seeded backend; None for another one, and for a fault the catalogue has no longer."""
    try:
        return fault_named(backend.fault_id) if backend.seeded else None
    except BadInput:
        return None


def faults_to_seed(study: Study) -> dict[Category, list[Fault]]:
    """What the catalogue has and the study does not, by category."""
    taken = set(study.backends.exclude(fault_id="").values_list("fault_id", flat=True))
    free = [fault for fault in catalogue() if fault.id not in taken]
    by_category = {
        category: [fault for fault in free if fault.category == category] for category in CATEGORIES.values()
    }
    return {category: faults for category, faults in by_category.items() if faults}


def _free_name(study: Study, fault: Fault) -> str:
    names = set(study.backends.values_list("name", flat=True))
    numbered = (f"{fault.task.id}-seeded-{number}" for number in range(1, len(names) + 2))
    return next(name for name in numbered if name not in names)
