"""Which folders of a batch are backends, and what their files are at this moment."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from evaluator.errors import BadInput, RefusedFiles, UnknownTask
from evaluator.files import read_tree
from evaluator.tasks import Task, task_by_id


@dataclass(frozen=True)
class Backend:
    """A folder that is named by the id of its task."""

    folder: Path
    task: Task

    @property
    def name(self) -> str:
        return self.folder.name


def find_backends(folder: Path) -> tuple[tuple[Backend, ...], tuple[str, ...]]:
    """The backends directly below a folder in the order of their names, and a sentence on each folder that is none.

    Files and hidden folders are passed over. Raises BadInput where there is no folder or no backend in it.
    """
    if not folder.is_dir():
        raise BadInput(f"There is no folder “{folder}”.")
    backends, notes = [], []
    for entry in sorted(folder.iterdir(), key=lambda entry: entry.name):
        if not entry.is_dir() or entry.name.startswith("."):
            continue
        try:
            backends.append(Backend(entry, task_by_id(entry.name)))
        except UnknownTask as error:
            notes.append(f"“{entry.name}” is passed over, for it is not the id of a task. {error}")
    if not backends:
        raise BadInput(f"No folder in “{folder}” is named by the id of a task. {' '.join(notes[:3])}".rstrip())
    return tuple(backends), tuple(notes)


def content_hash(files: Mapping[str, bytes]) -> str:
    """The hash of a backend's files, names and contents, 64 hexadecimal digits."""
    digest = hashlib.sha256()
    for name, content in sorted(files.items()):
        digest.update(f"{name}\0".encode())
        digest.update(hashlib.sha256(content).digest())
    return digest.hexdigest()


def content_hash_of(backend: Backend) -> str:
    """The hash of the files in the backend's folder; empty where they are refused, so that no verdict is theirs."""
    try:
        return content_hash(read_tree(backend.folder))
    except RefusedFiles:
        return ""
