"""A sandbox that is started ahead is used once, for a launch of its kind, and leaves nothing behind."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from evaluator.environments import prepare_environment
from evaluator.runtimes import runtime_of
from evaluator.sandbox import LaunchSpec, Limits
from evaluator.services import postgres
from evaluator.warm import WarmSandboxes
from tests.evaluator.conftest import sandbox_or_skip
from tests.evaluator.tiny_backends import PYTHON_TASK

pytestmark = pytest.mark.sandbox
TELL = b"""
import os
with open(f"/proc/{os.getppid()}/cmdline") as command:
    print(command.read().split("\\0")[1].endswith("zygote.py"), sorted(os.listdir("/app")), flush=True)
"""


@pytest.fixture(scope="module")
def spec() -> LaunchSpec:
    """A launch of a Python program in an environment without any packages."""
    sandbox_or_skip("bubblewrap")
    environment = prepare_environment({"requirements.txt": b""}, PYTHON_TASK)
    runtime = runtime_of(PYTHON_TASK)
    return LaunchSpec(
        argv=("/bin/bash", "run.sh"),
        files={"run.sh": b"exec python main.py", "main.py": TELL},
        environment=runtime.start_environment(),
        mounts=(*runtime.tools(), *runtime.mounts(environment.path)),
        port=8080,
    )


@pytest.fixture
def pool() -> Iterator[WarmSandboxes]:
    with WarmSandboxes(quiet_seconds=0) as pool:
        yield pool


def until(true: Callable[[], bool], seconds: float = 30) -> None:
    deadline = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < deadline
        time.sleep(0.01)


def printed(pool: WarmSandboxes, spec: LaunchSpec) -> str:
    with pool.launch(spec) as running:
        assert running.wait(30), running.log()
        assert running.exit_status == 0, running.log()
        return running.log().strip()


def test_the_second_launch_of_a_kind_finds_one_ready(pool: WarmSandboxes, spec: LaunchSpec) -> None:
    assert printed(pool, spec) == "False ['main.py', 'run.sh']"
    until(lambda: pool.waiting_for(spec))
    other = replace(spec, files={"run.sh": b"exec python other.py", "other.py": TELL})
    assert printed(pool, other) == "True ['other.py', 'run.sh']"


def test_none_is_used_twice(pool: WarmSandboxes, spec: LaunchSpec) -> None:
    leaves = replace(
        spec, files={**spec.files, "main.py": b"open('/tmp/left', 'w').close(); open('left', 'w').close()"}
    )
    pool.prepare(spec)
    until(lambda: pool.waiting_for(spec))
    assert printed(pool, leaves) == ""
    until(lambda: pool.waiting_for(spec))
    looks = replace(spec, files={**spec.files, "main.py": b"import os\nprint(os.listdir('/tmp'), os.listdir('/app'))"})
    assert "left" not in printed(pool, looks)


def test_nothing_of_a_backend_is_there_before_it_begins(pool: WarmSandboxes, spec: LaunchSpec) -> None:
    pool.prepare(spec)
    until(lambda: pool.waiting_for(spec))
    (place,) = pool._waiting
    time.sleep(0.2)
    assert place.held.alive()
    assert place.held.log() == ""


@pytest.mark.parametrize(
    "change",
    [
        {"environment": {"PATH": "/env/bin:/usr/bin:/bin", "MORE": "1"}},
        {"limits": Limits(memory=512 * 2**20)},
        {"port": 3000},
        {"argv": ("/bin/bash", "./run.sh")},
    ],
    ids=str,
)
def test_a_launch_of_another_kind_gets_a_sandbox_of_its_own(
    pool: WarmSandboxes, spec: LaunchSpec, change: dict[str, object]
) -> None:
    pool.prepare(spec)
    until(lambda: pool.waiting_for(spec))
    other = replace(spec, **change)  # type: ignore[arg-type]
    assert not pool.waiting_for(other)
    assert printed(pool, other).startswith("False")
    assert pool.waiting_for(spec)


@pytest.mark.engines
def test_the_database_is_named_when_the_run_begins(pool: WarmSandboxes, spec: LaunchSpec) -> None:
    environment = prepare_environment({"requirements.txt": b"psycopg[binary]\n"}, PYTHON_TASK)
    program = (
        b"import psycopg\n"
        b"c = psycopg.connect('postgresql://user:password@postgres:5432/conduit')\n"
        b"print(c.execute('SELECT current_database()').fetchone()[0])\n"
    )
    files = {"run.sh": b"exec python main.py", "main.py": program}
    runtime = runtime_of(PYTHON_TASK)
    plain = replace(spec, files=files, mounts=(*runtime.tools(), *runtime.mounts(environment.path)))
    with postgres.fresh_database() as first:
        prepared = replace(plain, postgres=replace(first, name="conduit"))
        pool.prepare(prepared)
        until(lambda: pool.waiting_for(prepared))
    with postgres.fresh_database() as access:  # that of the preparation is gone
        launched = replace(plain, postgres=replace(access, name="conduit"))
        assert not pool.waiting_for(plain)
        assert pool.waiting_for(launched)
        assert printed(pool, launched) == access.database


def test_a_program_in_it_starts_again_on_a_fresh_interpreter(pool: WarmSandboxes, spec: LaunchSpec) -> None:
    stays = replace(spec, files={**spec.files, "main.py": TELL + b"import time; time.sleep(60)"})
    pool.prepare(spec)
    until(lambda: pool.waiting_for(spec))
    with pool.launch(stays) as running:
        until(lambda: running.log().count("\n") == 1)
        running.restart()
        until(lambda: running.log().count("\n") == 2)
        assert [line.split()[0] for line in running.log().splitlines()] == ["True", "False"]


def test_nothing_is_started_ahead_while_a_run_is_under_way(pool: WarmSandboxes, spec: LaunchSpec) -> None:
    stays = replace(spec, files={**spec.files, "main.py": b"import time; time.sleep(60)"})
    with pool.launch(stays):
        pool.prepare(spec)
        time.sleep(0.5)
        assert not pool.waiting_for(spec)
    until(lambda: pool.waiting_for(spec))


def test_beside_what_is_kept_running_the_next_one_is_started_ahead(spec: LaunchSpec) -> None:
    stays = replace(spec, files={**spec.files, "main.py": TELL + b"import time; time.sleep(60)"})
    with WarmSandboxes(quiet_seconds=0, beside_running=True) as pool, pool.launch(stays):
        until(lambda: pool.waiting_for(spec))
        with pool.launch(stays) as second:
            until(lambda: second.log().startswith("True"))


def test_no_more_than_the_most_wait(spec: LaunchSpec) -> None:
    kinds = [replace(spec, port=port) for port in (8080, 3000, 5000)]
    with WarmSandboxes(most=2, quiet_seconds=0) as pool:
        for kind in kinds:
            pool.prepare(kind)
            until(lambda kind=kind: pool.waiting_for(kind))  # type: ignore[misc]
        assert [pool.waiting_for(kind) for kind in kinds] == [False, True, True]


def test_what_waits_too_long_is_ended(spec: LaunchSpec) -> None:
    with WarmSandboxes(idle_seconds=0.5, quiet_seconds=0) as pool:
        pool.prepare(spec)
        until(lambda: pool.waiting_for(spec))
        until(lambda: not pool.waiting_for(spec))


def test_what_has_ended_while_it_waited_is_not_used(pool: WarmSandboxes, spec: LaunchSpec) -> None:
    pool.prepare(spec)
    until(lambda: pool.waiting_for(spec))
    pool._waiting[0].held.kill("a test")
    until(lambda: not pool.waiting_for(spec))
    assert printed(pool, spec).startswith("False")


def test_closing_leaves_no_process_behind(spec: LaunchSpec) -> None:
    pool = WarmSandboxes(quiet_seconds=0)
    pool.prepare(spec)
    until(lambda: pool.waiting_for(spec))
    bridge = pool._waiting[0].held._process.pid
    assert Path(f"/proc/{bridge}").exists()
    pool.close()
    assert not Path(f"/proc/{bridge}").exists()
    assert printed(pool, spec).startswith("False")


def test_a_setting_switches_it_off(pool: WarmSandboxes, spec: LaunchSpec, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AMEND_PREWARM", "0")
    assert printed(pool, spec).startswith("False")
    pool.prepare(spec)
    time.sleep(0.3)
    assert not pool.waiting_for(spec)


def test_an_environment_that_patches_the_library_is_not_imported_early(spec: LaunchSpec, tmp_path: Path) -> None:
    from evaluator.sandbox.base import Mount
    from evaluator.warm.python import warmed

    packages = tmp_path / "lib/python3.12/site-packages"
    packages.mkdir(parents=True)
    (tmp_path / "bin").mkdir()
    os.symlink("/usr/bin/python3", tmp_path / "bin/python")
    changed = replace(spec, mounts=(Mount(tmp_path, "/env"),))
    assert warmed(changed) is not None
    (packages / "gevent").mkdir()
    assert warmed(changed) is None
