"""Finds Python interpreters that the unprivileged user of a sandbox can run."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from evaluator.cache import is_reachable, reachable_tree
from evaluator.sandbox.slots import as_user, nobodys_id

WANTED = (3, 12)
PLACES = ("/usr/local/bin", "/usr/bin")
NOT_COPIED = ("test", "tests", "idlelib", "turtledemo", "site-packages", "*.a")


@dataclass(frozen=True)
class Interpreter:
    """A Python interpreter: its program and version (`3.12.4`), and the folder that holds all of it.

    `source` is where that folder lies for the unprivileged user: a copy where `prefix` itself is closed. A sandbox
    mounts it at `prefix`, for programs carry the address of their own libraries.
    """

    program: Path
    version: str
    prefix: Path
    source: Path


@cache
def backend_python() -> Interpreter:
    """The interpreter for backends: 3.12 where one is reachable, else the nearest version; at last a copy of ours."""
    found = [interpreter for program in _candidates() if (interpreter := _inspect(program)) is not None]
    if found:
        return min(found, key=lambda interpreter: _distance(interpreter.version))
    prefix = Path(sys.base_prefix)
    program = prefix / "bin" / f"python{sys.version_info.major}.{sys.version_info.minor}"
    version = ".".join(str(part) for part in sys.version_info[:3])
    return Interpreter(program, version, prefix, reachable_tree(prefix, ignore=NOT_COPIED))


@dataclass(frozen=True)
class TrustedPython:
    """What runs the bridge, outside of any sandbox: the program, and the variables it finds its library by."""

    program: Path
    environment: Mapping[str, str]


@cache
def trusted_python() -> TrustedPython:
    """An interpreter that runs the bridge: any reachable one, the system's first."""
    system = Path("/usr/bin/python3")
    if os.path.isfile(system) and is_reachable(system) and _inspect(system.resolve()) is not None:
        return TrustedPython(system.resolve(), {})
    found = backend_python()
    if found.source == found.prefix:
        return TrustedPython(found.program, {})
    program = found.source / found.program.relative_to(found.prefix)
    return TrustedPython(program, {"LD_LIBRARY_PATH": str(found.source / "lib")})


def _candidates() -> list[Path]:
    names = [f"python3.{minor}" for minor in range(9, 16)]
    places = [*PLACES, *(place for place in os.environ.get("PATH", "").split(":") if place.startswith("/"))]
    own = Path(sys.base_prefix, "bin", f"python{sys.version_info.major}.{sys.version_info.minor}")
    paths = [own, *(Path(place, name) for place in places for name in names)]
    programs = {path.resolve() for path in paths if os.path.isfile(path) and is_reachable(path) and not _is_shim(path)}
    return sorted(programs)


def _is_shim(path: Path) -> bool:
    """Version managers put shell scripts in front; only real programs work in a sandbox."""
    with path.open("rb") as file:
        return file.read(4) != b"\x7fELF"


def _inspect(program: Path) -> Interpreter | None:
    """Run it as the unprivileged user, who may be unable to reach its libraries."""
    code = "import sys, venv, ctypes, ssl; print('%d.%d.%d' % sys.version_info[:3], sys.base_prefix, sep='\\n')"
    try:
        done = subprocess.run(
            [str(program), "-I", "-c", code],
            capture_output=True,
            text=True,
            timeout=20,
            check=True,
            env={},
            cwd="/",
            **as_user(nobodys_id()),
        )
    except (OSError, subprocess.SubprocessError):  # incomplete installations are common; this one is not usable
        return None
    version, prefix = done.stdout.split("\n")[:2]
    if tuple(int(part) for part in version.split(".")) < (3, 9, 0):
        return None
    return Interpreter(program, version, Path(prefix), Path(prefix))


def _distance(version: str) -> tuple[int, int]:
    """How far from the wanted version: newer before older at the same distance."""
    minor = int(version.split(".")[1])
    return abs(minor - WANTED[1]), -minor
