"""`run`: judge the backend in a folder."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from evaluator.commands.arguments import (
    Commands,
    add_as_of,
    add_contract,
    add_formats,
    add_json,
    add_repeat,
    add_sandbox,
    add_tools,
)
from evaluator.commands.output import check_one_standard_output, hand_out, ticker
from evaluator.errors import BadInput, UnknownTask
from evaluator.files import read_tree
from evaluator.tasks import Task, task_by_id, under_contract

if TYPE_CHECKING:
    from evaluator.verdict import Verdict


def declare(commands: Commands) -> None:
    command = commands.add_parser("run", help="judge the backend in a folder, in a sandbox")
    command.set_defaults(command=run)
    command.add_argument("path", help="folder with run.sh and its dependency file")
    command.add_argument("--task", help="task id; may be left out where the folder is named for it")
    add_contract(command, "the task's")
    add_sandbox(command)
    add_as_of(command)
    add_repeat(command)
    add_json(command)
    add_formats(command)
    add_tools(command)


def run(chosen: argparse.Namespace) -> int:
    """Judge the backend in a folder; the exit status."""
    from evaluator.evaluate import evaluate
    from evaluator.repeat import judge_repeatedly

    check_one_standard_output(chosen)
    path = Path(chosen.path)
    if not path.is_dir():
        raise BadInput(f"There is no folder “{path}”.")
    task = under_contract(_task_for(path, chosen.task), chosen.contract)
    files = read_tree(path)

    def judge(number: int) -> Verdict:
        tick = ticker(f"{number} of {chosen.repeat}  " if chosen.repeat > 1 else "")
        return evaluate(files, task, sandbox=chosen.sandbox, on_progress=tick, as_of=chosen.as_of, tools=chosen.tools)

    return hand_out(judge_repeatedly(chosen.repeat, judge), chosen, files)


def _task_for(path: Path, task_id: str | None) -> Task:
    if task_id:
        return task_by_id(task_id)
    name = path.absolute().name
    try:
        return task_by_id(name)
    except UnknownTask as error:
        raise BadInput(f"“{name}” is not the id of a task, so --task must say which it is. {error}") from error
