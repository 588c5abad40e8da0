"""The tasks of the benchmark as data: 8 frameworks × 10 combinations of constraints = 80 greenfield tasks.

A task id reads `uv-flask-openapi-clean_architecture-postgres-sqlalchemy`: runtime, framework, contract style, then the
constraint tokens in the order architecture, database, ORM; `unconstrained` stands for none. Further constraints, which
the benchmark does not have, may follow, in the order of FURTHER_CONSTRAINTS.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import cache
from typing import TYPE_CHECKING

from evaluator.errors import UnknownTask

if TYPE_CHECKING:
    from evaluator.contract.packs import Pack

UNCONSTRAINED = "unconstrained"
# The contract that all 80 tasks of the benchmark are about; `evaluator/contract/packs.py` finds it by this name.
BENCHMARK_CONTRACT = "conduit"
LEVELS = (0, 1, 2, 3)
MOST_ID_CHARACTERS = 300


@dataclass(frozen=True)
class Constraint:
    """A structural demand: its `kind` (architecture, database, orm …) and the `value` that a task id names."""

    kind: str
    value: str
    title: str


@dataclass(frozen=True)
class Demand:
    """A constraint in force and what it demands of a backend, in the words of the task's contract."""

    constraint: Constraint
    text: str


@dataclass(frozen=True)
class Framework:
    """A web framework of the benchmark and the runtime that serves it."""

    name: str
    runtime: str
    title: str


@dataclass(frozen=True)
class Runtime:
    """How a family of backends is installed and where it listens."""

    name: str
    title: str
    port: int
    dependency_file: str


@dataclass(frozen=True)
class Task:
    """A contract, a framework and the constraints in force. `level` is derived: how many of them are the benchmark's.

    `contract` names a pack, or is the path of a folder that is one.
    """

    id: str
    runtime: Runtime
    framework: Framework
    constraints: tuple[Constraint, ...]
    contract: str = BENCHMARK_CONTRACT

    @property
    def level(self) -> int:
        """Number of the benchmark's constraints in force, 0 to 3; further ones do not change it."""
        return sum(constraint.value in CONSTRAINTS for constraint in self.constraints)

    @property
    def title(self) -> str:
        return f"{self.pack.title} on {self.framework.title}"

    @property
    def pack(self) -> Pack:
        """The pack of the contract. Raises BadInput where there is none of that name."""
        from evaluator.contract.packs import pack_named

        return pack_named(self.contract)

    @property
    def demands(self) -> tuple[Demand, ...]:
        """What each constraint in force demands, in the order of the constraints."""
        said = self.pack.demands
        return tuple(
            Demand(constraint, said.get(constraint.value, constraint.title)) for constraint in self.constraints
        )

    def value_of(self, kind: str) -> str | None:
        """The value demanded for a kind of constraint, or None where the task leaves it open."""
        return next((constraint.value for constraint in self.constraints if constraint.kind == kind), None)


RUNTIMES = {
    "uv": Runtime("uv", "Python 3.12", 8080, "requirements.txt"),
    "node": Runtime("node", "Node.js 20", 3000, "package.json"),
}
FRAMEWORKS = {
    framework.name: framework
    for framework in (
        Framework("flask", "uv", "Flask"),
        Framework("fastapi", "uv", "FastAPI"),
        Framework("django", "uv", "Django"),
        Framework("aiohttp", "uv", "aiohttp"),
        Framework("express", "node", "Express"),
        Framework("fastify", "node", "Fastify"),
        Framework("hono", "node", "Hono"),
        Framework("koa", "node", "Koa"),
    )
}
CONSTRAINTS = {
    constraint.value: constraint
    for constraint in (
        Constraint("architecture", "clean_architecture", "clean architecture"),
        Constraint("database", "sqlite", "SQLite"),
        Constraint("database", "postgres", "PostgreSQL"),
        Constraint("orm", "sqlalchemy", "SQLAlchemy"),
        Constraint("orm", "sequelize", "Sequelize"),
    )
}
# Demands that the benchmark does not make; each goes with any task.
FURTHER_CONSTRAINTS = {
    constraint.value: constraint
    for constraint in (
        Constraint("transactions", "atomic_writes", "related writes in one transaction"),
        Constraint("routing", "routers", "a router per resource"),
        Constraint("authentication", "safe_login", "hashed passwords and verified tokens"),
        Constraint("migrations", "migrations", "migrations that make the tables"),
        Constraint("schema", "keys", "foreign keys and unique constraints"),
    )
}
OFFERED_CONSTRAINTS = CONSTRAINTS | FURTHER_CONSTRAINTS
ORM_OF_RUNTIME = {"uv": "sqlalchemy", "node": "sequelize"}
# An ORM never occurs without a database.
COMBINATIONS = (
    (),
    ("clean_architecture",),
    ("sqlite",),
    ("postgres",),
    ("clean_architecture", "sqlite"),
    ("clean_architecture", "postgres"),
    ("sqlite", "orm"),
    ("postgres", "orm"),
    ("clean_architecture", "sqlite", "orm"),
    ("clean_architecture", "postgres", "orm"),
)


@cache
def all_tasks() -> dict[str, Task]:
    """The 80 tasks by id, in the order of frameworks and combinations."""
    tasks = {}
    for framework in FRAMEWORKS.values():
        for combination in COMBINATIONS:
            tokens = [ORM_OF_RUNTIME[framework.runtime] if token == "orm" else token for token in combination]
            task_id = "-".join([framework.runtime, framework.name, "openapi", *(tokens or [UNCONSTRAINED])])
            constraints = tuple(CONSTRAINTS[token] for token in tokens)
            tasks[task_id] = Task(task_id, RUNTIMES[framework.runtime], framework, constraints)
    return tasks


def task_by_id(task_id: str) -> Task:
    """The task with this id: one of the 80, or one of them with further constraints behind it.

    Raises UnknownTask with the nearest known ids.
    """
    tasks = all_tasks()
    if task_id not in tasks:
        further = _with_further(task_id)
        if further is not None and further.id == task_id:
            return further
        from difflib import get_close_matches

        near = [further.id] if further is not None else get_close_matches(task_id[:200], tasks, n=2)
        hint = f" Did you mean {' or '.join(near)}?" if near else ""
        raise UnknownTask(f"There is no task “{task_id[:200]}”.{hint} `python -m evaluator tasks` lists all 80.")
    return tasks[task_id]


def with_constraints(task: Task, further: Iterable[Constraint]) -> Task:
    """The task with further constraints in force, each once; its id names them behind the benchmark's own."""
    known = {constraint.value for constraint in (*task.constraints, *further)}
    added = tuple(constraint for value, constraint in FURTHER_CONSTRAINTS.items() if value in known)
    kept = tuple(constraint for constraint in task.constraints if constraint.value in CONSTRAINTS)
    base = task.id.removesuffix("".join(f"-{one.value}" for one in task.constraints if one.value not in CONSTRAINTS))
    start = base.removesuffix(f"-{UNCONSTRAINED}") if added else base
    return replace(task, id="-".join([start, *(one.value for one in added)]), constraints=(*kept, *added))


def _with_further(task_id: str) -> Task | None:
    """What an id means that ends in further constraints, in whatever order; None where it means nothing."""
    tokens = task_id[:MOST_ID_CHARACTERS].split("-")
    further = []
    while tokens and tokens[-1] in FURTHER_CONSTRAINTS:
        further.append(FURTHER_CONSTRAINTS[tokens.pop()])
    base = "-".join(tokens)
    task = all_tasks().get(base) or all_tasks().get(f"{base}-{UNCONSTRAINED}")
    return with_constraints(task, further) if task is not None and further else None


def under_contract(task: Task, contract: str | None) -> Task:
    """The task, judged by this contract instead of its own where one is named.

    `contract` names a pack or is the path of its folder. Raises BadInput for an unknown one.
    """
    if not contract:
        return task
    from evaluator.contract.packs import pack_named

    return replace(task, contract=pack_named(contract).name)
