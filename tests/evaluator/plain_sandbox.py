"""A sandbox that is none: the control of the attacks. A check that nothing can fail would prove nothing.

A plain child process, unprivileged where we are root, and that is all: no namespaces, no limits, our variables, our
files, our network, and only the child itself is killed at the end.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from evaluator.contract.client import Transport
from evaluator.sandbox import LaunchSpec
from evaluator.sandbox.output import Output
from evaluator.sandbox.slots import Slot

ENDLESS = 2**60


class PlainSandbox:
    """Launches programs as children of ours, with the user id of one slot, whose holder clears up in the end."""

    name = "plain"
    image = None

    def __init__(self, slot: Slot) -> None:
        self._slot = slot

    @contextmanager
    def launch(self, spec: LaunchSpec) -> Iterator[PlainRunning]:
        folder = Path(tempfile.mkdtemp(prefix="amend-plain-"))
        folder.chmod(0o755)
        app = folder / "app"
        app.mkdir()
        for name, content in spec.files.items():
            (app / name).write_bytes(content)
        self._slot.own(app)
        running = PlainRunning(spec, app, self._slot)
        try:
            yield running
        finally:
            running.kill()
            running.wait(2)
            shutil.rmtree(folder, ignore_errors=True)

    def self_test(self) -> float:
        return 0.0


class PlainRunning:
    prewarmed = False

    def __init__(self, spec: LaunchSpec, folder: Path, slot: Slot) -> None:
        reader, writer = os.pipe()
        self._output = Output(reader, ENDLESS, lambda: None)
        self._port = spec.port or 0
        self.killed = ""
        forgotten = os.open("/", os.O_RDONLY)
        self._process = subprocess.Popen(
            pass_fds=[forgotten],
            args=spec.argv,
            cwd=folder,
            env=os.environ | spec.environment,
            stdin=subprocess.DEVNULL,
            stdout=writer,
            stderr=writer,
            **slot.popen_options(),
        )
        os.close(writer)
        os.close(forgotten)

    @property
    def transport(self) -> Transport:
        return Transport(port=self._port)

    def alive(self) -> bool:
        return self._process.poll() is None

    def wait(self, timeout_seconds: float) -> bool:
        deadline = time.monotonic() + timeout_seconds
        while self.alive() and time.monotonic() < deadline:
            time.sleep(0.005)
        return not self.alive()

    def kill(self, reason: str = "") -> None:
        if self.alive():
            self.killed = reason or "ended by the evaluator"
        self._process.kill()

    @property
    def exit_status(self) -> int | None:
        return self._process.poll()

    def log(self) -> str:
        if not self.alive():
            self._output.finish(0.2)
        return self._output.text()

    def log_since(self, moment: float, *, settled: bool = False) -> str:
        if settled:
            self._output.settle(moment)
        return self._output.since(moment)

    def first_process(self) -> int | None:
        return None
