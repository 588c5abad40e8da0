"""Dependency environments: installed once per content, in a sandbox that reaches the package index and nothing else.

The key is a hash over the dependency files, the runtime's version, the platform, the image, the builder's version and
the as-of date. Each install has a download cache of its own, thrown away afterwards: nothing that one backend's install
writes is ever read by another's.
"""

from __future__ import annotations

import hashlib
import json
import os
import platform
import stat
import tempfile
import time
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, replace
from functools import cache
from pathlib import Path

from evaluator.cache import cache_root, held_if_free, locked, remove_tree
from evaluator.errors import MachineryFailed
from evaluator.installed_tree import Untrustworthy, plain_packages, take_over
from evaluator.package_sources import PackageSources, package_sources
from evaluator.runtimes import BackendRuntime, runtime_of
from evaluator.sandbox import LaunchSpec, Limits, Mount, Running, Sandbox, choose_sandbox
from evaluator.sandbox.base import MEGABYTE
from evaluator.sandbox.proxy import PackageProxy, package_proxy
from evaluator.tasks import Task

BUILDER_VERSION = "1"
SHOWN_LINES = 12
KEPT_FREE_BYTES = 512 * MEGABYTE
DISK_SHORT = "the machine's disk ran short during the install"
SYSTEM_CERTIFICATES = "/etc/ssl/certs"  # in every sandbox on the machine's own /usr
INSTALL_LIMITS = Limits(
    memory=3_072 * MEGABYTE,
    processes=512,
    files_size=64 * MEGABYTE,
    temporary_size=768 * MEGABYTE,
    one_file=512 * MEGABYTE,
    open_files=4_096,
)


@dataclass(frozen=True)
class InstallBounds:
    """What one install may take: seconds, and bytes and files on the disk, which is the machine's own."""

    seconds: float = 420.0
    bytes: int = 2_500 * MEGABYTE
    files: int = 250_000


BOUNDS = InstallBounds()


@dataclass(frozen=True)
class Environment:
    """Installed dependencies, or the reason why there are none.

    `path` is the folder that is mounted at /env, `resolved` maps each package to its version, `seconds` is what the
    install took, `reused` whether it had been made before, `failed` why the backend's dependencies cannot be had.
    """

    key: str
    path: Path
    resolved: dict[str, str]
    runtime_version: str
    seconds: float
    log: str
    failed: str = ""
    reused: bool = False


def prepare_environment(
    files: Mapping[str, bytes],
    task: Task,
    *,
    as_of: str | None = None,
    progress: Callable[[str], None] | None = None,
    sandbox: Sandbox | None = None,
) -> Environment:
    """The environment for a backend's dependency files, installed now unless it was before.

    `as_of` (a date, `2026-01-31`) leaves out every release after it. A backend whose requirements cannot be met gives
    an Environment with `failed` set. Raises MachineryFailed where our network, index or sandbox failed.
    """
    sandbox = sandbox or choose_sandbox()
    runtime = runtime_of(task, sandbox.image)
    wanted = runtime.dependency_files(files)
    key = environment_key(runtime, wanted, as_of)
    folder = cache_root() / "environments" / key
    known = _read_record(folder)
    if known is not None:
        return known
    with locked(folder.parent / f"{key}.lock"):
        known = _read_record(folder)
        if known is not None:
            return known
        if progress is not None:
            progress(f"Installing the dependencies of this backend for {task.runtime.title}")
        return install(runtime, wanted, key, folder, as_of, sandbox)


def environment_key(runtime: BackendRuntime, wanted: Mapping[str, bytes], as_of: str | None) -> str:
    """The hash that names an environment, 32 hexadecimal digits."""
    parts = {
        "builder": [BUILDER_VERSION, runtime.builder()],
        "runtime": [runtime.name, runtime.version()],
        "platform": [platform.machine(), *_libc()],
        "as_of": as_of,
        "files": {name: hashlib.sha256(content).hexdigest() for name, content in sorted(wanted.items())},
    }
    if runtime.image is not None:
        parts["image"] = runtime.image.id
    return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()[:32]


@cache
def _libc() -> tuple[str, str]:
    return platform.libc_ver()


def install(
    runtime: BackendRuntime,
    wanted: Mapping[str, bytes],
    key: str,
    folder: Path,
    as_of: str | None,
    sandbox: Sandbox,
    bounds: InstallBounds = BOUNDS,
) -> Environment:
    """Install what the files ask for, and put it at `folder` in one step; twice where the network may be to blame."""
    sources = package_sources()
    started = time.monotonic()
    for attempt in (1, 2):
        building = Path(tempfile.mkdtemp(prefix=f".{key}.", dir=folder.parent))
        root = building / "root"
        root.mkdir()
        building.chmod(0o711)
        try:
            with package_proxy(sources.hosts) as proxy:
                outcome = _run_install(runtime, wanted, root, as_of, sandbox, sources, proxy, bounds)
            if not outcome.failed:
                outcome = _taken_over(outcome, runtime, root)
            environment = Environment(
                key=key,
                path=folder / "root",
                resolved=plain_packages(runtime.resolved(root)) if not outcome.failed else {},
                runtime_version=runtime.version(),
                seconds=round(time.monotonic() - started, 3),
                log=outcome.log,
                failed=outcome.failed,
            )
            if not outcome.failed:
                _keep(environment, building, folder)
                return environment
            if outcome.certain:
                remove_tree(root)
                _keep(environment, building, folder)
                return environment
            if attempt == 2:
                if outcome.network:
                    raise MachineryFailed(f"The package index could not be used: {outcome.network}.")
                return environment
        finally:
            remove_tree(building)
    raise AssertionError("the loop returns or raises")


@dataclass(frozen=True)
class _Outcome:
    log: str
    failed: str = ""
    certain: bool = False
    network: str = ""


def _run_install(
    runtime: BackendRuntime,
    wanted: Mapping[str, bytes],
    root: Path,
    as_of: str | None,
    sandbox: Sandbox,
    sources: PackageSources,
    proxy: PackageProxy,
    bounds: InstallBounds,
) -> _Outcome:
    mounts = [*runtime.tools(), *runtime.install_tools()]
    if sources.certificates and not _is_shown(sources.certificates, sandbox):
        mounts.append(Mount(sources.certificates, str(sources.certificates)))
    through = "http://127.0.0.1:3128"
    variables = {"HTTPS_PROXY": through, "HTTP_PROXY": through, "https_proxy": through, "http_proxy": through}
    spec = LaunchSpec(
        argv=runtime.install_command(as_of),
        files=wanted,
        environment=runtime.install_environment(sources) | variables,
        mounts=tuple(mounts),
        proxy=proxy.socket,
        kept=root,
        limits=INSTALL_LIMITS,
    )
    with sandbox.launch(spec) as running:
        _watch(running, root, bounds)
        log, status, killed = running.log(), running.exit_status, running.killed
    size, count = _disk_use(root, bounds.files)
    if not killed and (size > bounds.bytes or count > bounds.files):
        killed = _wrote_too_much(bounds)
    if status == 0 and not killed:
        return _Outcome(log)
    if killed == "the bridge was lost":
        raise MachineryFailed("The sandbox of an install was lost.")
    if killed == DISK_SHORT:
        raise MachineryFailed(f"An install was ended: {DISK_SHORT}.")
    network = _network_failure(runtime, log, proxy)
    certain = bool(killed) or (not network and (runtime.surely_broken(log) or bool(proxy.refused)))
    told = killed or "\n".join(_last_lines(log)) or f"the installer ended with status {status}"
    return _Outcome(log, f"Dependencies could not be installed: {told}", certain, network)


def _is_shown(certificates: Path, sandbox: Sandbox) -> bool:
    """Whether the sandbox has the file anyway; an image has its own, and does not know an authority of this machine."""
    return sandbox.image is None and certificates.resolve().is_relative_to(SYSTEM_CERTIFICATES)


def _taken_over(outcome: _Outcome, runtime: BackendRuntime, root: Path) -> _Outcome:
    """The outcome once the folder is ours, or the reason why nobody should have it."""
    try:
        take_over(root, [mount.source for mount in runtime.mounts(root)])
    except Untrustworthy as error:
        return _Outcome(outcome.log, f"Dependencies could not be installed: {error}.", certain=True)
    return outcome


def _watch(running: Running, root: Path, bounds: InstallBounds) -> None:
    """Until the install ends: hold it to its time and to its share of the disk, which nothing else bounds.

    A look at the free space is cheap and comes ten times a second; it says when to add up what was written, and sees
    what adding up does not: files that are open and have no name any more.
    """
    started = time.monotonic()
    free_before = free_looked = _free_bytes(root)
    pause, look_at = 0.25, 0.0
    while not running.wait(0.1):
        passed = time.monotonic() - started
        free = _free_bytes(root)
        if passed > bounds.seconds:
            running.kill(f"the install took longer than {bounds.seconds:.0f} seconds.")
        elif free < min(KEPT_FREE_BYTES, free_before // 2) or free_before - free > 2 * bounds.bytes + KEPT_FREE_BYTES:
            running.kill(DISK_SHORT)
        elif passed >= look_at or free_looked - free > bounds.bytes // 4:
            size, count = _disk_use(root, bounds.files)
            if size > bounds.bytes or count > bounds.files:
                running.kill(_wrote_too_much(bounds))
            free_looked, look_at = free, passed + pause
            pause = min(2.0, pause * 1.5)


def _wrote_too_much(bounds: InstallBounds) -> str:
    return f"the install wrote more than {bounds.bytes // MEGABYTE:,} MB or {bounds.files:,} files."


def _free_bytes(root: Path) -> int:
    status = os.statvfs(root)
    return status.f_bavail * status.f_frsize


def _disk_use(root: Path, most_files: int) -> tuple[int, int]:
    """Bytes on the disk and number of files below a folder that something else is writing."""
    size = count = 0
    waiting = [root]
    while waiting and count <= most_files:
        try:
            with os.scandir(waiting.pop()) as entries:
                for entry in entries:
                    count += 1
                    status = entry.stat(follow_symlinks=False)
                    size += status.st_blocks * 512 if status.st_nlink < 2 else status.st_blocks * 512 // status.st_nlink
                    if stat.S_ISDIR(status.st_mode):
                        waiting.append(Path(entry.path))
        except OSError:  # removed under our eyes, or closed to us by what runs there
            continue
    return size, count


def _network_failure(runtime: BackendRuntime, log: str, proxy: PackageProxy) -> str:
    """What the proxy saw go wrong, or what the installer says of the network; empty where the way was clear."""
    if proxy.unreachable:
        return "; ".join(f"{host}: {reason}" for host, reason in sorted(proxy.unreachable.items()))
    if runtime.network_trouble(log) and not proxy.refused:
        return " ".join(_last_lines(log)[-2:])
    return ""


def _last_lines(log: str) -> list[str]:
    lines = [line.rstrip() for line in log.splitlines() if line.strip()]
    told = [line for line in lines if "A complete log of this run" not in line and "-debug-0.log" not in line]
    return [line[:500] for line in told[-SHOWN_LINES:]]


def sweep_unfinished() -> list[str]:
    """Remove what installs left behind when their process was killed; the names of the folders."""
    swept = []
    environments = cache_root() / "environments"
    for folder in environments.glob(".*"):
        key = folder.name.split(".")[1]
        with held_if_free(environments / f"{key}.lock") as free:
            if free and folder.exists():
                remove_tree(folder)
                swept.append(folder.name)
    return swept


def _keep(environment: Environment, building: Path, folder: Path) -> None:
    """Put the environment in its place in one step."""
    document = asdict(environment) | {"path": ""}
    (building / "environment.json").write_text(json.dumps(document))
    building.chmod(0o755)
    building.rename(folder)


def _read_record(folder: Path) -> Environment | None:
    try:
        document = json.loads((folder / "environment.json").read_text())
    except FileNotFoundError:
        return None
    return replace(Environment(**document), path=folder / "root", reused=True)
