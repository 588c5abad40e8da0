"""docs/film-strip.md: what each step of the filmed journey took, over several takes."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from statistics import median

from scripts.pictures.person import HOMING, KEY, POINT, PRESS, Take


def write_table(document: Path, takes: Sequence[Take], typed: Sequence[Take], load: float) -> None:
    """Write the document. Seconds are medians over the takes; clicks and keys are the same in each.

    `load`: processes that wanted a core, over the minute before the first take.
    """
    alike = {(take.clicks(), take.keys()) for take in takes}
    assert len(alike) == 1, f"The takes differ in what was pressed: {alike}"
    document.write_text(
        f"""# From a red check to green: a film strip

![Eight frames, from the red check to the complete verdict](images/film-strip-light.png)

**{_total(takes)}** · [the same in dark](images/film-strip-dark.png)

A Flask backend of the demo, as a language model wrote it, crashes on `GET /api/articles?offset=100000000000000000000`:
the number goes to SQLite, which holds 64 bits. Somebody opens the red check, follows the traceback into the code and
the name to its definition, mends one line and asks for checks. Everything is the real site: web process, worker,
sandbox, PostgreSQL, Chromium.

## By mouse

{_table(takes)}

{_typed(typed)}## How it was measured

- Seconds are those of the page's own clock; clicks and keys are counted by the page from trusted events. A shortcut
  counts as one key; turning the wheel counts as no click. Medians of {len(takes)} takes each; in brackets the shortest
  and the longest wait.
- *Acting* goes from the beginning of a step to its last press or key, *waiting* from there until the page shows what
  the step is for. Taking a picture takes nobody's time. The pictures are those of the first take in each scheme.
- The person is simulated at the pace of the Keystroke-Level Model (Card, Moran & Newell, *Communications of the ACM*
  23(7), 1980): {POINT:.1f} s to point, {PRESS:.1f} s to press and let go, {KEY:.1f} s a key (55 words a minute),
  {HOMING:.1f} s from mouse to keyboard. Reading and thinking are not in it: how long they take is
  what a study with people measures.
- The workspace could be worked in {median(take.loading for take in takes):.2f} s after its address was asked for
  (median, the site's files cached).
- {os.cpu_count()} cores, shared by browser, site and sandboxes; load of the machine {load:.1f} when it began.
  A window of 1440 × 900.

Made by `AMEND_STATE=var .venv/bin/python -m scripts.film_strip http://127.0.0.1:8000` while `make demo` serves.
"""
    )


def _typed(takes: Sequence[Take]) -> str:
    return f"## By keyboard alone\n\n**{_total(takes)}**\n\n{_table(takes)}\n\n" if takes else ""


def _total(takes: Sequence[Take]) -> str:
    whole, acting, waiting = (median(of(take) for take in takes) for of in (Take.seconds, Take.acting, Take.waiting))
    return (
        f"{takes[0].clicks()} clicks, {takes[0].keys()} keys, {whole:.1f} s"
        f" ({acting:.1f} s acting, {waiting:.1f} s waiting)"
    )


def _table(takes: Sequence[Take]) -> str:
    rows = [
        "| | what the person does | what the page shows | clicks | keys | acting, s | waiting, s |",
        "|---|---|---|---|---|---|---|",
    ]
    for index, step in enumerate(takes[0].steps):
        acting = median(take.steps[index].acting for take in takes)
        waiting = _spread([take.steps[index].waiting for take in takes])
        did = f"{step.title} | {step.words} | {step.clicks} | {step.keys} | {acting:.1f} | {waiting}"
        rows.append(f"| {index + 1} | {did} |")
    return "\n".join(rows)


def _spread(seconds: Sequence[float]) -> str:
    middle = median(seconds)
    return f"{middle:.2f} ({min(seconds):.2f}–{max(seconds):.2f})" if middle >= 0.005 else "0"
