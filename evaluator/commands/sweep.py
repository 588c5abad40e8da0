"""`sweep`: clear what killed evaluators left behind."""

from __future__ import annotations

import argparse
from dataclasses import asdict

from evaluator.commands.arguments import Commands, add_json
from evaluator.commands.output import SOUND, VOID, write_json


def declare(commands: Commands) -> None:
    command = commands.add_parser("sweep", help="clear what killed evaluators of this machine left behind")
    command.set_defaults(command=sweep_machine)
    add_json(command, "what was cleared")


def sweep_machine(chosen: argparse.Namespace) -> int:
    """Sweep, and say what was cleared; the exit status, which tells of what could not be looked at."""
    from evaluator.sandbox.sweep import sweep

    swept = sweep()
    if chosen.json:
        write_json(chosen.json, asdict(swept))
    if chosen.json != "-":
        print(swept)
        for reason in swept.failed:
            print(f"not swept: {reason}")
    return VOID if swept.failed else SOUND
