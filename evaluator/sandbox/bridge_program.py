"""Where the bridge lies for the unprivileged user that runs it."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from evaluator.cache import reachable_file


@cache
def bridge_program() -> Path:
    """`bridge.py` beside this file, or its copy in the cache."""
    return reachable_file(Path(__file__).with_name("bridge.py"))
