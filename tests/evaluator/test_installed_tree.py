"""What an install wrote is taken over without being trusted."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest

from evaluator.cache import remove_tree
from evaluator.installed_tree import DEEPEST, Untrustworthy, plain_packages, take_over


def test_files_become_readable_for_all_and_writable_for_nobody(tmp_path: Path) -> None:
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o700)
    (closed / "program").write_text("")
    (closed / "program").chmod(0o6777)
    (closed / "module.py").write_text("")
    (closed / "module.py").chmod(0o600)
    take_over(tmp_path, [tmp_path])
    assert stat.S_IMODE(closed.stat().st_mode) == 0o755
    assert stat.S_IMODE((closed / "program").stat().st_mode) == 0o555
    assert stat.S_IMODE((closed / "module.py").stat().st_mode) == 0o444


def test_links_are_left_as_they_are_and_what_they_name_is_not_touched(tmp_path: Path) -> None:
    outside, root = tmp_path / "outside", tmp_path / "root"
    outside.mkdir()
    root.mkdir()
    (outside / "secret").write_text("")
    (outside / "secret").chmod(0o600)
    (root / "file").symlink_to(outside / "secret")
    (root / "folder").symlink_to(outside)
    take_over(root, [root])
    assert stat.S_IMODE((outside / "secret").stat().st_mode) == 0o600
    assert (root / "folder").is_symlink()


def test_pipes_and_sockets_are_removed(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    take_over(tmp_path, [])
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("target", ["/", "..", "elsewhere"])
def test_a_mounted_folder_may_not_be_a_link(tmp_path: Path, target: str) -> None:
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "node_modules").symlink_to(target)
    with pytest.raises(Untrustworthy, match="node_modules is not a folder of its own"):
        take_over(tmp_path, [tmp_path / "node_modules"])


def test_a_mounted_folder_must_be_there(tmp_path: Path) -> None:
    with pytest.raises(Untrustworthy):
        take_over(tmp_path, [tmp_path / "node_modules"])


def test_folders_may_not_be_nested_without_end_and_can_be_removed(tmp_path: Path) -> None:
    root = tmp_path / "root"
    root.mkdir()
    here = os.getcwd()
    os.chdir(root)
    try:
        for _ in range(2_000):
            os.mkdir("deeper")
            os.chdir("deeper")
    finally:
        os.chdir(here)
    with pytest.raises(Untrustworthy, match=f"more than {DEEPEST} deep"):
        take_over(root, [root])
    remove_tree(root)
    assert not root.exists()


def test_a_closed_tree_can_be_removed_and_a_link_is_not_followed(tmp_path: Path) -> None:
    kept, root = tmp_path / "kept", tmp_path / "root"
    kept.mkdir()
    (root / "closed").mkdir(parents=True)
    (root / "closed" / "link").symlink_to(kept)
    (root / "closed").chmod(0)
    (tmp_path / "link").symlink_to(kept)
    remove_tree(root)
    remove_tree(tmp_path / "link")
    assert not root.exists()
    assert kept.is_dir()


def test_only_names_that_an_index_would_have_are_packages() -> None:
    packages = {"flask": "3.0", "@fastify/cors": "", "bad\udcff": "1", "new\nline": "1", "x" * 300: "1", "": "1"}
    assert plain_packages(packages) == {"flask": "3.0", "@fastify/cors": ""}
