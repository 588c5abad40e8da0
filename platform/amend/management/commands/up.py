"""One supervising process for the web server, the worker and the embedded engines."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from argparse import ArgumentParser
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from amend.engines import ROOT, broker_url, database_url, start_embedded_engines, state_directory
from amend.web import web_process

STOP_SECONDS = 15
QUICKEST_RESTART_SECONDS = 1.0


@dataclass
class Child:
    """A process that must be running. It is started again when it dies."""

    name: str
    argv: list[str]
    process: subprocess.Popen[bytes] | None = None
    started_at: float = field(default=0.0)


class Command(BaseCommand):
    help = "Serve the site: web, worker and embedded engines, until Ctrl-C. With --demo, prepare the demo study first."
    requires_system_checks: list[str] = []  # noqa: RUF012 - Django's own attribute

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--demo", action="store_true", help="prepare the demo study and print its sign-ins")
        parser.add_argument("--host", default="127.0.0.1")
        parser.add_argument("--port", type=int, default=int(os.environ.get("AMEND_PORT", "8000")))

    def handle(self, *, demo: bool, host: str, port: int, **options: Any) -> None:
        port = free_port(host, port)
        start_embedded_engines()
        environment = os.environ | {
            "DATABASE_URL": database_url(),
            "BROKER_URL": broker_url(),
            "PYTHONUNBUFFERED": "1",
        }
        prepare = [sys.executable, str(ROOT / "manage.py"), *(["prepare_demo"] if demo else ["migrate", "-v", "0"])]
        if subprocess.run(prepare, env=environment).returncode != 0:
            raise CommandError("The preparation did not finish; start again to go on where it stopped.")
        supervise(self._children(host, port), environment, lambda: self._welcome(host, port, demo))
        self.stdout.write("Stopped.")

    def _children(self, host: str, port: int) -> list[Child]:
        worker = ["celery", "--app", "amend.celery", "worker", "--beat", "--concurrency", "2", "--loglevel", "warning"]
        worker += ["--schedule", str(state_directory() / "beat-schedule"), "--without-mingle", "--without-gossip"]
        # Ordinary tools, which come after everything else: one at a time, in a process without children.
        tools = ["celery", "--app", "amend.celery", "worker", "--queues", "tools", "--pool", "solo"]
        tools += ["--loglevel", "warning", "--without-mingle", "--without-gossip", "--without-heartbeat"]
        # Backends that people keep running have threads of their own: no run waits for them.
        holder = ["celery", "--app", "amend.celery", "worker", "--queues", "held", "--pool", "threads"]
        holder += ["--concurrency", "4", "--loglevel", "warning", "--without-mingle", "--without-gossip"]
        return [
            Child("web", web_process(host=host, port=port)),
            Child("worker", _tool(worker)),
            Child("tools", ["nice", *_tool(tools)]),
            Child("holder", _tool(holder)),
        ]

    def _welcome(self, host: str, port: int, demo: bool) -> None:
        wait_for_port(host, port)
        self.stdout.write(f"\n  Amend is at http://{host}:{port}\n")
        sign_ins = state_directory() / "demo-sign-ins.txt"
        if demo and sign_ins.exists():
            self.stdout.write(sign_ins.read_text())
        self.stdout.write("  Ctrl-C stops everything; the data stays.\n")
        self.stdout.flush()


def supervise(children: list[Child], environment: dict[str, str], welcome: Any) -> None:
    """Keep the children running until SIGINT or SIGTERM; then end them in reverse order."""
    stopping = False

    def stop(*_: object) -> None:
        nonlocal stopping
        stopping = True

    signal.signal(signal.SIGINT, stop)
    signal.signal(signal.SIGTERM, stop)
    try:
        for child in children:
            _start(child, environment)
        welcome()
        while not stopping:
            for child in children:
                assert child.process is not None
                if child.process.poll() is not None and time.monotonic() - child.started_at > QUICKEST_RESTART_SECONDS:
                    print(f"The {child.name} process ended (status {child.process.returncode}); starting it again.")
                    _start(child, environment)
            time.sleep(0.2)
    finally:
        for child in reversed(children):
            _end(child)


def free_port(host: str, port: int) -> int:
    """The port, or the next free one of the ten that follow."""
    for candidate in range(port, port + 10):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((host, candidate))
            except OSError:
                continue
            return candidate
    raise CommandError(f"Ports {port} to {port + 9} are all in use; give another with AMEND_PORT.")


def wait_for_port(host: str, port: int, *, seconds: float = 30) -> None:
    """Return when something listens, or after `seconds`."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        with socket.socket() as probe:
            probe.settimeout(0.5)
            if probe.connect_ex((host, port)) == 0:
                return
        time.sleep(0.05)


def _start(child: Child, environment: dict[str, str]) -> None:
    log = (state_directory() / f"{child.name}.log").open("ab")
    child.started_at = time.monotonic()
    # A session of its own: Ctrl-C reaches the supervisor alone, which ends the children in order.
    child.process = subprocess.Popen(
        child.argv, cwd=ROOT, env=environment, stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True
    )


def _end(child: Child) -> None:
    process = child.process
    if process is None or process.poll() is not None:
        return
    process.terminate()
    try:
        process.wait(timeout=STOP_SECONDS)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def _tool(argv: list[str]) -> list[str]:
    return [str(Path(sys.executable).parent / argv[0]), *argv[1:]]
