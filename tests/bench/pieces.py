"""Table: the pieces of our own that a person waits for, apart from any backend."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator

from annotations.diffs import render_diff
from annotations.replay import Workspace
from evaluator.files import read_tree
from evaluator.tasks import task_by_id
from evaluator.verifiers import verify_files
from tests.bench.corpus import DEMO
from tests.bench.rounds import middle
from tests.bench.table import Table

REPEATS = 5
ENTRIES = 20_000


def pieces() -> Iterator[Table]:
    """Verifiers, replay and comparison, medians of five."""
    table = Table("Pieces a person waits for", f"Medians of {REPEATS}, one after another.", ("piece", "ms"))
    for name, work in (_verifiers(), _replay(), _comparison()):
        table.add(name, f"{_median_ms(work):.1f}")
    yield table


def _verifiers() -> tuple[str, Callable[[], object]]:
    name = "uv-django-openapi-clean_architecture-postgres-sqlalchemy"
    files, task = read_tree(DEMO / name), task_by_id(name)
    return f"verifiers on the {len(files)} files of a Django backend", lambda: verify_files(files, task)


def _replay() -> tuple[str, Callable[[], object]]:
    typed = [
        {
            "seq": n + 1,
            "at": n,
            "mono": n,
            "page": "p",
            "kind": "edit",
            "path": "a.py",
            "user": "input.type",
            "changes": [[0, "x"], n] if n else [[0, "x"]],
        }
        for n in range(ENTRIES)
    ]

    def replay() -> None:
        workspace = Workspace({"a.py": b""})
        for event in typed:
            workspace.apply(event)
        workspace.digest()

    return f"replay of {ENTRIES:,} typed entries", replay


def _comparison() -> tuple[str, Callable[[], object]]:
    lines = [f"def function_{n}(value):\n    return value + {n}  # line {n}" for n in range(5000)]
    before = "\n".join(lines)
    after = "\n".join(line.replace("value", "other") if n % 7 == 0 else line for n, line in enumerate(lines))
    name = "comparison of a 10,000-line file, side by side, every seventh function changed"
    return name, lambda: render_diff(before, after, path="a.py", mode="side")


def _median_ms(work: Callable[[], object]) -> float:
    taken = []
    for _ in range(REPEATS):
        begun = time.perf_counter()
        work()
        taken.append(time.perf_counter() - begun)
    return 1000 * middle(taken)
