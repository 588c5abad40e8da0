"""What a sandbox is: it launches a program that we do not trust, and lets us watch it, call it and end it."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Literal, Protocol

from evaluator.errors import MachineryFailed

if TYPE_CHECKING:
    from evaluator.contract.client import Transport

MEGABYTE = 1024 * 1024


@dataclass(frozen=True)
class Limits:
    """What one sandbox may use. Sizes are bytes; `processes` counts threads too, as the kernel does."""

    memory: int = 1024 * MEGABYTE
    processes: int = 256
    processors: float = 2.0
    files_size: int = 256 * MEGABYTE
    temporary_size: int = 128 * MEGABYTE
    one_file: int = 256 * MEGABYTE
    open_files: int = 1024
    log_flood: int = 16 * MEGABYTE


@dataclass(frozen=True)
class Mount:
    """A folder or file of the host that the sandbox sees at `target`."""

    source: Path
    target: str
    writable: bool = False


@dataclass(frozen=True)
class DatabaseAccess:
    """One database of the PostgreSQL behind `socket`; backends know it as `name`, user `user`, password `password`."""

    socket: Path
    role: str
    database: str
    name: str = "database"


@dataclass(frozen=True)
class SentStatements:
    """Statements as a backend sent them, text in quotes left out (`'?'`), cut; `complete` is whether all are there."""

    texts: tuple[str, ...]
    complete: bool


@dataclass(frozen=True)
class LaunchSpec:
    """What to launch: `argv` in /app, which holds a bounded, writable copy of `files` that ends with the sandbox.

    `port` is where the program will listen (None where it serves nothing), `proxy` a unix socket of the host that it
    reaches as an HTTP proxy on 127.0.0.1:3128 (installs only), `kept` a new folder that it may write at /env.
    """

    argv: tuple[str, ...]
    files: Mapping[str, bytes]
    environment: Mapping[str, str]
    mounts: tuple[Mount, ...] = ()
    port: int | None = None
    postgres: DatabaseAccess | None = None
    proxy: Path | None = None
    kept: Path | None = None
    limits: Limits = field(default_factory=Limits)


@dataclass(frozen=True)
class PeakMemory:
    """The most memory that a sandbox used at one moment, in bytes; None where nothing could be measured.

    `source` says how: `cgroup`, the kernel's own account of the whole sandbox with the files it holds in memory;
    `processes`, the sum of what each process had at most, sampled; empty where `bytes` is None.
    """

    bytes: int | None
    source: Literal["cgroup", "processes", ""]


@dataclass(frozen=True)
class Installed:
    """A program of an image: its path there, and its version as people say it, `3.12.4`."""

    path: str
    version: str


@dataclass(frozen=True)
class Image:
    """A container image that programs run in, instead of on the machine's own /usr.

    `name` is what we were told (`amend-backends:1`), `id` the hash of its content, `programs` what it brings of
    `python`, `uv`, `node` and `npm`, `node_headers` the folder whose include/node native add-ons are built with.
    """

    name: str
    id: str
    programs: Mapping[str, Installed]
    node_headers: str = ""

    def program(self, name: str) -> Installed:
        """Raises MachineryFailed where the image lacks it."""
        if name not in self.programs:
            raise MachineryFailed(f"The image “{self.name}” has no {name}.")
        return self.programs[name]


class Running(Protocol):
    """A launched program. Nothing that it prints is ever read as a verdict."""

    @property
    def transport(self) -> Transport:
        """The way to its port; only where the specification names one."""

    def alive(self) -> bool:
        """Whether the program still runs."""

    def wait(self, timeout_seconds: float) -> bool:
        """Wait for its end; False where it still runs after the time."""

    def kill(self, reason: str = "") -> None:
        """End everything in the sandbox now; the first reason given stays readable as `killed`."""

    @property
    def killed(self) -> str:
        """Why we ended it; empty where it ended by itself or still runs."""

    @property
    def exit_status(self) -> int | None:
        """The program's exit status, negative for a signal; None while it runs."""

    @property
    def prewarmed(self) -> bool:
        """Whether modules had been imported in it before the code came, which peak memory shows."""

    def restart(self) -> None:
        """End the program and all that it started (SIGTERM, after 3 s SIGKILL), and start it again on the same /app.

        Back when it was started, not when it answers. The database and the log go on. Raises MachineryFailed where the
        sandbox is gone.
        """

    def peak_memory(self) -> PeakMemory:
        """The most memory it used so far; stays readable after its end."""

    def statements(self) -> int | None:
        """How many SQL statements PostgreSQL completed or refused for it so far; None where it has no PostgreSQL.

        Control of transactions and sessions (BEGIN, COMMIT, SET, SHOW …) is left out. Stays readable after its end.
        """

    def first_process(self) -> int | None:
        """The first process of the sandbox as this machine numbers it, for looking in from outside; None at its end."""

    def sent_statements(self) -> SentStatements | None:
        """SQL that it sent to PostgreSQL, each form once; None where it has no PostgreSQL or can no longer be asked."""

    def log(self) -> str:
        """What it printed: the first 64 KB and the last 256 KB."""

    def log_since(self, moment: float, *, settled: bool = False) -> str:
        """What it printed since `moment` (`time.time()`), as far as the tail reaches.

        With `settled`, when it has gone quiet: after 20 to 50 ms as a rule, 250 at most.
        """


class Sandbox(Protocol):
    """A way to launch programs that we do not trust."""

    @property
    def name(self) -> str:
        """`bubblewrap` or `container`."""

    @property
    def image(self) -> Image | None:
        """What programs run in; None where it is the machine's own /usr. SandboxUnavailable where Docker lacks it."""

    def launch(self, spec: LaunchSpec) -> AbstractContextManager[Running]:
        """Launch and yield the running program; at the end of the block nothing of it is left.

        Raises MachineryFailed where the sandbox itself does not come up.
        """

    def self_test(self) -> float:
        """Launch something harmless; the seconds it took. Raises SandboxUnavailable with what to switch on."""
