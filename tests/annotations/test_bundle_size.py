"""The workspace must be usable soon on a slow line: what it loads at first is bounded, the rest comes on demand."""

from __future__ import annotations

import gzip
import re
from pathlib import Path

import pytest

MOST_AT_FIRST = 150_000  # bytes, gzip
# `import {…} from "./chunk.js"`, `import "./chunk.js"`, `export … from "./chunk.js"`; not `import("./chunk.js")`.
STATIC_IMPORT = re.compile(r'(?:\bfrom|\bimport)\s*"\./([\w.-]+\.js)"')
ON_DEMAND = {"Vim": "cm-fat-cursor", "Python": "ImportStatement", "symbols": "ArrayComprehensionExpression"}


@pytest.fixture(scope="module")
def first(built_editor: Path) -> dict[str, bytes]:
    """The scripts the workspace's page loads before anything is asked for."""
    loaded: dict[str, bytes] = {}
    wanted = ["workspace.js"]
    while wanted:
        name = wanted.pop()
        if name not in loaded:
            loaded[name] = (built_editor / name).read_bytes()
            wanted += STATIC_IMPORT.findall(loaded[name].decode())
    return loaded


def test_the_first_load_is_bounded(first: dict[str, bytes]) -> None:
    assert len(first) > 1, "no import was recognised: the pattern is wrong"
    total = sum(len(gzip.compress(content, 9)) for content in first.values())
    assert total <= MOST_AT_FIRST, f"{total:,} bytes in {sorted(first)}"


def test_languages_and_vim_come_on_demand(built_editor: Path, first: dict[str, bytes]) -> None:
    everything = b"".join(path.read_bytes() for path in built_editor.glob("*.js")).decode()
    at_first = b"".join(first.values()).decode()
    for what, sign in ON_DEMAND.items():
        assert sign in everything, f"{what} is not in the build at all"
        assert sign not in at_first, what
