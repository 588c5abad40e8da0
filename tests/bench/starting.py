"""`python -m tests.bench.starting [TASK…]`: where the time from a launch to the first answer goes.

Wall time of starts, cold and pre-warmed one after the other so that both see the same machine, as medians; and the
processor time of each piece of a cold start, which a busy machine changes less.
"""

from __future__ import annotations

import resource
import statistics
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace

from evaluator.environments import prepare_environment
from evaluator.files import read_tree
from evaluator.health import wait_until_healthy
from evaluator.runtimes import runtime_of
from evaluator.runtimes.base import RUN_SCRIPT
from evaluator.sandbox import DatabaseAccess, LaunchSpec, Sandbox
from evaluator.sandbox.choice import working_sandbox
from evaluator.services.postgres import fresh_database
from evaluator.tasks import Task, task_by_id
from evaluator.warm import WarmSandboxes
from tests.bench.corpus import CORPUS, DEMO

TASKS = (
    "uv-flask-openapi-unconstrained",
    "uv-django-openapi-clean_architecture-postgres-sqlalchemy",
    "uv-aiohttp-openapi-clean_architecture-sqlite",
    "node-express-openapi-unconstrained",
)
REPEATS = 11


def main(arguments: list[str]) -> int:
    names = arguments or list(TASKS)
    print(f"{'launch → first answer, ms':<58}{'cold':>7}{'warm':>7}{'ratio':>7}")
    for name in names:
        task = task_by_id(name)
        spec = specification(task)
        cold, warm = starts(task, spec)
        print(f"{name:<58}{cold * 1000:>7.0f}{warm * 1000:>7.0f}{cold / warm:>7.1f}", flush=True)
    print(f"\n{'processor time of a cold start, ms':<58}{'ours':>7}{'theirs':>7}")
    for name in names:
        for piece, ours, theirs in pieces(task_by_id(name), specification(task_by_id(name))):
            print(f"{name[:30] + ': ' + piece:<58}{ours:>7.1f}{theirs:>7.1f}", flush=True)
    return 0


def specification(task: Task) -> LaunchSpec:
    """The launch that an evaluation makes."""
    folder = CORPUS / task.id
    files = read_tree(folder if folder.is_dir() else DEMO / task.id)
    environment = prepare_environment(files, task)
    runtime = runtime_of(task)
    return LaunchSpec(
        argv=RUN_SCRIPT,
        files=files,
        environment=runtime.start_environment(),
        mounts=(*runtime.tools(), *runtime.mounts(environment.path)),
        port=task.runtime.port,
    )


def starts(task: Task, spec: LaunchSpec) -> tuple[float, float]:
    """Median seconds from a launch to the first answer: cold, then pre-warmed, taken in turns."""
    seconds: dict[str, list[float]] = {"cold": [], "warm": []}
    with WarmSandboxes(quiet_seconds=0) as pool:
        for _ in range(REPEATS):
            with _database(task) as access:
                launched = replace(spec, postgres=access)
                pool.prepare(launched)
                while not pool.waiting_for(launched):
                    time.sleep(0.02)
                seconds["cold"].append(_start(working_sandbox("bubblewrap"), task, launched))
            with _database(task) as access:
                seconds["warm"].append(_start(pool, task, replace(spec, postgres=access)))
    return statistics.median(seconds["cold"]), statistics.median(seconds["warm"])


def pieces(task: Task, spec: LaunchSpec) -> Iterator[tuple[str, float, float]]:
    """What each further piece of a start costs, in milliseconds of processor time: ours, and that of the sandbox."""
    interpreter = "python" if task.runtime.name == "uv" else "node"
    nothing = {"uv": ("-c", "pass"), "node": ("-e", "0")}[task.runtime.name]
    cases: list[tuple[str, Callable[[], None]]] = [
        ("bridge, sandbox and its end", lambda: _run(replace(spec, argv=("true",), files={}))),
        ("unpacking", lambda: _run(replace(spec, argv=("true",)))),
        ("interpreter", lambda: _run(replace(spec, argv=(interpreter, *nothing)))),
        ("the backend to its first answer", lambda: _first_answer(task, spec)),
    ]
    before = (0.0, 0.0)
    for piece, work in cases:
        ours, theirs = _processor_time(work)
        yield piece, ours - before[0], theirs - before[1]
        before = ours, theirs


def _start(sandbox: Sandbox, task: Task, spec: LaunchSpec) -> float:
    started = time.monotonic()
    with sandbox.launch(spec) as running:
        why_not = wait_until_healthy(running, task)
        seconds = time.monotonic() - started
    if why_not:
        raise SystemExit(f"{task.id}: {why_not}\n{running.log()}")
    return seconds


def _first_answer(task: Task, spec: LaunchSpec) -> None:
    with _database(task) as access:
        _start(working_sandbox("bubblewrap"), task, replace(spec, postgres=access))


def _run(spec: LaunchSpec) -> None:
    with working_sandbox("bubblewrap").launch(spec) as running:
        running.wait(30)


def _processor_time(work: Callable[[], None]) -> tuple[float, float]:
    """Median milliseconds of this process, and of the processes that it started and saw end."""
    figures = []
    for _ in range(REPEATS):
        before = [_used(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
        work()
        after = [_used(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
        figures.append([(end - begin) * 1000 for begin, end in zip(before, after, strict=True)])
    return statistics.median(ours for ours, _ in figures), statistics.median(theirs for _, theirs in figures)


def _used(who: int) -> float:
    used = resource.getrusage(who)
    return used.ru_utime + used.ru_stime


@contextmanager
def _database(task: Task) -> Iterator[DatabaseAccess | None]:
    with ExitStack() as stack:
        wanted = task.value_of("database") == "postgres"
        yield replace(stack.enter_context(fresh_database()), name=task.pack.database) if wanted else None


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
