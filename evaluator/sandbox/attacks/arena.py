"""Where attacks take place: a sandbox, traps around it that note whoever touches them, and ways to look on.

The traps are what a program of any user of this machine could reach: a readable file, a variable, listening sockets, a
segment of shared memory. So what keeps a hostile program from them is the sandbox and not the rights of a file.
"""

from __future__ import annotations

import json
import os
import secrets
import shutil
import socket
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, ExitStack, contextmanager, suppress
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any

from evaluator.cache import cache_root
from evaluator.contract.client import Response, Transport
from evaluator.sandbox.attacks.asking import ask
from evaluator.sandbox.attacks.attack import NotTried
from evaluator.sandbox.attacks.looking import processes_with, started_at
from evaluator.sandbox.base import MEGABYTE, DatabaseAccess, LaunchSpec, Limits, Mount, Running, Sandbox
from evaluator.sandbox.interpreter import backend_python
from evaluator.sandbox.slots import slots_folder
from evaluator.services.postgres import fresh_database

PROGRAMS = Path(__file__).with_name("programs")
MOST_INODES = 400_000
BOUNDS = Limits(
    memory=192 * MEGABYTE,
    processes=64,
    processors=1.0,
    files_size=32 * MEGABYTE,
    temporary_size=16 * MEGABYTE,
    one_file=8 * MEGABYTE,
    open_files=256,
    log_flood=4 * MEGABYTE,
)
STARTED_SECONDS = 20.0
SECRET_VARIABLE = "AMEND_ATTACK_SECRET"
Asker = Callable[[Transport, str], Response]


@dataclass
class Listener:
    """A service of the host that notes who comes."""

    socket: socket.socket
    visits: int = 0


class Told:
    """The lines of JSON that a hostile program printed so far."""

    def __init__(self, running: Running, mark: str) -> None:
        self.running = running
        self.mark = mark

    def lines(self) -> list[dict[str, Any]]:
        """Every complete line that is a fact; floods of other output are passed over."""
        found = []
        for line in self.running.log().splitlines():
            if line.startswith('{"'):
                with suppress(ValueError):
                    found.append(json.loads(line))
        return found

    def tried(self) -> bool:
        return any("tried" in line for line in self.lines())

    def wait_until_tried(self) -> None:
        """Raises NotTried where the program ends, or a long time passes, before the attack is at hand."""
        self.wait_for(self.tried)

    def wait_for(self, came: Callable[[], bool]) -> None:
        deadline = time.monotonic() + STARTED_SECONDS
        while not came():
            if self.running.wait(0.02) and not came():
                how = self.running.killed or f"status {self.running.exit_status}"
                last = (self.running.log().strip().splitlines() or ["nothing printed"])[-1]
                raise NotTried(f"its program ended before it tried ({how}): {last[:300]}")
            if time.monotonic() > deadline:
                raise NotTried(f"its program did not try within {STARTED_SECONDS:.0f} s")

    def facts(self) -> dict[str, Any]:
        """All told facts in one; the last word on each counts. Raises NotTried."""
        self.wait_until_tried()
        return {name: value for line in self.lines() for name, value in line.items()}

    def processes(self) -> list[int]:
        """Living processes of the machine that come from this program."""
        return processes_with(self.mark)


class Arena:
    """A sandbox under attack, and how it is spoken to: by our client, and with databases of ours."""

    def __init__(
        self,
        sandbox: Sandbox,
        *,
        bounds: Limits = BOUNDS,
        inodes: int = MOST_INODES,
        asker: Asker = ask,
        database: Callable[[], AbstractContextManager[DatabaseAccess]] = fresh_database,
    ) -> None:
        self.sandbox = sandbox
        self.bounds = bounds
        self.inodes = inodes
        self.asker = asker
        self.database = database
        self.secret = f"secret-{secrets.token_hex(12)}"
        self.token = secrets.token_hex(6)
        self._stack = ExitStack()
        self._once = threading.RLock()
        self._remembered: dict[str, Any] = {}

    def __enter__(self) -> Arena:
        self._stack.__enter__()
        try:
            self._set_traps()
        except BaseException:
            self._stack.close()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self._stack.close()

    @contextmanager
    def hostile(
        self, program: str, mode: str, arguments: Mapping[str, Any] | None = None, **fields: Any
    ) -> Iterator[Told]:
        """A program of `programs/` at work in the sandbox; `fields` are more of the launch specification."""
        mark = f"amend-attack-{secrets.token_hex(8)}"
        image = self.sandbox.image
        python = image.program("python").path if image else str(backend_python().program)
        spec = LaunchSpec(
            argv=(python, "-u", f"{program}.py", mode, mark, json.dumps(arguments or {})),
            files={path.name: path.read_bytes() for path in PROGRAMS.glob("*.py")},
            environment={"PATH": "/usr/local/bin:/usr/bin:/bin", "HOME": "/tmp", "PYTHONDONTWRITEBYTECODE": "1"},
            mounts=self.tools,
            limits=self.bounds,
        )
        with self.sandbox.launch(replace(spec, **fields)) as running:
            yield Told(running, mark)

    @cached_property
    def tools(self) -> tuple[Mount, ...]:
        """What a program needs of the host beside /usr: the interpreter, where it lies elsewhere."""
        if self.sandbox.image:
            return ()
        python = backend_python()
        return () if python.prefix.is_relative_to("/usr") else (Mount(python.source, str(python.prefix)),)

    def bounded(self, **changes: Any) -> Limits:
        return replace(self.bounds, **changes)

    def once(self, name: str, make: Callable[[], Any]) -> Any:
        """What several attacks share, made by the first of them. What it raises, it raises for all."""
        with self._once:
            if name not in self._remembered:
                try:
                    self._remembered[name] = (make(), None)
                except Exception as error:
                    self._remembered[name] = (None, error)
            value, trouble = self._remembered[name]
        if trouble is not None:
            raise trouble
        return value

    def keep(self, context: Any) -> Any:
        """Enter a context that ends with the arena."""
        return self._stack.enter_context(context)

    def later(self, do: Callable[[], object]) -> None:
        """Do it when the arena is left."""
        self._stack.callback(do)

    def probed(self, name: str) -> list[str]:
        """What the probe of this name found. Raises NotTried where it broke or never ran."""
        lines = self.once("probes", self._probe)
        line = next((line for line in lines if line.get("probe") == name), None)
        if line is None:
            raise NotTried("the probe did not run to its end")
        if "broken" in line:
            raise NotTried(f"the probe broke: {line['broken']}")
        return [str(found) for found in line["found"]]

    def _probe(self) -> list[dict[str, Any]]:
        """One launch for all probes, with another run beside it."""
        other_port = free_port()
        with self.hostile("survivors", "server", {"port": other_port}, port=other_port) as other:
            other.wait_until_tried()
            with self.hostile("probes", "probe", self.given_to_probes(other_port), port=free_port()) as told:
                told.wait_until_tried()
                told.running.wait(STARTED_SECONDS)
                lines = told.lines()
                path = Path(told.running.transport.uds)
                is_socket = path.is_socket() and not path.is_symlink()
        return [*lines, {"socket_is_there": is_socket}]

    def given_to_probes(self, other_port: int) -> dict[str, Any]:
        project = Path(__file__).resolve().parents[3]
        home = Path.home()
        places = ["/root", "/home", "/srv", "/boot", "/sys", "/mnt", "/media", "/etc/shadow", "/etc/ssh"]
        if self.sandbox.image is None:  # which has one of its own
            places.append("/var")
        places += [str(path) for path in (home, project, project / "var", cache_root(), slots_folder(), self.folder)]
        return {
            "secret": self.secret,
            "mark": "amend-attack-",
            "planted": [str(self.folder / "secret.txt"), str(self.shared_memory)],
            "places": sorted(set(places)),
            "mounted": [mount.target for mount in self.tools],
            "accounts": ["daemon:x:", "pgserver:", *_words("/etc/machine-id")],
            "hostname": socket.gethostname(),
            "writable_traps": [str(self.folder / "open")],
            "http_socket": "/run/sockets/http.sock",
            "port": self.host4.socket.getsockname()[1],
            "port6": self.host6.socket.getsockname()[1] if self.host6 else 0,
            "addresses": host_addresses(),
            "abstract": f"amend-attack-{self.token}",
            "sockets": [str(self.folder / "service.sock"), "/run/dbus/system_bus_socket", *self._service_sockets()],
            "other_port": other_port,
            "pids": {pid: started_at(pid) for pid in (os.getpid(), os.getppid(), *processes_with("bridge.py")[:20])},
        }

    def _service_sockets(self) -> list[str]:
        return [str(path) for path in (cache_root() / "postgres").glob("socket/.s.PGSQL.*") if path.is_socket()]

    def _set_traps(self) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="amend-trap-"))
        self._stack.callback(shutil.rmtree, self.folder, ignore_errors=True)
        self.folder.chmod(0o755)
        (self.folder / "secret.txt").write_text(self.secret)
        (self.folder / "secret.txt").chmod(0o644)
        (self.folder / "open").mkdir()
        (self.folder / "open").chmod(0o1777)
        self.shared_memory = Path("/dev/shm", f"amend-trap-{self.token}")
        with suppress(OSError):
            self.shared_memory.write_text(self.secret)
            self.shared_memory.chmod(0o644)
            self._stack.callback(self.shared_memory.unlink)
        os.environ[SECRET_VARIABLE] = self.secret
        self._stack.callback(os.environ.pop, SECRET_VARIABLE, None)
        self.host4 = self._listen(socket.AF_INET, ("0.0.0.0", 0))
        self.host6 = None
        with suppress(OSError):
            self.host6 = self._listen(socket.AF_INET6, ("::1", 0))
        self.abstract = self._listen(socket.AF_UNIX, f"\0amend-attack-{self.token}")
        self.service = self._listen(socket.AF_UNIX, str(self.folder / "service.sock"))
        (self.folder / "service.sock").chmod(0o666)

    def _listen(self, family: int, address: Any) -> Listener:
        listener = Listener(socket.socket(family, socket.SOCK_STREAM))
        try:
            listener.socket.bind(address)
            listener.socket.listen()
        except OSError:
            listener.socket.close()
            raise
        self._stack.callback(_close, listener.socket)
        threading.Thread(target=_note_visits, args=(listener,), name="trap", daemon=True).start()
        return listener


def free_port() -> int:
    """A port that nothing of the host uses: sandboxes have ports of their own, but not every control has."""
    with socket.socket() as trial:
        trial.bind(("127.0.0.1", 0))
        return int(trial.getsockname()[1])


def host_addresses() -> list[str]:
    """The addresses by which this machine would speak to another; nothing is sent to find out."""
    found = []
    for family, target in ((socket.AF_INET, "192.0.2.1"), (socket.AF_INET6, "2001:db8::1")):
        with suppress(OSError), socket.socket(family, socket.SOCK_DGRAM) as trial:
            trial.connect((target, 9))
            found.append(str(trial.getsockname()[0]))
    return found


def _note_visits(listener: Listener) -> None:
    while True:
        try:
            client, _ = listener.socket.accept()
        except OSError:  # closed: the arena is left
            return
        listener.visits += 1
        client.close()


def _close(listener: socket.socket) -> None:
    with suppress(OSError):
        listener.shutdown(socket.SHUT_RDWR)
    listener.close()


def _words(path: str) -> list[str]:
    with suppress(OSError):
        return Path(path).read_text().split()
    return []
