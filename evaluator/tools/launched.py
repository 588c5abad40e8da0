"""Tools at work: one sandbox for those of a place, what each printed, and what became of those that printed nothing."""

from __future__ import annotations

import base64
import json
import lzma
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib.resources import files as resources
from typing import Any

from evaluator.sandbox.base import MEGABYTE, LaunchSpec, Limits, Mount, Sandbox
from evaluator.tools.base import OURS, Command, Printed

PROGRAM = resources(__package__).joinpath("inside", "run_commands.py").read_bytes()
LIMITS = Limits(memory=1_536 * MEGABYTE, processes=192)
OUTPUT_BYTES = 2 * MEGABYTE
UNPACKED_BYTES = 6 * MEGABYTE
UNPACKING_BYTES = 64 * MEGABYTE
SPARE_SECONDS = 15.0
PATIENCE = 3  # as in run_commands.py
MARK = "@tool "


@dataclass(frozen=True)
class Planned:
    """A tool's command and the seconds of processor time it may take."""

    name: str
    command: Command
    seconds: int


@dataclass(frozen=True)
class Ended:
    """What became of a command: what it printed, or why it was ended (`time` or `output`)."""

    printed: Printed
    seconds: float
    processor_seconds: float = 0.0
    why: str = ""


def run_tools(
    planned: Sequence[Planned],
    files: Mapping[str, bytes],
    python: tuple[str, ...],
    environment: Mapping[str, str],
    mounts: tuple[Mount, ...],
    sandbox: Sandbox,
) -> dict[str, Ended]:
    """Run commands in one sandbox, by the Python there; what became of each by its name.

    A command that is missing in the result said nothing before its sandbox ended. Raises MachineryFailed where the
    sandbox itself fails.
    """
    ours = {f"{OURS}/run_commands.py": PROGRAM}
    for one in planned:
        ours |= one.command.files
    theirs = {name: content for name, content in files.items() if not name.startswith(f"{OURS}/")}
    plan = [
        {"name": one.name, "argv": one.command.argv, "seconds": one.seconds, "bytes": OUTPUT_BYTES} for one in planned
    ]
    spec = LaunchSpec(
        argv=(*python, f"/app/{OURS}/run_commands.py", json.dumps(plan)),
        files=theirs | ours,
        environment=dict(environment),
        mounts=mounts,
        limits=LIMITS,
    )
    with sandbox.launch(spec) as running:
        if not running.wait(PATIENCE * sum(one.seconds for one in planned) + SPARE_SECONDS):
            running.kill("the tools reached their limit of time")
            running.wait(SPARE_SECONDS)
        log = running.log()
    return _read(log, {one.name for one in planned})


def _read(log: str, names: set[str]) -> dict[str, Ended]:
    """The lines of our program; the first for each name counts, and one that cannot be read counts for nothing."""
    found: dict[str, Ended] = {}
    for line in log.splitlines():
        name, _, packed = line.removeprefix(MARK).partition(" ")
        if line.startswith(MARK) and name in names and name not in found:
            document = _unpacked(packed)
            if document is not None:
                found[name] = document
    return found


def _unpacked(packed: str) -> Ended | None:
    try:
        unpacking = lzma.LZMADecompressor(memlimit=UNPACKING_BYTES)
        document: Any = json.loads(unpacking.decompress(base64.b64decode(packed), UNPACKED_BYTES))
        printed = Printed(str(document["output"]), str(document["errors"]), int(document["status"]))
        return Ended(
            printed, max(0.0, float(document["seconds"])), float(document["processor_seconds"]), str(document["ended"])
        )
    except (ValueError, KeyError, TypeError, OverflowError, RecursionError, lzma.LZMAError):
        return None
