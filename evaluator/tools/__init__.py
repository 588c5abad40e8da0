"""Ordinary tools beside the verifiers: ruff, pylint, mypy, bandit, sqlfluff, eslint, tsc, Django's and SQLAlchemy's.

`inspect` is the story. Each tool is one adapter in a file of its own, registered in TOOLS. They run in the sandbox,
with rule sets of ours, at low priority, bounded in time and output; what they say decides nothing. See docs/tools.md.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from time import perf_counter

from evaluator.environments import Environment
from evaluator.errors import BadInput, MachineryFailed
from evaluator.runtimes import runtime_of
from evaluator.sandbox.base import Mount, Sandbox
from evaluator.tasks import Task
from evaluator.tools.bandit import Bandit
from evaluator.tools.base import PYTHON_TOOLS, Inspected, Place, Tool, Unreadable
from evaluator.tools.django import DjangoCheck, DjangoMigrations
from evaluator.tools.eslint import Eslint
from evaluator.tools.installed import installed_tools
from evaluator.tools.kept import KeptFindings, adapters, key_of, key_of_files
from evaluator.tools.launched import Ended, Planned, run_tools
from evaluator.tools.mypy import Mypy
from evaluator.tools.pylint import Pylint
from evaluator.tools.ruff import Ruff
from evaluator.tools.sqlalchemy import SqlalchemyMappers
from evaluator.tools.sqlfluff import Sqlfluff
from evaluator.tools.tsc import Tsc
from evaluator.verdict import ToolFinding, ToolReport, ToolState
from evaluator.verifiers.project import read_project

TOOLS: tuple[Tool, ...] = (
    Ruff(),
    Pylint(),
    Mypy(),
    Bandit(),
    Sqlfluff(),
    DjangoCheck(),
    DjangoMigrations(),
    SqlalchemyMappers(),
    Eslint(),
    Tsc(),
)
MOST_FINDINGS = 300
SOURCES = (".py", ".pyi", ".js", ".mjs", ".cjs", ".jsx", ".ts", ".mts", ".cts", ".tsx", ".json")
MOST_SOURCE_BYTES = 1_000_000


def tools_named(names: str) -> tuple[Tool, ...]:
    """The tools by name, separated by commas; all of them for `all`. Raises BadInput for an unknown one."""
    if names.strip() == "all":
        return TOOLS
    by_name = {tool.name: tool for tool in TOOLS}
    wanted = [name.strip() for name in names.split(",") if name.strip()]
    for name in wanted:
        if name not in by_name:
            raise BadInput(f"There is no tool “{name[:80]}”; there are all, or {', '.join(by_name)}.")
    return tuple(by_name[name] for name in dict.fromkeys(wanted))


def inspect(
    files: Mapping[str, bytes],
    task: Task,
    *,
    sandbox: Sandbox,
    environment: Environment | None = None,
    tools: Sequence[Tool] = TOOLS,
    kept: KeptFindings | None = None,
) -> tuple[ToolReport, ...]:
    """What each tool says of a backend's files, in the order of `tools`.

    `environment` holds the backend's dependencies; without it, tools that need them are not applicable. Never raises
    for what is in the files, nor for a tool or a sandbox that fails: that is what a report says.
    """
    packages = environment.resolved if environment is not None else {}
    inspected = Inspected(files, read_project(files), task, packages)
    work = _Inspection(inspected, sandbox, environment, kept or KeptFindings())
    by_place: dict[Place, list[Tool]] = {}
    reports: dict[str, ToolReport] = {}
    for tool in tools:
        if tool.wanted(inspected):
            by_place.setdefault(tool.place, []).append(tool)
        else:
            reports[tool.name] = ToolReport(tool.name, "", "not-applicable", 0.0, tool.why_not(inspected))
    if by_place:
        with ThreadPoolExecutor(len(by_place), thread_name_prefix="tools") as pool:
            for found in pool.map(work.at, by_place, by_place.values()):
                reports |= {report.tool: report for report in found}
    return tuple(reports[tool.name] for tool in tools)


class _Inspection:
    """One backend, looked at by the tools of one place after another."""

    def __init__(
        self, inspected: Inspected, sandbox: Sandbox, environment: Environment | None, kept: KeptFindings
    ) -> None:
        self._inspected = inspected
        self._sandbox = sandbox
        self._environment = environment
        self._kept = kept
        named = [name for name in inspected.files if name.endswith(SOURCES)]
        depends = [inspected.task.runtime.dependency_file, "package-lock.json"]
        shape = key_of_files(inspected.files, depends)
        demanded = [constraint.value for constraint in inspected.task.constraints]
        self._shape = key_of([inspected.task.id, shape, *demanded, "files", *sorted(named)])
        self._all = key_of([self._shape, key_of_files(inspected.files, named), environment.key if environment else ""])

    def at(self, place: Place, tools: Sequence[Tool]) -> list[ToolReport]:
        """The reports of the tools of one place. What was said before of the same files is not asked for again."""
        started = perf_counter()
        try:
            versions = self._versions(place)
            known = {tool.name: self._known(tool, versions.get(tool.package, "")) for tool in tools}
            asked = [tool for tool in tools if None in known[tool.name].values()]
            ended = self._run(place, asked, known) if asked else {}
        except MachineryFailed as error:
            seconds = round(perf_counter() - started, 3)
            return [ToolReport(tool.name, "", "crashed", seconds, str(error)) for tool in tools]
        return [
            self._report(tool, versions.get(tool.package, ""), known[tool.name], ended.get(tool.name), tool in asked)
            for tool in tools
        ]

    def _versions(self, place: Place) -> Mapping[str, str]:
        if place is Place.BACKEND:
            return self._inspected.packages
        return installed_tools(place, self._sandbox).versions

    def _known(self, tool: Tool, version: str) -> dict[str, tuple[ToolFinding, ...] | None]:
        """What was kept, by the file it is about (one empty name for a tool that looks at all of them at once)."""
        paths = list(tool.wanted(self._inspected)) if tool.by_file else [""]
        return {path: self._kept.get(self._key(tool, version, path)) for path in paths}

    def _key(self, tool: Tool, version: str, path: str) -> str:
        about = self._shape if tool.by_file else self._all
        return key_of([adapters(), tool.name, version, tool.rules, about, path, self._inspected.files.get(path, b"")])

    def _run(
        self, place: Place, tools: Sequence[Tool], known: Mapping[str, Mapping[str, tuple[ToolFinding, ...] | None]]
    ) -> dict[str, Ended]:
        planned = []
        for tool in tools:
            paths = [path for path, found in known[tool.name].items() if found is None]
            paths = paths if tool.by_file else list(tool.wanted(self._inspected))
            planned.append(Planned(tool.name, tool.command(paths, self._inspected), tool.seconds))
        if place is Place.BACKEND:
            return self._run_in_backend(planned)
        installed = installed_tools(place, self._sandbox)
        variables = {"PATH": installed.path, "HOME": "/tmp", "LANG": "C.UTF-8"}
        python = (f"{PYTHON_TOOLS}/bin/python", "-I", "-B")
        mounts = (*installed.mounts, *self._backends_packages(place))
        return run_tools(planned, self._sources(), python, variables, mounts, self._sandbox)

    def _run_in_backend(self, planned: Sequence[Planned]) -> dict[str, Ended]:
        assert self._environment is not None, "only a tool whose package is in the environment wants files"
        runtime = runtime_of(self._inspected.task, self._sandbox.image)
        mounts = (*runtime.tools(), *runtime.mounts(self._environment.path))
        python = ("/env/bin/python", "-I", "-B")
        variables = runtime.start_environment()
        return run_tools(planned, self._inspected.files, python, variables, mounts, self._sandbox)

    def _backends_packages(self, place: Place) -> tuple[Mount, ...]:
        """Where tools look names up: the environment of a backend of the same runtime."""
        same = self._inspected.task.runtime.name == {Place.PYTHON_TOOLS: "uv", Place.NODE_TOOLS: "node"}[place]
        if self._environment is None or self._environment.failed or not same:
            return ()
        return runtime_of(self._inspected.task, self._sandbox.image).mounts(self._environment.path)

    def _sources(self) -> dict[str, bytes]:
        """What tools may read: sources of moderate size, none of the packages that the backend may have brought."""
        return {
            name: content
            for name, content in self._inspected.files.items()
            if name.endswith(SOURCES) and len(content) <= MOST_SOURCE_BYTES and not name.startswith("node_modules/")
        }

    def _report(
        self,
        tool: Tool,
        version: str,
        known: Mapping[str, tuple[ToolFinding, ...] | None],
        ended: Ended | None,
        asked: bool,
    ) -> ToolReport:
        findings = [one for found in known.values() for one in found or ()]
        if not asked:
            return _bounded(
                ToolReport(tool.name, version, "finished", 0.0, "nothing changed since the last run"), findings
            )
        state, message, new = self._read(tool, ended)
        if state == "finished":
            self._keep(tool, version, known, new)
        report = ToolReport(tool.name, version, state, ended.seconds if ended else 0.0, message)
        return _bounded(report, [*findings, *new])

    def _read(self, tool: Tool, ended: Ended | None) -> tuple[ToolState, str, list[ToolFinding]]:
        if ended is None:
            return "crashed", f"{tool.name} and its sandbox ended before it said anything", []
        if ended.why == "time":
            return (
                "timed-out",
                f"{tool.name} was ended after {tool.seconds} s of processor time, or three times as long",
                [],
            )
        if ended.why:
            return "crashed", f"{tool.name} printed more than its limit", []
        try:
            found = [one for one in tool.read(ended.printed, self._inspected) if self._is_place(one)]
        except Unreadable as error:
            return "crashed", f"{tool.name} gave no findings: {error}", []
        return "finished", "", found

    def _is_place(self, finding: ToolFinding) -> bool:
        """A tool led astray must not name files that are not there."""
        return not finding.path or finding.path in self._inspected.files

    def _keep(
        self,
        tool: Tool,
        version: str,
        known: Mapping[str, tuple[ToolFinding, ...] | None],
        new: Sequence[ToolFinding],
    ) -> None:
        for path, found in known.items():
            if found is None:
                own = [one for one in new if not tool.by_file or one.path == path]
                self._kept.put(self._key(tool, version, path), own)


def _bounded(report: ToolReport, findings: Sequence[ToolFinding]) -> ToolReport:
    """The findings in order of their places, the first of each severity where there are too many."""
    ranks = {"error": 0, "warning": 1, "note": 2}
    found = sorted(set(findings), key=lambda one: (one.path, one.line, one.column, one.rule, one.message))
    if len(found) > MOST_FINDINGS:
        left_out = f"{MOST_FINDINGS} of {len(found)} findings are shown"
        worst = sorted(found, key=lambda one: ranks[one.severity])[:MOST_FINDINGS]
        found = [one for one in found if one in set(worst)]
        report = replace(report, message=". ".join(filter(None, (report.message, left_out))))
    return replace(report, findings=tuple(found))


__all__ = ["TOOLS", "inspect", "tools_named"]
