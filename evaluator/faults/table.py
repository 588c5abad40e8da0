"""The trials as tables for a terminal and for docs/seeded-faults.md (Markdown), and as JSON."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any

from evaluator.faults.catalogue import Fault
from evaluator.faults.mutate import Trial
from evaluator.faults.suites import OURS, SUITE_NAMES


def table_of(trials: Sequence[Trial]) -> str:
    """A row per fault: what it is, what it takes to see it, and what each suite made of it; Markdown."""
    return "\n".join(_rows(trials))


def totals_of(trials: Sequence[Trial]) -> str:
    """Killed of judged per suite: all behavioural faults, all structural ones, by category, by visibility; Markdown."""
    return "\n".join(_totals(trials))


def originals_of(trials: Sequence[Trial]) -> str:
    """What the originals fail of our suite without any fault in them, in any of their runs; Markdown."""
    rows = {trial.fault.backend: trial for trial in trials if trial.suite == OURS and trial.outcome != "void"}
    lines = [_row("original", "level", "fails itself"), _row("---", "---", "---")]
    for backend, trial in sorted(rows.items()):
        lines.append(_row(backend, f"L{trial.fault.task.level}", ", ".join(trial.failing_anyway) or "nothing"))
    return "\n".join(lines) if rows else ""


def document_of(trials: Sequence[Trial]) -> list[dict[str, Any]]:
    """The trials as plain JSON values."""
    return [
        {
            "fault": trial.fault.id,
            "title": trial.fault.title,
            "backend": trial.fault.backend,
            "category": trial.fault.category.name,
            "visible_with": trial.fault.visible_with,
            "structural": trial.fault.structural,
            "expected": list(trial.fault.expected),
            "suite": trial.suite,
            "outcome": trial.outcome,
            "killed_by": list(trial.killed_by),
            "as_expected": trial.as_expected,
            "failing_anyway": list(trial.failing_anyway),
            "reason": trial.reason,
        }
        for trial in trials
    ]


def _rows(trials: Sequence[Trial]) -> Iterator[str]:
    by_place = {(trial.fault.id, trial.suite): trial for trial in trials}
    yield _row("fault", "category", "visible with", *SUITE_NAMES)
    yield _row(*["---"] * (3 + len(SUITE_NAMES)))
    for fault in _faults(trials):
        cells = [_cell(by_place.get((fault.id, suite))) for suite in SUITE_NAMES]
        yield _row(fault.id, fault.category.name, fault.visible_with, *cells)


def _cell(trial: Trial | None) -> str:
    if trial is None:
        return "–"
    if trial.outcome != "killed":
        return trial.outcome
    more = f" +{len(trial.killed_by) - 1}" if len(trial.killed_by) > 1 else ""
    return f"killed by {trial.killed_by[0]}{more}"


def _totals(trials: Sequence[Trial]) -> Iterator[str]:
    faults = _faults(trials)
    behavioural = [fault for fault in faults if not fault.structural]
    yield _row("faults", "number", *SUITE_NAMES)
    yield _row(*["---"] * (2 + len(SUITE_NAMES)))
    yield from _line("all that behave wrongly", behavioural, trials)
    yield from _line("all against the structure", [fault for fault in faults if fault.structural], trials)
    yield from _grouped(faults, trials, lambda fault: fault.category.title)
    yield from _grouped(behavioural, trials, lambda fault: f"visible with {fault.visible_with}")


def _grouped(faults: Iterable[Fault], trials: Sequence[Trial], name: Callable[[Fault], str]) -> Iterator[str]:
    groups: dict[str, list[Fault]] = {}
    for fault in faults:
        groups.setdefault(name(fault), []).append(fault)
    for group, members in sorted(groups.items()):
        yield from _line(group, members, trials)


def _line(name: str, faults: Sequence[Fault], trials: Sequence[Trial]) -> Iterator[str]:
    ids = {fault.id for fault in faults}
    if ids:
        among = [trial for trial in trials if trial.fault.id in ids]
        yield _row(
            name, str(len(ids)), *(_share([one for one in among if one.suite == suite]) for suite in SUITE_NAMES)
        )


def _share(trials: Sequence[Trial]) -> str:
    """Killed of those judged; void trials are said apart and never counted."""
    judged = [trial for trial in trials if trial.outcome in ("killed", "survived")]
    void = sum(trial.outcome == "void" for trial in trials)
    if not judged:
        return f"{void} void" if void else trials[0].outcome if trials else "–"
    killed = sum(trial.outcome == "killed" for trial in judged)
    return f"{killed} of {len(judged)} ({killed / len(judged):.0%})" + (f", {void} void" if void else "")


def _row(*cells: str) -> str:
    return f"| {' | '.join(cells)} |"


def _faults(trials: Iterable[Trial]) -> list[Fault]:
    return list({trial.fault.id: trial.fault for trial in trials}.values())
