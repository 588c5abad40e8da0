"""The container sandbox: Docker, no network, and a sidecar that runs the bridge in the container's network namespace.

The image `amend-base` (made by `image.sh`) is nearly empty: the machine's /usr is mounted read-only, as bubblewrap
does, so that both sandboxes run the same interpreters and share the environments. The daemon must therefore be this
machine's own. `AMEND_CONTAINER_RUNTIME=runsc` puts gVisor between a backend and the kernel.
"""

from __future__ import annotations

import json
import os
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from evaluator.errors import SandboxUnavailable
from evaluator.sandbox.archive import archive_of
from evaluator.sandbox.base import LaunchSpec, Limits, Running
from evaluator.sandbox.bridge_program import bridge_program
from evaluator.sandbox.interpreter import trusted_python
from evaluator.sandbox.output import Output
from evaluator.sandbox.slots import Slot, take_slot

if TYPE_CHECKING:
    from docker import DockerClient
    from docker.models.containers import Container

    from evaluator.contract.client import Transport

IMAGE = "amend-base"
UNPACK_THEN_RUN = 'tar -xf /run/amend/files.tar -C /app && exec "$@" </dev/null'
BRIDGE_LIMITS = Limits(memory=128 * 2**20, processes=512, processors=1.0)


class ContainerSandbox:
    """Launches programs in hardened containers of the local Docker daemon."""

    name = "container"

    @contextmanager
    def launch(self, spec: LaunchSpec) -> Iterator[Running]:
        """See `Sandbox.launch`."""
        with ExitStack() as stack:
            client = stack.enter_context(_client())
            slot = stack.enter_context(take_slot())
            running = _Running(client, spec, slot)
            stack.callback(running.close)
            running.start()
            yield running

    def self_test(self) -> float:
        """See `Sandbox.self_test`."""
        started = time.monotonic()
        with self.launch(LaunchSpec(("true",), {}, {"PATH": "/usr/bin:/bin"})) as running:
            if not running.wait(30) or running.exit_status != 0:
                raise SandboxUnavailable("Docker answers, but a container of the image amend-base does not run in it.")
        return time.monotonic() - started


class _Running:
    """One container and the sidecar that is the way in."""

    def __init__(self, client: DockerClient, spec: LaunchSpec, slot: Slot) -> None:
        self._client = client
        self._spec = spec
        self._user = slot.user_id if slot.user_id is not None else os.getuid()
        self._private = slot.folder
        self._sockets = slot.folder / "sockets"
        self._sockets.mkdir(mode=0o700)
        slot.own(self._sockets)
        if spec.kept is not None:
            slot.own(spec.kept)
        self._containers: list[Container] = []
        self._ended = threading.Event()
        self._exit_status: int | None = None
        self._killed = ""
        reader, self._log_writer = os.pipe()
        self._output = Output(reader, spec.limits.log_flood, self._kill_for_flood)

    def start(self) -> None:
        """Create and start both containers; what is started is removed by `close`, also after a failure here."""
        import docker.errors

        try:
            backend = self._create_backend()
            stream = backend.attach(stdout=True, stderr=True, stream=True, logs=True)
            threading.Thread(target=self._copy_log, args=(stream,), daemon=True).start()
            backend.start()
            threading.Thread(target=self._follow, args=(backend,), daemon=True).start()
            if self._spec.port is not None or self._spec.proxy is not None or self._spec.postgres is not None:
                self._create_bridge(backend).start()
        except docker.errors.ImageNotFound as error:
            raise SandboxUnavailable(
                "Docker has no image amend-base; build it once with evaluator/sandbox/image.sh."
            ) from error
        except docker.errors.APIError as error:
            raise SandboxUnavailable(f"Docker could not launch the sandbox: {error.explanation}") from error

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

        if self.alive() and not self._killed:
            self._killed = reason or "ended by the evaluator"
        for container in self._containers[:1]:
            with suppress(docker.errors.APIError):  # it has just ended by itself
                container.kill()

    @property
    def killed(self) -> str:
        return self._killed

    @property
    def exit_status(self) -> int | None:
        return self._exit_status

    def log(self) -> str:
        if not self.alive():
            self._output.finish()
        return self._output.text()

    def log_since(self, moment: float) -> str:
        return self._output.since(moment)

    def close(self) -> None:
        """Remove both containers with everything in them."""
        import docker.errors

        if self.alive() and not self._killed:
            self._killed = "ended by the evaluator"
        for container in self._containers:
            with suppress(docker.errors.NotFound):
                container.remove(force=True, v=True)
        self._ended.wait(2)
        self._output.finish()

    def _create_backend(self) -> Container:
        spec, limits = self._spec, self._spec.limits
        files = self._private / "files.tar"
        with archive_of(spec.files) as archive:
            files.write_bytes(archive.read())
        files.chmod(0o644)
        mounts = [_mount(files, "/run/amend/files.tar"), *_system_mounts()]
        mounts += [_mount(mount.source, mount.target, mount.writable) for mount in spec.mounts]
        if spec.kept is not None:
            mounts.append(_mount(spec.kept, "/env", writable=True))
        owned = f"rw,nosuid,nodev,exec,mode=0755,uid={self._user},gid={self._user}"
        container = self._client.containers.create(
            IMAGE,
            ["/bin/bash", "-c", UNPACK_THEN_RUN, "sandbox", *spec.argv],
            network_mode="none",
            tmpfs={
                "/app": f"{owned},size={limits.files_size},nr_inodes=65536",
                "/tmp": f"rw,nosuid,nodev,mode=1777,size={limits.temporary_size},nr_inodes=65536",
            },
            shm_size=limits.temporary_size // 4,
            working_dir="/app",
            hostname="app",
            environment=dict(spec.environment),
            extra_hosts={"postgres": "127.0.0.1", "db": "127.0.0.1"},
            mounts=mounts,
            runtime=os.environ.get("AMEND_CONTAINER_RUNTIME") or None,
            **self._hardened(limits),
        )
        self._containers.append(container)
        return container

    def _create_bridge(self, backend: Container) -> Container:
        spec = self._spec
        order = self._private / "order.json"
        postgres = spec.postgres and {key: str(value) for key, value in vars(spec.postgres).items()}
        mounts = [*_system_mounts(), _mount(self._sockets, "/run/sockets", writable=True)]
        document: dict[str, Any] = {
            "listen_path": "/run/sockets/http.sock",
            "port": spec.port,
            "postgres": None,
            "proxy": None,
        }
        if postgres:
            mounts.append(_mount(Path(postgres["socket"]).parent, "/run/postgres"))
            document["postgres"] = postgres | {"socket": f"/run/postgres/{Path(postgres['socket']).name}"}
        if spec.proxy is not None:
            mounts.append(_mount(spec.proxy.parent, "/run/proxy"))
            document["proxy"] = f"/run/proxy/{spec.proxy.name}"
        order.write_text(json.dumps(document))
        order.chmod(0o644)
        python = trusted_python()
        if not python.program.is_relative_to("/usr"):
            folder = python.program.parent.parent
            mounts.append(_mount(folder, str(folder)))
        mounts += [_mount(order, "/run/amend/order.json"), _mount(bridge_program(), "/run/amend/bridge.py")]
        container = self._client.containers.create(
            IMAGE,
            [str(python.program), "-I", "-S", "/run/amend/bridge.py", "/run/amend/order.json"],
            network_mode=f"container:{backend.id}",
            mounts=mounts,
            environment=dict(python.environment),
            **self._hardened(BRIDGE_LIMITS),
        )
        self._containers.append(container)
        return container

    def _hardened(self, limits: Limits) -> dict[str, Any]:
        import docker.types

        bounds = {"nofile": limits.open_files, "fsize": limits.one_file, "core": 0}
        return {
            "user": f"{self._user}:{self._user}",
            "read_only": True,
            "cap_drop": ["ALL"],
            "security_opt": ["no-new-privileges"],
            "pids_limit": limits.processes,
            "mem_limit": limits.memory,
            "memswap_limit": limits.memory,
            "nano_cpus": int(limits.processors * 1e9),
            "ulimits": [docker.types.Ulimit(name=name, soft=bound, hard=bound) for name, bound in bounds.items()],
            "log_config": docker.types.LogConfig(type="none"),
            "labels": {"amend": "sandbox"},
        }

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
                self._killed = "the bridge was lost"
        self._ended.set()

    def _kill_for_flood(self) -> None:
        self.kill("printed more than the limit of its log")


@contextmanager
def _client() -> Iterator[DockerClient]:
    import docker
    import docker.errors

    try:
        client = docker.from_env(timeout=60)
        client.ping()
    except docker.errors.DockerException as error:
        raise SandboxUnavailable("Docker does not answer: start it, or let this user use its socket.") from error
    try:
        yield client
    finally:
        client.close()


def _mount(source: Path, target: str, writable: bool = False) -> Any:
    import docker.types

    return docker.types.Mount(target=target, source=str(source), type="bind", read_only=not writable)


def _system_mounts() -> list[Any]:
    """What bubblewrap binds too; the links /bin, /lib … into it are in the image."""
    places = ("/usr", "/etc/ssl/certs", "/etc/alternatives", "/etc/ld.so.cache")
    return [_mount(Path(place), place) for place in places if Path(place).exists()]
