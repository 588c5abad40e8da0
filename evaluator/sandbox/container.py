"""The container sandbox: Docker, no network, and a sidecar that runs the bridge.

The bridge's container starts first and has a network namespace with `lo` only; the backend's joins it, so that every
way in and out is open before the backend looks for it. The image is nearly empty and made here: the machine's /usr is
mounted read-only, as bubblewrap does, so that both sandboxes run the same interpreters and share the environments. The
daemon must therefore be this machine's own.
"""

from __future__ import annotations

import hashlib
import io
import os
import socket
import tarfile
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from evaluator.errors import MachineryFailed, SandboxUnavailable
from evaluator.sandbox.archive import archive_of
from evaluator.sandbox.base import LaunchSpec, Limits, PeakMemory, Running
from evaluator.sandbox.bridge_program import bridge_program, written_order
from evaluator.sandbox.bubblewrap import CERTIFICATE_PLACES, GROUP, NSSWITCH, PASSWD
from evaluator.sandbox.container_client import docker_client
from evaluator.sandbox.container_left_behind import SLOT_LABEL, lock_of, remove_containers_left_behind
from evaluator.sandbox.control import statements_of
from evaluator.sandbox.interpreter import trusted_python
from evaluator.sandbox.limits import CGROUPS, resource_limits
from evaluator.sandbox.output import Output
from evaluator.sandbox.seccomp import docker_profile
from evaluator.sandbox.slots import Slot, take_slot
from evaluator.sandbox.supervisor import order_restart, supervised

if TYPE_CHECKING:
    from docker import DockerClient
    from docker.models.containers import Container

    from evaluator.contract.client import Transport

IMAGE = "amend-base"
MOUNT_POINTS = ("usr", "etc", "proc", "dev", "sys", "run", "tmp", "app", "env")
TOP_FOLDERS = ("bin", "sbin", "lib", "lib32", "lib64")
BRIDGE_LIMITS = Limits(memory=128 * 2**20, processes=512, processors=1.0)
BRIDGE_SECONDS = 20.0
BRIDGE_LOST = "the bridge was lost"
NO_PORT = 9  # nothing listens there: a connection ends at once


class ContainerSandbox:
    """Launches programs in hardened containers of the local Docker daemon."""

    name = "container"

    @contextmanager
    def launch(self, spec: LaunchSpec) -> Iterator[Running]:
        """See `Sandbox.launch`."""
        with ExitStack() as stack:
            client = stack.enter_context(docker_client())
            slot = stack.enter_context(take_slot())
            remove_containers_left_behind(client, slot)
            running = _Running(client, spec, slot)
            stack.callback(running.close)
            running.start()
            yield running

    def self_test(self) -> float:
        """See `Sandbox.self_test`."""
        started = time.monotonic()
        with self.launch(LaunchSpec(("true",), {}, {"PATH": "/usr/bin:/bin"}, port=8080)) as running:
            if not running.wait(30) or running.exit_status != 0:
                printed = running.log().strip().splitlines()[-1:] or ["nothing printed"]
                raise SandboxUnavailable(f"Docker answers, but a container does not work in it ({printed[0]}).")
        return time.monotonic() - started


class _Running:
    """The container of a program, and the sidecar that is its way in and out where it needs one."""

    def __init__(self, client: DockerClient, spec: LaunchSpec, slot: Slot) -> None:
        self._client = client
        self._spec = spec
        self._slot = slot
        self._user = slot.user_id if slot.user_id is not None else os.getuid()
        self._private = slot.folder
        self._sockets = slot.folder / "uds"
        self._sockets.mkdir(mode=0o700)
        slot.own(self._sockets)
        if spec.kept is not None:
            slot.own(spec.kept)
        self._backend: Container | None = None
        self._bridge: Container | None = None
        self._ended = threading.Event()
        self._closing = False
        self._attached = False
        self._exit_status: int | None = None
        self._killed = ""
        self._supervisor = 0
        self._statements = 0 if spec.postgres is not None else None
        self._peak = PeakMemory(None, "")
        reader, self._log_writer = os.pipe()
        self._output = Output(reader, spec.limits.log_flood, self._kill_for_flood)

    def start(self) -> None:
        """Create and start the containers; what is started is removed by `close`, also after a failure here."""
        import docker.errors
        import requests.exceptions

        spec = self._spec
        try:
            if spec.port is not None or spec.proxy is not None or spec.postgres is not None:
                self._bridge = self._create_bridge()
                self._bridge.start()
                threading.Thread(target=self._watch_bridge, args=(self._bridge,), daemon=True).start()
            self._backend = self._create_backend()
            if self._bridge is not None:
                self._wait_for_bridge()
            # No logs=True: without a log driver there is nothing to replay, and the stream would hang on that error.
            stream = self._backend.attach(stdout=True, stderr=True, stream=True)
            self._attached = True
            threading.Thread(target=self._copy_log, args=(stream,), daemon=True).start()
            self._backend.start()
            self._backend.reload()
            self._supervisor = int(self._backend.attrs["State"]["Pid"])
            threading.Thread(target=self._follow, args=(self._backend,), daemon=True).start()
        except docker.errors.APIError as error:
            raise SandboxUnavailable(f"Docker could not launch the sandbox: {error.explanation}") from error
        except requests.exceptions.RequestException as error:
            raise SandboxUnavailable(f"Docker was lost during a launch: {error}") from error

    @property
    def transport(self) -> Transport:
        from evaluator.contract.client import Transport

        return Transport(uds=str(self._sockets / "http.sock"))

    def alive(self) -> bool:
        return not self._ended.is_set()

    def wait(self, timeout_seconds: float) -> bool:
        return self._ended.wait(timeout_seconds)

    def kill(self, reason: str = "") -> None:
        import docker.errors
        import requests.exceptions

        if self.alive() and not self._killed:
            self._killed = reason or "ended by the evaluator"
        # It may have just ended by itself; a lost daemon is told by whoever waits for the end.
        with suppress(docker.errors.APIError, requests.exceptions.RequestException):
            if self._backend is not None:
                self._backend.kill()

    @property
    def killed(self) -> str:
        return self._killed

    @property
    def exit_status(self) -> int | None:
        return self._exit_status

    def restart(self) -> None:
        if not self._supervisor or not self.alive():
            raise MachineryFailed("The sandbox was gone when its program was to be started again.")
        order_restart(self._supervisor, self.alive)

    def peak_memory(self) -> PeakMemory:
        if self.alive() and (most := _peak_memory(self._supervisor)) is not None:
            self._peak = PeakMemory(most, "cgroup")
        return self._peak

    def statements(self) -> int | None:
        if self._statements is not None and not self._closing:
            with suppress(MachineryFailed):  # a lost bridge ends the run, and is told there
                self._statements = statements_of(self._sockets / "control.sock")
        return self._statements

    def log(self) -> str:
        if not self.alive():
            self._output.finish()
        return self._output.text()

    def log_since(self, moment: float) -> str:
        return self._output.since(moment)

    def close(self) -> None:
        """Remove both containers with everything in them."""
        import docker.errors
        import requests.exceptions

        self.peak_memory()
        self.statements()
        self._closing = True
        if self.alive() and not self._killed:
            self._killed = "ended by the evaluator"
        for container in (self._backend, self._bridge):
            # What cannot be removed now is removed by a later launch, on this slot at the latest.
            with suppress(docker.errors.APIError, requests.exceptions.RequestException):
                if container is not None:
                    container.remove(force=True, v=True)
        if self._attached:
            self._ended.wait(2)
        else:
            os.close(self._log_writer)
        self._output.finish()

    def _create_backend(self) -> Container:
        spec, limits = self._spec, self._spec.limits
        files = self._file("files.tar", archive_of(spec.files))
        mounts = [*self._system_mounts(), _mount(files, "/run/amend/files.tar")]
        mounts += [_mount(mount.source, mount.target, mount.writable) for mount in spec.mounts]
        if spec.kept is not None:
            mounts.append(_mount(spec.kept, "/env", writable=True))
        owned = f"rw,nosuid,nodev,exec,mode=0755,uid={self._user},gid={self._user}"
        return self._create(
            supervised("/run/amend/files.tar", spec.argv),
            limits,
            mounts,
            spec.environment,
            tmpfs={
                "/app": f"{owned},size={limits.files_size},nr_inodes=65536",
                "/tmp": f"rw,nosuid,nodev,exec,mode=1777,size={limits.temporary_size},nr_inodes=65536",
                "/sys": "ro,size=4k,nr_inodes=1",
            },
            shm_size=limits.temporary_size // 4,
            working_dir="/app",
            runtime=os.environ.get("AMEND_CONTAINER_RUNTIME") or None,
            **({"network_mode": f"container:{self._bridge.id}"} if self._bridge is not None else _own_network()),
        )

    def _create_bridge(self) -> Container:
        spec = self._spec
        postgres = spec.postgres and {key: str(value) for key, value in vars(spec.postgres).items()}
        mounts = [*self._system_mounts(), _mount(self._sockets, "/run/sockets", writable=True)]
        order: dict[str, Any] = {
            "listen_path": "/run/sockets/http.sock",
            "control_path": "/run/sockets/control.sock",
            "port": spec.port or NO_PORT,
            "postgres": None,
            "proxy": None,
        }
        if postgres:
            mounts.append(_mount(Path(postgres["socket"]).parent, "/run/postgres"))
            order["postgres"] = postgres | {"socket": f"/run/postgres/{Path(postgres['socket']).name}"}
        if spec.proxy is not None:
            mounts.append(_mount(spec.proxy.parent, "/run/proxy"))
            order["proxy"] = f"/run/proxy/{spec.proxy.name}"
        python = trusted_python()
        if not python.program.is_relative_to("/usr"):
            folder = python.program.parent.parent
            mounts.append(_mount(folder, str(folder)))
        order_file = self._file("order", written_order(order))
        mounts += [_mount(order_file, "/run/amend/order"), _mount(bridge_program(), "/run/amend/bridge.py")]
        return self._create(
            [str(python.program), "-I", "-S", "/run/amend/bridge.py", "/run/amend/order"],
            BRIDGE_LIMITS,
            mounts,
            python.environment,
            **_own_network(),
        )

    def _create(
        self, command: list[str], limits: Limits, mounts: list[Any], environment: Mapping[str, str], **more: Any
    ) -> Container:
        """A container, hardened and bounded; the image is made where it is missing."""
        import docker.errors

        image = f"{IMAGE}:{_image_layer()[0]}"
        options = self._hardened(limits) | {"mounts": mounts, "environment": dict(environment)} | more
        try:
            return self._client.containers.create(image, command, **options)
        except docker.errors.ImageNotFound:
            tag, layer = _image_layer()
            self._client.api.import_image_from_data(layer, repository=IMAGE, tag=tag)
            return self._client.containers.create(image, command, **options)

    def _hardened(self, limits: Limits) -> dict[str, Any]:
        import docker.types

        # NPROC counts the bridge too, which has the same user id; the control group counts each container's own.
        bounds = resource_limits(limits, counted_by_group=True)
        ulimits = [
            docker.types.Ulimit(name=name.lower(), soft=bound, hard=bound)
            for name, bound in bounds.items()
            if name != "NPROC"
        ]
        return {
            "user": f"{self._user}:{self._user}",
            "read_only": True,
            "cap_drop": ["ALL"],
            "security_opt": ["no-new-privileges", f"seccomp={docker_profile()}"],
            "pids_limit": limits.processes,
            "mem_limit": limits.memory,
            "memswap_limit": limits.memory,
            "nano_cpus": int(min(limits.processors, os.cpu_count() or 1) * 1e9),
            "ulimits": ulimits,
            "log_config": docker.types.LogConfig(type="none"),
            "labels": {SLOT_LABEL: str(lock_of(self._slot))},
        }

    def _system_mounts(self) -> list[Any]:
        """What bubblewrap binds too, and our few files of /etc; the links /bin, /lib … into /usr are in the image."""
        places = ["/usr", "/etc/ld.so.cache", "/etc/alternatives", "/etc/localtime", *CERTIFICATE_PLACES]
        places += [f"/{name}" for name in TOP_FOLDERS if not Path("/", name).is_symlink()]
        texts = {"passwd": PASSWD, "group": GROUP, "nsswitch.conf": NSSWITCH}
        ours = {name: text.replace("1000", str(self._user)).encode() for name, text in texts.items()}
        return [
            *(_mount(Path(place), place) for place in places if Path(place).exists()),
            *(_mount(self._file(name, content), f"/etc/{name}") for name, content in ours.items()),
        ]

    def _file(self, name: str, content: bytes) -> Path:
        """A file in our private folder for a container to read."""
        path = self._private / name
        path.write_bytes(content)
        path.chmod(0o644)
        return path

    def _wait_for_bridge(self) -> None:
        """Until it takes a connection, which it does only when it listens everywhere, and ends it: nobody is there."""
        deadline = time.monotonic() + BRIDGE_SECONDS
        while time.monotonic() < deadline and not self._killed:
            with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as trial, suppress(OSError):
                trial.settimeout(BRIDGE_SECONDS)
                trial.connect(str(self._sockets / "http.sock"))
                trial.recv(1)
                return
            time.sleep(0.005)
        raise SandboxUnavailable("The bridge of a container did not come up.")

    def _watch_bridge(self, bridge: Container) -> None:
        """A bridge never ends by itself: a run without it is void."""
        import docker.errors
        import requests.exceptions

        with suppress(docker.errors.APIError, requests.exceptions.RequestException):
            bridge.wait()
        if not self._closing:
            self.kill(BRIDGE_LOST)

    def _copy_log(self, stream: Iterator[bytes]) -> None:
        with os.fdopen(self._log_writer, "wb", buffering=0) as writer, suppress(OSError):
            for part in stream:
                writer.write(part)

    def _follow(self, backend: Container) -> None:
        import docker.errors
        import requests.exceptions

        try:
            self._exit_status = int(backend.wait()["StatusCode"])
        except (docker.errors.APIError, requests.exceptions.RequestException):
            if not self._killed:
                self._killed = BRIDGE_LOST
        self._ended.set()

    def _kill_for_flood(self) -> None:
        """From a thread of its own: Docker's kill waits until what was printed is read, by the thread we are in."""
        threading.Thread(target=self.kill, args=("printed more than the limit of its log",), daemon=True).start()


def _peak_memory(pid: int) -> int | None:
    """The most bytes that the control group of a process used at one moment; None where none is shown."""
    with suppress(OSError, ValueError):
        for line in Path(f"/proc/{pid}/cgroup").read_text().splitlines():
            _, controllers, path = line.split(":", 2)
            if controllers in ("", "memory"):
                place = CGROUPS / controllers / path.lstrip("/")
                name = "memory.max_usage_in_bytes" if controllers else "memory.peak"
                with suppress(OSError, ValueError):
                    return int((place / name).read_text())
    return None


def _mount(source: Path, target: str, writable: bool = False) -> Any:
    import docker.types

    return docker.types.Mount(target=target, source=str(source), type="bind", read_only=not writable)


def _own_network() -> dict[str, Any]:
    """A network namespace with nothing but `lo`, which has ::1 wherever the machine has IPv6, as under bubblewrap."""
    sysctls = {"net.ipv4.ip_unprivileged_port_start": "1024"}
    if Path("/proc/sys/net/ipv6").exists():
        sysctls |= {f"net.ipv6.conf.{name}.disable_ipv6": "0" for name in ("all", "default", "lo")}
    names = dict.fromkeys(("postgres", "db", "app"), "127.0.0.1")
    # A name server of our own, for otherwise Docker shows the machine's.
    ours = {"hostname": "app", "extra_hosts": names, "dns": ["127.0.0.1"]}
    return {"network_mode": "none", "sysctls": sysctls} | ours


@cache
def _image_layer() -> tuple[str, bytes]:
    """The image as a tar archive and its tag, a hash: mount points and the machine's own links into /usr."""
    layer = io.BytesIO()
    with tarfile.open(fileobj=layer, mode="w", format=tarfile.GNU_FORMAT) as tar:
        for name in MOUNT_POINTS:
            folder = tarfile.TarInfo(name)
            # A tmpfs takes the mode of the folder beneath it, whatever its options say.
            folder.type, folder.mode = tarfile.DIRTYPE, 0o1777 if name == "tmp" else 0o755
            tar.addfile(folder)
        for name in TOP_FOLDERS:
            if Path("/", name).is_symlink():
                link = tarfile.TarInfo(name)
                link.type, link.linkname = tarfile.SYMTYPE, os.readlink(f"/{name}")
                tar.addfile(link)
    return hashlib.sha256(layer.getvalue()).hexdigest()[:12], layer.getvalue()
