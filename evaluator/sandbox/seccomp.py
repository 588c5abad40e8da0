"""System calls that nothing in a sandbox may make: a filter for bubblewrap, and the same as Docker's JSON.

A deny list: what the kernel refuses to an unprivileged process anyway, and parts of the kernel that no backend needs
and that holes were found in. Refused means EPERM, as a program without the right would see. The filter is a classic BPF
program, made here so that no library of the system is needed (seccomp(2), `struct seccomp_data`).
"""

from __future__ import annotations

import errno
import hashlib
import json
import platform
import struct
from functools import cache
from pathlib import Path

from evaluator.cache import atomic_folder, cache_root

# Number on x86_64, and on aarch64 (None where it has no such call).
REFUSED: dict[str, tuple[int, int | None]] = {
    # Mounts, roots and namespaces.
    "mount": (165, 40),
    "umount2": (166, 39),
    "pivot_root": (155, 41),
    "chroot": (161, 51),
    "unshare": (272, 97),
    "setns": (308, 268),
    "move_mount": (429, 429),
    "mount_setattr": (442, 442),
    "open_tree": (428, 428),
    "fsopen": (430, 430),
    "fspick": (433, 433),
    "fsconfig": (431, 431),
    "fsmount": (432, 432),
    "name_to_handle_at": (303, 264),
    "open_by_handle_at": (304, 265),
    "quotactl": (179, 60),
    "quotactl_fd": (443, 443),
    "fanotify_init": (300, 262),
    # Other processes.
    "ptrace": (101, 117),
    "process_vm_readv": (310, 270),
    "process_vm_writev": (311, 271),
    "process_madvise": (440, 440),
    "pidfd_getfd": (438, 438),
    "kcmp": (312, 272),
    # Keyrings, which no namespace parts.
    "add_key": (248, 217),
    "request_key": (249, 218),
    "keyctl": (250, 219),
    # Large and young parts of the kernel that no backend needs.
    "bpf": (321, 280),
    "perf_event_open": (298, 241),
    "userfaultfd": (323, 282),
    "io_uring_setup": (425, 425),
    "io_uring_enter": (426, 426),
    "io_uring_register": (427, 427),
    # The machine itself.
    "reboot": (169, 142),
    "kexec_load": (246, 104),
    "kexec_file_load": (320, 294),
    "init_module": (175, 105),
    "finit_module": (313, 273),
    "delete_module": (176, 106),
    "acct": (163, 89),
    "swapon": (167, 224),
    "swapoff": (168, 225),
    "settimeofday": (164, 170),
    "clock_settime": (227, 112),
    "sethostname": (170, 161),
    "setdomainname": (171, 162),
    "syslog": (103, 116),
    "vhangup": (153, 58),
    "lookup_dcookie": (212, 18),
    # Placement of memory.
    "mbind": (237, 235),
    "get_mempolicy": (239, 236),
    "set_mempolicy": (238, 237),
    "set_mempolicy_home_node": (450, 450),
    "migrate_pages": (256, 238),
    "move_pages": (279, 239),
    # Left-overs of other times, on one architecture or both.
    "nfsservctl": (180, 42),
    "iopl": (172, None),
    "ioperm": (173, None),
    "modify_ldt": (154, None),
    "sysfs": (139, None),
    "_sysctl": (156, None),
    "ustat": (136, None),
    "uselib": (134, None),
    "create_module": (174, None),
    "query_module": (178, None),
    "get_kernel_syms": (177, None),
}
# Glibc and Node.js go on without these where the kernel says that it does not know them.
UNKNOWN: dict[str, tuple[int, int | None]] = {"clone3": (435, 435)}
CLONE, SOCKET, SOCKETPAIR, IOCTL = (56, 220), (41, 198), (53, 199), (16, 29)
# New mount, cgroup, UTS, IPC, user, PID and network namespaces.
NAMESPACES = (0x20000, 0x2000000, 0x4000000, 0x8000000, 0x10000000, 0x20000000, 0x40000000)
AF_UNIX, AF_INET, AF_INET6, AF_NETLINK = 1, 2, 10, 16
FAMILIES = (AF_UNIX, AF_INET, AF_INET6, AF_NETLINK)
TERMINAL_REQUESTS = {"TIOCSTI": 0x5412, "TIOCLINUX": 0x541C, "TIOCSETD": 0x5423}
# What is newer than this list: nobody has looked at it yet, and every program has a way without it. Above it are also
# all calls of the x32 interface, which would pass by the numbers of the list.
NEWEST_KNOWN = 462
ARCHITECTURES = {"x86_64": (0xC000003E, 0), "aarch64": (0xC00000B7, 1)}

LOAD, EQUAL, AT_LEAST, ANY_BIT, RETURN = 0x20, 0x15, 0x35, 0x45, 0x06
ALLOW, REFUSE, NO_SUCH_CALL, NO_SUCH_FAMILY = (
    0x7FFF0000,
    *(0x00050000 | number for number in (errno.EPERM, errno.ENOSYS, errno.EAFNOSUPPORT)),
)
NUMBER_AT, ARCHITECTURE_AT, ARGUMENTS_AT = 0, 4, 16
Instruction = tuple[int, int, int, int]


@cache
def filter_program(machine: str = platform.machine()) -> bytes | None:
    """The filter for bwrap's `--seccomp`, as `struct sock_filter[]`; None for a processor that is not in the list."""
    if machine not in ARCHITECTURES:
        return None
    architecture, column = ARCHITECTURES[machine]
    program: list[Instruction] = [
        (LOAD, 0, 0, ARCHITECTURE_AT),
        (EQUAL, 1, 0, architecture),
        (RETURN, 0, 0, NO_SUCH_CALL),
        (LOAD, 0, 0, NUMBER_AT),
        *_when(AT_LEAST, NEWEST_KNOWN + 1, [(RETURN, 0, 0, NO_SUCH_CALL)]),
    ]
    for calls, answer in ((REFUSED, REFUSE), (UNKNOWN, NO_SUCH_CALL)):
        for numbers in calls.values():
            if (number := numbers[column]) is not None:
                program += _when(EQUAL, number, [(RETURN, 0, 0, answer)])
    program += _when(EQUAL, CLONE[column], [_argument(0), *_refuse_if(ANY_BIT, sum(NAMESPACES)), (RETURN, 0, 0, ALLOW)])
    program += _when(EQUAL, SOCKET[column], _family_known())
    program += _when(EQUAL, SOCKETPAIR[column], _family_known())
    requests = [step for request in TERMINAL_REQUESTS.values() for step in _refuse_if(EQUAL, request)]
    program += _when(EQUAL, IOCTL[column], [_argument(1), *requests, (RETURN, 0, 0, ALLOW)])
    program.append((RETURN, 0, 0, ALLOW))
    return b"".join(struct.pack("<HBBI", *instruction) for instruction in program)


def docker_profile() -> str:
    """The same list as the JSON of Docker's `seccomp=` option. It replaces Docker's own, whose refusals it has."""

    def refuse(names: list[str], *conditions: dict[str, object], number: int = errno.EPERM) -> dict[str, object]:
        return {"names": names, "action": "SCMP_ACT_ERRNO", "errnoRet": number, "args": list(conditions)}

    def masked(index: int, mask: int, value: int) -> dict[str, object]:
        return {"index": index, "value": mask, "valueTwo": value, "op": "SCMP_CMP_MASKED_EQ"}

    rules = [refuse(sorted(REFUSED)), refuse(sorted(UNKNOWN), number=errno.ENOSYS)]
    rules += [refuse(["clone"], masked(0, flag, flag)) for flag in NAMESPACES]
    rules += [refuse(["ioctl"], masked(1, 0xFFFFFFFF, request)) for request in TERMINAL_REQUESTS.values()]
    strange = [family for family in range(max(FAMILIES)) if family not in FAMILIES]
    conditions = [{"index": 0, "value": family, "op": "SCMP_CMP_EQ"} for family in strange]
    conditions.append({"index": 0, "value": max(FAMILIES), "op": "SCMP_CMP_GT"})
    for condition in conditions:
        rules.append(refuse(["socket", "socketpair"], condition, number=errno.EAFNOSUPPORT))
    machine = {"x86_64": "SCMP_ARCH_X86_64", "aarch64": "SCMP_ARCH_AARCH64"}.get(platform.machine())
    document = {"defaultAction": "SCMP_ACT_ALLOW", "syscalls": rules}
    return json.dumps(document | ({"architectures": [machine]} if machine else {}))


def filter_file() -> Path | None:
    """The filter in a file that every user can read, for the bridge to open; None where there is none."""
    program = filter_program()
    if program is None:
        return None
    folder = cache_root() / "tools" / f"seccomp-{hashlib.sha256(program).hexdigest()[:16]}"
    if not folder.exists():
        with atomic_folder(folder) as building:
            (building / "filter.bpf").write_bytes(program)
            (building / "filter.bpf").chmod(0o644)
    return folder / "filter.bpf"


def _when(test: int, value: int, steps: list[Instruction]) -> list[Instruction]:
    """Do the steps where the loaded word passes the test; they end with a return, for they may load another word."""
    return [(test, 0, len(steps), value), *steps]


def _refuse_if(test: int, value: int) -> list[Instruction]:
    return _when(test, value, [(RETURN, 0, 0, REFUSE)])


def _argument(index: int) -> Instruction:
    """The low half of an argument; of those that we look at, the kernel itself reads no more."""
    return (LOAD, 0, 0, ARGUMENTS_AT + 8 * index)


def _family_known() -> list[Instruction]:
    known = [step for family in FAMILIES for step in _when(EQUAL, family, [(RETURN, 0, 0, ALLOW)])]
    return [_argument(0), *known, (RETURN, 0, 0, NO_SUCH_FAMILY)]
