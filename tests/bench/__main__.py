"""`make bench`: where the time goes, as tables of one run on one machine. Nothing here passes or fails.

python -m tests.bench                    every table, to standard output
python -m tests.bench verdicts batch     some of them
python -m tests.bench --write FILE       every table, into the marked part of FILE (docs/performance.md)
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from tests.bench.batch import batches
from tests.bench.ingest import ingest
from tests.bench.keystrokes import keystrokes
from tests.bench.machine import commit, load, machine
from tests.bench.pieces import pieces
from tests.bench.recorded import recorded
from tests.bench.starts import starts
from tests.bench.structure import structure
from tests.bench.suites import suites
from tests.bench.symbols import symbols
from tests.bench.table import Table
from tests.bench.verdicts import verdicts

TABLES: dict[str, Callable[[], Iterator[Table]]] = {
    "suites": suites,
    "verdicts": verdicts,
    "starts": starts,
    "batch": batches,
    "pieces": pieces,
    "structure": structure,
    "recorded": recorded,
    "ingest": ingest,
    "keystrokes": keystrokes,
    "symbols": symbols,
}
BEGIN, END = "<!-- made by `make bench`: begin -->", "<!-- made by `make bench`: end -->"


def main() -> int:
    parser = argparse.ArgumentParser("python -m tests.bench", description="Measures; see docs/performance.md.")
    parser.add_argument("tables", nargs="*", metavar="TABLE", help=f"some of: {', '.join(TABLES)}; default: all")
    parser.add_argument("--write", metavar="FILE", type=Path, help="put the result between the marks in this file")
    chosen = parser.parse_args()
    unknown = set(chosen.tables) - TABLES.keys()
    if unknown:
        parser.error(f"there is no table {', '.join(sorted(unknown))}; there are {', '.join(TABLES)}")
    told = [f"Commit {commit()}; {machine()}."]
    print(told[0], flush=True)
    started = time.monotonic()
    for name in chosen.tables or TABLES:
        for table in _measured(name):
            told.append(table)
            print(f"\n{table}", flush=True)
    told.append(f"The whole took {(time.monotonic() - started) / 60:.0f} minutes.")
    if chosen.write:
        write_between_the_marks(chosen.write, "\n\n".join(told))
    return 0


def _measured(name: str) -> Iterator[str]:
    """The tables of one measurement as Markdown, each with the load of the machine around it."""
    before = load()
    for table in TABLES[name]():
        table.conditions = f"{table.conditions} Load of the machine: {before} before, {load()} after.".strip()
        yield table.markdown()


def write_between_the_marks(file: Path, text: str) -> None:
    """Replace what an earlier run has written there; raises SystemExit where the marks are missing."""
    before, begin, rest = file.read_text().partition(BEGIN)
    _, end, after = rest.partition(END)
    if not begin or not end:
        raise SystemExit(f"{file} lacks the marks {BEGIN} and {END}")
    file.write_text(f"{before}{BEGIN}\n\n{text}\n\n{END}{after}")


if __name__ == "__main__":
    sys.exit(main())
