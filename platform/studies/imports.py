"""Bringing a generated backend into a study."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from django.db import IntegrityError, transaction

from accounts.models import Person
from evaluator.errors import BadInput
from evaluator.files import check_files, read_tree
from evaluator.tasks import task_by_id
from studies.models import Backend, Study
from studies.snapshots import store_snapshot


@transaction.atomic
def import_backend(
    *,
    study: Study,
    files: Mapping[str, bytes],
    task_id: str,
    name: str = "",
    generator: Mapping[str, Any] | None = None,
    imported_by: Person | None = None,
) -> Backend:
    """Add the files of a backend to a study, unchanged.

    `files` maps relative paths to bytes. Raises BadInput (UnknownTask, RefusedFiles) with a sentence that says what is
    wrong and where; nothing is stored then.
    """
    task = task_by_id(task_id)
    check_files(files, task)
    backend = Backend(
        study=study,
        task_id=task.id,
        name=name or task.id,
        generator=dict(generator or {}),
        snapshot=store_snapshot(files),
        imported_by=imported_by,
    )
    try:
        with transaction.atomic():
            backend.save()
    except IntegrityError as error:
        raise BadInput(f"The study “{study}” already has a backend named “{backend.name}”.") from error
    return backend


def import_folder(
    *,
    study: Study,
    folder: Path,
    task_id: str = "",
    name: str = "",
    generator: Mapping[str, Any] | None = None,
    imported_by: Person | None = None,
) -> Backend:
    """Import a folder of the server's own disk; its name is the task id unless another is given."""
    task_id = task_id or folder.name
    task_by_id(task_id)
    return import_backend(
        study=study,
        files=read_tree(folder),
        task_id=task_id,
        name=name,
        generator=generator,
        imported_by=imported_by,
    )
