"""The folder that a Python backend's absolute imports start from; run.sh often puts it on the path."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import PurePosixPath

from evaluator.verifiers.project import Project

_IMPORTED = re.compile(rb"^[ \t]*(?:from|import)[ \t]+([A-Za-z_][\w.]*)", re.MULTILINE)


def import_root(project: Project) -> str:
    """The folder that absolute imports start from, `` or `src/`: the one in which most of them resolve."""
    paths = project.python
    roots = {""} | {f"{PurePosixPath(path).parts[0]}/" for path in paths if "/" in path}
    first_names = {root: {_first(path.removeprefix(root)) for path in paths if path.startswith(root)} for root in roots}
    resolved: Counter[str] = Counter()
    for path in paths:
        for match in _IMPORTED.finditer(project.files[path]):
            name = match[1].decode().split(".")[0]
            resolved.update(root for root in roots if name in first_names[root])
    return max(sorted(roots), key=lambda root: resolved[root])


def _first(path: str) -> str:
    return path.split("/")[0].removesuffix(".py")
