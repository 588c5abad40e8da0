"""The suites that are compared: each judges the files of one backend and says which of its claims held."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from importlib.metadata import version as installed_version
from pathlib import Path
from typing import Any, Protocol

import evaluator
from evaluator.contract.client import Transport
from evaluator.contract.declared import STARTS
from evaluator.contract.postman.collection import Collection
from evaluator.errors import MachineryFailed
from evaluator.evaluate import evaluate
from evaluator.faults.serving import serving
from evaluator.tasks import Task
from evaluator.verdict import COUNTED_BASES, CheckResult, Verdict

OURS, PUBLISHED, SCHEMATHESIS = "ours", "published", "schemathesis"
SUITE_NAMES = (OURS, PUBLISHED, SCHEMATHESIS)
ROOT = Path(evaluator.__file__).parent
BASE = "/api"
DOCUMENT = "contract/conduit/openapi.json"
NEW_ACCOUNT = '{"user": {"username": "{run}", "email": "{run}@example.com", "password": "secret-{run}"}}'
COLLECTION_VARIABLES = {"USERNAME": "user{run}", "EMAIL": "user{run}@mail.com", "PASSWORD": "password"}
# How the runner of collections says that an assertion was never made.
SCRIPT_ENDED = "the script of this request ended in an error"


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
        statements=_most_statements(verdict),
    )


@dataclass(frozen=True)
class Published:
    """A Postman collection that is run by newman, counted as the benchmark counts.

    An assertion that newman ran and that did not hold has failed. A script that ends in an error takes its assertions
    along: they vanish from the benchmark's report, and so they are in neither set here.
    """

    collection: Collection
    sandbox: str | None = None
    name: str = PUBLISHED

    @cached_property
    def fingerprint(self) -> str:
        """The hash of the collection and of what runs it."""
        document = json.dumps(self.collection.document, sort_keys=True)
        return hash_of_sources("contract/postman", "newman", "faults/suites.py", also=document)

    def observe(self, files: Mapping[str, bytes], task: Task) -> Observation:
        from evaluator.contract.postman import judge_collection

        def judge(transport: Transport) -> Iterable[CheckResult]:
            results = judge_collection(
                self.collection, BASE, transport, base_variable="APIURL", variables=COLLECTION_VARIABLES
            )
            return [result for result in results if not result.received.startswith(SCRIPT_ENDED)]

        return _observe_running(files, task, self.sandbox, judge)


@dataclass(frozen=True)
class Schemathesis:
    """What schemathesis makes of our OpenAPI document, with an account to ask with."""

    sandbox: str | None = None
    name: str = SCHEMATHESIS

    @cached_property
    def fingerprint(self) -> str:
        """The hash of the document and of what runs it."""
        version = installed_version("schemathesis")
        return hash_of_sources("contract/from_openapi", DOCUMENT, "faults/suites.py", also=version)

    def observe(self, files: Mapping[str, bytes], task: Task) -> Observation:
        from evaluator.contract.from_openapi import Account, judge_document, read_document

        document = read_document((ROOT / DOCUMENT).read_bytes())
        account = Account("POST", "/users", NEW_ACCOUNT, "user.token", "Token {token}")
        return _observe_running(
            files, task, self.sandbox, lambda transport: judge_document(document, BASE, transport, account=account)
        )


def _observe_running(
    files: Mapping[str, bytes],
    task: Task,
    sandbox: str | None,
    judge: Callable[[Transport], Iterable[CheckResult]],
) -> Observation:
    """Start the backend and let a suite judge it; one that does not start fails `server.starts` and nothing else."""
    try:
        with serving(files, task, sandbox) as started:
            if started.transport is None:
                return Observation(failed=frozenset({STARTS}))
            results = tuple(judge(started.transport))
    except MachineryFailed as failure:
        return Observation(void=str(failure))
    return Observation(
        passed=frozenset(result.id for result in results if result.outcome == "passed"),
        failed=frozenset(result.id for result in results if result.outcome == "failed"),
    )


def _most_statements(verdict: Verdict) -> dict[str, int]:
    """The statements of the dearest probe of each operation."""
    most: dict[str, int] = {}
    for probe in verdict.measures.statements:
        most[probe.operation] = max(probe.statements, most.get(probe.operation, 0))
    return most


def hash_of_sources(*names: str, also: str = "") -> str:
    """A hash over files and folders of the evaluator by their names below it, and over a text."""
    digest = hashlib.sha256(also.encode())
    for name in names:
        path = ROOT / name
        for file in sorted(path.rglob("*")) if path.is_dir() else [path]:
            if file.suffix in (".py", ".json", ".toml", ".cjs") and file.is_file():
                digest.update(f"{file.relative_to(ROOT)}\0".encode() + file.read_bytes() + b"\0")
    return digest.hexdigest()
