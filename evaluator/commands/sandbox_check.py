"""`sandbox-check`: say which sandbox this machine offers."""

from __future__ import annotations

import argparse
import time

from evaluator.commands.arguments import Commands, add_sandbox
from evaluator.commands.output import SOUND


def declare(commands: Commands) -> None:
    command = commands.add_parser("sandbox-check", help="say which sandbox this machine offers")
    command.set_defaults(command=sandbox_check)
    add_sandbox(command)


def sandbox_check(chosen: argparse.Namespace) -> int:
    """Say which sandbox this machine offers; the exit status."""
    from evaluator.sandbox import choose_sandbox

    sandbox = choose_sandbox(chosen.sandbox)
    started = time.monotonic()
    sandbox.self_test()
    print(f"{sandbox.name} works: {time.monotonic() - started:.3f} s from launch to the end of its self-test")
    return SOUND
