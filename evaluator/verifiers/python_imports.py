"""Imports of Python files: every form, resolved to files of the project.

Absolute, relative and `from . import x`; packages with and without `__init__.py`. Calls of the import machinery are
resolved in `program.py`. A name can start at the project's root, at a folder that run.sh makes a root, or at a folder
above the importing file that is no package, such as `src/`. Standard library and required packages are never files.
"""

from __future__ import annotations

import ast
import re
import sys
from collections.abc import Iterator
from pathlib import PurePosixPath

from evaluator.verifiers.project import Project
from evaluator.verifiers.source import ImportedName, ImportStatement, Source

_ROOT_IN_SCRIPT = re.compile(
    r"(?:\bcd\s+|PYTHONPATH=|--app-dir[ =]|--chdir[ =]|--pythonpath[ =])[\"']?(?:\$[({]?\w+[)}]?/|\./|"
    r"/app/)?([\w.\-]+(?:/[\w.\-]+)*)|"
    r"python3?\s+(?:-\w\s+)*([\w.\-]+(?:/[\w.\-]+)*)/[\w\-]+\.py"
)
_REQUIREMENT = re.compile(r"^\s*([A-Za-z0-9][\w.\-]*)", re.MULTILINE)


def read_import(node: ast.AST, source: Source) -> None:
    """Add what an import statement or call of the import machinery brings into a file."""
    if isinstance(node, ast.Import):
        for alias in node.names:
            source.imports.append(ImportStatement(alias.name, node.lineno))
            module = alias.name if alias.asname else alias.name.partition(".")[0]
            source.can_load |= module == "importlib"
            source.imported.setdefault(alias.asname or module, ImportedName(module, "*"))
    elif isinstance(node, ast.ImportFrom):
        module = "." * node.level + (node.module or "")
        source.can_load |= module == "importlib"
        source.imports.append(ImportStatement(module, node.lineno, tuple(alias.name for alias in node.names)))
        for alias in node.names:
            if alias.name == "*":
                source.star_exports.append(module)
            else:
                source.imported.setdefault(alias.asname or alias.name, ImportedName(module, alias.name))
    elif isinstance(node, ast.Name) and node.id == "__import__":
        source.can_load = True


class PythonResolver:
    """Finds the files that a module's name stands for."""

    def __init__(self, project: Project) -> None:
        self._files = frozenset(path for path in project.files if path.endswith(".py"))
        self._folders = {str(parent) for path in self._files for parent in PurePosixPath(path).parents} - {"."}
        required = project.text("requirements.txt")
        self._required = {name.lower().replace("-", "_") for name in _REQUIREMENT.findall(required)}
        self._script_roots = [
            root
            for match in _ROOT_IN_SCRIPT.finditer(project.text("run.sh")[:20_000])
            if (root := match[1] or match[2])
        ]
        self._known: dict[tuple[str, str], str | None] = {}

    def find(self, importer: str, module: str) -> str | None:
        """The file of a module, or `folder/` for a package without `__init__.py`; None for what is not the "
        "project's."""
        key = (importer.rpartition("/")[0], module)
        if key not in self._known:
            self._known[key] = self._find(importer, module)
        return self._known[key]

    def find_name(self, importer: str, module: str, name: str) -> str | None:
        """The file of the submodule that `from module import name` means, where it is one."""
        separator = "" if module.endswith(".") else "."
        return self.find(importer, f"{module}{separator}{name}")

    def is_standard(self, module: str) -> bool:
        """Whether a module belongs to Python itself."""
        return module.partition(".")[0] in sys.stdlib_module_names

    def _find(self, importer: str, module: str) -> str | None:
        level = len(module) - len(module.lstrip("."))
        parts = [part for part in module[level:].split(".") if part]
        if level:
            folder = PurePosixPath(importer).parent
            for _ in range(level - 1):
                if str(folder) == ".":
                    return None
                folder = folder.parent
            return self._at(str(folder), parts)
        if not parts:
            return None
        for root in self._roots(importer, parts[0]):
            found = self._at(root, parts)
            if found is not None:
                return found
        return None

    def _roots(self, importer: str, top: str) -> Iterator[str]:
        if top in sys.stdlib_module_names:
            if f"{top}.py" in self._files or f"{top}/__init__.py" in self._files:
                yield ""
            return
        yield ""
        if top.lower() in self._required:
            return
        yield from self._script_roots
        for folder in PurePosixPath(importer).parents:
            if str(folder) != "." and f"{folder}/__init__.py" not in self._files:
                yield str(folder)

    def _at(self, root: str, parts: list[str]) -> str | None:
        base = "/".join(part for part in ("" if root == "." else root, *parts) if part)
        if f"{base}.py" in self._files:
            return f"{base}.py"
        package = f"{base}/__init__.py" if base else "__init__.py"
        if package in self._files:
            return package
        return f"{base}/" if base in self._folders else None
