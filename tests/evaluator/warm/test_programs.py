"""A program in a pre-warmed sandbox cannot be told from one on a fresh interpreter.

Every case is one line of run.sh. All cases run twice, in a sandbox without a zygote and in one with, and must print
and end the same. Which of them the zygote took is asserted too: a case that it wrongly refuses proves nothing.
"""

from __future__ import annotations

import os
import re
import time
from dataclasses import dataclass

import pytest

from evaluator.environments import prepare_environment
from evaluator.runtimes import runtime_of
from evaluator.sandbox import LaunchSpec
from evaluator.sandbox.bubblewrap import BubblewrapSandbox
from evaluator.tasks import task_by_id
from evaluator.warm.python import warmed
from evaluator.warm.zygote import READY
from tests.evaluator.conftest import sandbox_or_skip

pytestmark = pytest.mark.sandbox
REQUIREMENTS = b"flask>=3.0\nflask-sqlalchemy>=3.1\nsqlalchemy>=2.0\nflask-cors>=4.0\npyjwt>=2.8\ngunicorn>=21.2\n"
PROBE = b"""
import os, resource, signal, sys
def told(name, value): print(name, '=', value)
told('argv', sys.argv); told('path', sys.path); told('executable', sys.executable); told('original', sys.orig_argv)
told('flags', sys.flags); told('options', sys._xoptions); told('warn', sys.warnoptions)
told('prefix', (sys.prefix, sys.base_prefix)); told('bytecode', sys.dont_write_bytecode)
told('names', sorted(globals())); told('name', __name__); told('file', globals().get('__file__'))
told('spec', str(__spec__)); told('package', __package__); told('loader', type(__loader__).__name__)
told('main', sys.modules['__main__'].__dict__ is globals())
told('folder', os.getcwd()); told('variables', sorted((n, v) for n, v in os.environ.items() if n != '_'))
told('streams', [(s.fileno(), s.encoding, s.errors, s.line_buffering, s.write_through) for s in
                 (sys.stdin, sys.stdout, sys.stderr)])
told('signals', [(n, str(signal.getsignal(n))) for n in range(1, 32)])
told('mask', oct(os.umask(0)))
told('limits', [resource.getrlimit(getattr(resource, n)) for n in sorted(dir(resource)) if n.startswith('RLIMIT_')])
told('descriptors', sorted(os.listdir('/proc/self/fd'))[:-1])
told('session', (os.getpgrp() == os.getpid(), os.getsid(0) == os.getpgrp(), os.getpriority(os.PRIO_PROCESS, 0)))
told('process', open('/proc/self/comm').read())
told('stdin', sys.stdin.read())
told('recursion', sys.getrecursionlimit()); told('hooks', (sys.excepthook, sys.displayhook))
"""
ZYGOTE = b"""
import os
with open(f'/proc/{os.getppid()}/cmdline') as command:
    if 'zygote' in command.read(): open('/tmp/taken', 'w').close()
"""
FILES = {
    "probe.py": ZYGOTE + PROBE,
    "pkg/__init__.py": b"print('package', __name__)\n",
    "pkg/__main__.py": ZYGOTE + b"import sys\nprint('package main', sys.argv, __package__, __spec__.name)\n",
    "pkg/probe.py": ZYGOTE + PROBE,
    "raises.py": ZYGOTE
    + b"def inner():\n    raise ValueError('no')\ntry:\n    {}['x']\nexcept KeyError:\n    inner()\n",
    "syntax.py": b"print('never'\n",
    "exits.py": ZYGOTE + b"import sys\nsys.exit(eval(sys.argv[1]))\n",
    "killed.py": ZYGOTE + b"import os, sys\nos.kill(os.getpid(), int(sys.argv[1]))\nimport time; time.sleep(5)\n",
    "late.py": ZYGOTE
    + b"import atexit, threading, time\natexit.register(print, 'atexit')\n"
    + b"threading.Thread(target=lambda: (time.sleep(0.2), print('thread'))).start()\nprint('main ends')\n",
    "spawns.py": ZYGOTE
    + b"import multiprocessing, subprocess, sys\n"
    + b"def work(n): return n * n\n"
    + b"if __name__ == '__main__':\n"
    + b"    print(subprocess.run([sys.executable, '-c', 'print(6 * 7)'], capture_output=True).stdout)\n"
    + b"    print(subprocess.run(['python', '-c', 'import sys; print(sys.argv)'], capture_output=True).stdout)\n"
    + b"    for method in ('fork', 'spawn'):\n"
    + b"        with multiprocessing.get_context(method).Pool(2) as pool: print(pool.map(work, range(4)))\n",
    "imports.py": ZYGOTE + b"import flask, jwt, sqlalchemy.orm\nprint(jwt.__file__, flask.__file__)\n",
    "warns.py": ZYGOTE + b"import warnings\nwarnings.warn('old', DeprecationWarning)\nwarnings.warn('mind')\n",
    "random_numbers.py": ZYGOTE
    + b"import random, uuid\nprint(random.random() != random.random(), uuid.uuid4().version)\n",
    "waits.py": ZYGOTE
    + b"import signal, sys, time\nsignal.signal(signal.SIGTERM, lambda *_: sys.exit(print('asked to end') or 5))\n"
    + b"open('/tmp/ready', 'w').close()\ntime.sleep(20)\n",
    "../shadow/jwt.py": b"print('a module of the backend')\n",
    "../shadow/main.py": ZYGOTE + b"import jwt\nprint(jwt.__file__)\n",
    "../other/lib/click.py": b"print('a module of the backend')\n",
    "../other/inserts.py": ZYGOTE
    + b"import sys; sys.path.insert(0, '/app/other/lib')\nimport click\nprint(click.__file__)\n",
    "tool": b"#!/usr/bin/env python3\n" + ZYGOTE + b"import sys\nprint(sys.argv, sys.path[0])\n",
}


@dataclass(frozen=True)
class Case:
    """A line of run.sh, and whether the zygote is to take what it starts."""

    line: str
    taken: bool = True


CASES = {
    "a script": Case("python probe.py one 'two words'"),
    "a script by its absolute path": Case("python3 /app/main/probe.py"),
    "a script in another folder": Case("(cd /tmp && python /app/main/pkg/probe.py)"),
    "through a link": Case("(cd /tmp && ln -sf /app/main/probe.py link.py && python link.py)"),
    "a module": Case("python -m pkg.probe x"),
    "a package": Case("python -m pkg -h"),
    "a module of the standard library": Case("python -m json.tool --help | head -1", taken=False),
    "a command": Case("python -c 'import os; exec(open(\"probe.py\").read())' x"),
    "flags in one word": Case("python -uBm probe"),
    "without byte code": Case("python -B probe.py"),
    "byte code switched off": Case("PYTHONDONTWRITEBYTECODE=1 python probe.py"),
    "a path of modules": Case("PYTHONPATH=/app/main/pkg:relative::/app/main/pkg python probe.py"),
    "variables": Case("SECRET='a=b c' EMPTY= python probe.py"),
    "a variable less": Case("env -u VIRTUAL_ENV python probe.py"),
    "a time zone": Case("TZ=Asia/Tokyo python -c 'import time; print(time.tzname, time.localtime(0)[:5])'"),
    "an installed script": Case("gunicorn --version"),
    "its own first line": Case("./tool x"),
    "exit 0": Case("python exits.py 0"),
    "exit 7": Case("python exits.py 7"),
    "exit with words": Case("python exits.py \"'words'\""),
    "exit with nothing": Case("python exits.py None"),
    "an exception": Case("python raises.py"),
    "an exception in a module": Case("python -m raises"),
    "a syntax error": Case("python syntax.py"),
    "killed by SIGKILL": Case("python killed.py 9"),
    "killed by SIGTERM": Case("python killed.py 15"),
    "interrupted": Case("python killed.py 2"),
    "what comes at the end": Case("python late.py"),
    "processes of its own": Case("python spawns.py"),
    "imports": Case("python imports.py"),
    "warnings": Case("python warns.py"),
    "random numbers": Case("python random_numbers.py"),
    "fewer files": Case("(ulimit -n 64; python probe.py)"),
    "another mask": Case("(umask 077; python probe.py)"),
    "an ignored signal": Case("(trap '' HUP; python probe.py)"),
    "asked to end": Case(
        "rm -f /tmp/ready; python waits.py & while [[ ! -e /tmp/ready ]]; do sleep 0.01; done; kill $!; wait $!"
    ),
    "with a time limit": Case("timeout -s TERM 0.5 python -c 'import time; time.sleep(20)'"),
    "a module that wins over an installed one": Case("(cd ../shadow && python main.py)", taken=False),
    "a folder put in front by the program": Case("(cd ../other && python inserts.py)", taken=False),
    "a folder put in front by a variable": Case("PYTHONPATH=/app/shadow python imports.py", taken=False),
    "its own customisation": Case(
        "mkdir -p /tmp/own && echo 'print(1)' > /tmp/own/sitecustomize.py; PYTHONPATH=/tmp/own python probe.py",
        taken=False,
    ),
    "output into a file": Case("python probe.py > /tmp/out; cat /tmp/out", taken=False),
    "output into a pipe": Case("python probe.py | cat", taken=False),
    "errors into a file": Case("python raises.py 2> /tmp/out; cat /tmp/out", taken=False),
    "something on standard input": Case("echo hello | python probe.py", taken=False),
    "a program on standard input": Case("echo 'print(1)' | python -", taken=False),
    "a further descriptor": Case("python probe.py 5< probe.py", taken=False),
    "a flag it does not know": Case("python -O probe.py", taken=False),
    "warnings as errors": Case("python -W error warns.py", taken=False),
    "isolated": Case("python -I probe.py", taken=False),
    "another language": Case("LANG=C LC_ALL=C python probe.py", taken=False),
    "a variable that an import looked at": Case("WEB_CONCURRENCY=3 python exits.py 0", taken=False),
    "buffered output": Case("env -u PYTHONUNBUFFERED python probe.py", taken=False),
    "a script that is not there": Case("python missing.py", taken=False),
    "the version": Case("python --version", taken=False),
    "the other interpreter": Case("/usr/bin/python3 -c 'print(1)'", taken=False),
}  # fmt: skip


@pytest.fixture(scope="module")
def told() -> dict[str, dict[str, tuple[str, bool]]]:
    """By `cold` and `warm`, then by case: what it printed with its exit status, and whether the zygote took it."""
    sandbox = sandbox_or_skip("bubblewrap")
    assert isinstance(sandbox, BubblewrapSandbox)
    task = task_by_id("uv-flask-openapi-unconstrained")
    environment = prepare_environment({"requirements.txt": REQUIREMENTS}, task)
    assert not environment.failed, environment.failed
    runtime = runtime_of(task)
    lines = [
        f"echo '== {name}'\nrm -f /tmp/taken\n{case.line}\necho \"status $?\"\n[[ -e /tmp/taken ]] && echo 'taken'\n"
        for name, case in CASES.items()
    ]
    spec = LaunchSpec(
        argv=("/bin/bash", "run.sh"),
        files={os.path.normpath(f"main/{name}"): content for name, content in FILES.items()}
        | {"run.sh": "".join(["cd main\n", *lines]).encode()},
        environment=runtime.start_environment(),
        mounts=(*runtime.tools(), *runtime.mounts(environment.path)),
        port=8080,
    )
    ready = warmed(spec)
    assert ready is not None
    found = {}
    for name, (launched, waiting) in {"cold": (spec, ()), "warm": ready}.items():
        with sandbox.hold(launched, waiting) as running:
            deadline = time.monotonic() + 30
            while waiting and not running.is_waited_for(READY):
                assert time.monotonic() < deadline, running.log()
                time.sleep(0.02)
            running.begin(launched.files, None)
            assert running.wait(180), running.log()
            found[name] = _by_case(running.log())
    return found


def _by_case(log: str) -> dict[str, tuple[str, bool]]:
    log = re.sub(r" +\d+ (Killed|Terminated|Interrupt) ", r" \1 ", log)  # a shell tells the number of a process
    log = log.replace("dont_write_bytecode=1", "dont_write_bytecode=0")  # sys.flags cannot be written
    log = re.sub(r" at 0x[0-9a-f]+", "", log)
    parts = re.split(r"^== (.*)\n", log, flags=re.MULTILINE)[1:]
    return {
        name: (re.sub(r"^taken\n", "", text, flags=re.MULTILINE), "\ntaken\n" in text)
        for name, text in zip(parts[::2], parts[1::2], strict=True)
    }


@pytest.mark.parametrize("name", CASES)
def test_it_prints_and_ends_the_same(name: str, told: dict[str, dict[str, tuple[str, bool]]]) -> None:
    assert told["warm"][name][0] == told["cold"][name][0]
    assert "status" in told["cold"][name][0]


@pytest.mark.parametrize(
    "name",
    [name for name, case in CASES.items() if "python" in case.line and ".py" in case.line and "syntax" not in name],
)
def test_the_zygote_takes_what_it_can_and_leaves_the_rest(
    name: str, told: dict[str, dict[str, tuple[str, bool]]]
) -> None:
    assert told["warm"][name][1] == CASES[name].taken
    assert not told["cold"][name][1]
