"""What every hostile program shares. It runs inside a sandbox, with nothing but the standard library.

Usage: `python NAME.py MODE MARK ARGUMENTS`, the last as JSON. A program tells facts as lines of JSON; the line `tried`
comes when the attack itself is at hand, so that a program that broke before is never taken for one that was stopped.
Every attack ends by itself at several times the limit: the list is also run without a sandbox, to see it fail.
"""

from __future__ import annotations

import errno
import json
import os
import signal
import sys
from collections.abc import Callable, Mapping
from typing import Any

LONGEST_SECONDS = 25


def tell(**facts: Any) -> None:
    """One line, in one write: several processes may tell at once."""
    os.write(1, json.dumps(facts).encode() + b"\n")


def named(error: OSError) -> str:
    return errno.errorcode.get(error.errno or 0, str(error))


def main(modes: Mapping[str, Callable[..., None]]) -> None:
    """Run the mode that the command line names."""
    signal.alarm(LONGEST_SECONDS)
    modes[sys.argv[1]](**json.loads(sys.argv[3]))
