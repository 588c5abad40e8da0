"""Tables: from an edit to its verdict with everything warm, and where each millisecond of that goes."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from evaluator.batch import Backend
from evaluator.evaluate import evaluate
from evaluator.files import read_tree
from evaluator.observation import Progress
from evaluator.verdict import COUNTED_BASES, Verdict
from tests.bench.corpus import source, working_backends
from tests.bench.prewarmed import prewarmed
from tests.bench.rounds import middle, p95, rounds, seconds
from tests.bench.stopwatch import Stopwatch
from tests.bench.table import Table

MOST_ROUNDS = 5
LIMIT_SECONDS = 240.0
# Looked at first where nothing was red the time before.
ANY_CHECK = "tags.list.shape"
COMMENTS = {".py": b"# edit %d\n", ".js": b"// edit %d\n", ".ts": b"// edit %d\n", ".mjs": b"// edit %d\n"}


@dataclass(frozen=True)
class Seconds:
    """One evaluation from the request on: three moments, then how long each piece took. All in seconds."""

    first_red: float
    first_verdict: float
    complete: float
    prepare: float
    launch: float
    own_start: float
    serving: float
    between: float
    restart: float
    after: float

    @property
    def ours(self) -> float:
        """Everything but the backend's own start, restart and serving."""
        return self.complete - self.own_start - self.restart - self.serving


@dataclass
class Subject:
    """A backend with what was red the last time, and what was measured so far."""

    backend: Backend
    files: Mapping[str, bytes]
    red: tuple[str, ...]
    taken: list[Seconds] = field(default_factory=list)


def verdicts() -> Iterator[Table]:
    """Each backend is edited and judged, in rounds over all of them."""
    subjects = [_subject(backend) for backend in working_backends()]
    for number in rounds(MOST_ROUNDS, LIMIT_SECONDS):
        for subject in subjects:
            subject.taken.append(_judged(subject, number))
    yield _moments(subjects)
    yield _pieces(subjects)


def _subject(backend: Backend) -> Subject:
    """The backend judged once, which also makes its environment."""
    files = read_tree(backend.folder)
    verdict = evaluate(files, backend.task)
    red = tuple(check.id for check in verdict.checks if check.outcome == "failed" and check.basis in COUNTED_BASES)
    return Subject(backend, files, red or (ANY_CHECK,))


def _judged(subject: Subject, number: int) -> Seconds:
    """One edit and its verdict; the sandbox that waits for it was started before, as after any run."""
    files = _edited(subject.files, number)
    with prewarmed(subject.backend) as sandbox:
        watch = Stopwatch(sandbox)
        first_red: list[float] = []

        def tell(progress: Progress) -> None:
            if progress.check in subject.red:
                first_red.append(time.monotonic() - asked)

        asked = time.monotonic()
        verdict = evaluate(files, subject.backend.task, sandbox=watch, first=subject.red, on_progress=tell)
        complete = time.monotonic() - asked
    return _taken(verdict, watch, first_red[0] if first_red else complete, complete)


def _edited(files: Mapping[str, bytes], number: int) -> dict[str, bytes]:
    """One file with a comment more: an edit that changes nothing but the content."""
    name = next(name for name in files if name.endswith(tuple(COMMENTS)))
    comment = COMMENTS[f".{name.rpartition('.')[2]}"] % number
    return {**files, name: files[name] + b"\n" + comment}


def _taken(verdict: Verdict, watch: Stopwatch, first_red: float, complete: float) -> Seconds:
    timings, measures = verdict.timings, verdict.measures
    ready = measures.ready_seconds or 0.0
    judging = timings["contract"] + timings["restart"]
    return Seconds(
        first_red=first_red,
        first_verdict=timings.get("first_verdict", complete),
        complete=complete,
        prepare=timings["prepare"],
        launch=timings["start"] - ready + watch.launch_seconds,
        own_start=ready - watch.launch_seconds,
        serving=measures.serving_seconds,
        between=judging - timings["ready_again"] - measures.serving_seconds,
        restart=timings["ready_again"],
        after=complete - timings["prepare"] - timings["start"] - judging,
    )


def _moments(subjects: list[Subject]) -> Table:
    table = Table(
        "From an edit to its verdict",
        f"Seconds from the request, median / 95th percentile of {len(subjects[0].taken)} edits each of {source()}, in "
        "rounds; environments and sandboxes warm. First red: the first of the checks that were red the last time is "
        "answered. Complete: with the checks after a restart, where the task demands a database. Ours is everything "
        "but the backend's own start, restart and serving (at least one request under way).",
        ("backend", "level", "first red", "first verdict", "complete", "backend's own", "ours", "our share"),
    )
    for subject in subjects:
        table.add(subject.backend.name, f"L{subject.backend.task.level}", *_row(subject.taken))
    table.add("**all**", "", *_row([taken for subject in subjects for taken in subject.taken]))
    shares = [one.ours / one.complete for subject in subjects for one in subject.taken]
    table.note = (
        f"Our share over all edits: median {middle(shares):.0%}, 95th percentile {p95(shares):.0%}. "
        f"The first verdict within 2 s: {_within(subjects, 2.0)} of {len(subjects)} backends by their medians."
    )
    return table


def _row(taken: list[Seconds]) -> tuple[str, ...]:
    floor = middle(one.complete - one.ours for one in taken)
    return (
        seconds(one.first_red for one in taken),
        seconds(one.first_verdict for one in taken),
        seconds(one.complete for one in taken),
        f"{floor:.2f}",
        f"{middle(one.ours for one in taken):.2f}",
        f"{middle(one.ours / one.complete for one in taken):.0%}",
    )


def _within(subjects: list[Subject], limit: float) -> int:
    return sum(middle(one.first_verdict for one in subject.taken) <= limit for subject in subjects)


def _pieces(subjects: list[Subject]) -> Table:
    table = Table(
        "Where every millisecond goes",
        f"Milliseconds, medians of the same {len(subjects[0].taken)} edits each. Ours: finding the environment; "
        "database and launch; gaps between requests; what follows the last answer (ending the sandbox, dropping the "
        "database, waiting for the verifiers, the verdict). The backend's, in italics: start, serving, restart.",
        ("backend", "prepare", "launch", "*start*", "*serving*", "gaps", "*restart*", "after"),
    )
    names = ("prepare", "launch", "own_start", "serving", "between", "restart", "after")
    for subject in subjects:
        cells = (f"{1000 * middle(getattr(one, name) for one in subject.taken):.0f}" for name in names)
        table.add(subject.backend.name, *cells)
    return table
