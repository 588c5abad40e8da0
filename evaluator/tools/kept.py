"""What tools said of files before: kept by content, so that only what changed since is looked at again.

The key holds tool, version, our adapters, the name and content of a file, and the shape of its backend: the names
of all files and the dependencies. So one backend's findings are never taken for another's, even where files are equal.
"""

from __future__ import annotations

import hashlib
import json
import os
import tempfile
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict
from functools import cache
from pathlib import Path

from evaluator.cache import cache_root
from evaluator.verdict import ToolFinding

HERE = Path(__file__).parent
MOST_KEPT = 20_000  # files; some hundred bytes each


class KeptFindings:
    """Findings by key, in a folder of the cache; losing them costs time only."""

    def __init__(self, folder: Path | None = None) -> None:
        self._folder = folder or cache_root() / "tool-findings"

    def get(self, key: str) -> tuple[ToolFinding, ...] | None:
        """What was kept under a key; None where nothing (readable) is."""
        try:
            found = json.loads((self._folder / key[:2] / key).read_text())
            return tuple(ToolFinding(**one) for one in found)
        except (OSError, ValueError, TypeError):
            return None

    def put(self, key: str, findings: Sequence[ToolFinding]) -> None:
        """Keep findings in one step, so that no reader sees half of them. A full disk stops nothing."""
        folder = self._folder / key[:2]
        with suppress(OSError):
            folder.mkdir(parents=True, exist_ok=True)
            with tempfile.NamedTemporaryFile("w", dir=folder, prefix=".new-", delete=False) as file:
                json.dump([asdict(one) for one in findings], file)
            os.replace(file.name, folder / key)
            self._forget(folder)

    def _forget(self, folder: Path) -> None:
        """Drop the older half where one of the 256 folders has more than its share."""
        kept = list(folder.iterdir())
        if len(kept) > MOST_KEPT // 256:
            for old in sorted(kept, key=lambda file: file.stat().st_mtime)[: len(kept) // 2]:
                old.unlink(missing_ok=True)


@cache
def adapters() -> str:
    """A hash over our adapters and rule sets: what was said through others says nothing of these."""
    own = sorted(file for file in HERE.rglob("*") if file.is_file() and file.suffix in (".py", ".mjs", ".ini", ""))
    return key_of(part for file in own for part in (file.name, file.read_bytes()))


def key_of(parts: Iterable[str | bytes]) -> str:
    """A hash over parts; where one ends and the next begins is part of it."""
    hashed = hashlib.sha256()
    for part in parts:
        content = part.encode("utf-8", "surrogatepass") if isinstance(part, str) else part
        hashed.update(len(content).to_bytes(8, "big") + content)
    return hashed.hexdigest()


def key_of_files(files: Mapping[str, bytes], paths: Iterable[str]) -> str:
    """A hash over names and contents of some files."""
    return key_of(part for path in sorted(paths) for part in (path, files.get(path, b"")))
