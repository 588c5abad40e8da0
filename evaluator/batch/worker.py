"""One worker of a batch: a process that judges the backends it is told to, one after another.

It reads an order per line from standard input and answers each with a verdict, one line of JSON, on standard output.
The end of standard input is the end of the worker, also in the middle of a run: whatever it had started is then ended
as it is after Ctrl-C, so that a batch that was killed leaves nothing behind.
"""

from __future__ import annotations

import gc
import json
import os
import queue
import signal
import sys
import threading
import traceback
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import IO, Any

import msgspec

from evaluator.batch.backends import content_hash
from evaluator.batch.settings import Settings
from evaluator.batch.unjudged import lost_verdict, refused_verdict
from evaluator.errors import BadInput, MachineryFailed, RefusedFiles
from evaluator.evaluate import evaluate
from evaluator.files import read_tree
from evaluator.repeat import judge_repeatedly
from evaluator.tasks import Task, task_by_id, under_contract
from evaluator.verdict import Verdict


def main() -> int:
    """Judge until standard input ends; the exit status."""
    answers = _answers()
    # A batch that was started in the background of a script has it ignored, and could not be interrupted.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    gc.freeze()  # what was imported stays; collecting after a run then looks at that run only
    try:
        for order in _orders():
            answers.write(_line(_carry_out(order)))
            answers.flush()
            # Exceptions and tasks of a run hold each other; left to themselves they would make the next run's peak.
            gc.collect()
    except (KeyboardInterrupt, BrokenPipeError):
        return 130
    return 0


def _carry_out(order: Mapping[str, Any]) -> Verdict:
    """`order`: the folder, its task's id, the settings; `lost` is the reason where an earlier worker died over it."""
    folder, settings = Path(order["folder"]), Settings(**order["settings"])
    task = under_contract(task_by_id(order["task"]), settings.contract)
    described: dict[str, Any] = {"folder": folder.name, "content": "", "settings": settings.to_json()}
    try:
        files = read_tree(folder)
        described["content"] = content_hash(files)
        verdict = lost_verdict(task, order["lost"], {}) if order["lost"] else _judge(files, task, settings)
    except RefusedFiles as refusal:
        verdict = refused_verdict(task, str(refusal), {})
    return replace(verdict, environment={**verdict.environment, "batch": described})


def _line(verdict: Verdict) -> bytes:
    """The JSON of a verdict as one line; msgspec makes it from the record itself, without a copy of plain values."""
    try:
        return msgspec.json.encode(verdict) + b"\n"
    except UnicodeEncodeError:  # half an emoji, which a backend may answer and no reader of JSON takes back
        return json.dumps(verdict.to_json(), ensure_ascii=False).encode("utf-8", "replace") + b"\n"


def _judge(files: Mapping[str, bytes], task: Task, settings: Settings) -> Verdict:
    """A fault of ours in one backend's run must not end a batch of hundreds: it is void, told, and printed."""

    def judge(_number: int) -> Verdict:
        return evaluate(files, task, sandbox=settings.sandbox, as_of=settings.as_of)

    try:
        return judge_repeatedly(settings.repeat, judge)
    except (BadInput, MachineryFailed):
        raise
    except Exception as error:
        traceback.print_exc()
        return lost_verdict(task, f"A fault of the evaluator: {type(error).__name__}: {error}", {})


def _answers() -> IO[bytes]:
    """Where standard output led; whatever else prints to it from now on goes to standard error."""
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    return answers


def _orders() -> Iterator[dict[str, Any]]:
    """The orders of standard input. Its end interrupts what is under way."""
    waiting: queue.SimpleQueue[dict[str, Any] | None] = queue.SimpleQueue()
    under_way = threading.Event()

    def read() -> None:
        for line in sys.stdin.buffer:
            waiting.put(json.loads(line))
        waiting.put(None)
        if under_way.is_set():
            os.kill(os.getpid(), signal.SIGINT)

    threading.Thread(target=read, name="orders", daemon=True).start()
    while (order := waiting.get()) is not None:
        under_way.set()
        yield order
        under_way.clear()


if __name__ == "__main__":
    sys.exit(main())
