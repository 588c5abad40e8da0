"""Judges one backend: prepare → start → contract → verifiers → Verdict. The whole story is on this page."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import replace
from functools import cache
from importlib.metadata import PackageNotFoundError
from importlib.metadata import version as installed_version
from typing import TYPE_CHECKING, Any

from evaluator.causes import causes_of
from evaluator.clock import Clock
from evaluator.environments import Environment, prepare_environment
from evaluator.errors import MachineryFailed
from evaluator.files import check_files
from evaluator.health import START_SECONDS
from evaluator.n_plus_one import n_plus_one
from evaluator.observation import Observed, Progress, Tell, Wishes, keeps_data, observe
from evaluator.sandbox import Sandbox, choose_sandbox
from evaluator.sandbox.limits import limits_in_force
from evaluator.stopping import Stop
from evaluator.tasks import Task
from evaluator.verdict import Conformance, Finding, ToolReport, Verdict, summarise

if TYPE_CHECKING:
    from evaluator.tools.base import Tool

__all__ = ["RUN_SECONDS", "Clock", "Progress", "evaluate", "evaluator_version"]

RUN_SECONDS = 180.0
KEPT_LOG_CHARACTERS = 64 * 1024

Verified = tuple[tuple[Finding, ...], dict[str, Conformance]]


def evaluate(
    files: Mapping[str, bytes],
    task: Task,
    *,
    sandbox: Sandbox | str | None = None,
    on_progress: Tell | None = None,
    on_first_verdict: Callable[[Verdict], None] | None = None,
    on_launched: Callable[[Callable[[], str]], None] | None = None,
    stop: Stop | None = None,
    first: Collection[str] = (),
    only: Collection[str] = (),
    as_of: str | None = None,
    run_seconds: float = RUN_SECONDS,
    start_seconds: float = START_SECONDS,
    tools: str = "",
) -> Verdict:
    """The verdict on one snapshot of a backend.

    `files` maps names to contents, `first` are ids of checks to judge in front of all others, `as_of` is a date that
    leaves out later releases of dependencies, `run_seconds` bounds everything after the install, `start_seconds` the
    wait for the first answer. `on_first_verdict` hears of the verdict before the backend is restarted; the checks
    after a restart are not reached in it. `on_launched` gets a function that reads the server's log so far; it may be
    called from any thread until this returns. Asking `stop` ends the backend, and the verdict is void. With `only`,
    these checks and what they need are judged and all others are not reached, so that such a verdict is never
    functional. `tools` names ordinary tools (`all`, or names with commas), which begin after the first verdict. A
    backend that is wrong in whatever way gives a verdict; a failure of ours gives a void one. Raises RefusedFiles and
    other BadInput; anything else that travels is a bug of ours.
    """
    check_files(files, task)
    asked = _tools_named(tools)
    tell = on_progress or (lambda progress: None)
    clock = Clock()
    described: dict[str, Any] = {
        "evaluator": evaluator_version(),
        "asked_for": task.runtime.title,
        "contract": task.contract,
    }
    looking: list[Future[tuple[ToolReport, ...]]] = []
    with ThreadPoolExecutor(2, thread_name_prefix="verifiers") as pool:
        verifying = pool.submit(_verify, files, task, clock)

        def begin_tools() -> None:
            if asked and not looking:
                looking.append(pool.submit(_inspect, files, task, chosen, environment, asked, clock))

        def verdict_on(observed: Observed) -> Verdict:
            return _verdict(files, task, observed, verifying.result(), clock, described)

        def first_verdict(observed: Observed) -> None:
            begin_tools()
            if on_first_verdict is not None:
                on_first_verdict(verdict_on(observed))

        try:
            chosen = choose_sandbox(sandbox) if sandbox is None or isinstance(sandbox, str) else sandbox
            described["sandbox"] = chosen.name
            described["limits"] = limits_in_force(chosen.name)
            if chosen.image is not None:
                described["image"] = f"{chosen.image.name} {chosen.image.id}"
            with clock.measure("prepare"):
                environment = _prepare(files, task, chosen, as_of, tell)
            described |= _describe(environment, task)
            if only:
                described["only"] = sorted(only)
            wishes = Wishes(tell, first_verdict, first, run_seconds, start_seconds, only, on_launched, stop or Stop())
            observed = observe(files, task, chosen, environment, wishes, clock)
            begin_tools()
            verdict = verdict_on(observed)
            return replace(verdict, tools=looking[0].result(), timings=clock.timings()) if looking else verdict
        except MachineryFailed as failure:
            return _void_verdict(files, task, verifying, str(failure), clock, described)


def _prepare(files: Mapping[str, bytes], task: Task, sandbox: Sandbox, as_of: str | None, tell: Tell) -> Environment:
    tell(Progress("prepare", 0, 1, "Looking for the installed dependencies"))
    environment = prepare_environment(
        files, task, as_of=as_of, sandbox=sandbox, progress=lambda sentence: tell(Progress("prepare", 0, 1, sentence))
    )
    tell(Progress("prepare", 1, 1, "The dependencies are there"))
    return environment


def _verify(files: Mapping[str, bytes], task: Task, clock: Clock) -> Verified:
    from evaluator.verifiers import verify_files

    with clock.measure("verify"):
        findings, conformance = verify_files(files, task)
    return findings, conformance


def _tools_named(names: str) -> Sequence[Tool]:
    if not names:
        return ()
    from evaluator.tools import tools_named

    return tools_named(names)


def _inspect(
    files: Mapping[str, bytes],
    task: Task,
    sandbox: Sandbox,
    environment: Environment,
    tools: Sequence[Tool],
    clock: Clock,
) -> tuple[ToolReport, ...]:
    """Ordinary tools, in sandboxes that wait for no further backend."""
    from evaluator.tools import inspect

    with clock.measure("tools"):
        return inspect(files, task, sandbox=choose_sandbox(sandbox.name), environment=environment, tools=tools)


def _verdict(
    files: Mapping[str, bytes],
    task: Task,
    observed: Observed,
    verified: Verified,
    clock: Clock,
    described: dict[str, Any],
) -> Verdict:
    findings, conformance = _with_run(files, verified, observed, task)
    if observed.prewarmed:
        described["prewarmed"] = True
    if observed.ended:
        described["ended"] = observed.ended
    return Verdict(
        task=task.id,
        level=task.level,
        constraints=tuple(constraint.value for constraint in task.constraints),
        checks=observed.checks,
        findings=(*findings, *n_plus_one(observed.measures.statements)),
        conformance=conformance,
        summary=summarise(observed.checks, conformance),
        timings=clock.timings(),
        environment=dict(described),
        started=not observed.start_error,
        start_error=observed.start_error,
        log=observed.log[-KEPT_LOG_CHARACTERS:],
        causes=causes_of(observed.checks, files.keys(), start_error=observed.start_error, log=observed.log),
        measures=observed.measures,
    )


def _with_run(files: Mapping[str, bytes], verified: Verified, observed: Observed, task: Task) -> Verified:
    """What the text and the run say together; a run that was not looked into leaves it as the text has it."""
    if observed.evidence is None:
        return verified
    from evaluator.evidence.settling import settled

    return settled(verified, observed.evidence, task.constraints, files)


def _void_verdict(
    files: Mapping[str, bytes],
    task: Task,
    verifying: Future[Verified],
    reason: str,
    clock: Clock,
    described: dict[str, Any],
) -> Verdict:
    """Our side failed: no check was judged, and nothing in it counts."""
    from evaluator.contract import not_started

    checks = tuple(
        replace(check, outcome="not_reached", blocked_by="", expected="", received="", exchange=None, steps=())
        for check in not_started(reason, task_contract=task.contract, restarts=keeps_data(task))
    )
    verified = verifying.result()
    verdict = _verdict(files, task, Observed(checks), verified, clock, described)
    return replace(verdict, summary=summarise(checks, verified[1], void_reason=reason), started=False)


def _describe(environment: Environment, task: Task) -> dict[str, Any]:
    return {
        "runtime": f"{task.runtime.title.split()[0]} {environment.runtime_version}",
        "packages": environment.resolved,
        "environment_key": environment.key,
        "install_seconds": environment.seconds,
        "reused": environment.reused,
    }


@cache
def evaluator_version() -> str:
    """The version of Amend that judges."""
    try:
        return installed_version("amend")
    except PackageNotFoundError:
        return "unknown"
