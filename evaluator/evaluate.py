"""Judges one backend: prepare → start → contract → verifiers → Verdict. The whole story is on this page."""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, replace
from functools import cache
from importlib.metadata import PackageNotFoundError
from importlib.metadata import version as installed_version
from typing import Any, Literal

from evaluator.environments import Environment, prepare_environment
from evaluator.errors import MachineryFailed
from evaluator.files import check_files
from evaluator.health import START_SECONDS, wait_until_healthy
from evaluator.runtimes import runtime_of
from evaluator.runtimes.base import RUN_SCRIPT
from evaluator.sandbox import LaunchSpec, Running, Sandbox, choose_sandbox
from evaluator.services.postgres import database_bytes, fresh_database, is_there
from evaluator.tasks import Task
from evaluator.verdict import COUNTED_BASES, CheckResult, Conformance, Finding, Verdict, summarise

RUN_SECONDS = 180.0
MOST_DATABASE_BYTES = 512 * 1024 * 1024
KEPT_LOG_CHARACTERS = 64 * 1024

Stage = Literal["prepare", "start", "contract", "verify"]
Verified = tuple[tuple[Finding, ...], dict[str, Conformance]]


@dataclass(frozen=True)
class Progress:
    """How far an evaluation is: `done` of `total` steps of a stage (0 of 0 where it cannot be counted), in a sentence.

    In the stage `contract` the steps are the counted checks; `passed` and `failed` say how they came out so far.
    """

    stage: Stage
    done: int
    total: int
    sentence: str
    passed: int = 0
    failed: int = 0


@dataclass(frozen=True)
class Observed:
    """What the contract client saw of one start of the backend."""

    checks: tuple[CheckResult, ...]
    start_error: str = ""
    log: str = ""
    ended: str = ""


Tell = Callable[[Progress], None]


def evaluate(
    files: Mapping[str, bytes],
    task: Task,
    *,
    sandbox: Sandbox | str | None = None,
    on_progress: Tell | None = None,
    as_of: str | None = None,
    run_seconds: float = RUN_SECONDS,
    start_seconds: float = START_SECONDS,
) -> Verdict:
    """The verdict on one snapshot of a backend.

    `files` maps names to contents, `as_of` is a date that leaves out later releases of dependencies, `run_seconds`
    bounds everything after the install, `start_seconds` the wait for the first answer. A backend that is wrong in
    whatever way gives a verdict; a failure of ours gives a void one. Raises RefusedFiles and other BadInput; anything
    else that travels is a bug of ours.
    """
    check_files(files, task)
    tell = on_progress or (lambda progress: None)
    clock = Clock()
    described: dict[str, Any] = {"evaluator": evaluator_version(), "asked_for": task.runtime.title}
    with ThreadPoolExecutor(1, thread_name_prefix="verifiers") as pool:
        verifying = pool.submit(_verify, files, task, clock)
        try:
            chosen = choose_sandbox(sandbox) if sandbox is None or isinstance(sandbox, str) else sandbox
            described["sandbox"] = chosen.name
            with clock.measure("prepare"):
                environment = _prepare(files, task, chosen, as_of, tell)
            described |= _describe(environment, task)
            observed = _observe(files, task, chosen, environment, run_seconds, start_seconds, clock, tell)
        except MachineryFailed as failure:
            return _void_verdict(task, verifying.result(), str(failure), clock, described)
        return _verdict(task, observed, verifying.result(), clock, described)


def _prepare(files: Mapping[str, bytes], task: Task, sandbox: Sandbox, as_of: str | None, tell: Tell) -> Environment:
    tell(Progress("prepare", 0, 1, "Looking for the installed dependencies"))
    environment = prepare_environment(
        files, task, as_of=as_of, sandbox=sandbox, progress=lambda sentence: tell(Progress("prepare", 0, 1, sentence))
    )
    tell(Progress("prepare", 1, 1, "The dependencies are there"))
    return environment


def _observe(
    files: Mapping[str, bytes],
    task: Task,
    sandbox: Sandbox,
    environment: Environment,
    run_seconds: float,
    start_seconds: float,
    clock: Clock,
    tell: Tell,
) -> Observed:
    """Start the backend, wait for its health check, run the contract against it; nothing of it is left afterwards."""
    from evaluator.contract import catalogue, not_started, run_contract

    if environment.failed:
        checks = not_started(environment.failed, task_contract=task.contract)
        return Observed(checks, environment.failed, environment.log)
    runtime = runtime_of(task)
    with ExitStack() as stack:
        tell(Progress("start", 0, 1, "Starting the backend"))
        with clock.measure("start"):
            wants_postgres = task.value_of("database") == "postgres"
            database = stack.enter_context(fresh_database()) if wants_postgres else None
            spec = LaunchSpec(
                argv=RUN_SCRIPT,
                files={name: content for name, content in files.items() if not name.startswith("node_modules/")},
                environment=runtime.start_environment(),
                mounts=(*runtime.tools(), *runtime.mounts(environment.path)),
                port=task.runtime.port,
                postgres=database,
            )
            running = stack.enter_context(sandbox.launch(spec))
            size = (lambda: database_bytes(database)) if database is not None else (lambda: 0)
            stack.enter_context(_bounded(running, run_seconds, size))
            why_not = wait_until_healthy(running, task, start_seconds=start_seconds)
        if why_not:
            _fail_if_ours(running)
            return Observed(not_started(why_not, task_contract=task.contract), why_not, running.log())
        total = sum(check.clause.basis in COUNTED_BASES for check in catalogue(task.contract))
        so_far: Counter[str] = Counter()

        def count(check: CheckResult) -> None:
            so_far[check.outcome] += check.basis in COUNTED_BASES
            done = so_far.total()
            tell(Progress("contract", done, total, check.title, so_far["passed"], so_far["failed"]))

        with clock.measure("contract"):
            checks = run_contract(
                f"http://localhost:{task.runtime.port}/api",
                transport=running.transport,
                task_contract=task.contract,
                on_result=count,
                log_since=running.log_since,
                alive=running.alive,
            )
        _fail_if_ours(running)
        if database is not None and not is_there(database):
            raise MachineryFailed("The database of this run was taken away while the backend was judged.")
        return Observed(checks, log=running.log(), ended=running.killed)


def _verify(files: Mapping[str, bytes], task: Task, clock: Clock) -> Verified:
    from evaluator.verifiers import verify_files

    with clock.measure("verify"):
        findings, conformance = verify_files(files, task)
    return findings, conformance


@contextmanager
def _bounded(running: Running, run_seconds: float, database_size: Callable[[], int]) -> Iterator[None]:
    """Watch over a run from a thread: its time and its share of the database's disk."""
    over = threading.Event()
    deadline = time.monotonic() + run_seconds

    def watch() -> None:
        while not over.wait(min(2.0, max(0.05, deadline - time.monotonic()))):
            if time.monotonic() >= deadline:
                running.kill(f"the run reached its limit of {run_seconds:.0f} seconds")
            elif database_size() > MOST_DATABASE_BYTES:
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


def _fail_if_ours(running: Running) -> None:
    """A lost bridge is our failure, never the backend's."""
    if running.killed == "the bridge was lost":
        raise MachineryFailed("The sandbox was lost during the run.")


def _verdict(task: Task, observed: Observed, verified: Verified, clock: Clock, described: dict[str, Any]) -> Verdict:
    findings, conformance = verified
    if observed.ended:
        described["ended"] = observed.ended
    return Verdict(
        task=task.id,
        level=task.level,
        constraints=tuple(constraint.value for constraint in task.constraints),
        checks=observed.checks,
        findings=findings,
        conformance=conformance,
        summary=summarise(observed.checks, conformance),
        timings=clock.timings(),
        environment=described,
        started=not observed.start_error,
        start_error=observed.start_error,
        log=observed.log[-KEPT_LOG_CHARACTERS:],
    )


def _void_verdict(task: Task, verified: Verified, reason: str, clock: Clock, described: dict[str, Any]) -> Verdict:
    """Our side failed: no check was judged, and nothing in it counts."""
    from evaluator.contract import not_started

    checks = tuple(
        replace(check, outcome="not_reached", blocked_by="", expected="", received="", exchange=None, steps=())
        for check in not_started(reason, task_contract=task.contract)
    )
    verdict = _verdict(task, Observed(checks), verified, clock, described)
    return replace(verdict, summary=summarise(checks, verified[1], void_reason=reason), started=False)


def _describe(environment: Environment, task: Task) -> dict[str, Any]:
    return {
        "runtime": f"{task.runtime.title.split()[0]} {environment.runtime_version}",
        "packages": environment.resolved,
        "environment_key": environment.key,
        "install_seconds": environment.seconds,
        "reused": environment.reused,
    }


class Clock:
    """Seconds per stage, and in total since it was made."""

    def __init__(self) -> None:
        self._started = time.monotonic()
        self._seconds = {"prepare": 0.0, "start": 0.0, "contract": 0.0, "verify": 0.0}

    @contextmanager
    def measure(self, stage: Stage) -> Iterator[None]:
        before = time.monotonic()
        try:
            yield
        finally:
            self._seconds[stage] += time.monotonic() - before

    def timings(self) -> dict[str, float]:
        total = time.monotonic() - self._started
        return {stage: round(seconds, 3) for stage, seconds in (*self._seconds.items(), ("total", total))}


@cache
def evaluator_version() -> str:
    """The version of Amend that judges."""
    try:
        return installed_version("amend")
    except PackageNotFoundError:
        return "unknown"
