"""The command line: judge a backend, or a server that already runs. The commands are in `evaluator/commands/`.

Exit status: 0 sound, 1 not sound, 2 bad input, 3 void (our side failed), 4 uncertain (`verify`), 130 interrupted.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence

from evaluator.commands import COMMANDS
from evaluator.commands.output import BAD_INPUT, INTERRUPTED, NOT_SOUND, VOID
from evaluator.errors import BadInput, MachineryFailed


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


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser("python -m evaluator", description="Judges generated backends.")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    for command in COMMANDS:
        command.declare(commands)
    return parser


if __name__ == "__main__":
    sys.exit(main())
