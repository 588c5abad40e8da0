"""Table: what the structural verifiers cost, in CPU, and how that grows from one backend to 50,000 lines."""

from __future__ import annotations

import ast
import time
from collections.abc import Callable, Iterator, Mapping

import tree_sitter
import tree_sitter_javascript

from evaluator.files import read_tree
from evaluator.tasks import CONSTRAINTS
from evaluator.verifiers import verify_constraints
from tests.bench.corpus import source, working_backends
from tests.bench.rounds import middle, rounds
from tests.bench.table import Table

DEMANDED = [CONSTRAINTS[value] for value in ("clean_architecture", "postgres", "sqlalchemy", "sequelize")]
SOURCES = (".py", ".js", ".ts", ".mjs", ".cjs")
MOST_ROUNDS = 5
LIMIT_SECONDS = 90.0
LARGE_LINES = 50_000
# What is asked of the verifiers, in seconds: of 1,500 lines warm, and of 50,000.
LIMITS = (0.3, 5.0)

Files = Mapping[str, bytes]


def structure() -> Iterator[Table]:
    """Verifiers beside the mere parsing of the same files, which no verifier can do without."""
    backends = [read_tree(backend.folder) for backend in working_backends()]
    subjects = [
        ("the backend of most lines", max(backends, key=_lines)),
        ("10,000 lines", multiplied(backends, 10_000)),
        ("50,000 lines", multiplied(backends, LARGE_LINES)),
    ]
    taken: list[list[tuple[float, float]]] = [[] for _ in subjects]
    for _ in rounds(MOST_ROUNDS, LIMIT_SECONDS):
        for measured, (_, files) in zip(taken, subjects, strict=True):
            measured.append((_cpu(_verify, files), _cpu(_parse, files)))
    yield _table(subjects, taken)


def _table(subjects: list[tuple[str, Files]], taken: list[list[tuple[float, float]]]) -> Table:
    table = Table(
        "Structural verifiers",
        f"Milliseconds of CPU, medians of {len(taken[0])} interleaved rounds, all rules of architecture, database and "
        f"both ORMs at once. Large projects are {source()}, side by side as often as it takes.",
        ("project", "files", "lines", "CPU ms", "per 1,000 lines", "parsing alone", "times parsing"),
    )
    for (name, files), measured in zip(subjects, taken, strict=True):
        verified, parsed = (middle(one[column] for one in measured) for column in (0, 1))
        lines = _lines(files)
        table.add(
            name,
            len(files),
            f"{lines:,}",
            f"{1000 * verified:.0f}",
            f"{1_000_000 * verified / lines:.0f}",
            f"{1000 * parsed:.0f}",
            f"{verified / parsed:.1f}",
        )
    table.note = f"Asked: {1000 * LIMITS[0]:.0f} ms for 1,500 lines, {LIMITS[1]:.0f} s for {LARGE_LINES:,}."
    return table


def multiplied(backends: list[dict[str, bytes]], lines: int) -> dict[str, bytes]:
    """A project of at least so many lines: the sources of backends, each in a folder of its own."""
    files: dict[str, bytes] = {"run.sh": b"python main.py\nnode index.js\n"}
    told = number = 0
    while told < lines:
        taken = backends[number % len(backends)]
        files |= {f"part{number}/{path}": content for path, content in taken.items() if path.endswith(SOURCES)}
        told += _lines(taken)
        number += 1
    return files


def _lines(files: Files) -> int:
    return sum(content.count(b"\n") for path, content in files.items() if path.endswith(SOURCES))


def _parse(files: Files) -> None:
    parser = tree_sitter.Parser(tree_sitter.Language(tree_sitter_javascript.language()))
    for path, content in files.items():
        if path.endswith(".py"):
            ast.parse(content)
        elif path.endswith(SOURCES):
            parser.parse(content)


def _verify(files: Files) -> None:
    verify_constraints(files, DEMANDED)


def _cpu(work: Callable[[Files], None], files: Files) -> float:
    begun = time.process_time()
    work(files)
    return time.process_time() - begun
