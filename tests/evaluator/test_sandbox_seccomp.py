"""The filter of system calls: what its program answers, instruction by instruction, and what the kernel makes of it."""

from __future__ import annotations

import errno
import json
import struct

import pytest

from evaluator.runtimes import runtime_of
from evaluator.sandbox import LaunchSpec, Sandbox, seccomp
from evaluator.tasks import task_by_id
from tests.evaluator.tiny_backends import printed

ARCHITECTURES = {"x86_64": 0xC000003E, "aarch64": 0xC00000B7}
ORDINARY = {"x86_64": (0, 1, 9, 59, 231, 257, 318), "aarch64": (63, 64, 222, 221, 94, 56, 278)}
PROBE = """
import ctypes, errno
libc = ctypes.CDLL(None, use_errno=True)
def call(number, *arguments):
    answer = libc.syscall(ctypes.c_long(number), *(ctypes.c_long(argument) for argument in arguments))
    return 0 if answer >= 0 else ctypes.get_errno()
"""


def answer_of(machine: str, number: int, *arguments: int, architecture: int | None = None) -> int:
    """What the filter answers to a call: 0 for allowed, else the errno. Interprets the program as the kernel does."""
    program = seccomp.filter_program(machine)
    assert program is not None
    memory = struct.pack("<iIQ6Q", number, architecture or ARCHITECTURES[machine], 0, *(*arguments, *[0] * 6)[:6])
    at = word = 0
    while True:
        code, if_true, if_false, value = struct.unpack_from("<HBBI", program, 8 * at)
        at += 1
        if code == 0x20:
            (word,) = struct.unpack_from("<I", memory, value)
        elif code == 0x06:
            assert value == 0x7FFF0000 or value >> 16 == 5
            return 0 if value == 0x7FFF0000 else value & 0xFFFF
        else:
            true = {0x15: word == value, 0x35: word >= value, 0x45: bool(word & value)}[code]
            at += if_true if true else if_false


@pytest.mark.parametrize("machine", ["x86_64", "aarch64"])
def test_every_listed_call_is_refused_and_ordinary_ones_are_not(machine: str) -> None:
    column = 0 if machine == "x86_64" else 1
    listed = [numbers[column] for numbers in seccomp.REFUSED.values()]
    assert len(listed) > 60
    assert {answer_of(machine, number) for number in listed if number is not None} == {errno.EPERM}
    assert answer_of(machine, 435) == errno.ENOSYS  # clone3: glibc then uses clone
    assert {answer_of(machine, number) for number in ORDINARY[machine]} == {0}


@pytest.mark.parametrize("machine", ["x86_64", "aarch64"])
def test_a_new_process_is_allowed_and_a_new_namespace_is_not(machine: str) -> None:
    clone = seccomp.CLONE[0 if machine == "x86_64" else 1]
    assert answer_of(machine, clone, 0x003D0F00) == 0  # what glibc asks for a thread
    assert answer_of(machine, clone, 0x01200011) == 0  # … and for a fork
    assert {answer_of(machine, clone, flag | 0x11) for flag in seccomp.NAMESPACES} == {errno.EPERM}
    # The flags are the low half; the kernel ignores what is above.
    assert answer_of(machine, clone, 0xFFFF00000000 | 0x10000000) == errno.EPERM


@pytest.mark.parametrize("machine", ["x86_64", "aarch64"])
def test_only_ordinary_sockets_and_terminal_requests_are_known(machine: str) -> None:
    column = 0 if machine == "x86_64" else 1
    for call in (seccomp.SOCKET[column], seccomp.SOCKETPAIR[column]):
        known = [family for family in range(64) if answer_of(machine, call, family) == 0]
        assert known == [1, 2, 10, 16]
        assert answer_of(machine, call, 0x1_0000_0028) == errno.EAFNOSUPPORT
    ioctl = seccomp.IOCTL[column]
    assert answer_of(machine, ioctl, 0, 0x5412) == answer_of(machine, ioctl, 0, 0x7_0000_541C) == errno.EPERM
    assert answer_of(machine, ioctl, 0, 0x5401) == answer_of(machine, ioctl, 0x5412, 0x5413) == 0


def test_other_doors_to_the_same_calls_are_closed() -> None:
    # A 32-bit program counts its calls differently, and the x32 interface adds a bit to every number.
    assert answer_of("x86_64", 1, architecture=0x40000003) == errno.ENOSYS
    assert answer_of("x86_64", 0x40000000 | 165) == errno.ENOSYS
    assert answer_of("x86_64", seccomp.NEWEST_KNOWN + 1) == errno.ENOSYS


def test_an_unknown_processor_has_no_filter() -> None:
    assert seccomp.filter_program("riscv64") is None


def test_dockers_profile_names_the_same_calls() -> None:
    rules = json.loads(seccomp.docker_profile())["syscalls"]
    refused = {name for rule in rules if not rule["args"] for name in rule["names"]}
    assert refused == set(seccomp.REFUSED) | set(seccomp.UNKNOWN)
    families = {rule["args"][0]["value"] for rule in rules if "socket" in rule["names"]}
    assert families == {0, 3, 4, 5, 6, 7, 8, 9, 11, 12, 13, 14, 15, 16}  # the last means: above it


@pytest.mark.sandbox
def test_the_kernel_holds_it_in_each_sandbox(each_sandbox: Sandbox) -> None:
    code = PROBE + (
        f"refused = {list(seccomp.REFUSED.values())!r}\n"
        "column = 0 if ctypes.sizeof(ctypes.c_long) == 8 and __import__('platform').machine() == 'x86_64' else 1\n"
        "print(sorted({call(numbers[column], -1, -1, -1) for numbers in refused if numbers[column] is not None}))\n"
        "print(call(435, 0, 0))\n"
        "import socket\n"
        "for family in (40, 17, 38, 16):\n"
        " try: socket.socket(family, socket.SOCK_RAW if family == 16 else socket.SOCK_STREAM); print('made')\n"
        " except OSError as error: print(error.errno)\n"
        "print([line for line in open('/proc/self/status') if line.startswith('Seccomp:')])"
    )
    told = printed(each_sandbox, code).splitlines()
    # Docker's runc answers ENOSYS instead to a call that its library does not know.
    assert set(json.loads(told[0])) <= {errno.EPERM, errno.ENOSYS}
    assert errno.EPERM in json.loads(told[0])
    assert told[1] == str(errno.ENOSYS)
    assert told[2:6] == [str(errno.EAFNOSUPPORT)] * 3 + ["made"]
    assert "2" in told[6]


@pytest.mark.sandbox
def test_node_starts_serves_and_has_workers_under_it(each_sandbox: Sandbox) -> None:
    program = (
        "const { Worker } = require('worker_threads'), fs = require('fs'), dns = require('dns');\n"
        "const server = require('http').createServer((q, a) => a.end('here')).listen(3000, '127.0.0.1', () => {\n"
        " require('http').get('http://127.0.0.1:3000', (answer) => answer.on('data', (part) => {\n"
        "  new Worker(`require('worker_threads').parentPort.postMessage(42)`, { eval: true }).on('message', (m) => {\n"
        "   fs.writeFile('/app/x', 'y', () => require('child_process').exec('echo child', (e, out) => {\n"
        "    console.log(String(part), m, out.trim(), require('os').networkInterfaces().lo.length > 0);\n"
        "    process.exit(0); })); }); })); });"
    )
    runtime = runtime_of(task_by_id("node-koa-openapi-unconstrained"))
    spec = LaunchSpec(("node", "main.js"), {"main.js": program.encode()}, runtime.start_environment(), runtime.tools())
    with each_sandbox.launch(spec) as running:
        assert running.wait(30), running.log()
        assert running.log().strip() == "here 42 child true"
