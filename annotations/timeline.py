"""The drawing of a session over time: what was done, how much was edited, and the checks each run passed.

One SVG, drawn on the server, 1010 × 126 units; colours are classes of the style sheet. Away time is drawn short, so
that a night between two hours of work does not hide them. Pure: no Django, no I/O.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from html import escape
from itertools import groupby

from annotations.effort import Stretch

WIDTH, HEIGHT, LEFT, RIGHT = 1010, 126, 8.0, 1002.0
LONGEST_AWAY_DRAWN_SECONDS = 30.0
LOOKS = {"editing": "edit", "reading": "read", "waiting": "wait", "away": "away"}
WORDS = {"edit": "editing", "read": "reading", "wait": "waiting for a run", "away": "away"}
RANKS = {"edit": 0, "wait": 1, "read": 2, "away": 3}  # the first of several wins the one unit they share
TICKS_MINUTES = (0.5, 1, 2, 5, 10, 20, 30, 60, 120, 240)
NARROWEST_LABEL = 30.0


@dataclass(frozen=True)
class RunMark:
    """A verdict on the timeline: at `seconds` of the session clock. `passed` is None for a run without a verdict."""

    name: str
    seconds: float
    passed: int | None
    checks: int | None
    void: bool


class SessionClock:
    """Seconds since the first entry at each entry, with every stretch of being away cut to 30 s."""

    def __init__(self, stretches: Sequence[Stretch]) -> None:
        self.stretches = stretches
        self.times = [0.0]
        for stretch in stretches:
            self.times.append(self.times[-1] + _drawn(stretch))

    @property
    def total(self) -> float:
        return self.times[-1]

    def at(self, index: int) -> float:
        """The time of the entry with this index, counted from 0; of the last where there are fewer."""
        return self.times[max(0, min(index, len(self.times) - 1))]


def draw_timeline(clock: SessionClock, edits: Sequence[float], runs: Sequence[RunMark], marks: Sequence[float]) -> str:
    """The SVG. `edits` are the times of edits, `marks` those of incidents, in seconds of the session clock."""
    scale = (RIGHT - LEFT) / max(clock.total, 1.0)
    judged = [run for run in runs if run.passed is not None]
    said = "; ".join(f"{run.name}: {run.passed} of {run.checks}" for run in judged) or "no verdict yet"
    parts = [
        f'<svg viewBox="0 0 {WIDTH} {HEIGHT}" width="100%" height="130" role="img" '
        f'aria-label="Timeline of {clock.total / 60:.0f} minutes. Checks passed: {escape(said)}. Activity below.">',
        *_activity(clock, scale),
        *_density(edits, scale),
        *_verdicts(judged, scale),
        *(_void(run, scale) for run in runs if run.void),
        *(f'<path d="M{LEFT + at * scale:.1f} 92v18" class="s-unstable" stroke-width="2"/>' for at in marks[:200]),
        *_ticks(clock.total, scale),
        '<g id="now" transform="translate(8 0)"><path d="M0 4V108" class="s-accent" stroke-width="1.5"/>'
        '<rect x="-24" width="48" height="16" rx="4" class="f-accent"/>'
        '<text y="12" text-anchor="middle" class="now-text">0:00</text></g>',
        "</svg>",
    ]
    return "".join(parts)


def clock_text(seconds: float) -> str:
    """18:42, or 1:02:03 from an hour on."""
    whole = max(0, int(seconds))
    hours, minutes = divmod(whole // 60, 60)
    return f"{hours}:{minutes:02}:{whole % 60:02}" if hours else f"{minutes}:{whole % 60:02}"


def _drawn(stretch: Stretch) -> float:
    away = stretch.activity == "away"
    return min(stretch.seconds, LONGEST_AWAY_DRAWN_SECONDS) if away else stretch.seconds


def _activity(clock: SessionClock, scale: float) -> Iterator[str]:
    """What was done, unit by unit, so that a long log draws no more than a short one."""
    columns = [""] * (int(RIGHT - LEFT) + 1)
    real = [0.0] * len(columns)
    for start, end, stretch in zip(clock.times, clock.times[1:], clock.stretches, strict=False):
        look = LOOKS[stretch.activity]
        first, last = int(start * scale), int(end * scale)
        if look == "away":
            real[min((first + last) // 2, len(real) - 1)] += stretch.seconds
        if first == last and columns[min(first, len(columns) - 1)] == look:
            continue  # thousands of short stretches share a unit
        for column in range(first, min(last, len(columns) - 1) + 1):
            if not columns[column] or RANKS[look] < RANKS[columns[column]]:
                columns[column] = look
    position = 0
    for look, run in groupby(columns):
        width = len(list(run))
        if look:
            away = sum(real[position : position + width])
            title = f"<title>{WORDS[look]}{f', {clock_text(away)}' if look == 'away' and away else ''}</title>"
            shape = f'x="{LEFT + position:.0f}" y="96" width="{max(width - 0.8, 0.5):.1f}" height="10"'
            yield f'<rect class="f-{look}" {shape}>{title}</rect>'
        position += width


def _density(edits: Sequence[float], scale: float) -> Iterator[str]:
    """How many edits fell into each four units, as bars."""
    counts = Counter([int(at * scale / 4) for at in edits])
    most = max(counts.values(), default=1)
    for column, count in sorted(counts.items()):
        height = 2 + 14 * count / most
        x, y = LEFT + 4 * column, 88 - height
        yield f'<rect class="f-accent" x="{x:.0f}" y="{y:.1f}" width="2" height="{height:.1f}"/>'


def _verdicts(runs: Sequence[RunMark], scale: float) -> Iterator[str]:
    """Checks passed as a line of steps, each run a ring with its number."""
    if not runs:
        return
    passed = [run.passed or 0 for run in runs]
    low, high = min(passed), max(passed)
    points = [
        (LEFT + run.seconds * scale, 55 - 38 * (count - low) / max(high - low, 1))
        for run, count in zip(runs, passed, strict=True)
    ]
    line = f"M{LEFT} {points[0][1]:.1f}" + "".join(f"H{x:.1f}V{y:.1f}" for x, y in points) + f"H{RIGHT}"
    yield f'<path d="{line}V62H{LEFT}Z" class="f-passed-soft"/>'
    yield f'<path d="{line}" class="fill-none s-passed" stroke-width="2"/>'
    label_end = -NARROWEST_LABEL
    for run, (x, y) in zip(runs, points, strict=True):
        title = f"<title>{escape(run.name)}: {run.passed} of {run.checks} checks passed</title>"
        yield f'<circle cx="{x:.1f}" cy="{y:.1f}" r="3.5" class="f-surface s-passed" stroke-width="2">{title}</circle>'
        if x - label_end >= NARROWEST_LABEL:
            label_end = x
            place = f'x="{min(x, RIGHT - 8):.1f}" y="{y - 8:.1f}" text-anchor="middle"'
            yield f'<text {place} class="f-text num">{run.passed}</text>'


def _void(run: RunMark, scale: float) -> str:
    x = LEFT + run.seconds * scale
    return (
        f'<g class="s-void" stroke-width="2"><title>{escape(run.name)}: void, our side failed; does not count</title>'
        f'<circle cx="{x:.1f}" cy="66" r="4" class="f-surface"/><path d="M{x - 3:.1f} 69l6 -6"/></g>'
    )


def _ticks(total: float, scale: float) -> Iterator[str]:
    minutes = TICKS_MINUTES[min(bisect_right(TICKS_MINUTES, total / 60 / 9), len(TICKS_MINUTES) - 1)]
    for number in range(int(total / 60 / minutes) + 1):
        x = LEFT + 60 * minutes * number * scale
        anchor = "start" if number == 0 else "end" if x > RIGHT - 20 else "middle"
        yield f'<text x="{x:.1f}" y="122" class="f-text" text-anchor="{anchor}">{minutes * number:g} min</text>'
