"""The workspace's index, bundled once for Node.js."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.symbols.ours_says import EDITOR, built_index


@pytest.fixture(scope="session")
def index(tmp_path_factory: pytest.TempPathFactory) -> Path:
    if not (EDITOR / "node_modules").is_dir():
        pytest.skip("the editor's packages are not installed: make editor")
    return built_index(tmp_path_factory.mktemp("index"))
