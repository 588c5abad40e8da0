"""The history of a session: its timeline, its ledger, its incidents, and what a player needs to show any moment."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from annotations.access import runs_of_session
from annotations.documents import open_document
from annotations.event_log import closed_on_the_browsers_clock
from annotations.incidents import Incident, incidents
from annotations.judgements import standing_labels
from annotations.keyframes import ENTRIES_A_CHUNK, chunk
from annotations.ledger import CHANGES, JudgedRun, LedgerRow, ledger
from annotations.ledger_titles import causes_of, title_of
from annotations.models import RepairSession
from annotations.recordings import recording_of
from annotations.timeline import LOOKS, RunMark, SessionClock, clock_text, draw_timeline
from evaluator.verdict import COUNTED_BASES
from runs.models import CheckResult, Run, RunPurpose, RunState
from runs.panels import NamedRun, name_runs

MOST_TURNED_SHOWN = 40
LETTERS = {"passed": "p", "failed": "f", "not_reached": "n", "unstable": "u"}


@dataclass(frozen=True)
class ShownRow:
    """A row of the ledger as the page shows it, at `clock` of the session; sentences of checks instead of their ids.

    `causes` are the root causes that people named for what it fixed.
    """

    row: LedgerRow
    clock: str
    title: str
    causes: Sequence[str]
    fixed: Sequence[str]
    broken: Sequence[str]
    before_key: str

    @property
    def more_fixed(self) -> int:
        return len(self.row.fixed) - len(self.fixed)

    @property
    def more_broken(self) -> int:
        return len(self.row.broken) - len(self.broken)


@dataclass(frozen=True)
class ShownIncident:
    """An incident at `clock` of the session."""

    incident: Incident
    clock: str


class History:
    """The history of a session up to entry `through`. Replaying the log once and reading its times is all it costs."""

    def __init__(self, session: RepairSession, *, through: int | None = None) -> None:
        self.session = session
        self.through = session.accepted if through is None else min(through, session.accepted)
        self._recording = recording_of(session, through=self.through)
        self.frames, self.events = self._recording.frames, self._recording.moments

    @property
    def hash_agrees(self) -> bool:
        """The browser told its hash at least once, and always that of the replayed log."""
        told = [request.digest_matches for request in self.session.check_requests.all()]
        said = bool(told) or any(event["kind"] == "hash" for event in self.events)
        return said and all(told) and not self.frames.mismatches

    @cached_property
    def clock(self) -> SessionClock:
        idle = self.session.assignment.backend.study.idle_limit_seconds
        whole = self.through == self.session.accepted and not self.frames.broken
        closed_at = closed_on_the_browsers_clock(self.session) if whole else None
        return self._recording.clock(idle_limit_seconds=idle, closed_at=closed_at)

    @cached_property
    def runs(self) -> list[NamedRun]:
        """The verdict over the generated code that counted, then the runs asked for."""
        named = name_runs(runs_of_session(self.session))
        baselines = [one for one in named if one.run.purpose == RunPurpose.BASELINE]
        finished = [one for one in baselines if one.run.state == RunState.FINISHED]
        return [*(finished or baselines)[-1:], *(one for one in named if one.run.purpose != RunPurpose.BASELINE)]

    @cached_property
    def requests(self) -> dict[int, int]:
        """Run → last entry in force when it was asked for."""
        return dict(self.session.check_requests.values_list("run_id", "through"))

    @cached_property
    def outcomes(self) -> dict[int, dict[str, str]]:
        """Run → check → outcome, of counted checks of finished runs."""
        found: dict[int, dict[str, str]] = {}
        results = CheckResult.objects.filter(
            run__in=[one.run.pk for one in self.runs if one.run.state == RunState.FINISHED], basis__in=COUNTED_BASES
        )
        for run, check, outcome in results.values_list("run_id", "check_id", "outcome").order_by("run_id", "position"):
            found.setdefault(run, {})[check] = outcome
        return found

    @cached_property
    def titles(self) -> dict[str, str]:
        """Check → its sentence, in the order of the catalogue."""
        results = CheckResult.objects.filter(run__in=list(self.outcomes), basis__in=COUNTED_BASES)
        return dict(results.order_by("run_id", "position").values_list("check_id", "title"))

    @cached_property
    def ledger(self) -> list[ShownRow]:
        judged = [
            JudgedRun(one.run.pk, one.name, self.requests[one.run.pk], one.run.state, self.outcomes.get(one.run.pk))
            for one in self.runs
            if one.run.pk in self.requests
        ]
        baseline = next((one.run.pk for one in self.runs if one.run.purpose == RunPurpose.BASELINE), 0)
        rows = ledger(
            self.events,
            judged,
            generated=self.outcomes.get(baseline),
            stretches=self.clock.stretches,
        )
        labels = standing_labels(self.session)
        shown, before = [], "generated"
        for row in rows:
            fixed, broken = (
                [self.titles.get(check, check) for check in turned[:MOST_TURNED_SHOWN]]
                for turned in (row.fixed, row.broken)
            )
            clock, title = clock_text(self.seconds_at(row.first)), title_of(row, self.titles)
            shown.append(ShownRow(row, clock, title, causes_of(row, labels), fixed, broken, before))
            before = f"run-{row.run.run_id}" if row.run else before
        return shown

    @cached_property
    def incidents(self) -> list[ShownIncident]:
        wrong = [request.through for request in self.session.check_requests.all() if not request.digest_matches]
        found = incidents(
            self.events,
            idle_limit_seconds=self.session.assignment.backend.study.idle_limit_seconds,
            mismatches=[*self.frames.mismatches, *wrong],
            broken=(self.frames.broken_at, self.frames.broken) if self.frames.broken else None,
        )
        return [ShownIncident(incident, clock_text(self.seconds_at(incident.seq))) for incident in found]

    @property
    def timeline(self) -> str:
        """The drawing, as SVG of our own making."""
        times = self.clock.times
        edits = [times[index] for index, event in enumerate(self.events) if event["kind"] in CHANGES]
        marks = [self.seconds_at(shown.incident.seq) for shown in self.incidents if shown.incident.kind != "gap"]
        runs = [
            RunMark(one.name, self._verdict_seconds(one.run), one.run.passed, one.run.checks, one.run.state == "void")
            for one in self.runs
            if one.run.state in (RunState.FINISHED, RunState.VOID)
        ]
        return draw_timeline(self.clock, edits, runs, marks)

    @property
    def parts(self) -> list[tuple[str, str, str]]:
        """Look, word and clock of each activity, for the legend."""
        seconds: dict[str, float] = dict.fromkeys(LOOKS, 0.0)
        for stretch in self.clock.stretches:
            seconds[stretch.activity] += stretch.seconds
        return [(LOOKS[activity], activity, clock_text(total)) for activity, total in seconds.items()]

    @property
    def turned(self) -> dict[str, int]:
        """The ledger in numbers: repairs that turned something, checks fixed and broken, edits that turned nothing."""
        rows = [shown.row for shown in self.ledger]
        return {
            "repairs": sum(bool(row.fixed) for row in rows),
            "fixed": sum(len(row.fixed) for row in rows),
            "broken": sum(len(row.broken) for row in rows),
            "idle": sum(row.turned_nothing for row in rows),
        }

    def seconds_at(self, seq: int) -> float:
        """The session clock at an entry."""
        return self.clock.at(bisect_left(self._numbers, seq))

    def steps(self) -> dict[str, Any]:
        """All a player needs at first: when each entry was, of which kind, the generated texts, the runs."""
        kinds = sorted({event["kind"] for event in self.events})
        numbers = {kind: number for number, kind in enumerate(kinds)}
        checks = list(self.titles)
        return {
            "first": self.events[0]["seq"] if self.events else 1,
            "tenths": [round(10 * time) for time in self.clock.times[: len(self.events)]],
            "total": round(10 * self.clock.total),
            "kinds": kinds,
            "kind_of": [numbers[event["kind"]] for event in self.events],
            "chunk": ENTRIES_A_CHUNK,
            "generated": _texts(self.session.generated.files()),
            "checks": [self.titles[check] for check in checks],
            "runs": [
                {
                    "name": one.name,
                    "state": one.run.state,
                    "tenths": round(10 * self._verdict_seconds(one.run)),
                    "passed": one.run.passed,
                    "of": one.run.checks,
                    "outcomes": "".join(
                        LETTERS.get(self.outcomes.get(one.run.pk, {}).get(check, ""), "-") for check in checks
                    ),
                }
                for one in self.runs
            ],
        }

    def _verdict_seconds(self, run: Run) -> float:
        """When its verdict came onto the screen; without such an entry, when it was asked for."""
        if run.purpose == RunPurpose.BASELINE:
            return 0.0
        return self.clock.at(self._seen.get(run.pk, bisect_right(self._numbers, self.requests.get(run.pk, 0))))

    @cached_property
    def _numbers(self) -> list[int]:
        return [event["seq"] for event in self.events]

    @cached_property
    def _seen(self) -> dict[int, int]:
        """Run → index of the entry that says its verdict was seen."""
        seen: dict[int, int] = {}
        for index, event in enumerate(self.events):
            if event["kind"] == "run.seen":
                seen.setdefault(event["run"], index)
        return seen


def chunk_of(session: RepairSession, number: int, *, through: int) -> dict[str, Any]:
    """The files at the start of a chunk and its entries. Raises IndexError where there is no such chunk."""
    frames = recording_of(session, through=min(through, session.accepted)).frames
    if number < 0:
        raise IndexError(number)
    frame = frames.frames[number]
    first = number * ENTRIES_A_CHUNK
    count = min(ENTRIES_A_CHUNK, frames.entries - first)
    # Entries are numbered from 1 without a gap, so the index of an entry is its number less one.
    batches = session.batches.filter(first__lte=first + count, last__gt=first)
    events = [event for batch in batches for event in batch.entries() if first < event["seq"] <= first + count]
    return {"texts": frame.texts, "gone": frame.gone, "shown": frame.shown, "events": chunk(events, 0)}


def _texts(files: Mapping[str, bytes]) -> dict[str, str | None]:
    documents = {path: open_document(content) for path, content in files.items()}
    return {path: document.text if document else None for path, document in documents.items()}
