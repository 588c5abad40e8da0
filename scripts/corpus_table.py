"""Prints the table of all backends below some folders: task, level, checks passed, functional, conforming, seconds.

Usage: python scripts/corpus_table.py DIR [DIR …]    (each sub-folder is named by its task id)
"""

from __future__ import annotations

import sys
from pathlib import Path

from evaluator.environments import prepare_environment
from evaluator.errors import BadInput
from evaluator.evaluate import evaluate
from evaluator.files import read_tree
from evaluator.sandbox import choose_sandbox
from evaluator.tasks import task_by_id

YES_NO = {True: "yes", False: "no"}


def main(folders: list[str]) -> None:
    print("| backend | level | checks passed | functional | conforming | seconds |")
    print("|---|---|---|---|---|---|")
    for folder in folders:
        for path in sorted(Path(folder).iterdir()):
            if path.is_dir():
                print(row(path), flush=True)


def row(path: Path) -> str:
    """One line of the table; the environment is prepared first, so that the seconds are those of a warm one."""
    try:
        files, task = read_tree(path), task_by_id(path.name)
    except BadInput as error:
        return f"| {path.parent.name}/{path.name} | – | {error} | | | |"
    prepare_environment(files, task, sandbox=choose_sandbox(None))
    verdict = evaluate(files, task)
    summary = verdict.summary
    passed = f"void: {summary.void_reason}" if summary.void else f"{summary.passed} of {summary.checks}"
    if not verdict.started:
        passed += ", does not start"
    seconds = f"{verdict.timings['total']:.1f}"
    cells = [path.name, f"L{verdict.level}", passed, YES_NO[summary.functional], YES_NO[summary.conforming], seconds]
    return "| " + " | ".join(cells) + " |"


if __name__ == "__main__":
    main(sys.argv[1:])
