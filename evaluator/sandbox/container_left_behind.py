"""Containers whose evaluator was killed: Docker lets them go on, within their bounds, until somebody removes them.

Every container bears the lock file of its evaluator's slot as a label. The lock ends with the process that holds it, so
that a container whose lock is free, or now ours, has no owner any more.
"""

from __future__ import annotations

import fcntl
import os
import time
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from evaluator.cache import cache_root
from evaluator.sandbox.container_client import docker_client
from evaluator.sandbox.slots import ROOTS_SLOTS, Slot

if TYPE_CHECKING:
    from docker import DockerClient

SLOT_LABEL = "amend.slot"
LONGEST_LIFE_SECONDS = 3_600


def remove_left_behind() -> list[str]:
    """Remove every container whose evaluator is gone, and none of a living one; their ids.

    Raises SandboxUnavailable where Docker does not answer.
    """
    with docker_client() as client:
        return remove_containers_left_behind(client)


def remove_containers_left_behind(client: DockerClient, ours: Slot | None = None) -> list[str]:
    """The same with a client that is there; what bears the lock of `ours`, a slot just taken, is left behind too."""
    import docker.errors

    removed: list[str] = []
    for container in client.api.containers(all=True, filters={"label": SLOT_LABEL}):
        lock = Path(container["Labels"][SLOT_LABEL])
        if (ours is not None and lock == lock_of(ours)) or _is_free(lock) or _is_forgotten(lock, container):
            with suppress(docker.errors.APIError):  # another evaluator is removing it at this moment
                client.api.remove_container(container["Id"], force=True, v=True)
                removed.append(str(container["Id"]))
    return removed


def lock_of(slot: Slot) -> Path:
    """The file that is locked for as long as the slot is held."""
    slots = ROOTS_SLOTS if os.geteuid() == 0 else cache_root() / "slots"
    return slots / slot.name.rpartition("-")[2]


def _is_free(lock: Path) -> bool:
    try:
        with lock.open("r+") as file:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:  # held; or of a user or cache that we cannot see
        return False
    return True


def _is_forgotten(lock: Path, container: dict[str, Any]) -> bool:
    """Whether its cache was emptied, or the machine started anew, longer ago than a run may take."""
    try:
        lock.lstat()
    except FileNotFoundError:
        return time.time() - float(container["Created"]) > LONGEST_LIFE_SECONDS
    except OSError:  # of a user whose cache is closed to us
        return False
    return False
