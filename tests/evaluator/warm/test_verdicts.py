"""A pre-warmed start changes no verdict: check by check, the outcomes are those of a cold start."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from evaluator.evaluate import evaluate
from evaluator.files import read_tree
from evaluator.sandbox import LaunchSpec, Running
from evaluator.tasks import task_by_id
from evaluator.verdict import Verdict
from evaluator.warm import WarmSandboxes
from tests.evaluator.conftest import outcomes_without_races, sandbox_or_skip

pytestmark = [pytest.mark.sandbox, pytest.mark.engines]
BACKENDS = Path(__file__).parents[3] / "platform/studies/demo/backends"


class Watched(WarmSandboxes):
    """A pool that remembers what was launched last, and how often something was ready for it."""

    last: LaunchSpec | None = None
    found_ready = 0

    @contextmanager
    def launch(self, spec: LaunchSpec) -> Iterator[Running]:
        self.last = spec
        self.found_ready += self.waiting_for(spec)
        with super().launch(spec) as running:
            yield running

    def wait_until_ready(self) -> None:
        deadline = time.monotonic() + 60
        assert self.last is not None
        while not self.waiting_for(self.last):
            assert time.monotonic() < deadline
            time.sleep(0.05)


def outcomes(verdict: Verdict) -> dict[str, str]:
    assert verdict.started, verdict.start_error or verdict.summary.void_reason
    return outcomes_without_races(verdict)


@pytest.mark.parametrize(
    "name",
    [
        "uv-aiohttp-openapi-clean_architecture-sqlite",  # python -m
        "uv-django-openapi-clean_architecture-postgres-sqlalchemy",  # a script for the schema, then gunicorn
        "uv-django-openapi-clean_architecture-postgres",  # migrations, then gunicorn
        "node-express-openapi-unconstrained",  # nothing to import early: the sandbox only
    ],
)
def test_every_check_comes_out_as_after_a_cold_start(name: str) -> None:
    files, task = read_tree(BACKENDS / name), task_by_id(name)
    cold = sandbox_or_skip("bubblewrap")
    pool = Watched(quiet_seconds=0)
    with pool:
        first = evaluate(files, task, sandbox=pool)
        assert "prewarmed" not in first.environment
        seen = [outcomes(first)]
        assert pool.found_ready == 0
        pool.wait_until_ready()
        second = evaluate(files, task, sandbox=pool)
        assert second.environment.get("prewarmed", False) == (task.runtime.name == "uv")
        warm = outcomes(second)
        assert pool.found_ready == 1
    assert warm.keys() == seen[0].keys()
    # SQLite under concurrent writes answers differently from run to run: only what no cold run shows is a difference.
    while different := [check for check in warm if all(warm[check] != outcome[check] for outcome in seen)]:
        assert len(seen) < 3, different
        seen.append(outcomes(evaluate(files, task, sandbox=cold)))
