"""A program can be started again in its sandbox. Every sandbox passes the same tests."""

from __future__ import annotations

import time
from collections.abc import Callable

import pytest

from evaluator.errors import MachineryFailed
from evaluator.sandbox import Running, Sandbox
from tests.evaluator.tiny_backends import python_spec

pytestmark = pytest.mark.sandbox
DIARY = "import os\nwith open('/app/diary', 'a') as diary: diary.write('line\\n')\n"
TELL = "print('start number', len(open('/app/diary').readlines()), flush=True)\n"
SLEEP = "import time\ntime.sleep(300)\n"


@pytest.fixture
def sandbox(each_sandbox: Sandbox) -> Sandbox:
    return each_sandbox


def wait_for(running: Running, words: str, seconds: float = 10) -> None:
    """Until the program has printed these words."""
    until(lambda: words in running.log(), running, seconds)


def until(true: Callable[[], bool], running: Running, seconds: float = 10) -> None:
    deadline = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < deadline, running.log()
        time.sleep(0.01)


def test_it_starts_again_on_the_same_files_with_the_log_going_on(sandbox: Sandbox) -> None:
    with sandbox.launch(python_spec(DIARY + TELL + SLEEP)) as running:
        wait_for(running, "start number 1")
        running.restart()
        wait_for(running, "start number 2")
        running.restart()
        wait_for(running, "start number 3")
        assert running.alive()
        assert running.log().startswith("start number 1")


def test_everything_that_the_program_started_is_ended_first(sandbox: Sandbox) -> None:
    code = (
        "import os, subprocess, sys\n"
        "left = [p for p in os.listdir('/proc') if p.isdigit() and int(p) not in (1, os.getpid())]\n"
        "print('others:', left, flush=True)\n"
        "subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(300)'], start_new_session=True)\n"
    )
    with sandbox.launch(python_spec(DIARY + code + TELL + SLEEP)) as running:
        wait_for(running, "start number 1")
        running.restart()
        wait_for(running, "start number 2")
        assert running.log().count("others: []") == 2


def test_it_may_tidy_up_before_it_ends(sandbox: Sandbox) -> None:
    code = "import signal, sys\nsignal.signal(signal.SIGTERM, lambda *_: sys.exit(print('tidied up', flush=True)))\n"
    with sandbox.launch(python_spec(DIARY + code + TELL + SLEEP)) as running:
        wait_for(running, "start number 1")
        running.restart()
        wait_for(running, "start number 2")
        assert running.log().index("tidied up") < running.log().index("start number 2")


def test_one_that_will_not_end_is_killed_after_three_seconds(sandbox: Sandbox) -> None:
    code = "import signal\nsignal.signal(signal.SIGTERM, signal.SIG_IGN)\n"
    with sandbox.launch(python_spec(DIARY + code + TELL + SLEEP)) as running:
        wait_for(running, "start number 1")
        started = time.monotonic()
        running.restart()
        assert 2.5 < time.monotonic() - started < 6
        wait_for(running, "start number 2")


def test_a_fork_storm_does_not_hold_it_up(sandbox: Sandbox) -> None:
    storm = (
        "import os, signal\nsignal.signal(signal.SIGTERM, signal.SIG_IGN)\n"
        "if len(open('/app/diary').readlines()) == 1 and os.fork() == 0:\n"
        " print('storm', flush=True)\n"
        " while True:\n"
        "  try:\n"
        "   if os.fork(): os._exit(0)\n"
        "  except OSError: pass\n"
    )
    with sandbox.launch(python_spec(DIARY + storm + TELL + SLEEP)) as running:
        wait_for(running, "storm")
        running.restart()
        wait_for(running, "start number 2")
        assert running.alive()


def test_its_end_after_a_restart_is_noticed_with_its_exit_status(sandbox: Sandbox) -> None:
    code = "import sys\nif len(open('/app/diary').readlines()) == 2: sys.exit(7)\n"
    with sandbox.launch(python_spec(DIARY + TELL + code + SLEEP)) as running:
        wait_for(running, "start number 1")
        running.restart()
        assert running.wait(10)
        assert running.exit_status == 7
        assert running.killed == ""


def test_a_sandbox_that_is_gone_cannot_be_started_again(sandbox: Sandbox) -> None:
    with sandbox.launch(python_spec("print('done')")) as running:
        assert running.wait(10)
        with pytest.raises(MachineryFailed, match="gone"):
            running.restart()


def test_a_program_that_starts_itself_again_harms_only_itself(sandbox: Sandbox) -> None:
    code = "import os, signal\nif len(open('/app/diary').readlines()) < 3: os.kill(1, signal.SIGUSR1)\n"
    with sandbox.launch(python_spec(DIARY + TELL + code + SLEEP)) as running:
        wait_for(running, "start number 3")
        running.restart()
        wait_for(running, "start number 4")


@pytest.mark.parametrize("number", [2, 9, 15])
def test_a_signal_that_ends_the_program_is_its_exit_status(sandbox: Sandbox, number: int) -> None:
    code = "import os, signal\nif N != 9: signal.signal(N, signal.SIG_DFL)\nos.kill(os.getpid(), N)\n"
    with sandbox.launch(python_spec(code.replace("N", str(number)))) as running:
        assert running.wait(10)
        assert running.exit_status == 128 + number
        assert running.log() == ""


def test_the_program_can_be_interrupted(sandbox: Sandbox) -> None:
    # A shell that starts something in the background tells it to ignore SIGINT; ours must not.
    code = "import signal\nprint(signal.getsignal(signal.SIGINT) is signal.default_int_handler)"
    with sandbox.launch(python_spec(code)) as running:
        assert running.wait(10)
        assert running.log().strip() == "True"
