"""`python -m tests.bench.starting [TASK…]`: where the time from a launch to the first answer goes.

Starts are taken in turns, cold and pre-warmed, so that both see the same machine. Medians of the wall time; and of the
processor time that each process of the sandbox has used when the first answer comes, which a busy machine changes less.
"""

from __future__ import annotations

import statistics
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path

from evaluator.environments import prepare_environment
from evaluator.files import read_tree
from evaluator.health import wait_until_healthy
from evaluator.runtimes import runtime_of
from evaluator.runtimes.base import RUN_SCRIPT
from evaluator.sandbox import DatabaseAccess, LaunchSpec, Sandbox
from evaluator.sandbox.bubblewrap import HeldSandbox
from evaluator.sandbox.choice import working_sandbox
from evaluator.sandbox.supervisor import children_of
from evaluator.services.postgres import fresh_database
from evaluator.tasks import Task, task_by_id
from evaluator.warm import WarmSandboxes
from evaluator.warm.zygote import READY
from tests.bench.corpus import CORPUS, DEMO

TASKS = (
    "uv-flask-openapi-unconstrained",
    "uv-django-openapi-clean_architecture-postgres-sqlalchemy",
    "uv-aiohttp-openapi-clean_architecture-sqlite",
    "node-express-openapi-unconstrained",
)
REPEATS = 11
PARTS = ("evaluator", "bridge", "bwrap and supervisor", "zygote and shim", "backend")


@dataclass(frozen=True)
class Start:
    """Wall milliseconds, processor milliseconds by part, and those that were used before the code came."""

    milliseconds: float
    used: dict[str, float]
    used_before: float


def main(arguments: list[str]) -> int:
    for name in arguments or TASKS:
        task = task_by_id(name)
        cold, warm = starts(task, specification(task))
        print(f"{name:<60}{'cold':>8}{'warm':>8}")
        print(f"  {'launch → first answer, ms':<58}{cold.milliseconds:>8.0f}{warm.milliseconds:>8.0f}")
        for part in PARTS:
            print(f"  {f'processor time: {part}, ms':<58}{cold.used[part]:>8.1f}{warm.used[part]:>8.1f}")
        print(f"  {'before the code came, ms':<58}{'':>8}{warm.used_before:>8.1f}", flush=True)
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


def starts(task: Task, spec: LaunchSpec) -> tuple[Start, Start]:
    """The medians of cold and of pre-warmed starts."""
    cold: list[Start] = []
    warm: list[Start] = []
    with WarmSandboxes(quiet_seconds=0) as pool:
        for _ in range(REPEATS):
            with _database(task) as access:
                launched = replace(spec, postgres=access)
                pool.prepare(launched)
                while not pool.waiting_for(launched):
                    time.sleep(0.02)
                cold.append(_start(working_sandbox("bubblewrap"), task, launched, {}))
            with _database(task) as access:
                before = _used_by(pool._waiting[0].held)
                warm.append(_start(pool, task, replace(spec, postgres=access), before))
    return _median(cold), _median(warm)


def _start(sandbox: Sandbox, task: Task, spec: LaunchSpec, before: dict[int, tuple[str, float]]) -> Start:
    ours, started = time.process_time(), time.monotonic()
    with sandbox.launch(spec) as running:
        why_not = wait_until_healthy(running, task)
        milliseconds, ours = (time.monotonic() - started) * 1000, (time.process_time() - ours) * 1000
        assert isinstance(running, HeldSandbox)
        after = _used_by(running)
    if why_not:
        raise SystemExit(f"{task.id}: {why_not}\n{running.log()}")
    used = dict.fromkeys(PARTS, 0.0) | {"evaluator": ours}
    for pid, (part, processor) in after.items():
        used[part] += processor - before.get(pid, ("", 0.0))[1]
    return Start(milliseconds, used, sum(processor for _, processor in before.values()))


def _used_by(running: HeldSandbox) -> dict[int, tuple[str, float]]:
    """By process: the part it plays, and the milliseconds of processor time of its living threads."""
    found = {}
    waiting = [running._process.pid]
    while waiting:
        pid = waiting.pop()
        folder = Path("/proc", str(pid))
        with suppress(OSError):
            nanoseconds = sum(int((task / "schedstat").read_text().split()[0]) for task in (folder / "task").iterdir())
            name, command = (folder / "comm").read_text().strip(), (folder / "cmdline").read_bytes()
            found[pid] = (_part(pid == running._process.pid, name, command), nanoseconds / 1e6)
            waiting += children_of(pid)
    return found


def _part(is_bridge: bool, name: str, command: bytes) -> str:
    if is_bridge:
        return "bridge"
    if name == "bwrap" or name.startswith("starts-"):
        return "bwrap and supervisor"
    if name == READY or b"/run/amend/bin/" in command.split(b"\0")[1]:
        return "zygote and shim"
    return "backend"


def _median(starts: list[Start]) -> Start:
    return Start(
        statistics.median(start.milliseconds for start in starts),
        {part: statistics.median(start.used[part] for start in starts) for part in PARTS},
        statistics.median(start.used_before for start in starts),
    )


@contextmanager
def _database(task: Task) -> Iterator[DatabaseAccess | None]:
    with ExitStack() as stack:
        wanted = task.value_of("database") == "postgres"
        yield replace(stack.enter_context(fresh_database()), name=task.pack.database) if wanted else None


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
