"""Table: how many backends a batch judges a minute, what it costs, and what our own processes weigh."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from tests.bench.corpus import ROOT, source, working_backends
from tests.bench.processes import watch_costs
from tests.bench.table import Table

WORKERS = (1, 2, 3)


def batches(workers: tuple[int, ...] = WORKERS) -> Iterator[Table]:
    """One batch over every working backend per number of workers; the environments are made before."""
    table = Table(
        "Batch",
        f"`python -m evaluator batch` over {source()}, environments prepared. Memory is the sum of the peaks (VmHWM) "
        "of our processes, and the peak of their sum where shared pages count once (PSS). CPU seconds are per verdict: "
        "ours, and those of all that we started except PostgreSQL.",
        (
            "at a time",
            "verdicts",
            "a minute",
            "our memory, MB",
            "shared once, MB",
            "our CPU s",
            "backends' CPU s",
            "void",
        ),
    )
    with tempfile.TemporaryDirectory() as folder:
        backends = Path(folder, "backends")
        for backend in working_backends():
            shutil.copytree(backend.folder, backends / backend.name)
        for number in workers:
            table.add(number, *_batch(backends, Path(folder, "verdicts.json"), number))
    yield table


def _batch(backends: Path, file: Path, workers: int) -> tuple[object, ...]:
    command = [sys.executable, "-m", "evaluator", "batch", str(backends), "--again", "--json", str(file)]
    started = time.monotonic()
    process = subprocess.Popen(
        [*command, "--jobs", str(workers)], cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True
    )
    with watch_costs(process.pid) as costs:
        _, told = process.communicate()
    seconds = time.monotonic() - started
    count = len(os.listdir(backends))
    return (
        count,
        f"{60 * count / seconds:.1f}",
        f"{costs.evaluator_megabytes():.0f}",
        f"{costs.shared_once_megabytes():.0f}",
        f"{costs.evaluator_seconds() / count:.2f}",
        f"{costs.other_seconds() / count:.2f}",
        sum(" void " in line for line in told.splitlines()),
    )
