"""Who imports whom: the imports of every production file, resolved to files of the project or to packages."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property

from evaluator.verifiers.javascript_resolver import JavaScriptResolver, package_of
from evaluator.verifiers.project import Project
from evaluator.verifiers.python_imports import PythonResolver
from evaluator.verifiers.source import ImportStatement, Source
from evaluator.verifiers.words import words

MOST_STEPS = 30
WEB_PACKAGES = words(
    "flask fastapi starlette aiohttp quart sanic litestar bottle tornado falcon rest_framework ninja express fastify",
    "hono koa @koa/router koa-router @hapi/hapi restify polka h3",
    "django.http django.urls django.views django.shortcuts django.core.wsgi django.core.asgi django.core.handlers",
)
_PACKAGE_FILES = words("__init__ index")


@dataclass(frozen=True, slots=True)
class Edge:
    """One import that leads to a file of the project; `target` is a file, or `folder/` for a package without a file."""

    importer: str
    line: int
    written: str
    target: str


class ImportGraph:
    """The files of a project that can be imported, and the imports between them."""

    def __init__(self, project: Project) -> None:
        self.project = project
        self.sources: dict[str, Source] = {}
        self._python = PythonResolver(project)
        self._javascript = JavaScriptResolver(project)

    def find(self, importer: str, module: str) -> str | None:
        """The file of the project that a module's name stands for in a file; None for packages and unknown names."""
        if self.sources[importer].language == "python":
            return self._python.find(importer, module)
        return self._javascript.find(importer, module)

    def find_submodule(self, importer: str, module: str, name: str) -> str | None:
        """The file that `from module import name` means in Python, where the name is a module; None elsewhere."""
        if self.sources[importer].language != "python" or name in ("*", "default"):
            return None
        return self._python.find_name(importer, module, name)

    def edges_from(self, path: str) -> tuple[Edge, ...]:
        """The imports of a file that lead into the project; a name of a package leads to where it is defined."""
        return self._edges.get(path, ())

    @cached_property
    def _edges(self) -> Mapping[str, tuple[Edge, ...]]:
        return {path: tuple(self._edges_of(path, source)) for path, source in self.sources.items()}

    def _edges_of(self, path: str, source: Source) -> Iterator[Edge]:
        seen: set[tuple[int, str]] = set()
        for statement in source.imports:
            for target in self._targets(path, statement):
                if target != path and (statement.line, target) not in seen:
                    seen.add((statement.line, target))
                    yield Edge(path, statement.line, _as_written(statement), target)

    def _targets(self, path: str, statement: ImportStatement) -> Iterator[str]:
        whole = self.find(path, statement.module)
        plain = not statement.names or "*" in statement.names
        if whole is not None and plain:
            yield whole
        for name in statement.names:
            if name == "*":
                continue
            submodule = self.find_submodule(path, statement.module, name)
            if submodule is not None:
                yield submodule
            elif whole is not None:
                yield self._defining_file(whole, name)

    def _defining_file(self, path: str, name: str) -> str:
        """The file in which a name is really defined that a package, or an `export … from`, passes on."""
        for _ in range(MOST_STEPS):
            source = self.sources.get(path)
            if source is None:
                return path
            if source.stem not in _PACKAGE_FILES and not _re_exports(source, name):
                return path
            further = self._passed_on(source, name)
            if further is None:
                return path
            path, name = further
        return path

    def _passed_on(self, source: Source, name: str) -> tuple[str, str] | None:
        """Where a file takes a name from that it only passes on; None where it defines the name itself."""
        exported = source.exported_as(name)
        local = exported or name
        if local in source.bindings or local in source.classes or local in source.definitions:
            return None
        imported = source.imported.get(local)
        if imported is not None:
            submodule = self.find_submodule(source.path, imported.module, imported.name)
            target = submodule or self.find(source.path, imported.module)
            return (target, "*" if submodule else imported.name) if target is not None else None
        for module in source.star_exports:
            target = self.find(source.path, module)
            if target is not None and target in self.sources and self.offers(target, name):
                return target, name
        return None

    def offers(self, path: str, name: str, depth: int = 0) -> bool:
        """Whether a file has a name for others, its own or passed on."""
        source = self.sources[path]
        if name in source.exports or name in source.definitions or name in source.imported:
            return True
        if source.language == "python" or depth > 5:
            return False
        targets = (self.find(path, module) for module in source.star_exports[:20])
        return any(target in self.sources and self.offers(str(target), name, depth + 1) for target in targets)

    def packages_of(self, path: str) -> Iterator[tuple[str, ImportStatement]]:
        """The imports that lead out of the project, as full module names (`aiohttp.web`, `@hono/node-server`)."""
        source = self.sources[path]
        for statement in source.imports:
            if statement.module.startswith(".") or self.find(path, statement.module) is not None:
                continue
            if source.language == "javascript":
                yield statement.module.removeprefix("node:"), statement
                continue
            yield statement.module, statement
            for name in statement.names:
                if name != "*":
                    yield f"{statement.module}.{name}", statement

    @cached_property
    def all_packages(self) -> frozenset[str]:
        """The top names of every package imported anywhere in production code."""
        found = set()
        for path, source in self.sources.items():
            for module, _ in self.packages_of(path):
                found.add(module.partition(".")[0] if source.language == "python" else package_of(module))
        return frozenset(found)

    def serves_in(self, path: str) -> bool:
        """Whether a file uses a web framework."""
        return any(
            module in WEB_PACKAGES
            or module.partition(".")[0] in WEB_PACKAGES
            or ".".join(module.split(".")[:2]) in WEB_PACKAGES
            or ".".join(module.split(".")[:3]) in WEB_PACKAGES
            for module, _ in self.packages_of(path)
        )

    @cached_property
    def serves(self) -> bool:
        """Whether any production file uses a web framework, so that a whole backend is there to be judged."""
        return any(self.serves_in(path) for path in self.sources)


def _re_exports(source: Source, name: str) -> bool:
    """Whether a file of JavaScript passes a name on by `export … from`, which defines nothing."""
    if source.language != "javascript" or name in source.definitions or name in source.classes:
        return False
    exported = source.exported_as(name)
    return exported.startswith("export ") if exported else bool(source.star_exports) and name not in source.exports


def _as_written(statement: ImportStatement) -> str:
    names = [name for name in statement.names if name not in ("*", "default")]
    if set(statement.module) == {"."} and names:
        return f"{statement.module}{names[0]}"
    return statement.module
