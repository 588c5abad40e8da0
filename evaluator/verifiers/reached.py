"""Which files the program that run.sh starts can reach by imports."""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import Iterator
from pathlib import PurePosixPath

from evaluator.verifiers.import_graph import ImportGraph
from evaluator.verifiers.project import Project

_MOST_SCRIPT = 20_000


def reached_files(graph: ImportGraph) -> frozenset[str] | None:
    """The files reached by imports from what run.sh starts; None where the text does not tell."""
    pending = list(_Starts(graph).found())
    if not pending or "django" in graph.all_packages:
        return None
    reached: set[str] = set()
    while pending:
        path = pending.pop()
        if path in reached or path not in graph.sources:
            continue
        reached.add(path)
        if graph.sources[path].dynamic:
            return None
        pending.extend(_next(graph, path))
    serving = not graph.serves or any(graph.serves_in(path) for path in reached)
    return frozenset(reached) if serving else None


def _next(graph: ImportGraph, path: str) -> Iterator[str]:
    for edge in graph.edges_from(path):
        if edge.target.endswith("/"):
            yield from (one for one in graph.sources if one.startswith(edge.target))
        else:
            yield edge.target
    for statement in graph.sources[path].imports:
        whole = graph.find(path, statement.module)
        if whole is not None:
            yield whole
    parts = path.split("/")[:-1]
    yield from ("/".join((*parts[:length], "__init__.py")) for length in range(1, len(parts) + 1))


class _Starts:
    """The files that run.sh names: as files, as modules, in imports written there, or through a script of npm."""

    def __init__(self, graph: ImportGraph) -> None:
        self._project = graph.project
        self._by_file_name: dict[str, list[str]] = {}
        for path in graph.sources:
            self._by_file_name.setdefault(PurePosixPath(path).name, []).append(path)

    def found(self) -> Iterator[str]:
        script = self._project.text("run.sh")[:_MOST_SCRIPT]
        if re.search(r"\b(npm|yarn|pnpm)\b|\bnode \.(\s|$)", script):
            script += "\n" + "\n".join(_package_scripts(self._project, script))
        if re.search(r"(?<![\w/])(\./)?(dist|build)/", script):
            return
        for word in _script_words(script):
            yield from self._named(word)

    def _named(self, word: str) -> Iterator[str]:
        word = word.rpartition("=")[2].removeprefix("./")
        yield from self._ending_with(word)
        module = word.partition(":")[0]
        if re.fullmatch(r"[A-Za-z_][\w.]*", module):
            base = module.replace(".", "/")
            for ending in (".py", "/__init__.py", "/__main__.py"):
                yield from self._ending_with(base + ending)

    def _ending_with(self, word: str) -> Iterator[str]:
        for path in self._by_file_name.get(word.rpartition("/")[2], ()):
            if path == word or path.endswith("/" + word):
                yield path


def _script_words(script: str) -> list[str]:
    imported = re.findall(r"\b(?:from|import)\s+([\w.]+)", script)
    try:
        return [*shlex.split(script, comments=True), *imported]
    except ValueError:
        return [*script.split(), *imported]


def _package_scripts(project: Project, script: str) -> list[str]:
    """The scripts of package.json that run.sh can mean, and its main file."""
    document = _package_json(project)
    scripts = document.get("scripts")
    main = document.get("main")
    called = set(script.split()) | {"start", "prestart"}
    found = [main if isinstance(main, str) else "index.js"]
    for name, command in scripts.items() if isinstance(scripts, dict) else ():
        if name in called and isinstance(command, str):
            found.append(command)
    return found


def _package_json(project: Project) -> dict[str, object]:
    try:
        document = json.loads(project.text("package.json"))
    except (ValueError, RecursionError):
        return {}
    return document if isinstance(document, dict) else {}
