"""The container sandbox: Docker, no network, and a sidecar that runs the bridge.

The sidecar has a network namespace with `lo` only; the backend's container joins it when the bridge serves, so that
every way in and out is open before the backend looks for it. By default both run on the machine's own /usr, mounted
read-only into an image of some kilobytes, so that both sandboxes run the same interpreters and share the environments.
Where `AMEND_CONTAINER_IMAGE` names an image, backends run on that image's own system instead (see container_image.py).
The daemon must be this machine's own.
"""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager, suppress
from functools import cached_property
from typing import TYPE_CHECKING

from evaluator.errors import MachineryFailed, SandboxUnavailable
from evaluator.sandbox.archive import archive_of
from evaluator.sandbox.base import Image, LaunchSpec, PeakMemory, Running, SentStatements
from evaluator.sandbox.container_client import docker_client
from evaluator.sandbox.container_image import chosen_image, create_on_bare_image
from evaluator.sandbox.container_left_behind import remove_containers_left_behind
from evaluator.sandbox.container_memory import ContainerMemory
from evaluator.sandbox.container_sidecar import Sidecar, http_socket_of
from evaluator.sandbox.container_walls import (
    bind,
    file_for,
    hardened,
    machines_system,
    own_files_of_etc,
    own_network,
    user_of,
)
from evaluator.sandbox.output import Output
from evaluator.sandbox.slots import Slot, take_slot
from evaluator.sandbox.supervisor import order_restart, supervised

if TYPE_CHECKING:
    from docker import DockerClient
    from docker.models.containers import Container

    from evaluator.contract.client import Transport

BRIDGE_LOST = "the bridge was lost"
BEGUN_SECONDS = 10.0


class ContainerSandbox:
    """Launches programs in hardened containers of the local Docker daemon."""

    name = "container"

    @cached_property
    def image(self) -> Image | None:
        """See `Sandbox.image`; it stays the same for as long as this object lives, also when its name moves on."""
        with docker_client() as client:
            return chosen_image(client)

    @contextmanager
    def launch(self, spec: LaunchSpec) -> Iterator[Running]:
        """See `Sandbox.launch`."""
        image = self.image
        with ExitStack() as stack:
            client = stack.enter_context(docker_client())
            slot = stack.enter_context(take_slot())
            remove_containers_left_behind(client, slot)
            running = _Running(client, spec, slot, image)
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

    prewarmed = False

    def __init__(self, client: DockerClient, spec: LaunchSpec, slot: Slot, image: Image | None) -> None:
        self._client = client
        self._spec = spec
        self._slot = slot
        self._image = image
        if spec.kept is not None:
            slot.own(spec.kept)
        needs_bridge = spec.port is not None or spec.proxy is not None or spec.postgres is not None
        self._sidecar = Sidecar(client, spec, slot) if needs_bridge else None
        self._backend: Container | None = None
        self._begun, self._ended = threading.Event(), threading.Event()
        self._attached = False
        self._exit_status: int | None = None
        self._killed = ""
        self._supervisor = 0
        self._memory: ContainerMemory | None = None
        self._statements = 0 if spec.postgres is not None else None
        reader, self._log_writer = os.pipe()
        self._output = Output(reader, spec.limits.log_flood, self._kill_for_flood)

    def start(self) -> None:
        """Create and start the containers; what is started is removed by `close`, also after a failure here."""
        import docker.errors
        import requests.exceptions

        try:
            with ThreadPoolExecutor(1, thread_name_prefix="sidecar") as pool:  # Docker does both at the same time
                sidecar = pool.submit(self._sidecar.start, self._bridge_lost) if self._sidecar else None
                self._backend = self._create()
                # No logs=True: without a log driver there is nothing to replay, and the stream would hang on that.
                stream = self._backend.attach(stdout=True, stderr=True, stream=True)
                self._attached = True
                threading.Thread(target=self._copy_log, args=(stream,), daemon=True).start()
                if sidecar is not None:
                    sidecar.result()
            self._backend.start()
            threading.Thread(target=self._follow, args=(self._backend,), daemon=True).start()
        except docker.errors.APIError as error:
            raise SandboxUnavailable(f"Docker could not launch the sandbox: {error.explanation}") from error
        except requests.exceptions.RequestException as error:
            raise SandboxUnavailable(f"Docker was lost during a launch: {error}") from error

    @property
    def transport(self) -> Transport:
        from evaluator.contract.client import Transport

        return Transport(uds=str(http_socket_of(self._slot)))

    def alive(self) -> bool:
        return not self._ended.is_set()

    def wait(self, timeout_seconds: float) -> bool:
        return self._ended.wait(timeout_seconds)

    def kill(self, reason: str = "") -> None:
        import docker.errors
        import requests.exceptions

        if self.alive() and not self._killed:
            self._killed = reason or "ended by the evaluator"
        self.peak_memory()
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
        self._begun.wait(BEGUN_SECONDS)
        if not self._supervisor or not self.alive():
            raise MachineryFailed("The sandbox was gone when its program was to be started again.")
        order_restart(self._supervisor, self.alive)

    def peak_memory(self) -> PeakMemory:
        return self._memory.peak() if self._memory is not None else PeakMemory(None, "")

    def statements(self) -> int | None:
        if self._statements is not None and self._sidecar is not None:
            with suppress(MachineryFailed):  # it is gone with the run; a loss is told by the end of the run
                self._statements = self._sidecar.statements()
        return self._statements

    def first_process(self) -> int | None:
        self._begun.wait(BEGUN_SECONDS)
        return self._supervisor or None if self.alive() else None

    def sent_statements(self) -> SentStatements | None:
        if self._statements is not None and self._sidecar is not None:
            with suppress(MachineryFailed):  # as in `statements`
                return self._sidecar.sent_statements()
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
        """Remove both containers with everything in them; what was measured stays readable."""
        import docker.errors
        import requests.exceptions

        if self._memory is not None:
            self._memory.peak()
            self._memory.stop()
        self.statements()
        if self.alive() and not self._killed:
            self._killed = "ended by the evaluator"
        # What cannot be removed now is removed by a later launch, on this slot at the latest.
        with suppress(docker.errors.APIError, requests.exceptions.RequestException):
            if self._backend is not None:
                self._backend.remove(force=True, v=True)
        if self._sidecar is not None:
            self._sidecar.close()
        if self._attached:
            self._ended.wait(2)
        else:
            os.close(self._log_writer)
        self._output.finish()

    def _create(self) -> Container:
        spec, limits, user = self._spec, self._spec.limits, user_of(self._slot)
        files = file_for(self._slot, "files.tar", archive_of(spec.files))
        mounts = [*own_files_of_etc(self._slot), bind(files, "/run/amend/files.tar")]
        mounts += [bind(mount.source, mount.target, mount.writable) for mount in spec.mounts]
        if spec.kept is not None:
            mounts.append(bind(spec.kept, "/env", writable=True))
        writable = "rw,nosuid,nodev,exec,nr_inodes=65536"
        options = hardened(self._slot, limits) | {
            "environment": dict(spec.environment),
            "tmpfs": {
                "/app": f"{writable},mode=0755,uid={user},gid={user},size={limits.files_size}",
                "/tmp": f"{writable},mode=1777,size={limits.temporary_size}",
                "/sys": "ro,size=4k,nr_inodes=1",
            },
            "shm_size": limits.temporary_size // 4,
            "working_dir": "/app",
            "runtime": os.environ.get("AMEND_CONTAINER_RUNTIME") or None,
        }
        options |= {"network_mode": f"container:{self._sidecar.name}"} if self._sidecar else own_network()
        command = supervised("/run/amend/files.tar", spec.argv)
        if self._image is None:
            return create_on_bare_image(self._client, command, options | {"mounts": [*machines_system(), *mounts]})
        # Else the image's own entry point would be run, and its health check from time to time.
        options |= {"entrypoint": command[:1], "healthcheck": {"test": ["NONE"]}, "mounts": mounts}
        return self._client.containers.create(self._image.id, command[1:], **options)

    def _copy_log(self, stream: Iterator[bytes]) -> None:
        with os.fdopen(self._log_writer, "wb", buffering=0) as writer, suppress(OSError):
            for part in stream:
                writer.write(part)

    def _follow(self, backend: Container) -> None:
        import docker.errors
        import requests.exceptions

        try:
            backend.reload()
            self._supervisor = int(backend.attrs["State"]["Pid"])  # 0 where it has ended
            self._memory = ContainerMemory(self._supervisor)
            self._begun.set()
            self._exit_status = int(backend.wait()["StatusCode"])
        except (docker.errors.APIError, requests.exceptions.RequestException):
            if not self._killed:
                self._killed = BRIDGE_LOST
        self._ended.set()
        self._begun.set()

    def _bridge_lost(self) -> None:
        self.kill(BRIDGE_LOST)

    def _kill_for_flood(self) -> None:
        """From a thread of its own: Docker's kill waits until what was printed is read, by the thread we are in."""
        threading.Thread(target=self.kill, args=("printed more than the limit of its log",), daemon=True).start()
