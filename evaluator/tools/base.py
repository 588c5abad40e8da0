"""What an ordinary tool is to us: a command that we may run in a sandbox, and a reader of what it prints.

A tool is a program of others with findings of its own. Nothing it says decides a check or a constraint, and it is run
as untrusted work: the code it reads can be made to lead it astray.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum
from typing import Protocol

from evaluator.tasks import Task
from evaluator.verdict import ToolFinding
from evaluator.verifiers.project import Project

OURS = ".amend"  # the folder below /app that holds our rule sets and programs
PYTHON_TOOLS, NODE_TOOLS = "/opt/amend/python-tools", "/opt/amend/node-tools"
PYTHON = (f"{PYTHON_TOOLS}/bin/python", "-I", "-B", "-m")


class Place(Enum):
    """Where a tool runs: among the tools for a runtime, or in the backend's own environment, importing its code."""

    PYTHON_TOOLS = "python tools"
    NODE_TOOLS = "node tools"
    BACKEND = "backend"


@dataclass(frozen=True)
class Inspected:
    """What a tool is given: the backend's files, which of them are its production code, and the task."""

    files: Mapping[str, bytes]
    project: Project
    task: Task
    packages: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Command:
    """A command line in /app. `files` are ours, by their name below /app."""

    argv: tuple[str, ...]
    files: Mapping[str, bytes] = field(default_factory=dict)


@dataclass(frozen=True)
class Printed:
    """What a tool left: its two streams, cut to their bounds, and its exit status (negative for a signal)."""

    output: str
    errors: str
    status: int


class Unreadable(Exception):
    """What a tool printed is not what it prints when it works; the sentence says what was wrong."""


class Tool(Protocol):
    """One adapter. A tool that works `by_file` says the same of a file whatever the others hold.

    `package` is what its version is that of, `seconds` the processor time it may take, `rules` our rule set and
    whatever else its findings depend on beside version and files.
    """

    name: str
    package: str
    place: Place
    by_file: bool
    seconds: int
    rules: bytes

    def wanted(self, inspected: Inspected) -> Sequence[str]:
        """The files to look at; none where the tool has nothing to do here."""

    def why_not(self, inspected: Inspected) -> str:
        """Where it has nothing to do: why, in a few words."""

    def command(self, paths: Sequence[str], inspected: Inspected) -> Command:
        """How to look at these files."""

    def read(self, printed: Printed, inspected: Inspected) -> Iterable[ToolFinding]:
        """The findings in what it printed. Raises Unreadable."""
