"""The command line: judge a backend, or a server that already runs.

Exit status: 0 sound, 1 not sound, 2 bad input, 3 void (our side failed).
"""

from __future__ import annotations

import argparse
import json
import os
import socket
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from urllib.parse import urlsplit

from evaluator.errors import BadInput, MachineryFailed, UnknownTask
from evaluator.evaluate import Clock, Progress, evaluate, evaluator_version
from evaluator.files import read_tree
from evaluator.report import report_of
from evaluator.sandbox import choose_sandbox
from evaluator.tasks import Task, all_tasks, task_by_id
from evaluator.verdict import CheckResult, Verdict, summarise

SOUND, NOT_SOUND, BAD_INPUT, VOID, INTERRUPTED = 0, 1, 2, 3, 130


def main(arguments: Sequence[str] | None = None) -> int:
    """Do what the arguments say; the exit status. Expected failures are one sentence on standard error."""
    chosen = _parser().parse_args(arguments)
    try:
        status: int = chosen.command(chosen)
    except BadInput as error:
        print(f"error: {error}", file=sys.stderr)
        return BAD_INPUT
    except MachineryFailed as error:
        print(f"void: {error}", file=sys.stderr)
        return VOID
    except KeyboardInterrupt:
        print("interrupted", file=sys.stderr)
        return INTERRUPTED
    except BrokenPipeError:  # the reader of our output has left
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return NOT_SOUND
    return status


def run(chosen: argparse.Namespace) -> int:
    """Judge the backend in a folder."""
    path = Path(chosen.path)
    if not path.is_dir():
        raise BadInput(f"There is no folder “{path}”.")
    task = _task_for(path, chosen.task)
    files = read_tree(path)
    verdict = evaluate(files, task, sandbox=chosen.sandbox, on_progress=_ticker(), as_of=chosen.as_of)
    return _hand_out(verdict, chosen.json)


def against(chosen: argparse.Namespace) -> int:
    """Judge a server that already runs: the contract only."""
    from evaluator.contract import run_contract
    from evaluator.contract.client import Transport

    host, port = _server_address(chosen.url)
    clock = Clock()
    tick = _ticker()
    count = 0

    def tell(check: CheckResult) -> None:
        nonlocal count
        count += 1
        tick(Progress("contract", count, 0, check.title))

    with clock.measure("contract"):
        checks = run_contract(chosen.url.rstrip("/"), transport=Transport(host=host, port=port), on_result=tell)
    verdict = Verdict(
        task="",
        level=0,
        constraints=(),
        checks=checks,
        findings=(),
        conformance={},
        summary=summarise(checks, {}),
        timings=clock.timings(),
        environment={"evaluator": evaluator_version(), "server": chosen.url},
    )
    return _hand_out(verdict, chosen.json)


def tasks(chosen: argparse.Namespace) -> int:
    """List the tasks."""
    listed = [
        {
            "id": task.id,
            "title": task.title,
            "level": task.level,
            "runtime": task.runtime.title,
            "constraints": [constraint.value for constraint in task.constraints],
        }
        for task in all_tasks().values()
    ]
    if chosen.json:
        _write_json(chosen.json, listed)
    else:
        print("\n".join(f"L{entry['level']}  {entry['id']}" for entry in listed))
    return SOUND


def sandbox_check(chosen: argparse.Namespace) -> int:
    """Say which sandbox this machine offers."""
    sandbox = choose_sandbox(chosen.sandbox)
    started = time.monotonic()
    sandbox.self_test()
    print(f"{sandbox.name} works: {time.monotonic() - started:.3f} s from launch to the end of its self-test")
    return SOUND


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser("python -m evaluator", description="Judges generated backends.")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    command = commands.add_parser("run", help="judge the backend in a folder, in a sandbox")
    command.set_defaults(command=run)
    command.add_argument("path", help="folder with run.sh and its dependency file")
    command.add_argument("--task", help="task id; may be left out where the folder is named for it")
    command.add_argument("--sandbox", help="bubblewrap or container; default: what this machine offers")
    command.add_argument("--as-of", metavar="DATE", type=_date, help="leave out later releases of dependencies")
    command.add_argument("--json", metavar="FILE", help="write the verdict there; - for standard output")

    command = commands.add_parser("against", help="judge a server that already runs: the contract only")
    command.set_defaults(command=against)
    command.add_argument("url", help="base of the API, such as http://127.0.0.1:8080/api")
    command.add_argument("--json", metavar="FILE", help="write the verdict there; - for standard output")

    command = commands.add_parser("tasks", help="list the tasks")
    command.set_defaults(command=tasks)
    command.add_argument("--json", metavar="FILE", help="write the list there; - for standard output")

    command = commands.add_parser("sandbox-check", help="say which sandbox this machine offers")
    command.set_defaults(command=sandbox_check)
    command.add_argument("--sandbox", help="bubblewrap or container")
    return parser


def _task_for(path: Path, task_id: str | None) -> Task:
    if task_id:
        return task_by_id(task_id)
    name = path.absolute().name
    try:
        return task_by_id(name)
    except UnknownTask as error:
        raise BadInput(f"“{name}” is not the id of a task, so --task must say which it is. {error}") from error


def _date(text: str) -> str:
    time.strptime(text, "%Y-%m-%d")
    return text


def _server_address(url: str) -> tuple[str, int]:
    """Host and port of a base address, after a first connection."""
    try:
        parts = urlsplit(url)
        host, port = parts.hostname, parts.port or 80
    except ValueError as error:
        raise BadInput(f"“{url}” is not an address: {error}.") from error
    if parts.scheme != "http" or not host:
        raise BadInput(f"“{url}” is not an address that begins with http:// and names a host.")
    try:
        socket.create_connection((host, port), timeout=10).close()
    except OSError as error:
        raise BadInput(f"Nothing answers at {host} port {port}: {error.strerror or error}.") from error
    return host, port


def _hand_out(verdict: Verdict, file: str | None) -> int:
    if file:
        _write_json(file, verdict.to_json())
    if file != "-":
        print(report_of(verdict))
    if verdict.summary.void:
        return VOID
    return SOUND if verdict.summary.sound else NOT_SOUND


def _write_json(file: str, document: object) -> None:
    text = json.dumps(document, ensure_ascii=False, indent=1) + "\n"
    if file == "-":
        sys.stdout.write(text)
        return
    try:
        Path(file).write_text(text, encoding="utf-8")
    except OSError as error:
        raise BadInput(f"“{file}” cannot be written: {error.strerror}.") from error


def _ticker() -> Callable[[Progress], None]:
    """Progress on one line of a terminal; silent elsewhere."""
    shown = sys.stderr.isatty()

    def tick(progress: Progress) -> None:
        if shown:
            counted = f" {progress.done}/{progress.total}" if progress.total > 1 else ""
            sys.stderr.write(f"\r\033[K{progress.stage}{counted}  {progress.sentence[:90]}")
            if progress.stage == "contract" and progress.done == progress.total:
                sys.stderr.write("\r\033[K")
            sys.stderr.flush()

    return tick


if __name__ == "__main__":
    sys.exit(main())
