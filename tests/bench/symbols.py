"""Tables: how far definitions and references of the workspace agree with jedi and TypeScript, and what each takes."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path
from statistics import median

from evaluator.batch import Backend, find_backends
from evaluator.environments import prepare_environment
from evaluator.files import read_tree
from tests.bench.corpus import CORPUS, DEMO
from tests.bench.table import Table
from tests.symbols.agreement import OUTCOMES, Agreement, compared
from tests.symbols.asked import Said
from tests.symbols.ours_says import built_index

REFERENCES_OF = 6  # one definition in so many is asked where it is used: that costs most
BESIDE = {"Python": "jedi", "JavaScript": "TypeScript"}
COLUMNS = {"ours": "ours only", "theirs": "theirs only", "neither": "neither", "guess": "guess, unknown"}


def symbols() -> Iterator[Table]:
    """Every identifier of every backend, asked of both; each backend's packages are there for theirs to look into."""
    backends, _ = find_backends(CORPUS if CORPUS.is_dir() else DEMO)
    found = _all_compared(backends)
    where = f"all {len(backends)} backends of the {'corpus' if CORPUS.is_dir() else 'demo'}"
    yield _definitions(found, where)
    yield _references(found)


def _all_compared(backends: tuple[Backend, ...]) -> dict[str, Agreement]:
    found: dict[str, Agreement] = {}
    with tempfile.TemporaryDirectory() as folder:
        program = built_index(Path(folder))
        for backend in backends:
            files = read_tree(backend.folder)
            environment = prepare_environment(files, backend.task)
            packages = None if environment.failed else environment.path
            for language, agreement in compared(files, program, packages, every=REFERENCES_OF).items():
                found.setdefault(language, Agreement()).add(agreement)
    return found


def _definitions(found: dict[str, Agreement], where: str) -> Table:
    table = Table(
        "Definitions of the workspace beside a language service",
        f"Every identifier of {where}; ours is the index in the browser. Among: ours offers several places, theirs is "
        "one of them. Itself: ours takes the asked place for the definition, theirs names another. Library: ours names "
        "a place in the project for what theirs knows to be a library's. A guess is told as one, and never gone to.",
        (
            "",
            "beside",
            "identifiers",
            *(COLUMNS.get(one, one) for one in OUTCOMES),
            "found",
            "wrong",
            "ms, ours",
            "theirs",
        ),
    )
    for language, agreement in found.items():
        counts = agreement.counts()
        times = [median(1000 * one.seconds for one in said) for said in _said(agreement)]
        table.add(
            language,
            BESIDE[language],
            f"{len(agreement.definitions):,}",
            *(f"{counts[one]:,}" for one in OUTCOMES),
            f"{agreement.right():.1%}",
            f"{agreement.wrong():.1%}",
            *(f"{one:.2f}" for one in times),
        )
    table.note = (
        "Found: of the identifiers that theirs places in the project, those that ours places there too. "
        "Wrong: of those that ours places and theirs knows, those with another place."
    )
    return table


def _said(agreement: Agreement) -> tuple[list[Said], list[Said]]:
    return [one.ours for one in agreement.definitions], [one.theirs for one in agreement.definitions]


def _references(found: dict[str, Agreement]) -> Table:
    table = Table(
        "References of the workspace beside a language service",
        f"Pairs of a definition and a place of its use, over one definition in {REFERENCES_OF}; guesses left out.",
        ("", "beside", "definitions", "both", "ours only", "theirs only", "shared", "ms, ours", "theirs"),
    )
    for language, agreement in found.items():
        pairs = agreement.references
        ours, theirs = (median(1000 * one[at] for one in agreement.references_seconds) for at in (0, 1))
        table.add(
            language,
            BESIDE[language],
            f"{len(agreement.references_seconds):,}",
            *(f"{pairs[one]:,}" for one in ("both", "ours", "theirs")),
            f"{agreement.shared_references():.1%}",
            f"{ours:.2f}",
            f"{theirs:.2f}",
        )
    return table
