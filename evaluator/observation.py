"""One start of a backend in its sandbox, and what was seen of it: start → health → contract → restart → contract.

Nothing of it is left afterwards. What a backend does wrong is an Observed; a failure of ours is MachineryFailed.
"""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field, replace
from typing import Literal

from evaluator.clock import Clock
from evaluator.contract import Judged, Watch, judge_contract, judged_checks, not_started
from evaluator.environments import Environment
from evaluator.errors import MachineryFailed
from evaluator.evidence.gathering import Evidence, Gathering, is_wanted
from evaluator.health import wait_until_healthy
from evaluator.runtimes import BackendRuntime, runtime_of
from evaluator.runtimes.base import RUN_SCRIPT
from evaluator.sandbox import LaunchSpec, Running, Sandbox
from evaluator.sandbox.base import DatabaseAccess
from evaluator.services.postgres import database_bytes, fresh_database, is_there
from evaluator.stopping import STOPPED, Stop
from evaluator.tasks import Task
from evaluator.verdict import COUNTED_BASES, CheckResult, Measures

MOST_DATABASE_BYTES = 512 * 1024 * 1024

Stage = Literal["prepare", "start", "contract", "restart", "verify"]


@dataclass(frozen=True)
class Progress:
    """How far an evaluation is: `done` of `total` steps of a stage (0 of 0 where it cannot be counted), in a sentence.

    In the stages `contract` and `restart` the steps are the counted checks; `passed` and `failed` say how they came
    out so far, `check` and `outcome` which one was just judged.
    """

    stage: Stage
    done: int
    total: int
    sentence: str
    passed: int = 0
    failed: int = 0
    check: str = ""
    outcome: str = ""


Tell = Callable[[Progress], None]


@dataclass(frozen=True)
class Wishes:
    """How one observation is made: who is told, which checks come first, and how long it may take (seconds).

    With `only`, those checks and what they need are judged alone. `on_launched` gets what reads the server's log.
    Once `stop` is asked the backend is ended, and the run is void.
    """

    tell: Tell
    on_first: Callable[[Observed], None]
    first: Collection[str]
    run_seconds: float
    start_seconds: float
    only: Collection[str] = ()
    on_launched: Callable[[Callable[[], str]], None] | None = None
    stop: Stop = field(default_factory=Stop)


@dataclass(frozen=True)
class Observed:
    """What the contract client saw of one start of the backend; `evidence` is None before the first verdict is told."""

    checks: tuple[CheckResult, ...]
    start_error: str = ""
    log: str = ""
    ended: str = ""
    prewarmed: bool = False
    measures: Measures = field(default_factory=Measures)
    evidence: Evidence | None = None


def observe(
    files: Mapping[str, bytes], task: Task, sandbox: Sandbox, environment: Environment, wishes: Wishes, clock: Clock
) -> Observed:
    """Start the backend, wait for its health check, judge it; where it must keep data, restart it and judge that.

    `wishes.on_first` hears of the first verdict, before the restart. Raises MachineryFailed.
    """
    if environment.failed:
        return Observed(_unstarted(task, environment.failed), environment.failed, environment.log)
    with ExitStack() as stack:
        wishes.tell(Progress("start", 0, 1, "Starting the backend"))
        with clock.measure("start"):
            database = stack.enter_context(fresh_database()) if task.value_of("database") == "postgres" else None
            launched = time.monotonic()
            spec = specification(files, task, runtime_of(task, sandbox.image), environment, database)
            running = stack.enter_context(sandbox.launch(spec))
            if wishes.on_launched is not None:
                wishes.on_launched(running.log)
            stack.enter_context(bounded(running, wishes.run_seconds, database))
            stack.enter_context(wishes.stop.ends(running.kill))
            why_not = wait_until_healthy(running, task, start_seconds=wishes.start_seconds)
            ready_seconds = time.monotonic() - launched
        if why_not:
            _fail_if_ours(running, database)
            checks, measures = _unstarted(task, why_not), _measures(running)
            return Observed(checks, why_not, running.log(), prewarmed=running.prewarmed, measures=measures)
        gathering = Gathering(files, running, database) if is_wanted(task) else None
        return _judge(task, running, database, gathering, ready_seconds, wishes, clock)


def keeps_data(task: Task) -> bool:
    """Whether the task demands a database, so that what was written must outlive the server's process."""
    return task.value_of("database") is not None


def specification(
    files: Mapping[str, bytes],
    task: Task,
    runtime: BackendRuntime,
    environment: Environment,
    database: DatabaseAccess | None,
) -> LaunchSpec:
    """How a backend is launched: without the packages it may have brought, with the database of its run."""
    return LaunchSpec(
        argv=RUN_SCRIPT,
        files={name: content for name, content in files.items() if not name.startswith("node_modules/")},
        environment=runtime.start_environment(),
        mounts=(*runtime.tools(), *runtime.mounts(environment.path)),
        port=task.runtime.port,
        postgres=replace(database, name=task.pack.database) if database is not None else None,
    )


def _judge(
    task: Task,
    running: Running,
    database: DatabaseAccess | None,
    gathering: Gathering | None,
    ready_seconds: float,
    wishes: Wishes,
    clock: Clock,
) -> Observed:
    def observed(judged: Judged) -> Observed:
        _fail_if_ours(running, database)
        measures = replace(
            _measures(running),
            ready_seconds=round(ready_seconds, 4),
            serving_seconds=judged.serving_seconds,
            requests=judged.requests,
            latencies=judged.latencies,
            statements=judged.statements,
        )
        log, ended, prewarmed = running.log(), running.killed, running.prewarmed
        return Observed(judged.checks, log=log, ended=ended, prewarmed=prewarmed, measures=measures)

    def restart() -> str:
        wishes.tell(Progress("restart", 0, 0, "Restarting the backend"))
        with clock.measure("ready_again"):
            running.restart()
            return wait_until_healthy(running, task, start_seconds=wishes.start_seconds)

    begun = time.monotonic()
    first_verdict_at = begun

    def first_verdict(judged: Judged) -> None:
        nonlocal first_verdict_at
        first_verdict_at = time.monotonic()
        clock.add("contract", first_verdict_at - begun)
        clock.note("first_verdict")
        wishes.on_first(observed(judged))
        if gathering is not None:
            with clock.measure("evidence"):
                gathering.take()

    watch = Watch(
        on_result=_counting(task, wishes),
        log_since=running.log_since,
        alive=running.alive,
        on_first_verdict=first_verdict,
        statements=running.statements if database is not None else None,
        restart=restart if keeps_data(task) else None,
    )
    judged = judge_contract(
        f"http://localhost:{task.runtime.port}{task.pack.base}",
        transport=running.transport,
        watch=watch,
        task_contract=task.contract,
        first=wishes.first,
        only=wishes.only,
    )
    clock.add("restart", time.monotonic() - first_verdict_at)
    found = observed(judged)
    return replace(found, evidence=gathering.evidence(judged.checks)) if gathering is not None else found


def _counting(task: Task, wishes: Wishes) -> Callable[[CheckResult], None]:
    """Tells of each check with the counts so far."""
    judged = judged_checks(task.contract, wishes.only, restarts=keeps_data(task))
    total = sum(check.clause.basis in COUNTED_BASES for check in judged)
    so_far: Counter[str] = Counter()

    def count(check: CheckResult) -> None:
        so_far[check.outcome] += check.basis in COUNTED_BASES
        told = (so_far.total(), total, check.title, so_far["passed"], so_far["failed"], check.id, check.outcome)
        wishes.tell(Progress("contract", *told))

    return count


def _unstarted(task: Task, reason: str) -> tuple[CheckResult, ...]:
    return not_started(reason, task_contract=task.contract, restarts=keeps_data(task))


def _measures(running: Running) -> Measures:
    memory = running.peak_memory()
    return Measures(peak_memory_bytes=memory.bytes, peak_memory_source=memory.source)


@contextmanager
def bounded(running: Running, run_seconds: float, database: DatabaseAccess | None) -> Iterator[None]:
    """Watch over a run from a thread: its time and its share of the database's disk."""
    over = threading.Event()
    deadline = time.monotonic() + run_seconds

    def watch() -> None:
        while not over.wait(min(2.0, max(0.05, deadline - time.monotonic()))):
            if time.monotonic() >= deadline:
                running.kill(f"the run reached its limit of {run_seconds:.0f} seconds")
            elif database is not None and database_bytes(database) > MOST_DATABASE_BYTES:
                running.kill(f"the database grew beyond {MOST_DATABASE_BYTES // 2**20} MB")
            if not running.alive():
                return

    def watch_until_lost() -> None:
        with suppress(MachineryFailed):  # a lost database: whoever drops it at the end of the run will say so
            watch()

    watcher = threading.Thread(target=watch_until_lost, name="run-limits", daemon=True)
    watcher.start()
    try:
        yield
    finally:
        over.set()
        watcher.join(5)


def _fail_if_ours(running: Running, database: DatabaseAccess | None) -> None:
    """A lost bridge, a database taken away or a run that was stopped is never the backend's failure."""
    if running.killed == STOPPED:
        raise MachineryFailed("The run was stopped.")
    if running.killed == "the bridge was lost":
        raise MachineryFailed("The sandbox was lost during the run.")
    if database is not None and not is_there(database):
        raise MachineryFailed("The database of this run was taken away while the backend was judged.")
