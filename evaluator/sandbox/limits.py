"""Bounds for one sandbox: control groups where the machine grants them, resource limits everywhere."""

from __future__ import annotations

import os
import secrets
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import cache
from pathlib import Path

from evaluator.sandbox.base import Limits

CGROUPS = Path("/sys/fs/cgroup")
CONTROLLERS = ("memory", "pids", "cpu")
PERIOD_MICROSECONDS = 100_000


def resource_limits(limits: Limits, *, counted_by_group: bool) -> dict[str, int]:
    """Limits for `setrlimit`, by name without `RLIMIT_`.

    Memory per process is only bounded (as data, not as address space, of which Node reserves more than it uses) where
    no control group bounds the sum.
    """
    kernel = tuple(int(part) for part in os.uname().release.split(".")[:2])
    bounds = {
        "CORE": 0,
        "NOFILE": limits.open_files,
        "FSIZE": limits.one_file,
        "MEMLOCK": 0,
        "MSGQUEUE": 0,
        "CPU": 1800,
    }
    if os.geteuid() == 0 or kernel >= (5, 14):  # before, the count ran over all processes of the user
        bounds["NPROC"] = limits.processes
    if not counted_by_group:
        bounds["DATA"] = limits.memory
    return bounds


def has_control_groups() -> bool:
    """Whether this machine lets us make control groups for what we launch ourselves."""
    return bool(_parents())


def limits_in_force(sandbox: str) -> str:
    """What bounds memory, processes and processors in a sandbox of this name on this machine, in words."""
    if sandbox == "container":
        return "Docker's control groups; resource limits for each process"
    if not has_control_groups():
        return "resource limits for each process, and a watcher over their sum; no control group is granted here"
    version = "v2" if (CGROUPS / "cgroup.controllers").exists() else "v1"
    return f"control groups {version} (memory, processes, processors); resource limits for each process"


class ControlGroup:
    """The groups of one sandbox: one folder in cgroup v2, one per controller in v1; none where none is granted."""

    def __init__(self, folders: tuple[Path, ...]) -> None:
        self.folders = folders

    @property
    def bounds_memory(self) -> bool:
        return bool(self.folders)

    def add(self, pid: int) -> None:
        """Put a process and its future children under the limits."""
        for folder in self.folders:
            (folder / "cgroup.procs").write_text(str(pid))

    def kill(self) -> None:
        """Kill every process in the group, also those that are being forked meanwhile."""
        for folder in self.folders:
            with suppress(OSError):
                (folder / "cgroup.kill").write_text("1")
        deadline = time.monotonic() + 2
        while (pids := self._pids()) and time.monotonic() < deadline:
            for pid in pids:
                with suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)
            time.sleep(0.005)

    def peak_memory(self) -> int | None:
        """The most bytes that the group used at one moment, as the kernel counts; None where it does not."""
        for folder in self.folders:
            for name in ("memory.peak", "memory.max_usage_in_bytes"):
                with suppress(OSError, ValueError):
                    return int((folder / name).read_text())
        return None

    def remove(self) -> None:
        for folder in self.folders:
            for _ in range(100):
                try:
                    folder.rmdir()
                except FileNotFoundError:
                    break
                except OSError:  # busy until the kernel has buried the last process
                    time.sleep(0.01)
                else:
                    break

    def _pids(self) -> list[int]:
        for folder in self.folders:
            with suppress(OSError):
                return [int(line) for line in (folder / "cgroup.procs").read_text().split()]
        return []


@contextmanager
def control_group(limits: Limits, name: str) -> Iterator[ControlGroup]:
    """The group of one sandbox; on leaving, everything in it is killed and the group removed.

    `name` belongs to us alone: what bears it already was left behind by an evaluator that was killed.
    """
    group = _make_group(limits, name)
    try:
        yield group
    finally:
        group.kill()
        group.remove()


def clear_group(name: str) -> bool:
    """Kill and remove what is left of the groups of this name; whether there was anything.

    Also below other parents than ours: an evaluator of another session made its groups where that one was allowed to.
    """
    left_behind = [ControlGroup((folder,)) for folder in CGROUPS.glob(f"**/{name}") if folder.is_dir()]
    for group in left_behind:
        group.kill()
        group.remove()
    return bool(left_behind)


def _make_group(limits: Limits, name: str) -> ControlGroup:
    folders = tuple(parent / name for parent in _parents())
    clear_group(name)
    for folder in folders:
        folder.mkdir()
        for file, value in _settings(limits).items():
            with suppress(OSError):  # each version has half of these files
                if (folder / file).exists():
                    (folder / file).write_text(value)
    return ControlGroup(folders)


def _settings(limits: Limits) -> dict[str, str]:
    quota = int(limits.processors * PERIOD_MICROSECONDS)
    return {
        "memory.max": str(limits.memory),
        "memory.swap.max": "0",
        "memory.oom.group": "1",
        "cpu.max": f"{quota} {PERIOD_MICROSECONDS}",
        "memory.limit_in_bytes": str(limits.memory),
        "memory.memsw.limit_in_bytes": str(limits.memory),
        "cpu.cfs_period_us": str(PERIOD_MICROSECONDS),
        "cpu.cfs_quota_us": str(quota),
        "pids.max": str(limits.processes),
    }


@cache
def _parents() -> tuple[Path, ...]:
    """The folders in which this process may make groups: one for cgroup v2, one per controller for v1, or none."""
    own = {}
    with suppress(OSError):
        for line in Path("/proc/self/cgroup").read_text().splitlines():
            _, controllers, path = line.split(":", 2)
            own.update(dict.fromkeys(controllers.split(","), path.lstrip("/")))
    if (CGROUPS / "cgroup.controllers").exists():
        return _parent_v2(own.get("", ""))
    parents = []
    for controller in CONTROLLERS:
        mount = CGROUPS / controller
        candidates = (mount / own.get(controller, ""), mount)
        parent = next((folder for folder in candidates if (folder / "cgroup.procs").exists() and _grants(folder)), None)
        if parent is None:
            return ()
        parents.append(parent)
    return tuple(parents)


def _parent_v2(own: str) -> tuple[Path, ...]:
    """The nearest folder upwards from ours that hands all controllers to its children and lets us move a process."""
    for folder in ((CGROUPS / own), *(CGROUPS / own).parents):
        if not folder.is_relative_to(CGROUPS):
            break
        control = folder / "cgroup.subtree_control"
        with suppress(OSError):
            if set(CONTROLLERS) - set(control.read_text().split()):
                control.write_text(" ".join(f"+{controller}" for controller in CONTROLLERS))
            if _grants(folder):
                return (folder,)
    return ()


def _grants(folder: Path) -> bool:
    """Whether a process can really be put in a new group here (delegation rules are many; trying is certain)."""
    trial = folder / f"amend-trial-{secrets.token_hex(4)}"
    try:
        trial.mkdir()
    except OSError:
        return False
    child = subprocess.Popen([sys.executable, "-I", "-S", "-c", "import time; time.sleep(60)"])
    try:
        (trial / "cgroup.procs").write_text(str(child.pid))
    except OSError:
        return False
    else:
        return True
    finally:
        child.kill()
        child.wait()
        ControlGroup((trial,)).remove()
