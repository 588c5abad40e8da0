"""Tables: comparing long files, cold, warm and hostile; replaying a long log."""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from typing import Any

from annotations import diff_cells, diffs, highlighting, log_json, passages, word_marks
from annotations.diffs import render_diff
from annotations.effort import stretches
from annotations.incidents import incidents
from annotations.keyframes import Keyframes, keyframes
from annotations.moments import decode_moments
from annotations.timeline import SessionClock, draw_timeline
from tests.bench.recorded_pages import recorded_pages
from tests.bench.rounds import middle, p95
from tests.bench.table import Table

WARM_ROUNDS, COLD_ROUNDS = 20, 3
ENTRIES = 100_000
LINES = 10_000


def recorded() -> Iterator[Table]:
    """Comparison and replay, one after the other in one process; then the pages that show them."""
    yield _comparisons()
    yield _replays()
    yield recorded_pages()


def _comparisons() -> Table:
    table = Table(
        f"Comparison of {LINES:,}-line files, side by side",
        f"Cold: nothing remembered of earlier comparisons, {COLD_ROUNDS} rounds; warm: the same texts again, "
        f"{WARM_ROUNDS} rounds.",
        ("case", "ms cold, median / p95", "ms warm, median / p95", "kB of HTML", "note"),
    )
    for name, before, after in _cases():
        compare = partial(render_diff, before, after, path="a.py", mode="side")
        cold = [_timed(compare, prepare=_forget) for _ in range(COLD_ROUNDS)]
        warm = [_timed(compare) for _ in range(WARM_ROUNDS)]
        diff = compare()
        cells = [f"{1000 * middle(taken):.0f} / {1000 * p95(taken):.0f}" for taken in (cold, warm)]
        table.add(name, *cells, f"{len(diff.html) / 1000:,.0f}", diff.degraded_note or "–")
    return table


def _cases() -> Iterator[tuple[str, str, str]]:
    functions = [f"def function_{n}(value):\n    return value + {n}  # line {n}" for n in range(LINES // 2)]
    before = "\n".join(functions)
    chosen = random.Random(1)
    edited = [line.replace("value", "other") if chosen.random() < 0.01 else line for line in functions]
    yield "realistic: one function in a hundred changed", before, "\n".join(edited)
    every_seventh = [line.replace("value", "other") if n % 7 == 0 else line for n, line in enumerate(functions)]
    yield "every seventh function changed", before, "\n".join(every_seventh)
    yield "everything rewritten", before, "\n".join(f"class Other{n}:\n    name = '{n}'" for n in range(LINES // 2))
    yield "hostile: x against x, y, x, y …", "x\n" * LINES, "x\ny\n" * (LINES // 2)
    alternating = ["".join(f"x\n{side}{n}\n" for n in range(LINES // 2)) for side in "uv"]
    yield "hostile: every other line the same", *alternating
    yield "hostile: brackets only", ("(" * 39 + "\n") * LINES, (")" * 39 + "\n") * LINES


def _replays() -> Table:
    table = Table(
        f"Replay of {ENTRIES:,} entries",
        f"Three quarters of them edits of one file, in batches of 500; medians of {COLD_ROUNDS}.",
        ("step", "ms"),
    )
    batches = [log_json.encode(batch) for batch in _batches()]
    moments = _moments(batches)
    generated = {"app.py": b"x" * 2_000}
    clock = SessionClock(stretches(moments, idle_limit_seconds=120))
    steps: list[tuple[str, Callable[[], Any]]] = [
        ("from the stored batches to the files, with a keyframe every 2,000", lambda: _replayed(generated, batches)),
        ("reading the times from the stored batches", lambda: _moments(batches)),
        ("what was done when", lambda: stretches(moments, idle_limit_seconds=120)),
        ("incidents", lambda: incidents(moments, idle_limit_seconds=120)),
        ("drawing the timeline", lambda: draw_timeline(clock, clock.times, [], [])),
    ]
    for name, work in steps:
        table.add(name, f"{1000 * middle([_timed(work) for _ in range(COLD_ROUNDS)]):.0f}")
    return table


def _replayed(generated: dict[str, bytes], batches: list[bytes]) -> Keyframes:
    return keyframes(generated, (event for batch in batches for event in log_json.decode(batch)))


def _moments(batches: list[bytes]) -> list[Mapping[str, Any]]:
    return [moment for batch in batches for moment in decode_moments(batch)]


def _batches() -> Iterator[list[dict[str, Any]]]:
    length, batch = 2_000, []
    for seq in range(1, ENTRIES + 1):
        event: dict[str, Any] = {"seq": seq, "at": 200 * seq, "mono": 200 * seq, "page": "p", "path": "app.py"}
        if seq % 4:
            event |= {"kind": "edit", "changes": [1_000, [0, "y"], length - 1_000], "user": "input.type"}
            length += 1
        else:
            event |= {"kind": "selected", "head": seq % 1_000}
        batch.append(event)
        if len(batch) == 500:
            yield batch
            batch = []


def _forget() -> None:
    """Let the modules of a comparison know no more than in a process that has shown none."""
    for module in (diff_cells, diffs, highlighting, passages, word_marks):
        for remembered in vars(module).values():
            if hasattr(remembered, "cache_clear"):
                remembered.cache_clear()


def _timed(work: Callable[[], object], *, prepare: Callable[[], object] | None = None) -> float:
    if prepare is not None:
        prepare()
    begun = time.perf_counter()
    work()
    return time.perf_counter() - begun
