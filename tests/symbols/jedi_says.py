"""What jedi says of Python names. https://jedi.readthedocs.io/"""

from __future__ import annotations

import sys
import time
from collections.abc import Iterable, Iterator, Mapping
from functools import cached_property
from pathlib import Path

import jedi
from jedi.api.environment import InterpreterEnvironment

from tests.symbols.asked import Place, Said, in_utf16

jedi.settings.auto_import_modules = []


class Jedi:
    """jedi over the files in `root`, with the packages in `packages` to look names up in."""

    def __init__(self, root: Path, files: Mapping[str, str], packages: Iterable[Path] = ()) -> None:
        self._root = root
        self._lines = {path: text.split("\n") for path, text in files.items()}
        self._texts = files
        library = [folder for folder in sys.path if folder and not folder.endswith("site-packages")]
        paths = [str(root), *(str(folder) for folder in packages), *library]
        self._project = jedi.Project(str(root), sys_path=paths, smart_sys_path=False)
        self._scripts: dict[str, jedi.Script] = {}

    @cached_property
    def _environment(self) -> InterpreterEnvironment:
        return InterpreterEnvironment()

    def definitions(self, place: Place) -> Said:
        """Where the name at a place is defined."""
        started = time.perf_counter()
        try:
            names = self._script(place.path).goto(place.line, self._column(place), follow_imports=True)
        except Exception:  # jedi raises all kinds of errors of its own on code it cannot follow
            return Said(seconds=time.perf_counter() - started)
        return self._said(names, time.perf_counter() - started)

    def references(self, place: Place) -> Said:
        """Where the name at a place is used in the project, its definition included."""
        started = time.perf_counter()
        try:
            names = self._script(place.path).get_references(place.line, self._column(place), include_builtins=False)
        except Exception:  # as above
            return Said(seconds=time.perf_counter() - started)
        return self._said(names, time.perf_counter() - started)

    def _script(self, path: str) -> jedi.Script:
        if path not in self._scripts:
            self._scripts[path] = jedi.Script(
                self._texts[path], path=self._root / path, project=self._project, environment=self._environment
            )
        return self._scripts[path]

    def _column(self, place: Place) -> int:
        """jedi counts characters."""
        line = self._lines[place.path][place.line - 1]
        return len(line.encode("utf-16-le")[: 2 * place.column].decode("utf-16-le", "replace"))

    def _said(self, names: Iterable[jedi.api.classes.BaseName], seconds: float) -> Said:
        places, library = set(), False
        for path, name in self._inside(names):
            if path is None:
                library = True
            elif name.type == "module" and (name.line, name.column) in ((None, None), (1, 0)):
                places.add(Place(path, 1, 0))
            elif name.line is not None and name.column is not None:
                text = self._lines[path][name.line - 1][: name.column]
                places.add(Place(path, name.line, in_utf16(text)))
        return Said(frozenset(places), library=library, seconds=seconds)

    def _inside(
        self, names: Iterable[jedi.api.classes.BaseName]
    ) -> Iterator[tuple[str | None, jedi.api.classes.BaseName]]:
        """Each name with its path in the project; None for one outside it."""
        for name in names:
            file = name.module_path
            inside = file is not None and file.is_relative_to(self._root)
            path = file.relative_to(self._root).as_posix() if file is not None and inside else None
            yield (path if path in self._lines else None), name
