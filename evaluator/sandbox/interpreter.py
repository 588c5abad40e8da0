"""Finds Python interpreters that the unprivileged user of a sandbox can run."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from evaluator.cache import is_reachable, reachable_tree

WANTED = (3, 12)
PLACES = ("/usr/local/bin", "/usr/bin")
NOT_COPIED = ("test", "tests", "idlelib", "turtledemo", "site-packages", "*.a")


@dataclass(frozen=True)
class Interpreter:
    """A Python interpreter: its program, version (`3.12.4`) and the folder that holds all of it."""

    program: Path
    version: str
    prefix: Path


@cache
def backend_python() -> Interpreter:
    """The interpreter for backends: 3.12 where one is reachable, else the nearest version; at last a copy of ours."""
    found = [interpreter for program in _candidates() if (interpreter := _inspect(program)) is not None]
    if found:
        return min(found, key=lambda interpreter: _distance(interpreter.version))
    prefix = reachable_tree(Path(sys.base_prefix), ignore=NOT_COPIED)
    name = f"python{sys.version_info.major}.{sys.version_info.minor}"
    copied = _inspect(prefix / "bin" / name)
    assert copied is not None, f"the copied interpreter {prefix}/bin/{name} does not run"
    return copied


@cache
def trusted_python() -> Path:
    """An interpreter that runs the bridge: any reachable one, the system's first."""
    system = Path("/usr/bin/python3")
    if system.exists() and is_reachable(system) and _inspect(system) is not None:
        return system.resolve()
    return backend_python().program


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
    code = "import sys, venv, ctypes, ssl; print('%d.%d.%d' % sys.version_info[:3], sys.base_prefix, sep='\\n')"
    try:
        done = subprocess.run(
            [program, "-I", "-c", code], capture_output=True, text=True, timeout=20, check=True, env={}, cwd="/"
        )
    except (OSError, subprocess.SubprocessError):  # incomplete installations are common; this one is not usable
        return None
    version, prefix = done.stdout.split("\n")[:2]
    if tuple(int(part) for part in version.split(".")) < (3, 9, 0):
        return None
    return Interpreter(program, version, Path(prefix))


def _distance(version: str) -> tuple[int, int]:
    """How far from the wanted version: newer before older at the same distance."""
    minor = int(version.split(".")[1])
    return abs(minor - WANTED[1]), -minor
