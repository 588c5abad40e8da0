"""The suites that are compared: each judges the files of one backend and says which of its claims held."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, replace
from importlib.metadata import version as installed_version
from pathlib import Path
from typing import Any, Protocol

import evaluator
from evaluator.cache import atomic_folder, cache_root
from evaluator.contract.declared import ANSWERS
from evaluator.contract.packs import collection_of, known_packs
from evaluator.errors import BadInput
from evaluator.evaluate import evaluate
from evaluator.tasks import BENCHMARK_CONTRACT, Task
from evaluator.verdict import COUNTED_BASES, Verdict
from evaluator.verifiers import verify_files

OURS, PUBLISHED, SCHEMATHESIS = "ours", "published", "schemathesis"
SUITE_NAMES = (OURS, PUBLISHED, SCHEMATHESIS)
ROOT = Path(evaluator.__file__).parent
OUR_PACK = f"contract/{BENCHMARK_CONTRACT}"
DOCUMENT = f"{OUR_PACK}/openapi.json"
SOURCES = (".py", ".json", ".toml", ".cjs")
PACK_FILE = "suite.json"
PUBLISHED_MANIFEST = f"""
title = "The published collection"
base = "/api"
health = "/api/health-check"
database = "conduit"
[collection]
file = "{PACK_FILE}"
base_variable = "APIURL"
variables = {{ USERNAME = "user{{run}}", EMAIL = "user{{run}}@mail.com", PASSWORD = "password" }}
"""
SCHEMATHESIS_MANIFEST = f"""
title = "The OpenAPI document"
base = "/api"
health = "/api/health-check"
database = "conduit"
[document]
file = "{PACK_FILE}"
[document.account]
method = "POST"
path = "/users"
body = '{{"user": {{"username": "{{run}}", "email": "{{run}}@example.com", "password": "secret-{{run}}"}}}}'
token = "user.token"
authorization = "Token {{token}}"
"""
RUNNER = ("contract/bounded_program.py", "contract/loopback.py", "contract/declared.py")
# How the runners of others' suites say that they did not come to their end.
NOT_FINISHED = ("The run of the collection was not finished", "The document was not tried to the end")
# How the runner of collections says that an assertion was never made.
SCRIPT_ENDED = "the script of this request ended in an error"


@dataclass(frozen=True)
class Observation:
    """What one suite saw of one backend: ids of the claims that held and of those that did not, once.

    A claim that was not reached is in neither. `rules` are the rules with a finding: those of the verifiers, and N+1.
    `void` says why our own side failed; nothing else is then to be read.
    """

    passed: frozenset[str] = frozenset()
    failed: frozenset[str] = frozenset()
    rules: frozenset[str] = frozenset()
    void: str = ""

    def to_json(self) -> dict[str, Any]:
        """Plain JSON values; `from_json` reads them."""
        return {
            "passed": sorted(self.passed),
            "failed": sorted(self.failed),
            "rules": sorted(self.rules),
            "void": self.void,
        }

    @staticmethod
    def from_json(document: Mapping[str, Any]) -> Observation:
        """The observation written by `to_json`; raises KeyError on another shape."""
        return Observation(
            frozenset(document["passed"]),
            frozenset(document["failed"]),
            frozenset(document["rules"]),
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
class Judging:
    """A suite that the evaluation runs as the contract of a task: a pack by its name or folder.

    `fingerprint` is a hash of everything that decides. `judge` stands in for the evaluation in tests.
    """

    name: str
    contract: str
    fingerprint: str
    sandbox: str | None = None
    judge: Judge | None = None

    def observe(self, files: Mapping[str, bytes], task: Task) -> Observation:
        task = replace(task, contract=self.contract)
        verdict = self.judge(files, task) if self.judge else evaluate(files, task, sandbox=self.sandbox)
        return observation_of(verdict)


@dataclass(frozen=True)
class Structure:
    """The part of our suite that a fault of structure can show to: the verifiers. Nothing is started for it."""

    name: str = OURS

    @property
    def fingerprint(self) -> str:
        return hash_of_sources("verifiers")

    def observe(self, files: Mapping[str, bytes], task: Task) -> Observation:
        findings, _ = verify_files(files, task)
        return Observation(rules=frozenset(finding.rule for finding in findings))


def ours(sandbox: str | None = None, judge: Judge | None = None) -> Judging:
    """Our contract suite, and the verifiers."""
    deciding = ("contract", "verifiers", "evaluate.py", "observation.py", "health.py", "n_plus_one.py")
    elsewhere = ("contract/postman", "contract/from_openapi", *(f"contract/{pack}" for pack in known_packs()))
    fingerprint = hash_of_sources(*deciding, without=[name for name in elsewhere if name != OUR_PACK])
    return Judging(OURS, BENCHMARK_CONTRACT, fingerprint, sandbox, judge)


def published(collection: Path, sandbox: str | None = None, judge: Judge | None = None) -> Judging:
    """A Postman collection, run by newman with the variables that the benchmark gives it.

    Raises BadInput where the file holds none.
    """
    content = _content(collection)
    folder = _pack(PUBLISHED_MANIFEST, content)
    collection_of(folder)
    fingerprint = hash_of_sources(*RUNNER, "contract/postman", "newman", also=PUBLISHED_MANIFEST.encode() + content)
    return Judging(PUBLISHED, str(folder), fingerprint, sandbox, judge)


def schemathesis(sandbox: str | None = None, judge: Judge | None = None) -> Judging:
    """What schemathesis makes of our OpenAPI document, with an account of its own to ask with."""
    content = (ROOT / DOCUMENT).read_bytes()
    folder = _pack(SCHEMATHESIS_MANIFEST, content)
    version = installed_version("schemathesis").encode()
    fingerprint = hash_of_sources(
        *RUNNER, "contract/from_openapi", also=version + SCHEMATHESIS_MANIFEST.encode() + content
    )
    return Judging(SCHEMATHESIS, str(folder), fingerprint, sandbox, judge)


def _content(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except OSError as error:
        raise BadInput(f"The collection “{file}” cannot be read: {error.strerror}.") from error


def _pack(manifest: str, content: bytes) -> Path:
    """The folder of a pack in the cache, by what it holds; made where it is not there yet."""
    key = hashlib.sha256(manifest.encode() + b"\0" + content).hexdigest()[:32]
    folder = cache_root() / "packs" / key
    if not folder.is_dir():
        with atomic_folder(folder) as building:
            (building / "pack.toml").write_text(manifest, encoding="utf-8")
            (building / PACK_FILE).write_bytes(content)
    return folder


def observation_of(verdict: Verdict) -> Observation:
    """What a verdict says about each claim.

    A suite of others that did not come to its end says nothing about what it did not try: that is void. An assertion of
    a collection whose script ended in an error vanishes from the benchmark's report, and so it is in
    neither set here.
    """
    if verdict.summary.void:
        return Observation(void=verdict.summary.void_reason)
    for check in verdict.checks:
        if check.id == ANSWERS and check.received.startswith(NOT_FINISHED):
            return Observation(void=check.received)
    counted = [
        check
        for check in verdict.checks
        if check.basis in COUNTED_BASES and not check.received.startswith(SCRIPT_ENDED)
    ]
    return Observation(
        passed=frozenset(check.id for check in counted if check.outcome == "passed"),
        failed=frozenset(check.id for check in counted if check.outcome == "failed"),
        rules=frozenset(finding.rule for finding in verdict.findings),
    )


def hash_of_sources(*names: str, without: Collection[str] = (), also: bytes = b"") -> str:
    """A hash over files and folders of the evaluator by their names below it, without some folders, and over bytes."""
    digest = hashlib.sha256(also)
    left_out = {ROOT / name for name in without}
    for name in names:
        path = ROOT / name
        for file in sorted(path.rglob("*")) if path.is_dir() else [path]:
            if file.suffix in SOURCES and file.is_file() and left_out.isdisjoint(file.parents):
                digest.update(f"{file.relative_to(ROOT)}\0".encode() + file.read_bytes() + b"\0")
    return digest.hexdigest()
