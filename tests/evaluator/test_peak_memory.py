"""How much memory a sandbox used at most is measured, and the verdict can say how."""

from __future__ import annotations

import time

import pytest

from evaluator.sandbox import Limits, Sandbox, limits
from evaluator.sandbox.base import PeakMemory
from tests.evaluator.conftest import sandbox_or_skip
from tests.evaluator.tiny_backends import python_spec

pytestmark = pytest.mark.sandbox
MEGABYTE = 2**20
SHORT_USE = "kept = bytearray(80 * 2**20)\ndel kept\nprint('used', flush=True)\nimport time\ntime.sleep(300)\n"


def peak_after(sandbox: Sandbox, code: str) -> tuple[PeakMemory, PeakMemory]:
    """What is measured while a program runs that has said `used`, and after its end."""
    with sandbox.launch(python_spec(code, limits=Limits(memory=256 * MEGABYTE))) as running:
        deadline = time.monotonic() + 10
        while "used" not in running.log() and time.monotonic() < deadline:
            time.sleep(0.01)
        during = running.peak_memory()
    return during, running.peak_memory()


def test_memory_that_was_given_back_counts(each_sandbox: Sandbox) -> None:
    during, after = peak_after(each_sandbox, SHORT_USE)
    assert during.source in ("cgroup", "processes")
    assert during.bytes is not None and after.bytes is not None
    assert 80 * MEGABYTE < during.bytes <= after.bytes < 140 * MEGABYTE


def test_without_control_groups_the_processes_are_added_up(monkeypatch: pytest.MonkeyPatch) -> None:
    sandbox = sandbox_or_skip("bubblewrap")
    monkeypatch.setattr(limits, "_parents", lambda: ())
    code = "import os\nos.fork()\n" + SHORT_USE
    with sandbox.launch(python_spec(code)) as running:
        deadline = time.monotonic() + 10
        while running.log().count("used") < 2 and time.monotonic() < deadline:
            time.sleep(0.01)
        during = running.peak_memory()
    assert during.source == "processes"
    assert during.bytes is not None
    assert 160 * MEGABYTE < during.bytes < 240 * MEGABYTE
    assert running.peak_memory().bytes == during.bytes


def test_a_program_that_ended_by_itself_was_measured_too(each_sandbox: Sandbox) -> None:
    # The control group of a container ends with its program, so it has to last a moment for somebody to look.
    with each_sandbox.launch(python_spec("import time\nkept = bytearray(80 * 2**20)\ntime.sleep(1)")) as running:
        assert running.wait(10)
    peak = running.peak_memory()
    assert each_sandbox.name != "container" or peak.source == "cgroup"
    assert peak.bytes is None or peak.bytes > 80 * MEGABYTE
    assert (peak.bytes is None) == (peak.source == "")
