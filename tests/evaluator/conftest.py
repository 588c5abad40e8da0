"""Every sandbox passes the same tests; where a machine lacks one, the skip says why."""

from __future__ import annotations

import pytest

from evaluator.errors import SandboxUnavailable
from evaluator.sandbox import Sandbox
from evaluator.sandbox.choice import working_sandbox
from evaluator.verdict import Verdict
from tests.conftest import lacking


def sandbox_or_skip(name: str) -> Sandbox:
    """The sandbox of this name; a skip where this machine lacks it, a failure where AMEND_REQUIRE wants it."""
    try:
        return working_sandbox(name)
    except SandboxUnavailable as error:
        lacking("docker" if name == "container" else name, str(error))
        raise


@pytest.fixture(params=["bubblewrap", "container"])
def each_sandbox(request: pytest.FixtureRequest) -> Sandbox:
    """One sandbox after the other."""
    return sandbox_or_skip(request.param)


def outcomes_without_races(verdict: Verdict) -> dict[str, str]:
    """Outcomes by check, but for races: a backend that can lose one does not lose it every time."""
    return {check.id: check.outcome for check in verdict.checks if not check.id.startswith("concurrency.")}
