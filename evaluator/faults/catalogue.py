"""The catalogue as data: one folder per fault below `catalogue/`, with `fault.toml` (what it is) and `change.patch`.

The categories are those of the benchmark's taxonomy of failures, both levels: six causes of a logic error, the coarse
classes beside it, and the three kinds of constraint that a fault of structure violates.
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Literal, get_args

from evaluator.errors import BadInput
from evaluator.faults.patches import apply_patch, changed_lines
from evaluator.files import read_tree
from evaluator.tasks import Task, task_by_id

HERE = Path(__file__).parent
CATALOGUE = HERE / "catalogue"
# The working backends of the demo study, and two frameworks that it has no working backend of.
BACKENDS = (HERE.parents[1] / "platform" / "studies" / "demo" / "backends", HERE / "backends")
GENERATION_SUFFIX = "-2021"  # the demo's second group: the task's id, then how the backend was generated

VisibleWith = Literal[
    "one user",
    "two users",
    "twice",
    "concurrently",
    "after a restart",
    "unusual text",
    "counted statements",
    "reading the code",
]
Difficulty = Literal["easy", "medium", "hard"]


@dataclass(frozen=True)
class Category:
    """One cause of failure: its place in the benchmark's taxonomy (`group`, `cause`), and a word for people."""

    name: str
    title: str
    group: str
    cause: str = ""


CATEGORIES = {
    category.name: category
    for category in (
        Category("startup", "does not start", "server_startup_failure"),
        Category("incomplete", "something is missing", "incomplete_implementation"),
        Category("schema", "answers of the wrong shape", "schema_format_error"),
        Category("authentication", "authentication", "logic_error", "auth_misconfiguration"),
        Category("query-logic", "wrong query", "logic_error", "incorrect_query_logic"),
        Category("state-propagation", "state not carried on", "logic_error", "state_propagation_failure"),
        Category("database-runtime", "database or ORM at run time", "logic_error", "database_runtime_error"),
        Category("framework-idiosyncrasy", "a framework's own ways", "logic_error", "framework_idiosyncrasy"),
        Category("business-logic", "another rule than the contract's", "logic_error", "business_logic_defect"),
        Category("architecture", "architecture", "constraint_violation", "architecture"),
        Category("database", "database", "constraint_violation", "database"),
        Category("orm", "ORM", "constraint_violation", "orm"),
    )
}


@dataclass(frozen=True)
class Fault:
    """One seeded fault.

    `title` says what is wrong, in a sentence for a developer who knows; `statement` is the task as somebody would
    report it, without a hint at cause or place. `backend` is the folder of the original, `patch` a unified diff on it.
    `expected` are the ids of checks (or rules of verifiers) that should notice; `visible_with` is what it takes to see
    the fault from outside.
    """

    id: str
    title: str
    statement: str
    backend: str
    category: Category
    visible_with: VisibleWith
    expected: tuple[str, ...]
    difficulty: Difficulty
    patch: str

    @property
    def task(self) -> Task:
        """The task that the backend was generated for."""
        return task_by_id(self.backend.removesuffix(GENERATION_SUFFIX))

    @property
    def structural(self) -> bool:
        """Whether verifiers must notice it, and not the contract."""
        return self.category.group == "constraint_violation"

    @property
    def provenance(self) -> dict[str, Any]:
        """Who wrote the backend, for the record of whoever imports it. The id tells the cause to whoever sees it."""
        return {"label": "seeded fault", "seeded_fault": self.id, "original": self.backend}

    @property
    def lines(self) -> int:
        """Lines changed: taken away or added, whichever is more."""
        return changed_lines(self.patch)


@cache
def catalogue() -> tuple[Fault, ...]:
    """Every fault, sorted by its id."""
    return tuple(_read(folder) for folder in sorted(CATALOGUE.iterdir()) if folder.is_dir())


def fault_named(id: str) -> Fault:
    """The fault with this id; raises BadInput where there is none."""
    for fault in catalogue():
        if fault.id == id:
            return fault
    from difflib import get_close_matches

    near = get_close_matches(id[:200], [fault.id for fault in catalogue()], n=2)
    hint = f" Did you mean {' or '.join(near)}?" if near else ""
    raise BadInput(f"There is no seeded fault “{id[:200]}”.{hint}")


def mutated_files(fault: Fault) -> dict[str, bytes]:
    """The files of the backend (name → content) with the fault in them."""
    return apply_patch(original_files(fault.backend), fault.patch)


@cache
def _original(backend: str) -> dict[str, bytes]:
    for folder in BACKENDS:
        if (folder / backend).is_dir():
            return read_tree(folder / backend)
    raise BadInput(f"There is no backend “{backend}” to seed a fault in.")


def original_files(backend: str) -> dict[str, bytes]:
    """The files of a backend as it was generated, by the name of its folder; raises BadInput where there is none."""
    return dict(_original(backend))


def _read(folder: Path) -> Fault:
    """The fault in a folder; raises BadInput, naming the file, where a field is missing or has no such value."""
    file = folder / "fault.toml"
    try:
        fields = tomllib.loads(file.read_text(encoding="utf-8"))
        fault = Fault(
            id=folder.name,
            title=fields.pop("title"),
            statement=fields.pop("statement"),
            backend=fields.pop("backend"),
            category=CATEGORIES[fields.pop("category")],
            visible_with=fields.pop("visible_with"),
            expected=tuple(fields.pop("expected")),
            difficulty=fields.pop("difficulty"),
            patch=(folder / "change.patch").read_text(encoding="utf-8"),
        )
    except (KeyError, OSError, tomllib.TOMLDecodeError) as error:
        raise BadInput(f"“{file}” is no seeded fault: {error!r}.") from error
    if fields or fault.visible_with not in get_args(VisibleWith) or fault.difficulty not in get_args(Difficulty):
        raise BadInput(f"“{file}” has a field or a value that no fault has.")
    return fault
