"""The way to the Docker daemon of this machine."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from evaluator.errors import SandboxUnavailable

if TYPE_CHECKING:
    from docker import DockerClient

CLIENT_SECONDS = 60


@contextmanager
def docker_client() -> Iterator[DockerClient]:
    """A client of a daemon that answers. Raises SandboxUnavailable where none does."""
    import docker
    import docker.errors

    try:
        client = docker.from_env(timeout=CLIENT_SECONDS)  # which asks the daemon for its version
    except docker.errors.DockerException as error:
        raise SandboxUnavailable("Docker does not answer: start it, or let this user use its socket.") from error
    try:
        yield client
    finally:
        client.close()
