"""What the commands print and write, and the exit statuses they share."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from evaluator.errors import BadInput

if TYPE_CHECKING:
    from evaluator.evaluate import Progress
    from evaluator.verdict import Verdict

SOUND, NOT_SOUND, BAD_INPUT, VOID, INTERRUPTED = 0, 1, 2, 3, 130


def hand_out(verdict: Verdict, file: str | None) -> int:
    """Write the verdict as JSON where that is asked for, print its report, and give the exit status."""
    from evaluator.report import report_of

    if file:
        write_json(file, verdict.to_json())
    if file != "-":
        print(report_of(verdict))
    if verdict.summary.void:
        return VOID
    return SOUND if verdict.summary.sound else NOT_SOUND


def write_json(file: str, document: object) -> None:
    """Write a document to a file, or to standard output where the file is `-`; raises BadInput."""
    text = json.dumps(document, ensure_ascii=False, indent=1) + "\n"
    if file == "-":
        sys.stdout.write(text)
        return
    try:
        Path(file).write_text(text, encoding="utf-8")
    except OSError as error:
        raise BadInput(f"“{file}” cannot be written: {error.strerror}.") from error


def ticker(before: str = "") -> Callable[[Progress], None]:
    """Progress on one line of a terminal, with some words before it; silent elsewhere."""
    shown = sys.stderr.isatty()

    def tick(progress: Progress) -> None:
        if shown:
            counted = f" {progress.done}/{progress.total}" if progress.total > 1 else ""
            sys.stderr.write(f"\r\033[K{before}{progress.stage}{counted}  {progress.sentence[:90]}")
            if progress.stage == "contract" and progress.done == progress.total:
                sys.stderr.write("\r\033[K")
            sys.stderr.flush()

    return tick
