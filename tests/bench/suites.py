"""Table: our suite and the published collection against the same running backends, in turns."""

from __future__ import annotations

from collections.abc import Iterator

from evaluator.batch import Backend
from evaluator.newman import installed_newman
from tests.bench.corpus import CORPUS, source, working_backends
from tests.bench.newman import Took, ours, published
from tests.bench.rounds import middle, rounds
from tests.bench.table import Table

COLLECTION = CORPUS.parent / "conduit" / "Conduit.postman_collection.json"
MOST_ROUNDS = 3
LIMIT_SECONDS = 330.0


def suites() -> Iterator[Table]:
    """newman and ours take turns on each backend, in rounds over all; each has a fresh start of the backend."""
    table = Table(
        "Our suite beside newman",
        "",
        (
            "backend",
            "newman, s",
            "ours, s",
            "ours / newman",
            "backend's CPU s, newman",
            "ours",
            "requests, newman",
            "ours",
        ),
    )
    if not COLLECTION.is_file():
        table.conditions = "Not measured: the published collection is not here."
        yield table
        return
    newman = installed_newman()
    taken: dict[Backend, list[tuple[Took, Took]]] = {backend: [] for backend in working_backends()}
    for _ in rounds(MOST_ROUNDS, LIMIT_SECONDS):
        for backend, turns in taken.items():
            turns.append((published(newman, COLLECTION, backend.folder), ours(backend.folder)))
    ratios = []
    count = len(taken[working_backends()[0]])
    for backend, turns in taken.items():
        theirs, own = middle(turn[0].seconds for turn in turns), middle(turn[1].seconds for turn in turns)
        ratios.append(own / theirs)
        table.add(
            backend.name,
            f"{theirs:.2f}",
            f"{own:.2f}",
            f"{own / theirs:.2f}",
            f"{middle(turn[0].processor_seconds for turn in turns):.2f}",
            f"{middle(turn[1].processor_seconds for turn in turns):.2f}",
            turns[0][0].requests,
            turns[0][1].requests,
        )
    table.conditions = (
        f"Against {source()}, started fresh in the sandbox for each suite, in turns; medians of {count}. newman as "
        "the benchmark runs it, with the start of its own program; ours without restart, as in a worker that has "
        "imported it."
    )
    table.note = f"Ours / newman: median {middle(ratios):.2f}, worst {max(ratios):.2f}."
    yield table
