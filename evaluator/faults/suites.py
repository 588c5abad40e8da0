"""The suites that are compared: each judges the files of one backend and says which of its claims held."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any, Protocol

import evaluator
from evaluator.evaluate import evaluate
from evaluator.tasks import Task
from evaluator.verdict import COUNTED_BASES, Verdict

OURS, PUBLISHED, SCHEMATHESIS = "ours", "published", "schemathesis"
SUITE_NAMES = (OURS, PUBLISHED, SCHEMATHESIS)


@dataclass(frozen=True)
class Observation:
    """What one suite saw of one backend: ids of the claims that held and of those that did not, once.

    A claim that was not reached is in neither. `rules` are the verifiers' rules with a finding, `statements` the SQL
    statements per probed request. `void` says why our own side failed; nothing else is then to be read.
    """

    passed: frozenset[str] = frozenset()
    failed: frozenset[str] = frozenset()
    rules: frozenset[str] = frozenset()
    statements: Mapping[str, int] = field(default_factory=dict)
    void: str = ""

    def to_json(self) -> dict[str, Any]:
        """Plain JSON values; `from_json` reads them."""
        return {
            "passed": sorted(self.passed),
            "failed": sorted(self.failed),
            "rules": sorted(self.rules),
            "statements": dict(self.statements),
            "void": self.void,
        }

    @staticmethod
    def from_json(document: Mapping[str, Any]) -> Observation:
        """The observation written by `to_json`; raises KeyError on another shape."""
        return Observation(
            frozenset(document["passed"]),
            frozenset(document["failed"]),
            frozenset(document["rules"]),
            dict(document["statements"]),
            document["void"],
        )


class Suite(Protocol):
    """A way to judge a backend. `fingerprint` changes whenever the same files could be judged otherwise."""

    @property
    def name(self) -> str: ...

    @property
    def fingerprint(self) -> str: ...

    def observe(self, files: Mapping[str, bytes], task: Task) -> Observation:
        """Judge the files once, in a sandbox."""


Judge = Callable[[Mapping[str, bytes], Task], Verdict]


@dataclass(frozen=True)
class Ours:
    """Our contract suite and the verifiers. Checks that do not count are not looked at."""

    sandbox: str | None = None
    judge: Judge | None = None
    name: str = OURS

    @cached_property
    def fingerprint(self) -> str:
        """The hash of everything that decides: contract, verifiers and the evaluation itself."""
        return hash_of_sources("contract", "verifiers", "evaluate.py", "health.py")

    def observe(self, files: Mapping[str, bytes], task: Task) -> Observation:
        verdict = self.judge(files, task) if self.judge else evaluate(files, task, sandbox=self.sandbox)
        return observation_of(verdict)


def observation_of(verdict: Verdict) -> Observation:
    """What a verdict says about each claim."""
    if verdict.summary.void:
        return Observation(void=verdict.summary.void_reason)
    counted = [check for check in verdict.checks if check.basis in COUNTED_BASES]
    return Observation(
        passed=frozenset(check.id for check in counted if check.outcome == "passed"),
        failed=frozenset(check.id for check in counted if check.outcome == "failed"),
        rules=frozenset(finding.rule for finding in verdict.findings),
        statements={
            probe.operation: probe.statements for probe in verdict.measures.statements if probe.statements is not None
        },
    )


def hash_of_sources(*names: str) -> str:
    """A hash over files and folders of the evaluator, by their names below it."""
    root = Path(evaluator.__file__).parent
    digest = hashlib.sha256()
    for name in names:
        path = root / name
        for file in sorted(path.rglob("*")) if path.is_dir() else [path]:
            if file.suffix in (".py", ".json", ".toml") and file.is_file():
                digest.update(f"{file.relative_to(root)}\0".encode() + file.read_bytes() + b"\0")
    return digest.hexdigest()
