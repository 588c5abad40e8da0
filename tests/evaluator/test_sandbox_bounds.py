"""The log of a moment, and what is left of a run. That it takes no more than its share: test_sandbox_attacks.py."""

from __future__ import annotations

import fcntl
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from evaluator.cache import cache_root
from evaluator.sandbox import Sandbox
from evaluator.sandbox.slots import ROOTS_SLOTS
from tests.evaluator.conftest import sandbox_or_skip
from tests.evaluator.processes import descendants, lives
from tests.evaluator.tiny_backends import printed, python_spec

pytestmark = pytest.mark.sandbox


@pytest.fixture
def sandbox(each_sandbox: Sandbox) -> Sandbox:
    return each_sandbox


def test_the_log_of_a_moment_has_the_lines_of_that_moment_only(sandbox: Sandbox) -> None:
    code = "import time\nprint('early', flush=True)\ntime.sleep(0.6)\nprint('late', flush=True)\ntime.sleep(30)"
    with sandbox.launch(python_spec(code)) as running:
        deadline = time.monotonic() + 10
        while "early" not in running.log() and time.monotonic() < deadline:
            time.sleep(0.01)
        moment = time.time() + 0.05
        while "late" not in running.log() and time.monotonic() < deadline:
            time.sleep(0.01)
        assert running.log_since(moment).strip() == "late"


def test_nothing_survives_the_death_of_the_evaluator() -> None:
    # What becomes of containers then: test_sandbox_container.py.
    sandbox = sandbox_or_skip("bubblewrap")
    # Seen: bwrap killed in the middle of its setup left its process behind (bubblewrap#633); hence the early kill.
    mark = f"amend-orphan-{os.getpid()}-{time.monotonic_ns()}"
    launcher = (
        "import os, sys, time\n"
        "from evaluator.sandbox.choice import working_sandbox\n"
        "from tests.evaluator.tiny_backends import python_spec\n"
        f"program = 'import time; time.sleep(300)  # {mark}'\n"
        f"with working_sandbox('{sandbox.name}').launch(python_spec(program)):\n"
        " print('up', flush=True)\n"
        " time.sleep(300)"
    )
    with subprocess.Popen([sys.executable, "-c", launcher], stdout=subprocess.PIPE, text=True) as evaluator:
        assert evaluator.stdout is not None
        first_line = evaluator.stdout.readline()
        children = descendants(evaluator.pid)
        evaluator.kill()
    assert first_line == "up\n"
    assert len(children) >= 2
    deadline = time.monotonic() + 5
    while (left := [pid for pid in children if lives(pid)]) and time.monotonic() < deadline:
        time.sleep(0.02)
    assert left == []


def test_a_run_leaves_no_folder_and_no_control_group(sandbox: Sandbox) -> None:
    def traces() -> set[str]:
        groups = {str(path) for path in Path("/sys/fs/cgroup").glob("**/amend-*") if path.is_dir()}
        folders = {str(path) for place in (ROOTS_SLOTS, cache_root() / "slots") for path in place.glob("*.d")}
        return groups | folders

    before = traces()
    assert printed(sandbox, "print('hello')", port=8080).strip() == "hello"
    # Other evaluators may be at work on this machine: what belongs to a slot that is held is theirs.
    assert [trace for trace in traces() - before if _is_left_behind(Path(trace))] == []


def _is_left_behind(trace: Path) -> bool:
    """Whether it is there while nobody holds its slot."""
    slots = ROOTS_SLOTS if os.geteuid() == 0 else cache_root() / "slots"
    with (slots / trace.stem.rpartition("-")[2]).open("a") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return trace.exists()
