"""The sidecar of a container: the bridge, in a container of its own that owns the network namespace of both.

It runs on the machine's own system whatever the backend runs on, and alone sees the sockets.
"""

from __future__ import annotations

import secrets
import socket
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from evaluator.errors import MachineryFailed, SandboxUnavailable
from evaluator.sandbox.base import LaunchSpec, Limits, SentStatements
from evaluator.sandbox.bridge_program import bridge_command, written_order
from evaluator.sandbox.container_image import create_on_bare_image
from evaluator.sandbox.container_walls import bind, file_for, hardened, machines_system, own_files_of_etc, own_network
from evaluator.sandbox.control import sent_statements_of, statements_of
from evaluator.sandbox.interpreter import trusted_python
from evaluator.sandbox.slots import Slot

if TYPE_CHECKING:
    from docker import DockerClient
    from docker.models.containers import Container

BRIDGE_LIMITS = Limits(memory=128 * 2**20, processes=512, processors=1.0)
BRIDGE_SECONDS = 20.0
NO_PORT = 9  # nothing listens there: a connection ends at once


def http_socket_of(slot: Slot) -> Path:
    """Where a connection to the port of a slot's backend begins."""
    return slot.folder / "uds" / "http.sock"


class Sidecar:
    """The bridge of one launch. Another container joins its network by `name`, which is known before it is made."""

    def __init__(self, client: DockerClient, spec: LaunchSpec, slot: Slot) -> None:
        self.name = f"{slot.name}-{secrets.token_hex(4)}"
        self._client = client
        self._spec = spec
        self._slot = slot
        self._sockets = http_socket_of(slot).parent
        self._sockets.mkdir(mode=0o700)
        slot.own(self._sockets)
        self._container: Container | None = None
        self._closing = self._lost = False

    def start(self, on_loss: Callable[[], None]) -> None:
        """Back when it serves, so that a backend may connect first of all; `on_loss` is called where it ends by itself.

        Raises SandboxUnavailable where it does not come up.
        """
        self._container = self._create()
        self._container.start()
        threading.Thread(target=self._watch, args=(self._container, on_loss), daemon=True).start()
        self._wait_until_it_serves()

    def statements(self) -> int:
        """SQL statements that passed so far. Raises MachineryFailed where it is gone or does not answer."""
        if self._closing:  # another run's sockets may lie there by now
            raise MachineryFailed("The sidecar of a container was removed.")
        return statements_of(self._sockets / "control.sock")

    def sent_statements(self) -> SentStatements:
        """SQL that passed so far, each form once. Raises MachineryFailed as `statements` does."""
        if self._closing:
            raise MachineryFailed("The sidecar of a container was removed.")
        return sent_statements_of(self._sockets / "control.sock")

    def close(self) -> None:
        """Remove it; what cannot be removed now is removed by a later launch, on this slot at the latest."""
        import docker.errors
        import requests.exceptions

        self._closing = True
        with suppress(docker.errors.APIError, requests.exceptions.RequestException):
            if self._container is not None:
                self._container.remove(force=True, v=True)

    def _create(self) -> Container:
        python = trusted_python()
        mounts = [*machines_system(), *own_files_of_etc(self._slot), bind(self._sockets, "/run/sockets", writable=True)]
        if not python.program.is_relative_to("/usr"):
            folder = python.program.parent.parent
            mounts.append(bind(folder, str(folder)))
        order, more_mounts = self._order()
        order_file = file_for(self._slot, "order", written_order(order))
        *interpreter, program = bridge_command()
        mounts += [*more_mounts, bind(order_file, "/run/amend/order"), bind(Path(program), "/run/amend/bridge.pyc")]
        options = {"name": self.name, "mounts": mounts, "environment": dict(python.environment), **own_network()}
        command = [*interpreter, "/run/amend/bridge.pyc", "/run/amend/order"]
        return create_on_bare_image(self._client, command, hardened(self._slot, BRIDGE_LIMITS) | options)

    def _order(self) -> tuple[dict[str, Any], list[Any]]:
        """What the bridge is told (see bridge.py), and the mounts that show it the sockets named there."""
        spec, mounts = self._spec, []
        order: dict[str, Any] = {
            "listen_path": "/run/sockets/http.sock",
            "control_path": "/run/sockets/control.sock",
            "port": spec.port or NO_PORT,
            "postgres": None,
            "proxy": None,
        }
        if spec.postgres is not None:
            mounts.append(bind(spec.postgres.socket.parent, "/run/postgres"))
            access = {key: str(value) for key, value in vars(spec.postgres).items()}
            order["postgres"] = access | {"socket": f"/run/postgres/{spec.postgres.socket.name}"}
        if spec.proxy is not None:
            mounts.append(bind(spec.proxy.parent, "/run/proxy"))
            order["proxy"] = f"/run/proxy/{spec.proxy.name}"
        return order, mounts

    def _wait_until_it_serves(self) -> None:
        """It takes a connection only when it listens everywhere, and ends it: nobody is there."""
        deadline = time.monotonic() + BRIDGE_SECONDS
        while time.monotonic() < deadline and not self._lost:
            with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as trial, suppress(OSError):
                trial.settimeout(BRIDGE_SECONDS)
                trial.connect(str(http_socket_of(self._slot)))
                trial.recv(1)
                return
            time.sleep(0.002)
        raise SandboxUnavailable("The bridge of a container did not come up.")

    def _watch(self, container: Container, on_loss: Callable[[], None]) -> None:
        """A bridge never ends by itself: a run without it is void."""
        import docker.errors
        import requests.exceptions

        with suppress(docker.errors.APIError, requests.exceptions.RequestException):
            container.wait()
        self._lost = True
        if not self._closing:
            on_loss()
