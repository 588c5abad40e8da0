"""Runs commands in a sandbox, two at a time and at low priority, and prints one line for each that ends.

    PYTHON -I run_commands.py PLAN

PLAN is JSON: a list of {"name", "argv", "seconds", "bytes"}. `seconds` bounds the processor time of each process of a
command; as long again and again, PATIENCE times, bounds the time by the clock, for others come first on this machine.
A line reads `@tool NAME BASE64`, of a compressed document {"output", "errors", "status", "seconds",
"processor_seconds", "ended"}; `ended` says why we ended it: time or output. Only the standard library is used.
"""

import base64
import contextlib
import json
import lzma
import os
import resource
import selectors
import signal
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor

NICE = 15
PATIENCE = 3
AT_ONCE = 2
ERROR_BYTES = 8192
printing = threading.Lock()


def main(plan):
    os.nice(NICE)
    with ThreadPoolExecutor(AT_ONCE) as pool:
        list(pool.map(run, plan))


def run(planned):
    try:
        document = result_of(planned)
    except OSError as error:
        document = {
            "output": "",
            "errors": str(error),
            "status": 127,
            "seconds": 0,
            "processor_seconds": 0,
            "ended": "",
        }
    packed = base64.b64encode(lzma.compress(json.dumps(document).encode())).decode()
    with printing:
        print("@tool", planned["name"], packed, flush=True)


def result_of(planned):
    started = time.monotonic()
    process = subprocess.Popen(
        planned["argv"],
        cwd="/app",
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        start_new_session=True,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_CPU, (planned["seconds"], planned["seconds"] + 1)),
    )
    with process.stdout, process.stderr:
        output, errors, ended = followed(process, started + PATIENCE * planned["seconds"], planned["bytes"])
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode == -signal.SIGXCPU:
        ended = "time"
    return {
        "output": output[: planned["bytes"]].decode("utf-8", "replace"),
        "errors": errors[:ERROR_BYTES].decode("utf-8", "replace"),
        "status": process.returncode,
        "seconds": round(time.monotonic() - started, 3),
        "processor_seconds": round(usage.ru_utime + usage.ru_stime, 3),
        "ended": ended,
    }


def followed(process, deadline, most):
    """Read what a process prints until its end, the deadline or `most` bytes, then kill its group.

    Output, errors, and why we ended it. Its own end counts, not that of its pipes, which what it leaves may hold open.
    """
    output, errors = process.stdout.fileno(), process.stderr.fileno()
    printed = {output: bytearray(), errors: bytearray()}
    child = os.pidfd_open(process.pid)
    ended = ""
    with selectors.DefaultSelector() as selector, os.fdopen(child):
        for descriptor in (output, errors, child):
            os.set_blocking(descriptor, False)
            selector.register(descriptor, selectors.EVENT_READ)
        alive = True
        while alive and not ended:
            ready = {key.fd for key, _ in selector.select(max(0.0, deadline - time.monotonic()))}
            alive = child not in ready
            for descriptor in ready - {child}:
                if not read_into(printed[descriptor], descriptor):
                    selector.unregister(descriptor)
            if sum(map(len, printed.values())) > most:
                ended = "output"
            elif alive and time.monotonic() >= deadline:
                ended = "time"
    end_group(process)
    for descriptor, kept in printed.items():
        while len(kept) <= most and read_into(kept, descriptor):
            pass
    if not ended and len(printed[output]) > most:
        ended = "output"
    return bytes(printed[output]), bytes(printed[errors]), ended


def read_into(kept, descriptor):
    """Read what is there now; whether there was something."""
    try:
        part = os.read(descriptor, 65536)
    except BlockingIOError:
        return False
    kept += part
    return bool(part)


def end_group(process):
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)


if __name__ == "__main__":
    main(json.loads(sys.argv[1]))
