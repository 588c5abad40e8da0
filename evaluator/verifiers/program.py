"""A backend's production code as one program: read once, then asked by every verifier.

What a name stands for is in `names.py`, who imports whom in `import_graph.py`, what run.sh reaches in `reached.py`.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property

from evaluator.verifiers.javascript_source import read_javascript
from evaluator.verifiers.names import Names
from evaluator.verifiers.project import Unread, read_project
from evaluator.verifiers.python_source import read_python
from evaluator.verifiers.reached import reached_files
from evaluator.verifiers.source import ImportStatement, Source


class Program(Names):
    """All production sources of one backend."""

    def __init__(self, files: Mapping[str, bytes]) -> None:
        super().__init__(read_project(files))
        unread: list[Unread] = list(self.project.unread)
        for paths, read in ((self.project.python, read_python), (self.project.javascript, read_javascript)):
            for path in paths:
                self.sources[path], problem = read(path, files[path])
                if problem is not None:
                    unread.append(problem)
        self.unread: tuple[Unread, ...] = tuple(unread)
        for source in self.sources.values():
            if source.can_load:
                self._read_loads(source)

    def _read_loads(self, source: Source) -> None:
        """Imports whose module is put together, or whose function goes by another name: known only with all files."""
        for call in [guarded.call for guarded in source.calls]:
            if not call.arguments or not self.loads_a_module(source.path, call.of):
                continue
            module = self.text(source.path, call.arguments[0])
            around = call.named.get("package") or (call.arguments[1] if len(call.arguments) > 1 else None)
            if module.startswith(".") and around is not None and source.language == "python":
                module = _inside(self.text(source.path, around), module)
            if not module:
                source.dynamic = True
            elif all((one.module, one.line) != (module, call.line) for one in source.imports):
                source.imports.append(ImportStatement(module, call.line))

    @cached_property
    def reached(self) -> frozenset[str] | None:
        """The files reached by imports from what run.sh starts; None where the text does not tell."""
        return reached_files(self)

    def is_dead(self, path: str) -> bool:
        """Whether a file is certainly never imported by what run.sh starts."""
        return self.reached is not None and path not in self.reached


def _inside(package: str, module: str) -> str:
    """A relative name made absolute by the package it is relative to; itself where that is not written out."""
    level = len(module) - len(module.lstrip("."))
    parts = package.split(".")
    if not package or level > len(parts):
        return module
    return ".".join((*parts[: len(parts) - level + 1], module[level:]))
