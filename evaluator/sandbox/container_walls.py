"""What holds a container: its bounds and lack of rights, its network, and the files of the machine that it sees."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from evaluator.sandbox.base import Limits
from evaluator.sandbox.bubblewrap import CERTIFICATE_PLACES, GROUP, NSSWITCH, PASSWD
from evaluator.sandbox.container_image import TOP_FOLDERS
from evaluator.sandbox.container_left_behind import SLOT_LABEL, lock_of
from evaluator.sandbox.limits import resource_limits
from evaluator.sandbox.seccomp import docker_profile
from evaluator.sandbox.slots import Slot


def hardened(slot: Slot, limits: Limits) -> dict[str, Any]:
    """Options of a container without rights, within these limits, that says whose it is."""
    import docker.types

    # NPROC counts the bridge too, which has the same user id; the control group counts each container's own.
    bounds = resource_limits(limits, counted_by_group=True)
    ulimits = [
        docker.types.Ulimit(name=name.lower(), soft=bound, hard=bound)
        for name, bound in bounds.items()
        if name != "NPROC"
    ]
    user = user_of(slot)
    return {
        "user": f"{user}:{user}",
        "read_only": True,
        "cap_drop": ["ALL"],
        "security_opt": ["no-new-privileges", f"seccomp={docker_profile()}"],
        "pids_limit": limits.processes,
        "mem_limit": limits.memory,
        "memswap_limit": limits.memory,
        "nano_cpus": int(min(limits.processors, os.cpu_count() or 1) * 1e9),
        "ulimits": ulimits,
        "log_config": docker.types.LogConfig(type="none"),
        "labels": {SLOT_LABEL: str(lock_of(slot))},
    }


def user_of(slot: Slot) -> int:
    """The user id that the containers of a slot run as."""
    return slot.user_id if slot.user_id is not None else os.getuid()


def own_network() -> dict[str, Any]:
    """A network namespace with nothing but `lo`, which has ::1 wherever the machine has IPv6, as under bubblewrap."""
    sysctls = {"net.ipv4.ip_unprivileged_port_start": "1024"}
    if Path("/proc/sys/net/ipv6").exists():
        sysctls |= {f"net.ipv6.conf.{name}.disable_ipv6": "0" for name in ("all", "default", "lo")}
    names = dict.fromkeys(("postgres", "db", "app"), "127.0.0.1")
    # A name server of our own, for otherwise Docker shows the machine's.
    ours = {"hostname": "app", "extra_hosts": names, "dns": ["127.0.0.1"]}
    return {"network_mode": "none", "sysctls": sysctls} | ours


def machines_system() -> list[Any]:
    """What bubblewrap binds too; the links /bin, /lib … into /usr are in our image."""
    places = ["/usr", "/etc/ld.so.cache", "/etc/alternatives", "/etc/localtime", *CERTIFICATE_PLACES]
    places += [f"/{name}" for name in TOP_FOLDERS if not Path("/", name).is_symlink()]
    return [bind(Path(place), place) for place in places if Path(place).exists()]


def own_files_of_etc(slot: Slot) -> list[Any]:
    """The few files of /etc that a program needs: ours, and not the machine's or the image's."""
    texts = {"passwd": PASSWD, "group": GROUP, "nsswitch.conf": NSSWITCH}
    ours = {name: text.replace("1000", str(user_of(slot))).encode() for name, text in texts.items()}
    return [bind(file_for(slot, name, content), f"/etc/{name}") for name, content in ours.items()]


def file_for(slot: Slot, name: str, content: bytes) -> Path:
    """A file in the private folder of the slot, for a container to read."""
    path = slot.folder / name
    path.write_bytes(content)
    path.chmod(0o644)
    return path


def bind(source: Path, target: str, writable: bool = False) -> Any:
    """A mount of a file or folder of the machine."""
    import docker.types

    return docker.types.Mount(target=target, source=str(source), type="bind", read_only=not writable)
