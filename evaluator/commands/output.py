"""What the commands print and write, and the exit statuses they share."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from evaluator.errors import BadInput

if TYPE_CHECKING:
    from evaluator.evaluate import Progress
    from evaluator.verdict import Verdict

SOUND, NOT_SOUND, BAD_INPUT, VOID, INTERRUPTED = 0, 1, 2, 3, 130


def hand_out(verdict: Verdict, chosen: argparse.Namespace, files: Mapping[str, bytes] | None = None) -> int:
    """Write the verdict in the formats asked for, print its report, and give the exit status.

    `files` are those that were judged, where they are known; raises BadInput.
    """
    from evaluator.report import report_of

    if chosen.json:
        write_json(chosen.json, verdict.to_json())
    if chosen.sarif:
        from evaluator.sarif import sarif_of

        write_json(
            chosen.sarif,
            sarif_of(
                verdict.findings,
                version=str(verdict.environment.get("evaluator", "")),
                tools=verdict.tools,
                causes=verdict.causes,
                files=files,
                conformance=verdict.conformance,
                void_reason=verdict.summary.void_reason,
                name=verdict.task,
            ),
        )
    if chosen.junit:
        from evaluator.junit import junit_of

        write_bytes(chosen.junit, junit_of(verdict))
    if not on_standard_output(chosen):
        print(report_of(verdict))
    if verdict.summary.void:
        return VOID
    return SOUND if verdict.summary.sound else NOT_SOUND


def on_standard_output(chosen: argparse.Namespace) -> bool:
    """Whether standard output is taken by a format, so that no report is printed."""
    return "-" in (chosen.json, chosen.sarif, chosen.junit)


def check_one_standard_output(chosen: argparse.Namespace) -> None:
    """Raises BadInput where two formats are to be written to standard output."""
    if (chosen.json, chosen.sarif, chosen.junit).count("-") > 1:
        raise BadInput("Only one of --json, --sarif and --junit can be “-”, standard output.")


def write_json(file: str, document: object) -> None:
    """Write a document to a file, or to standard output where the file is `-`; raises BadInput."""
    text = json.dumps(document, ensure_ascii=False, indent=1) + "\n"
    write_bytes(file, text.encode("utf-8", "replace"))


def write_bytes(file: str, content: bytes) -> None:
    """Write to a file, or to standard output where the file is `-`; raises BadInput."""
    if file == "-":
        sys.stdout.write(content.decode("utf-8"))
        return
    try:
        Path(file).write_bytes(content)
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
