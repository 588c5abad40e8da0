"""Figures as numbers for an SVG: positions in the units of the view box, worked out on the server.

The templates only place what stands here; colours are classes of `figures.css`, so one figure serves light and dark.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise

WIDTH, HEIGHT = 560, 290
LEFT, RIGHT, TOP, BOTTOM = 48, 536, 16, 238
ROW_LEFT, ROW_RIGHT = 46, 316  # of the 380 that a row figure is wide, the last 64 for the amount beside it
_Scale = Callable[[float], float]


@dataclass(frozen=True)
class Estimate:
    """A value at a level with the ends of its 95 % interval, in the unit of the axis; `text` is how it is printed."""

    level: int
    value: float
    low: float
    high: float
    text: str


@dataclass(frozen=True)
class Line:
    """A named series of estimates: `look` is `generated`, `repaired` or `levels` (each mark in its level's colour)."""

    name: str
    look: str
    estimates: Sequence[Estimate]


@dataclass(frozen=True)
class Curve:
    """The share repaired (0 to 1) from each time on, in rising minutes; `censored`: minutes of ends without repair."""

    level: int
    points: Sequence[tuple[float, float]]
    censored: Sequence[float]


@dataclass(frozen=True)
class Row:
    """An amount at a level with the ends of its interval, drawn across: `text` is how it is printed."""

    level: int
    value: float
    low: float
    high: float
    text: str


@dataclass(frozen=True)
class RowFigure:
    """Amounts by level, ready to place: the levels below each other, the unit across, a line at nought."""

    label: str
    unit: str
    bottom: int
    height: int
    zero: float
    ticks: Sequence[Tick]
    marks: Sequence[Mark]


@dataclass(frozen=True)
class Tick:
    """A place on an axis and what is written there."""

    at: float
    label: str


@dataclass(frozen=True)
class Mark:
    """A drawn estimate: its centre, the ends of its interval, and what is written beside it."""

    level: int
    x: float
    y: float
    low: float
    high: float
    text: str
    sentence: str


@dataclass(frozen=True)
class DrawnLine:
    """A drawn series; `path` joins its marks and is empty where they must not be joined, and then no name is placed."""

    name: str
    look: str
    marks: Sequence[Mark]
    path: str
    name_x: float
    name_y: float


@dataclass(frozen=True)
class LevelFigure:
    """Estimates by level, ready to place: the horizontal axis has the levels, the vertical one the unit."""

    label: str
    unit: str
    levels: Sequence[Tick]
    ticks: Sequence[Tick]
    lines: Sequence[DrawnLine]


@dataclass(frozen=True)
class Step:
    """One level's drawn curve, and marks where sessions ended without repair."""

    level: int
    path: str
    censored: Sequence[tuple[float, float]]
    name_y: float


@dataclass(frozen=True)
class StepFigure:
    """Curves of the share repaired over active minutes, ready to place."""

    label: str
    minutes: Sequence[Tick]
    shares: Sequence[Tick]
    steps: Sequence[Step]


def nice_ticks(low: float, high: float, *, about: int = 5) -> list[float]:
    """Round numbers that enclose `low` to `high`, some `about` of them."""
    span = max(high - low, 1e-9)
    rough = span / about
    power = 10.0 ** math.floor(math.log10(rough))
    step = next(power * factor for factor in (1, 2, 2.5, 5, 10) if power * factor >= rough * 0.999)
    first, last = math.floor(low / step + 1e-9), math.ceil(high / step - 1e-9)
    return [round(step * index, 10) for index in range(first, last + 1)]


def level_figure(
    lines: Sequence[Line], *, label: str, unit: str, levels: Sequence[int], from_zero: bool, most: float | None = None
) -> LevelFigure | None:
    """Draw series of estimates by level; None where there is nothing to draw. `most` cuts the axis, as 100 % does."""
    drawn = [estimate for line in lines for estimate in line.estimates]
    if not drawn:
        return None
    low = 0.0 if from_zero else min(estimate.low for estimate in drawn)
    high = max(estimate.high for estimate in drawn)
    if most is not None:
        high = most
        low = min(low, most - 0.1 * most)
    values = nice_ticks(low, max(high, low + 1e-6))
    if from_zero:
        values = [value for value in values if value >= 0]
    if most is not None:
        values = [value for value in values if value <= most]
    bottom, top = values[0], max(values[-1], high if most is None else most)
    across = {
        level: _scaled(index + 0.35, 0, max(len(levels) - 0.3, 0.7), LEFT, RIGHT) for index, level in enumerate(levels)
    }

    def up(value: float) -> float:
        return _scaled(min(max(value, bottom), top), bottom, top, BOTTOM, TOP)

    return LevelFigure(
        label=label,
        unit=unit,
        levels=[Tick(across[level], f"L{level}") for level in levels],
        ticks=[Tick(up(value), _tick_label(value)) for value in values],
        lines=[_drawn_line(line, across, up) for line in lines if line.estimates],
    )


def step_figure(curves: Sequence[Curve], *, label: str) -> StepFigure | None:
    """Draw curves of the share repaired by active minutes; None where there is none."""
    if not curves:
        return None
    end = max(minutes for curve in curves for minutes in [1.0, *curve.censored, *(time for time, _ in curve.points)])
    minutes = nice_ticks(0, end, about=6)

    def across(value: float) -> float:
        return _scaled(value, 0, minutes[-1], LEFT, RIGHT - 26)

    def up(share: float) -> float:
        return _scaled(share, 0, 1, BOTTOM, TOP)

    places = _apart([up(curve.points[-1][1]) for curve in curves], least=13)
    return StepFigure(
        label=label,
        minutes=[Tick(across(value), _tick_label(value)) for value in minutes],
        shares=[Tick(up(share / 5), f"{20 * share}") for share in range(6)],
        steps=[_drawn_step(curve, across, up, y) for curve, y in zip(curves, places, strict=True)],
    )


def row_figure(rows: Sequence[Row], *, label: str, unit: str) -> RowFigure | None:
    """Draw amounts below each other against a line at nought; None where there are none."""
    if not rows:
        return None
    ticks = nice_ticks(min(0.0, *(row.low for row in rows)), max(0.0, *(row.high for row in rows)), about=5)

    def across(value: float) -> float:
        return _scaled(value, ticks[0], ticks[-1], ROW_LEFT, ROW_RIGHT)

    marks = [
        Mark(
            row.level,
            across(row.value),
            22 + 34 * index,
            across(row.low),
            across(row.high),
            row.text,
            f"L{row.level}: {row.text}",
        )
        for index, row in enumerate(rows)
    ]
    return RowFigure(
        label,
        unit,
        34 * len(rows) + 6,
        34 * len(rows) + 54,
        across(0),
        [Tick(across(value), _tick_label(value)) for value in ticks],
        marks,
    )


def _drawn_line(line: Line, across: dict[int, float], up: _Scale) -> DrawnLine:
    marks = [
        Mark(
            level=estimate.level,
            x=across[estimate.level],
            y=up(estimate.value),
            low=up(estimate.low),
            high=up(estimate.high),
            text=estimate.text,
            sentence=f"{line.name} at L{estimate.level}: {estimate.text}",
        )
        for estimate in line.estimates
    ]
    path = "" if line.look == "levels" else "M" + " L".join(f"{mark.x} {mark.y}" for mark in marks)
    return DrawnLine(
        line.name, line.look, marks, path, min(RIGHT, marks[-1].x + 46), round(max(marks[-1].high - 7, TOP - 4), 1)
    )


def _drawn_step(curve: Curve, across: _Scale, up: _Scale, name_y: float) -> Step:
    corners, share = [f"{across(0)} {up(0)}"], 0.0
    for minutes, after in curve.points:
        corners += [f"{across(minutes)} {up(share)}", f"{across(minutes)} {up(after)}"]
        share = after

    def share_at(time: float) -> float:
        return ([0.0] + [share for minutes, share in curve.points if minutes <= time])[-1]

    censored = [(across(time), up(share_at(time))) for time in curve.censored]
    return Step(curve.level, "M" + " L".join(corners), censored, name_y)


def _apart(places: Sequence[float], *, least: float) -> list[float]:
    """The same places in the same order, moved down where two are nearer than `least`, and kept within the plot."""
    order = sorted(range(len(places)), key=lambda index: places[index])
    moved = list(places)
    for before, after in pairwise(order):
        moved[after] = max(moved[after], moved[before] + least)
    surplus = max([moved[index] for index in order] + [0]) - BOTTOM
    return [round(place - max(surplus, 0), 1) for place in moved]


def _tick_label(value: float) -> str:
    return f"{value:,g}".replace("-", "−")


def _scaled(value: float, low: float, high: float, start: float, end: float) -> float:
    return round(start + (value - low) / (high - low) * (end - start), 1)
