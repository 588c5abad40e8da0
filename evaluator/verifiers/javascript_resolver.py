"""Finds the file that a module's name stands for in JavaScript and TypeScript.

Index files; endings left out or swapped (`./a.js` for a.ts); `paths` and `baseUrl` of the tsconfig.json files above the
importing file, with what they extend; `imports`, `_moduleAliases` and `exports` of package.json; names of the packages
that the project itself holds.
"""

from __future__ import annotations

import json
import posixpath
import re
from collections.abc import Iterator, Mapping
from pathlib import PurePosixPath
from typing import Any

from evaluator.verifiers.project import Project

_ENDINGS = (".js", ".ts", ".mjs", ".cjs", ".mts", ".cts", ".tsx", ".jsx", ".json")
_SWAPS = {".js": (".ts", ".tsx", ".jsx"), ".mjs": (".mts",), ".cjs": (".cts",), ".jsx": (".tsx",)}
_CONDITIONS = ("node", "import", "require", "default", "types")
_COMMENT = re.compile(r'("(?:\\.|[^"\\])*(?:"|\Z))|//[^\n]*|/\*.*?(?:\*/|\Z)', re.DOTALL)
_TRAILING_COMMA = re.compile(r",(?=\s*[}\]])")
_CONFIGURATION = re.compile(r"^[tj]sconfig(\.\w+)*\.json$")
_MOST_CONFIGURATIONS = 50
_MOST_EXTENDED = 8

# A pattern with at most one `*` to its targets, and the folder that these are relative to.
Table = tuple[str, Mapping[str, Any]]


class JavaScriptResolver:
    """Finds the file that a module's name stands for."""

    def __init__(self, project: Project) -> None:
        self._files = project.files
        self._folders = project.folders
        self._tables: dict[str, list[Table]] = {}
        self._imports: dict[str, Mapping[str, Any]] = {}
        self._packages: dict[str, tuple[str, Mapping[str, Any]]] = {}
        names = [path for path in project.files if _is_configuration(path)][:_MOST_CONFIGURATIONS]
        for path in names:
            folder = _folder(path)
            if path.endswith("package.json"):
                self._read_package(folder, _json(project, path))
            else:
                self._tables.setdefault(folder, []).extend(_tsconfig_tables(project, path))
        self._known: dict[tuple[str, str], str | None] = {}

    def _read_package(self, folder: str, document: Mapping[str, Any]) -> None:
        self._imports[folder] = _records(document.get("imports"))
        aliases = _records(document.get("_moduleAliases"))
        whole = {f"{name}/*": f"{target}/*" for name, target in aliases.items() if isinstance(target, str)}
        self._tables.setdefault(folder, []).append((folder, {**aliases, **whole}))
        name = document.get("name")
        if isinstance(name, str) and name:
            self._packages.setdefault(name, (folder, document))

    def find(self, importer: str, module: str) -> str | None:
        """The file of a module, or `folder/` where only the folder is there; None for what is not the project's."""
        folder = _folder(importer)
        key = (folder, module)
        if key not in self._known:
            self._known[key] = self._find(folder, module)
        return self._known[key]

    def _find(self, folder: str, module: str) -> str | None:
        module = module.partition("?")[0]
        if module.startswith("."):
            return self._at(posixpath.normpath(posixpath.join(folder, module)))
        for above in _above(folder):
            if module.startswith("#") and above in self._imports:
                found = self._first(above, _expand(self._imports[above], module))
                if found is not None:
                    return found
            for base, paths in self._tables.get(above, ()):
                found = self._first(base, _expand(paths, module))
                if found is not None:
                    return found
        return self._in_own_package(module)

    def _in_own_package(self, module: str) -> str | None:
        """A file of a package that the project holds, such as the project itself, by the package's name."""
        parts = module.split("/")
        name = "/".join(parts[: 2 if module.startswith("@") else 1])
        if name not in self._packages:
            return None
        folder, document = self._packages[name]
        below = "." + module.removeprefix(name)
        exports = document.get("exports")
        if isinstance(exports, dict) and any(isinstance(key, str) and key.startswith(".") for key in exports):
            return self._first(folder, _expand(exports, below))
        if exports is not None:
            return self._first(folder, _targets(exports)) if below == "." else None
        main = document.get("main")
        return self._at(posixpath.normpath(posixpath.join(folder, main if below == "." and main else below)))

    def _first(self, base: str, targets: Iterator[str]) -> str | None:
        whole = (posixpath.normpath(posixpath.join(base, target)) for target in targets)
        return next((found for target in whole if (found := self._at(target)) is not None), None)

    def _at(self, base: str) -> str | None:
        if base.startswith(".."):
            return None
        stem, ending = posixpath.splitext(base)
        candidates = [base, *(stem + swap for swap in _SWAPS.get(ending, ())), *(base + end for end in _ENDINGS)]
        candidates += [posixpath.join(base, "index" + end) for end in _ENDINGS]
        for candidate in candidates:
            if candidate in self._files or (base == "." and candidate.removeprefix("./") in self._files):
                return candidate.removeprefix("./")
        return f"{base}/" if base in self._folders and base != "." else None


def package_of(module: str) -> str:
    """The package of a bare module name: `pg` for `pg/lib/x`, `@hono/node-server` for a scoped one, without `node:`."""
    parts = module.removeprefix("node:").split("/")
    return "/".join(parts[:2]) if module.startswith("@") else parts[0]


def _is_configuration(path: str) -> bool:
    name = path.rpartition("/")[2]
    return (name == "package.json" or bool(_CONFIGURATION.match(name))) and "node_modules/" not in path


def _folder(path: str) -> str:
    return path.rpartition("/")[0] or "."


def _above(folder: str) -> Iterator[str]:
    """A folder and those above it, the nearest first, then the root."""
    yield folder
    for parent in PurePosixPath(folder).parents:
        if str(parent) != folder:
            yield str(parent)


def _tsconfig_tables(project: Project, path: str) -> Iterator[Table]:
    """The aliases of a configuration, its own first; what it leaves out may stand in those that it extends."""
    pending = [path]
    seen: set[str] = set()
    base_url: str | None = None
    told = False
    while pending and len(seen) < _MOST_EXTENDED:
        path = pending.pop(0)
        if path in seen:
            continue
        seen.add(path)
        document = _json(project, path)
        options = _records(document.get("compilerOptions"))
        base = options.get("baseUrl")
        if isinstance(base, str) and base_url is None:
            base_url = posixpath.normpath(posixpath.join(_folder(path), base))
        if "paths" in options and not told:
            told = True
            yield base_url or _folder(path), _records(options["paths"])
        pending.extend(_extended(project, path, document.get("extends")))
    if base_url is not None:
        yield base_url, {"*": ["*"]}


def _extended(project: Project, path: str, extends: Any) -> Iterator[str]:
    for one in extends if isinstance(extends, list) else [extends]:
        if isinstance(one, str) and one.startswith("."):
            target = posixpath.normpath(posixpath.join(_folder(path), one))
            yield from (name for name in (target, f"{target}.json", f"{target}/tsconfig.json") if name in project.files)


def _expand(table: Mapping[str, Any], module: str) -> Iterator[str]:
    """The targets that a table of patterns with at most one `*` gives for a module, longest pattern first."""
    for pattern in sorted(table, key=len, reverse=True):
        start, star, end = pattern.partition("*")
        matches = module == pattern
        if star:
            matches = len(module) >= len(start) + len(end) and module.startswith(start) and module.endswith(end)
        if matches:
            middle = module[len(start) : len(module) - len(end)] if star else ""
            for target in _targets(table[pattern]):
                yield target.replace("*", middle)


def _targets(value: Any) -> Iterator[str]:
    pending = [value]
    for _ in range(50):
        if not pending:
            return
        one = pending.pop(0)
        if isinstance(one, str):
            yield one
        elif isinstance(one, list):
            pending[:0] = one
        elif isinstance(one, dict):
            pending[:0] = [one[condition] for condition in _CONDITIONS if condition in one]


def _json(project: Project, path: str) -> Mapping[str, Any]:
    """A JSON file, comments and trailing commas allowed; empty where it is none."""
    try:
        document = json.loads(_TRAILING_COMMA.sub("", _COMMENT.sub(lambda match: match[1] or "", project.text(path))))
    except (ValueError, RecursionError):
        return {}
    return _records(document)


def _records(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}
