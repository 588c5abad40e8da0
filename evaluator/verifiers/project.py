"""Which files of a backend are its production code, and what of them could not be read.

Files are a mapping from name to bytes, so there are no links to follow. Tests, documents, assets, vendored, generated
and lock files are left out in silence; a production file that is too large, minified or broken is named.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import PurePosixPath

from evaluator.verifiers.expressions import MOST_DEPTH, UNKNOWN, Expression, Record, Text
from evaluator.verifiers.words import words

PYTHON = frozenset({".py"})
JAVASCRIPT = frozenset({".js", ".mjs", ".cjs", ".jsx", ".ts", ".mts", ".cts", ".tsx"})
MOST_BYTES = 1_000_000
MOST_BYTES_TOGETHER = 8_000_000
MINIFIED_BYTES = 20_000
MINIFIED_LINE = 1_000
_MOST_ENTRIES = 200

_TESTS = words(
    "test tests __tests__ spec specs testing e2e cypress fixtures __fixtures__ mocks __mocks__", "__snapshots__"
)
_DOCUMENTS = words("doc docs documentation example examples samples")
_ASSETS = words("public static assets media")
_VENDORED = words(
    "node_modules bower_components vendor vendors third_party site-packages venv .venv env .git", "__pycache__"
)
_GENERATED = words("migrations alembic coverage generated __generated__ .next .cache")
_BUILT = words("dist build out lib-cov")
_TEST_FILE = re.compile(r"^(test_.*|.*_tests?|conftest|tests)\.py$|\.(test|spec|e2e)\.\w+$", re.IGNORECASE)
_TOOL_FILE = re.compile(
    r"^(setup\.py|noxfile\.py|gunicorn\.conf\.py|.*\.d\.[cm]?ts|.*\.min\.js|\.?(eslint|prettier|jest|vite|vitest|"
    r"webpack|rollup|babel|"
    r"commitlint|lint-staged|tsup|playwright|cypress|ecosystem)(rc)?(\.config)?\.[cm]?[jt]s)$",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Unread:
    """A production file that could not be read, wholly or in part, and why: a clause that follows its name."""

    path: str
    line: int
    why: str


@dataclass(frozen=True)
class Project:
    """The production code of a backend: Python and JavaScript sources by name, and all files for look-ups."""

    files: Mapping[str, bytes]
    python: tuple[str, ...]
    javascript: tuple[str, ...]
    unread: tuple[Unread, ...]
    folders: frozenset[str] = field(default_factory=frozenset)

    def text(self, path: str) -> str:
        """The text of any file, with what is not UTF-8 replaced; empty where there is no such file or it is large."""
        content = self.files.get(path, b"")
        return content.decode("utf-8-sig", "replace") if len(content) <= MOST_BYTES else ""

    def json_record(self, path: str) -> Record:
        """The objects and texts of a file of JSON, to be asked like those of a program; empty where it is none."""
        try:
            document = json.loads(self.text(path))
        except (ValueError, RecursionError):
            return Record()
        found = _lowered(document)
        return found if isinstance(found, Record) else Record()


def _lowered(value: object, depth: int = 0) -> Expression:
    if isinstance(value, str):
        return Text(value)
    if isinstance(value, dict) and depth < MOST_DEPTH:
        return Record({key: _lowered(entry, depth + 1) for key, entry in list(value.items())[:_MOST_ENTRIES]})
    return UNKNOWN


def read_project(files: Mapping[str, bytes]) -> Project:
    """Sort out the production code of a backend; the order of names decides where the bound on all of it falls."""
    candidates = [path for path in sorted(files) if _is_source(path) and _is_production(path)]
    written = [path for path in candidates if not _has_part(path, _BUILT)]
    kept: list[str] = []
    unread: list[Unread] = []
    together = 0
    for path in written or candidates:
        why = _too_much(files[path], together)
        if why:
            unread.append(Unread(path, 0, why))
            continue
        together += len(files[path])
        kept.append(path)
    return Project(
        files=files,
        python=tuple(path for path in kept if _suffix(path) in PYTHON),
        javascript=tuple(path for path in kept if _suffix(path) in JAVASCRIPT),
        unread=tuple(unread),
        folders=frozenset(str(parent) for path in files for parent in PurePosixPath(path).parents),
    )


def is_production(path: str) -> bool:
    """Whether a file of any kind belongs to what runs: no test, document, asset, vendored or generated file."""
    return _is_production(path) and not _has_part(path, _BUILT)


def _is_source(path: str) -> bool:
    return _suffix(path) in PYTHON | JAVASCRIPT


def _is_production(path: str) -> bool:
    name = PurePosixPath(path).name
    if _TEST_FILE.search(name) or _TOOL_FILE.match(name):
        return False
    return not _has_part(path, _TESTS | _DOCUMENTS | _ASSETS | _VENDORED | _GENERATED)


def _has_part(path: str, names: frozenset[str]) -> bool:
    return any(part.lower() in names for part in PurePosixPath(path).parts[:-1])


def _suffix(path: str) -> str:
    return PurePosixPath(path).suffix.lower()


def _too_much(content: bytes, together: int) -> str:
    """Why a file is not read, or nothing."""
    if len(content) > MOST_BYTES:
        return f"was not read: it is larger than {MOST_BYTES // 1_000_000} MB"
    if together + len(content) > MOST_BYTES_TOGETHER:
        return f"was not read: the source files before it already hold {MOST_BYTES_TOGETHER // 1_000_000} MB"
    if len(content) > MINIFIED_BYTES and len(content) / (content.count(b"\n") + 1) > MINIFIED_LINE:
        return "was not read: it is minified"
    return ""
