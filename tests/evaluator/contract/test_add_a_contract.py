"""docs/add-a-contract.md is tried word for word: its commands, in a copy of the sources, in their order.

Why: a document whose commands nobody runs is wrong after the next change.
"""

from __future__ import annotations

import os
import re
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from evaluator.errors import MachineryFailed
from evaluator.newman import installed_newman
from tests.conftest import ROOT, lacking

DOCUMENT = (ROOT / "docs" / "add-a-contract.md").read_text()
BLOCKS = re.findall(r"^```bash\n(.*?)^```$", DOCUMENT, re.MULTILINE | re.DOTALL)


@pytest.fixture(scope="module")
def checkout(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Path, str]]:
    """A copy of what the commands need, with the server of the first one running, and its port."""
    folder = tmp_path_factory.mktemp("checkout")
    shutil.copytree(ROOT / "evaluator", folder / "evaluator", ignore=shutil.ignore_patterns("__pycache__", "faults"))
    (folder / "evaluator" / "faults").symlink_to(ROOT / "evaluator" / "faults")
    (folder / "tests" / "evaluator" / "contract").mkdir(parents=True)
    shutil.copy(ROOT / "tests/evaluator/contract/todos_reference.py", folder / "tests/evaluator/contract/")
    (folder / ".venv" / "bin").mkdir(parents=True)
    (folder / ".venv" / "bin" / "python").write_text(f'#!/bin/sh\nexec "{sys.executable}" "$@"\n')
    (folder / ".venv" / "bin" / "python").chmod(0o755)
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = str(free.getsockname()[1])
    shell = subprocess.Popen(
        ["bash", "-c", BLOCKS[0].replace("8080", port).replace("& sleep 2", "")], cwd=folder, start_new_session=True
    )
    try:
        yield folder, port
    finally:
        os.killpg(shell.pid, 9)
        shell.wait()


def done(checkout: tuple[Path, str], block: str) -> str:
    """What the commands of a block print."""
    folder, port = checkout
    _wait_for(int(port))
    ran = subprocess.run(
        ["bash", "-ec", block.replace("8080", port)],
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=300,
        env=os.environ | {"PYTHONPATH": ""},
    )
    assert ran.returncode == 0, ran.stdout + ran.stderr
    return ran.stdout


def test_every_block_is_tried_below() -> None:
    assert len(BLOCKS) == 4


def test_a_document_becomes_a_contract(checkout: tuple[Path, str]) -> None:
    said = done(checkout, BLOCKS[1])
    assert "checks over 5 operations, from an OpenAPI document" in said
    assert "checks passed (100.0%)" in said


def test_a_collection_becomes_a_contract(checkout: tuple[Path, str]) -> None:
    try:
        installed_newman()
    except MachineryFailed as error:
        lacking("newman", str(error))
    said = done(checkout, BLOCKS[2])
    assert "4 checks over 2 operations, from a Postman collection" in said
    assert "sound: 4 of 4 checks passed" in said


def test_checks_become_a_contract(checkout: tuple[Path, str]) -> None:
    said = done(checkout, BLOCKS[3])
    assert "titles  4 checks over 2 operations, from checks of our own" in said
    assert "sound: 4 of 4 checks passed" in said


def test_every_field_of_a_pack_is_explained() -> None:
    from evaluator.contract.packs import FIELDS, KINDS

    for field in FIELDS:
        assert (f"`[{field}]`" if field in (*KINDS, "demands") else f"`{field}`") in DOCUMENT


def _wait_for(port: int) -> None:
    """A process of its own takes its time to start; whether it has can only be asked again and again."""
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline:
        with socket.socket() as asking:
            if asking.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.05)
    raise AssertionError("the server of the document did not start")
