"""Nothing of a run survives its evaluator, also when that is killed in the middle of the suite."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg
import pytest

from evaluator.cache import cache_root, locked
from evaluator.commands.output import SOUND
from evaluator.sandbox import Sandbox
from evaluator.sandbox import sweep as sweeper
from evaluator.sandbox.slots import take_slot
from evaluator.sandbox.sweep import Swept, sweep
from evaluator.services import postgres
from tests.evaluator.processes import descendants, lives

pytestmark = [pytest.mark.sandbox, pytest.mark.engines]
BACKEND = "node-fastify-openapi-clean_architecture-postgres"
EVALUATION = """
import json, sys, time
from contextlib import contextmanager
from pathlib import Path
from evaluator.evaluate import evaluate
from evaluator.files import read_tree
from evaluator.sandbox.choice import working_sandbox
from evaluator.tasks import task_by_id

class Telling:
    '''The sandbox, saying what each launch holds.'''
    def __init__(self, sandbox):
        self.sandbox, self.name = sandbox, sandbox.name
    @contextmanager
    def launch(self, spec):
        with self.sandbox.launch(spec) as running:
            self.holds = {'role': spec.postgres.role, 'slot': running.transport.uds.partition('.d/')[0]}
            yield running
    def __getattr__(self, name):
        return getattr(self.sandbox, name)

sandbox = Telling(working_sandbox(sys.argv[2]))
folder = Path(sys.argv[1])

def tell(progress):
    if progress.stage == 'contract' and progress.done == 25:
        print(json.dumps(sandbox.holds), flush=True)
        time.sleep(300)

evaluate(read_tree(folder), task_by_id(folder.name), sandbox=sandbox, on_progress=tell)
"""


@contextmanager
def evaluation_under_way(name: str) -> Iterator[tuple[subprocess.Popen[str], dict[str, Any]]]:
    """Another process in the middle of the contract suite, with what it said it holds."""
    folder = Path(__file__).parents[2] / "platform/studies/demo/backends" / BACKEND
    command = [sys.executable, "-c", EVALUATION, str(folder), name]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            yield process, json.loads(process.stdout.readline())
        finally:
            process.kill()


def test_a_killed_evaluation_leaves_nothing_after_a_sweep(each_sandbox: Sandbox) -> None:
    with evaluation_under_way(each_sandbox.name) as (process, told):
        slot = Path(told["slot"])
        running = [*_processes_of_slot(slot), *descendants(process.pid)]
        containers = _containers(slot)
        assert running, "a backend is running"
        assert len(containers) == (2 if each_sandbox.name == "container" else 0)
        assert _names_in_cluster(told["role"]) == 2
        process.kill()
        process.wait()
    swept = sweep()
    assert not swept.failed
    assert told["role"] in swept.databases
    assert _names_in_cluster(told["role"]) == 0
    assert set(containers) <= set(swept.containers)
    assert set(containers).isdisjoint(_containers(slot))
    deadline = time.monotonic() + 5
    while (left := [pid for pid in running if lives(pid)]) and time.monotonic() < deadline:
        time.sleep(0.02)
    assert left == []
    if not _is_held(slot):  # another evaluator may have taken it meanwhile
        assert not Path(f"{slot}.d").exists()
        assert not list(Path("/sys/fs/cgroup").glob(f"*/**/amend-*-{slot.name}"))


def test_a_living_evaluation_is_never_touched(each_sandbox: Sandbox) -> None:
    with evaluation_under_way(each_sandbox.name) as (_, told):
        slot = Path(told["slot"])
        containers = _containers(slot)
        swept = sweep()
        assert told["role"] not in swept.databases
        assert _names_in_cluster(told["role"]) == 2
        assert containers == _containers(slot)
        assert Path(f"{slot}.d").is_dir()
    sweep()


def test_a_half_built_environment_goes_when_its_install_has_ended_and_not_before() -> None:
    environments = cache_root() / "environments"
    environments.mkdir(exist_ok=True)
    key = f"test{os.getpid()}"
    folder = Path(tempfile.mkdtemp(prefix=f".{key}.", dir=environments))
    (folder / "root" / "closed").mkdir(parents=True)
    (folder / "root" / "closed").chmod(0)
    try:
        with locked(environments / f"{key}.lock"):
            assert folder.name not in sweep().installs
            assert folder.is_dir()
        assert folder.name in sweep().installs
        assert not folder.exists()
    finally:
        (environments / f"{key}.lock").unlink()


def test_the_socket_of_a_proxy_goes_when_nobody_listens_any_more(monkeypatch: pytest.MonkeyPatch) -> None:
    with tempfile.TemporaryDirectory(prefix="t-") as place, socket.socket(socket.AF_UNIX) as listener:
        monkeypatch.setattr(tempfile, "tempdir", place)
        living, dead = (Path(tempfile.mkdtemp(prefix="amend-proxy-")) for _ in range(2))
        listener.bind(str(living / "proxy.sock"))
        listener.listen()
        with socket.socket(socket.AF_UNIX) as gone:
            gone.bind(str(dead / "proxy.sock"))
        assert list(sweeper._socket_folders(time.time())) == [], "so young a folder may not listen yet"
        assert list(sweeper._socket_folders(time.time() + sweeper.YOUNG_SECONDS + 1)) == [str(dead)]
        assert living.is_dir()
        assert not dead.exists()


def test_the_folder_of_a_slot_whose_holder_is_gone_is_removed_and_a_held_one_is_not() -> None:
    with take_slot() as slot:
        (slot.folder / "http.sock").write_text("")
        assert str(slot.folder) not in sweep().folders
        assert (slot.folder / "http.sock").exists()
    program = (
        "import os\nfrom evaluator.sandbox.slots import take_slot\n"
        "with take_slot() as slot:\n print(slot.folder, flush=True)\n os.kill(os.getpid(), 9)"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    folder = Path(done.stdout.strip())
    assert done.returncode == -9
    assert folder.is_dir()
    sweep()
    with (folder.parent / folder.name.removesuffix(".d")).open("a"):
        assert not folder.exists() or _is_held(folder.parent / folder.name.removesuffix(".d"))


def test_what_could_not_be_looked_at_is_said_and_the_rest_is_swept(monkeypatch: pytest.MonkeyPatch) -> None:
    from evaluator.errors import EngineUnavailable

    def lost() -> list[str]:
        raise EngineUnavailable("The PostgreSQL of the backends does not answer")

    monkeypatch.setattr(postgres, "sweep", lost)
    swept = sweep()
    assert swept.failed == ("databases: The PostgreSQL of the backends does not answer",)


def test_the_command_says_what_it_cleared(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    from evaluator.__main__ import main

    monkeypatch.setattr(sweeper, "sweep", lambda: Swept(processes=("12", "13"), databases=("amend_run_1",)))
    assert main(["sweep"]) == SOUND
    assert capsys.readouterr().out == "processes: 2, databases: 1\n"


def _is_held(lock: Path) -> bool:
    from evaluator.cache import held_if_free

    with held_if_free(lock) as free:
        return not free


def _processes_of_slot(slot: Path) -> list[int]:
    user = 200_000 + int(slot.name)
    found = []
    for folder in Path("/proc").glob("[0-9]*") if os.geteuid() == 0 else ():
        try:
            status = (folder / "status").read_text()
        except OSError:
            continue
        if f"\nUid:\t{user}\t" in status:
            found.append(int(folder.name))
    return found


def _containers(slot: Path) -> list[str]:
    import docker
    from docker.errors import DockerException

    try:
        client = docker.from_env()
    except DockerException:
        return []
    try:
        found = client.api.containers(all=True, filters={"label": f"amend.slot={slot}"})
    finally:
        client.close()
    return sorted(str(entry["Id"]) for entry in found)


def _names_in_cluster(role: str) -> int:
    """How many of database and role are there."""
    with psycopg.connect(postgres.running_engine().administration) as connection:
        query = "SELECT datname FROM pg_database WHERE datname = %s UNION ALL "
        query += "SELECT rolname FROM pg_roles WHERE rolname = %s"
        return len(connection.execute(query, (role, role)).fetchall())
