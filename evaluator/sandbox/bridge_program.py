"""Where the bridge lies for the unprivileged user that runs it, how it is started, and the form of its order."""

from __future__ import annotations

import marshal
import struct
import subprocess
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from evaluator.cache import atomic_folder, cache_root, reachable_file
from evaluator.sandbox.interpreter import trusted_python

MARSHAL_VERSION = 4  # what every Python from 3.4 reads: the bridge may run on another one than we do
COMPILE = "import py_compile, sys; py_compile.compile(*sys.argv[1:], doraise=True)"


@cache
def bridge_program() -> Path:
    """`bridge.py` beside this file, or its copy in the cache."""
    return reachable_file(Path(__file__).with_name("bridge.py"))


@cache
def bridge_command() -> tuple[str, ...]:
    """Starts the bridge from byte code, made once per text and interpreter: else every start compiles it anew."""
    python = trusted_python()
    source = Path(__file__).with_name("bridge.py")
    stamp = f"{source.stat().st_mtime_ns:x}-{python.program.stat().st_mtime_ns:x}"
    folder = cache_root() / "tools" / f"bridge-{stamp}"
    if not folder.exists():
        with atomic_folder(folder) as building:
            command = [str(python.program), "-I", "-c", COMPILE, str(source), str(building / "bridge.pyc")]
            subprocess.run(command, env=dict(python.environment), check=True, capture_output=True)
            (building / "bridge.pyc").chmod(0o644)
    return (str(python.program), "-I", "-S", str(folder / "bridge.pyc"))


def written_order(order: Mapping[str, Any]) -> bytes:
    """An order of simple values, as the bridge reads it from a file."""
    return marshal.dumps(dict(order), MARSHAL_VERSION)


def sent_order(order: Mapping[str, Any]) -> bytes:
    """The same, as it reads it from standard input."""
    content = written_order(order)
    return struct.pack("!Q", len(content)) + content
