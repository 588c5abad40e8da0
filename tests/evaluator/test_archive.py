"""The tar file that a sandbox unpacks says the same as one that `tarfile` writes."""

from __future__ import annotations

import io
import subprocess
import tarfile
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from evaluator.sandbox.archive import archive_of

WORDS = st.text(st.characters(blacklist_characters="/\0", blacklist_categories=["Cs"]), min_size=1, max_size=60)
NAMES = st.lists(WORDS.filter(lambda word: word not in (".", "..")), min_size=1, max_size=4).map("/".join)


@given(st.dictionaries(NAMES, st.binary(max_size=1500), max_size=8))
@settings(max_examples=150, deadline=None)
def test_every_name_and_content_comes_back(files: dict[str, bytes]) -> None:
    with tarfile.open(fileobj=io.BytesIO(archive_of(files)), encoding="utf-8") as tar:
        found = {member.name: (tar.extractfile(member) or io.BytesIO()).read() for member in tar}
    assert found == files


def test_gnu_tar_unpacks_it_with_scripts_executable(tmp_path: Path) -> None:
    long_name = "d" * 90 + "/" + "f" * 120
    files = {"run.sh": b"echo", "tool": b"#!/bin/sh\n", "naïve/ünï.txt": b"text", long_name: b"long", "empty": b""}
    done = subprocess.run(["tar", "-xf", "-", "-C", tmp_path], input=archive_of(files), capture_output=True, check=True)
    assert done.stderr == b""
    assert {
        str(path.relative_to(tmp_path)): path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()
    } == files
    modes = {name: (tmp_path / name).stat().st_mode & 0o777 for name in files}
    assert modes == {"run.sh": 0o755, "tool": 0o755, "naïve/ünï.txt": 0o644, long_name: 0o644, "empty": 0o644}
