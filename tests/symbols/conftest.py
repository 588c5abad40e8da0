"""The workspace's index, bundled once for Node.js."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.symbols.ours_says import built_index


@pytest.fixture(scope="session")
def index(editor_packages: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return built_index(tmp_path_factory.mktemp("index"))
