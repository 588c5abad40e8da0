"""How long our suite takes against a running backend, and how long newman takes for the published collection.

    .venv/bin/python -m tests.bench.newman COLLECTION FOLDER [FOLDER …] [--repeats 3]

FOLDER is a backend, or a folder of backends, each named for its task; those that do not start are left out. Each run
has a backend of its own, started in the sandbox as an evaluation does, warm; the two suites take turns. newman runs as
the benchmark runs it, through a port of the loopback, and its time is told with and without its own start. Seconds are
medians; "CPU" is what the backend's sandbox used, which says more than seconds where the machine has other work.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from evaluator.contract import Watch, judge_contract
from evaluator.contract.loopback import loopback_port
from evaluator.environments import prepare_environment
from evaluator.errors import UnknownTask
from evaluator.files import read_tree
from evaluator.health import wait_until_healthy
from evaluator.newman import Newman, installed_newman
from evaluator.observation import specification
from evaluator.runtimes import runtime_of
from evaluator.sandbox import Running, choose_sandbox
from evaluator.services.postgres import fresh_database
from evaluator.tasks import Task, task_by_id

GIVEN = {"USERNAME": "user", "EMAIL": "user@mail.com", "PASSWORD": "password"}
TICKS = os.sysconf("SC_CLK_TCK")


class DoesNotStart(Exception):
    """Why a backend is left out."""


@dataclass(frozen=True)
class Took:
    """One run of a suite: seconds, those without the start of the suite's own program, CPU seconds of the backend."""

    seconds: float
    inner_seconds: float
    processor_seconds: float
    requests: int


def main() -> int:
    parser = argparse.ArgumentParser("python -m tests.bench.newman", description=__doc__)
    parser.add_argument("collection", type=Path)
    parser.add_argument("folders", nargs="+", type=Path)
    parser.add_argument("--repeats", type=int, default=3)
    chosen = parser.parse_args()
    if not chosen.collection.is_file():
        print(f"skipped: there is no collection at {chosen.collection}")
        return 0
    newman = installed_newman()
    print(f"{'backend':<58}{'newman':>8}{'inner':>7}{'ours':>7}{'ratio':>7}{'inner':>7}{'CPU':>12}{'requests':>10}")
    ratios: list[float] = []
    for folder in backends_in(chosen.folders):
        try:
            turns = [
                (published(newman, chosen.collection, folder), ours(folder)) for _ in range(max(1, chosen.repeats))
            ]
        except DoesNotStart as reason:
            print(f"{folder.name:<58}left out: {reason}")
            continue
        theirs, own = ([turn[side] for turn in turns] for side in (0, 1))
        ratios.append(median(own, "seconds") / median(theirs, "seconds"))
        print(row(folder.name, theirs, own), flush=True)
    if ratios:
        print(f"ours / newman with its start: median {statistics.median(ratios):.2f}, worst {max(ratios):.2f}")
    return 0


def row(name: str, theirs: list[Took], own: list[Took]) -> str:
    """One line of the table."""
    newman, inner, seconds = median(theirs, "seconds"), median(theirs, "inner_seconds"), median(own, "seconds")
    processor = f"{median(theirs, 'processor_seconds'):.2f} / {median(own, 'processor_seconds'):.2f}"
    times = f"{newman:>8.2f}{inner:>7.2f}{seconds:>7.2f}{seconds / newman:>7.2f}{seconds / inner:>7.2f}"
    return f"{name:<58}{times}{processor:>12}{own[0].requests:>10}"


def median(turns: list[Took], field: str) -> float:
    """The median of one figure."""
    return float(statistics.median(getattr(turn, field) for turn in turns))


def backends_in(folders: list[Path]) -> Iterator[Path]:
    """The folders that are named for a task, at the top or one below."""
    for folder in folders:
        for candidate in (folder, *sorted(path for path in folder.iterdir() if path.is_dir())):
            if is_task(candidate.name):
                yield candidate


def is_task(name: str) -> bool:
    """Whether this is the id of a task."""
    try:
        task_by_id(name)
    except UnknownTask:
        return False
    return True


def published(newman: Newman, collection: Path, folder: Path) -> Took:
    """newman runs the collection against a fresh start of the backend."""
    program = newman.folder / "node_modules" / ".bin" / "newman"
    with started(folder) as (running, _), loopback_port(running.transport) as port, tempfile.TemporaryDirectory() as at:
        report = Path(at) / "report.json"
        given = {"APIURL": f"http://127.0.0.1:{port}/api", **GIVEN}
        command = [str(newman.node), str(program), "run", "--timeout-request", "10000"]
        command += [part for name, value in given.items() for part in ("--global-var", f"{name}={value}")]
        command += ["--reporters", "json", "--reporter-json-export", str(report), str(collection)]
        before, begun = processor_seconds(), time.monotonic()
        subprocess.run(command, capture_output=True, cwd=at, timeout=300)
        seconds, used = time.monotonic() - begun, processor_seconds() - before
        run = json.loads(report.read_text())["run"]
    inner = (run["timings"]["completed"] - run["timings"]["started"]) / 1000
    return Took(seconds, inner, used, run["stats"]["requests"]["total"])


def ours(folder: Path) -> Took:
    """Our suite judges a fresh start of the backend; it is imported already, as in a worker."""
    with started(folder) as (running, task):
        watch = Watch(log_since=running.log_since, alive=running.alive)
        before, begun = processor_seconds(), time.monotonic()
        judged = judge_contract(
            f"http://localhost{task.pack.base}", transport=running.transport, watch=watch, task_contract=task.contract
        )
        seconds = time.monotonic() - begun
        return Took(seconds, seconds, processor_seconds() - before, judged.requests)


@contextmanager
def started(folder: Path) -> Iterator[tuple[Running, Task]]:
    """The backend, ready in its sandbox. Raises DoesNotStart."""
    files, task, sandbox = read_tree(folder), task_by_id(folder.name), choose_sandbox(None)
    environment = prepare_environment(files, task, sandbox=sandbox)
    if environment.failed:
        raise DoesNotStart(environment.failed)
    with ExitStack() as stack:
        database = stack.enter_context(fresh_database()) if task.value_of("database") == "postgres" else None
        spec = specification(files, task, runtime_of(task, sandbox.image), environment, database)
        running = stack.enter_context(sandbox.launch(spec))
        if why_not := wait_until_healthy(running, task):
            raise DoesNotStart(why_not)
        yield running, task


def processor_seconds() -> float:
    """CPU seconds of all processes below this one: the sandbox, its bridge and the backend."""
    used: dict[int, tuple[int, float]] = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                fields = (entry / "stat").read_text().rpartition(")")[2].split()
            except OSError:
                continue  # it ended while we looked
            used[int(entry.name)] = (int(fields[1]), sum(map(int, fields[11:15])) / TICKS)
    total, below = 0.0, {os.getpid()}
    while below:
        children = {process for process, (parent, _) in used.items() if parent in below}
        total += sum(used[process][1] for process in children)
        below = children
    return total


if __name__ == "__main__":
    sys.exit(main())
