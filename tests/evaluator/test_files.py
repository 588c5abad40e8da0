"""Files that break a rule are refused with a sentence that names them, before anything large is read."""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest

from evaluator.errors import RefusedFiles
from evaluator.files import FileLimits, check_files, read_tree, write_tree
from evaluator.tasks import task_by_id

TASK = task_by_id("uv-flask-openapi-unconstrained")
SOUND = {"run.sh": b"exec python app.py\n", "requirements.txt": b"flask\n", "app/logo.bin": b"\x00\xff"}


@pytest.fixture
def backend(tmp_path: Path) -> Path:
    folder = tmp_path / "backend"
    write_tree(SOUND, folder)
    return folder


def test_a_folder_is_read_with_its_bytes_as_they_are(backend: Path) -> None:
    assert read_tree(backend) == SOUND


def test_a_missing_folder_is_refused(tmp_path: Path) -> None:
    with pytest.raises(RefusedFiles, match="no folder"):
        read_tree(tmp_path / "nowhere")


def test_a_folder_without_run_sh_is_refused(backend: Path) -> None:
    (backend / "run.sh").unlink()
    with pytest.raises(RefusedFiles, match=r"no run\.sh"):
        read_tree(backend)


def test_a_folder_without_dependency_file_is_refused_and_the_file_named(backend: Path) -> None:
    (backend / "requirements.txt").unlink()
    with pytest.raises(RefusedFiles, match=r"requirements\.txt"):
        read_tree(backend)


def test_a_link_is_refused_and_where_it_points_is_said(backend: Path) -> None:
    (backend / "secret").symlink_to("/etc/passwd")
    with pytest.raises(RefusedFiles, match=r"“secret” is a symbolic link to “/etc/passwd”"):
        read_tree(backend)


def test_a_linked_folder_is_refused_too(backend: Path, tmp_path: Path) -> None:
    (backend / "src").symlink_to(tmp_path)
    with pytest.raises(RefusedFiles, match="“src” is a symbolic link"):
        read_tree(backend)


def test_a_linked_run_sh_is_refused(backend: Path) -> None:
    (backend / "run.sh").unlink()
    (backend / "run.sh").symlink_to("/bin/sh")
    with pytest.raises(RefusedFiles, match=r"“run\.sh” is a symbolic link"):
        read_tree(backend)


def test_a_pipe_is_refused_without_waiting_for_a_writer(backend: Path) -> None:
    os.mkfifo(backend / "pipe")
    with pytest.raises(RefusedFiles, match="“pipe” is not an ordinary file"):
        read_tree(backend)


def test_a_sparse_file_of_ten_gigabytes_costs_nothing(backend: Path) -> None:
    with (backend / "huge.db").open("wb") as file:
        file.truncate(10 * 2**30)
    started = time.monotonic()
    with pytest.raises(RefusedFiles, match=r"“huge\.db” has 10,240\.0 MB"):
        read_tree(backend)
    assert time.monotonic() - started < 1


def test_too_many_files_are_refused(backend: Path) -> None:
    for number in range(20):
        (backend / f"{number}.txt").touch()
    with pytest.raises(RefusedFiles, match="more than 10 files"):
        read_tree(backend, limits=FileLimits(count=10))


def test_many_middling_files_are_refused_by_their_sum(backend: Path) -> None:
    for number in range(5):
        (backend / f"{number}.bin").write_bytes(bytes(1000))
    with pytest.raises(RefusedFiles, match="the most a backend may have"):
        read_tree(backend, limits=FileLimits(all_files=3000))


@pytest.mark.parametrize("folder", [".git", "node_modules", "__pycache__", ".venv"])
def test_what_tools_leave_behind_is_not_read(backend: Path, folder: str) -> None:
    (backend / folder).mkdir()
    (backend / folder / "link").symlink_to("/etc/passwd")
    assert read_tree(backend) == SOUND


@pytest.mark.parametrize(
    "name",
    ["/etc/passwd", "../up", "a/../../up", "a//b", "./a", "a\\b", "nul\0", "", "line\nbreak", "x" * 300, "bad\udcff"],
)
def test_a_name_that_leaves_the_folder_or_cannot_be_written_is_refused(name: str) -> None:
    with pytest.raises(RefusedFiles):
        check_files(SOUND | {name: b""}, TASK)


def test_a_name_cannot_be_a_file_and_a_folder() -> None:
    with pytest.raises(RefusedFiles, match="both a file and the folder"):
        check_files(SOUND | {"a": b"", "a/b": b""}, TASK)


def test_a_node_task_needs_a_package_json() -> None:
    with pytest.raises(RefusedFiles, match=r"no package\.json"):
        check_files(SOUND, task_by_id("node-koa-openapi-unconstrained"))


def test_sound_files_pass() -> None:
    check_files(SOUND, TASK)


def test_files_are_not_written_into_a_folder_that_holds_something(tmp_path: Path) -> None:
    (tmp_path / "mine").write_text("keep")
    with pytest.raises(RefusedFiles, match="not empty"):
        write_tree(SOUND, tmp_path)


def test_scripts_are_written_executable(tmp_path: Path) -> None:
    write_tree({"start": b"#!/bin/sh\n", "text": b"hello"}, tmp_path / "new")
    assert os.access(tmp_path / "new/start", os.X_OK)
    assert not (tmp_path / "new/text").stat().st_mode & 0o111
