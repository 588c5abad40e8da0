"""`batch`: judge every backend in a folder, several at a time; a batch that was stopped goes on where it was."""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

from evaluator.commands.arguments import Commands, add_as_of, add_contract, add_json, add_repeat, add_sandbox, count
from evaluator.commands.output import INTERRUPTED, NOT_SOUND, SOUND, VOID

if TYPE_CHECKING:
    from tqdm import tqdm

    from evaluator.batch import Backend, Judged, Record

TOLD_CHARACTERS = 100
BAR = "{n_fmt} of {total_fmt} |{bar}| {elapsed}, {remaining} left{postfix}"


def declare(commands: Commands) -> None:
    command = commands.add_parser("batch", help="judge every backend in a folder, several at a time")
    command.set_defaults(command=batch)
    command.add_argument("path", metavar="DIR", help="its sub-folders are the backends, each named by its task id")
    command.add_argument("--jobs", metavar="N", type=count, help="so many at a time; default: one per processor")
    command.add_argument("--again", action="store_true", help="judge all of them, whatever an earlier batch has kept")
    add_contract(command, "each task's")
    add_sandbox(command)
    add_as_of(command)
    add_repeat(command)
    add_json(command, "the verdicts, a list in order of the names,")


def batch(chosen: argparse.Namespace) -> int:
    """Judge the backends in a folder. Exit status: 3 where one is void, else 1 where one is not sound, else 0."""
    from evaluator.batch import Record, Settings, find_backends, judge_all

    backends, notes = find_backends(Path(chosen.path))
    for note in notes:
        print(f"note: {note}", file=sys.stderr)
    contract = _name_of_contract(chosen.contract) if chosen.contract else None
    settings = Settings(sandbox=chosen.sandbox, as_of=chosen.as_of, repeat=chosen.repeat, contract=contract)
    with _place_of(chosen.json) as file, Record(file).open(again=chosen.again) as record:
        known = _known(backends, record, settings.to_json())
        progress = _Progress(len(backends), known)
        try:
            judge_all(
                [backend for backend in backends if backend.name not in known],
                settings,
                record,
                workers=chosen.jobs or len(os.sched_getaffinity(0)),
                tell=progress.tell,
            )
        except KeyboardInterrupt:
            progress.close()
            print(_how_to_go_on(len(backends), progress.judged, chosen.json, record), file=sys.stderr)
            return INTERRUPTED
        progress.close()
        names = [backend.name for backend in backends]
        if chosen.json == "-":
            record.write(sys.stdout.buffer, names)
        elif chosen.json:
            record.finish(names)
    print(progress.summary(), file=sys.stderr if chosen.json == "-" else sys.stdout)
    return _status(progress.judged)


def _name_of_contract(contract: str) -> str:
    """Looked up here and not by each worker, so that an unknown one is said once."""
    from evaluator.contract.packs import pack_named

    return pack_named(contract).name


@contextmanager
def _place_of(json_file: str | None) -> Iterator[Path]:
    """The file of the verdicts; one that is thrown away where none is asked for, or standard output is."""
    if json_file and json_file != "-":
        yield Path(json_file)
    else:
        with tempfile.TemporaryDirectory(prefix="amend-batch-") as folder:
            yield Path(folder, "verdicts.json")


def _known(backends: Sequence[Backend], record: Record, settings: Mapping[str, object]) -> dict[str, Judged]:
    from evaluator.batch.backends import content_hash_of

    found = {backend.name: record.held(backend.name, content_hash_of(backend), settings) for backend in backends}
    return {name: judged for name, judged in found.items() if judged is not None}


def _how_to_go_on(total: int, judged: Mapping[str, Judged], json_file: str | None, record: Record) -> str:
    if not json_file or json_file == "-":
        return "interrupted: nothing is kept without --json FILE"
    kept = sum(one.outcome != "void" for one in judged.values())
    return f"interrupted: {kept} of {total} verdicts are kept in {record.part}; the same command goes on from there"


def _status(judged: Mapping[str, Judged]) -> int:
    outcomes = {one.outcome for one in judged.values()}
    return VOID if "void" in outcomes else NOT_SOUND if "not sound" in outcomes else SOUND


class _Progress:
    """One line per verdict on standard error, and a bar below them where that is a terminal."""

    def __init__(self, total: int, known: Mapping[str, Judged]) -> None:
        self.judged = dict(known)
        self._total = total
        self._new = 0
        self._started = time.monotonic()
        self._bar = _bar(total, len(known)) if sys.stderr.isatty() else None
        if known:
            self._say(f"{len(known)} of {total} are known from an earlier batch and judged no more")

    def tell(self, judged: Judged) -> None:
        """Called once per verdict, never at the same time."""
        self.judged[judged.name] = judged
        self._new += 1
        self._say(f"{len(self.judged):>3} of {self._total}  {_line(judged)}")
        if self._bar is not None:
            self._bar.set_postfix_str(_counted(self.judged), refresh=False)
            self._bar.update()

    def close(self) -> None:
        if self._bar is not None:
            self._bar.close()

    def summary(self) -> str:
        minutes = (time.monotonic() - self._started) / 60
        text = f"{self._total} backends: {_counted(self.judged)}."
        if self._new:
            text += f" {self._new} judged in {60 * minutes:.0f} s, {self._new / minutes:.1f} a minute."
        if any(one.outcome == "void" for one in self.judged.values()):
            text += " A void run says nothing about its backend; the same command judges it again."
        return text

    def _say(self, line: str) -> None:
        from evaluator.report import harmless

        line = harmless(line)
        if self._bar is not None:
            self._bar.write(line, file=sys.stderr)
        else:
            print(line, file=sys.stderr, flush=True)


def _bar(total: int, known: int) -> tqdm[NoReturn]:
    from tqdm import tqdm

    tqdm.monitor_interval = 0  # no thread to redraw the bar: it is drawn at every verdict
    return tqdm(total=total, initial=known, file=sys.stderr, bar_format=BAR, mininterval=0)


def _counted(judged: Mapping[str, Judged]) -> str:
    counts = Counter(one.outcome for one in judged.values())
    text = f"{counts['sound']} sound, {counts['not sound']} not sound"
    return f"{text}, {counts['void']} void" if counts["void"] else text


def _line(judged: Judged) -> str:
    unstable = f", {judged.unstable} unstable" if judged.unstable else ""
    told = f"  {' '.join(judged.told.split())[:TOLD_CHARACTERS]}" if judged.told else ""
    passed = "" if judged.outcome == "void" else f"{judged.passed} of {judged.checks}{unstable}"
    return f"{judged.outcome:<9}  {passed:<10}  {judged.seconds:5.1f} s  {judged.name}{told}"
