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
import signal
import subprocess
import sys
import tempfile
import threading
import time
from concurrent.futures import ThreadPoolExecutor

NICE = 15
PATIENCE = 3
AT_ONCE = 2
LOOK_SECONDS = 0.05
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
    with tempfile.TemporaryFile() as output, tempfile.TemporaryFile() as errors:
        process = subprocess.Popen(
            planned["argv"],
            cwd="/app",
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=errors,
            start_new_session=True,
            preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_CPU, (planned["seconds"], planned["seconds"] + 1)),
        )
        ended = ""
        usage = None
        while usage is None:
            done, status, spent = os.wait4(process.pid, os.WNOHANG)
            if done:
                process.returncode, usage = os.waitstatus_to_exitcode(status), spent
                break
            if time.monotonic() - started > PATIENCE * planned["seconds"]:
                ended = "time"
            elif os.fstat(output.fileno()).st_size + os.fstat(errors.fileno()).st_size > planned["bytes"]:
                ended = "output"
            if ended:
                break
            time.sleep(LOOK_SECONDS)
        end_group(process)
        if usage is None:
            _, status, usage = os.wait4(process.pid, 0)
            process.returncode = os.waitstatus_to_exitcode(status)
        seconds = time.monotonic() - started
        if process.returncode == -signal.SIGXCPU:
            ended = "time"
        if not ended and os.fstat(output.fileno()).st_size > planned["bytes"]:
            ended = "output"
        return {
            "output": beginning(output, planned["bytes"]),
            "errors": beginning(errors, ERROR_BYTES),
            "status": process.returncode,
            "seconds": round(seconds, 3),
            "processor_seconds": round(usage.ru_utime + usage.ru_stime, 3),
            "ended": ended,
        }


def end_group(process):
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)


def beginning(file, most):
    file.seek(0)
    return file.read(most).decode("utf-8", "replace")


if __name__ == "__main__":
    main(json.loads(sys.argv[1]))
