"""`make bench`: where the time goes, as medians and ratios of one run on one machine.

Prints a table; `docs/performance.md` keeps the figures of a named machine. Nothing here passes or fails.
"""

from __future__ import annotations

import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path

from annotations.diffs import render_diff
from annotations.replay import Workspace
from evaluator.evaluate import evaluate
from evaluator.files import read_tree
from evaluator.tasks import task_by_id
from evaluator.verifiers import verify_files

ROOT = Path(__file__).resolve().parent.parent.parent
BACKENDS = ROOT / "platform" / "studies" / "demo" / "backends"
EVALUATED = (
    "uv-flask-openapi-unconstrained",
    "node-express-openapi-unconstrained",
    "node-fastify-openapi-clean_architecture-postgres",
    "uv-django-openapi-clean_architecture-postgres-sqlalchemy",
)
REPEATS = 5


def main() -> int:
    evaluations()
    print()
    print(f"{'part':<58}{'median ms':>10}")
    for name, work in parts():
        print(f"{name:<58}{median_ms(work):>10.1f}")
    return 0


def evaluations() -> None:
    """Files in hand → complete verdict, warm environment, by stage; seconds."""
    print(f"{'verdict, warm':<58}{'start':>7}{'checks':>8}{'total':>7}{'ours':>7}")
    for name in EVALUATED:
        files, task = read_tree(BACKENDS / name), task_by_id(name)
        evaluate(files, task)
        verdicts = [evaluate(files, task) for _ in range(REPEATS)]
        timings = [verdict.timings for verdict in verdicts]
        start, contract, total = (statistics.median(t[key] for t in timings) for key in ("start", "contract", "total"))
        ours = 1 - (start + contract) / total
        print(f"{name:<58}{start:>7.2f}{contract:>8.2f}{total:>7.2f}{ours:>7.0%}")


def parts() -> list[tuple[str, Callable[[], object]]]:
    """The pieces of our own that a person waits for."""
    name = "uv-django-openapi-clean_architecture-postgres-sqlalchemy"
    files, task = read_tree(BACKENDS / name), task_by_id(name)
    lines = [f"def function_{n}(value):\n    return value + {n}  # line {n}" for n in range(5000)]
    before = "\n".join(lines)
    after = "\n".join(line.replace("value", "other") if n % 7 == 0 else line for n, line in enumerate(lines))
    typed = [
        {"seq": n + 1, "at": n, "mono": n, "page": "p", "kind": "edit", "path": "a.py", "user": "input.type",
         "changes": [[0, "x"], n] if n else [[0, "x"]]}
        for n in range(20_000)
    ]  # fmt: skip

    def replay() -> None:
        workspace = Workspace({"a.py": b""})
        for event in typed:
            workspace.apply(event)
        workspace.digest()

    return [
        (f"verifiers on {len(files)} files", lambda: verify_files(files, task)),
        ("replay of 20,000 typed entries", replay),
        (
            "comparison of a 10,000-line file, side by side",
            lambda: render_diff(before, after, path="a.py", mode="side"),
        ),
    ]


def median_ms(work: Callable[[], object]) -> float:
    seconds = []
    for _ in range(REPEATS):
        begun = time.perf_counter()
        work()
        seconds.append(time.perf_counter() - begun)
    return 1000 * statistics.median(seconds)


if __name__ == "__main__":
    sys.exit(main())
