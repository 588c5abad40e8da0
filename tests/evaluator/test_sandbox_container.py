"""What only the container sandbox has: an image, a sidecar, and a daemon that goes on when an evaluator is killed."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

import docker.errors as docker_errors
import pytest

from evaluator import environments
from evaluator.environments import environment_key, prepare_environment
from evaluator.errors import SandboxUnavailable
from evaluator.runtimes import runtime_of
from evaluator.sandbox import (
    LaunchSpec,
    Running,
    Sandbox,
    container,
    container_client,
    container_image,
    container_walls,
)
from evaluator.sandbox.container_left_behind import SLOT_LABEL, remove_left_behind
from evaluator.services import postgres
from evaluator.tasks import task_by_id
from tests.evaluator.conftest import sandbox_or_skip
from tests.evaluator.tiny_backends import printed, python_spec

if TYPE_CHECKING:
    from docker import DockerClient

pytestmark = pytest.mark.sandbox


@pytest.fixture
def docker(docker_client: DockerClient) -> DockerClient:
    return docker_client


@pytest.fixture
def sandbox(docker: DockerClient) -> Sandbox:
    return sandbox_or_skip("container")


def test_the_image_is_made_where_it_is_missing(
    sandbox: Sandbox, docker: DockerClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(container_image, "BARE", f"amend-test-{os.getpid()}")
    image = f"{container_image.BARE}:{container_image.bare_layer()[0]}"
    try:
        assert printed(sandbox, "print('hello')").strip() == "hello"
        assert docker.images.get(image).attrs["Size"] < 10_000
    finally:
        docker.images.remove(image)


@pytest.mark.parametrize(("address", "family"), [("127.0.0.1", "AF_INET"), ("0.0.0.0", "AF_INET"), ("::1", "AF_INET6")])
def test_what_it_serves_is_reached_through_the_sidecar(sandbox: Sandbox, address: str, family: str) -> None:
    program = (
        f"import socket\nlistener = socket.create_server(({address!r}, 8080), family=socket.{family})\n"
        "while True:\n client, _ = listener.accept()\n client.sendall(b'here')\n client.close()"
    )
    with sandbox.launch(python_spec(program, port=8080)) as running:
        received, deadline = b"", time.monotonic() + 10
        while not received and time.monotonic() < deadline:
            with socket.socket(socket.AF_UNIX) as client, suppress(OSError):  # closed or reset until it listens
                client.settimeout(5)
                client.connect(str(running.transport.uds))
                received = client.recv(100)
        assert received == b"here", running.log()


def test_a_program_that_ends_at_once_has_ended_well(sandbox: Sandbox) -> None:
    with sandbox.launch(python_spec("print('first and last')", port=8080)) as running:
        assert running.wait(20)
        assert (running.exit_status, running.killed) == (0, "")
        assert running.log().strip() == "first and last"


def test_the_log_of_a_silent_program_outlasts_the_timeout_of_the_client(
    sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(container_client, "CLIENT_SECONDS", 2)
    assert printed(sandbox, "import time; time.sleep(3); print('late')").strip() == "late"


def test_a_lost_bridge_ends_the_run_and_is_not_the_backends_fault(sandbox: Sandbox, docker: DockerClient) -> None:
    with sandbox.launch(python_spec("import time; time.sleep(300)", port=8080)) as running:
        ours = [docker.containers.get(name) for name in _of_slot(docker, _slot_of(running))]
        bridge = next(found for found in ours if any("bridge.py" in word for word in found.attrs["Args"]))
        bridge.kill()
        assert running.wait(10)
        assert running.killed == "the bridge was lost"


def test_the_program_may_not_send_signals_to_its_bridge_or_see_its_files(sandbox: Sandbox) -> None:
    code = (
        "import os\n"
        "try: os.kill(-1, 9)\nexcept OSError as e: print('nobody')\n"
        "print([name for name in os.listdir('/run/amend') if name != 'files.tar'], os.path.exists('/run/sockets'))"
    )
    assert printed(sandbox, code, port=8080).split("\n")[:2] == ["nobody", "[] False"]


def test_postgres_and_its_names_are_there_when_the_program_starts(sandbox: Sandbox) -> None:
    # The first thing it does is connect: the sidecar has to listen before.
    task = task_by_id("uv-flask-openapi-postgres")
    environment = prepare_environment({"requirements.txt": b"psycopg[binary]\n"}, task, sandbox=sandbox)
    assert not environment.failed, environment.failed
    program = (
        "import psycopg\n"
        "c = psycopg.connect('postgresql://user:password@postgres:5432/database')\n"
        "print(c.execute('SELECT 6 * 7').fetchone()[0])\n"
        "try: psycopg.connect('postgresql://postgres@db:5432/postgres')\n"
        "except psycopg.OperationalError: print('refused')"
    )
    runtime = runtime_of(task)
    with postgres.fresh_database() as access:
        spec = LaunchSpec(
            argv=("python", "main.py"),
            files={"main.py": program.encode()},
            environment=runtime.start_environment(),
            mounts=(*runtime.tools(), *runtime.mounts(environment.path)),
            postgres=access,
        )
        with sandbox.launch(spec) as running:
            assert running.wait(30), running.log()
            assert running.log().split() == ["42", "refused"]


def test_an_install_in_a_container_is_that_of_bubblewrap(sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    task = task_by_id("uv-flask-openapi-unconstrained")
    files = {"run.sh": b"true\n", "requirements.txt": b"itsdangerous==2.2.0\n"}
    with tempfile.TemporaryDirectory(prefix="environments-test-") as folder:
        Path(folder).chmod(0o755)
        monkeypatch.setattr(environments, "cache_root", lambda: Path(folder))
        made = prepare_environment(files, task, sandbox=sandbox)
        assert made.resolved == {"itsdangerous": "2.2.0"}, made.log
        assert made.key == environment_key(runtime_of(task), runtime_of(task).dependency_files(files), None)
        assert {path.stat().st_uid for path in made.path.rglob("*")} == {os.geteuid()}


def test_what_a_killed_evaluator_left_is_removed_by_the_next_launch(sandbox: Sandbox, docker: DockerClient) -> None:
    with _other_evaluator() as other:
        left = _new_containers(docker, other)
        other.kill()
    assert len(left) == 2
    assert set(left) <= {found.id for found in docker.containers.list()}
    printed(sandbox, "print('next')")
    assert not set(left) & {found.id for found in docker.containers.list(all=True)}


def test_a_sweep_removes_what_a_killed_evaluator_left_and_nothing_of_a_living_one(docker: DockerClient) -> None:
    with _other_evaluator() as living, _other_evaluator() as killed:
        theirs, left = _new_containers(docker, living), _new_containers(docker, killed)
        killed.kill()
        killed.wait()
        remove_left_behind()
        assert set(theirs) <= {found.id for found in docker.containers.list()}
        assert not set(left) & {found.id for found in docker.containers.list(all=True)}
        living.kill()
        living.wait()
    remove_left_behind()
    assert not set(theirs) & {found.id for found in docker.containers.list(all=True)}


@pytest.mark.parametrize(("age_seconds", "removed"), [(10, False), (2 * 3_600, True)])
def test_a_container_whose_lock_is_lost_is_removed_when_no_run_can_be_that_old(
    docker: DockerClient, monkeypatch: pytest.MonkeyPatch, age_seconds: float, removed: bool
) -> None:
    # Containers outlast a restart of the machine; /run, where the locks lie, does not.
    container.ContainerSandbox().self_test()
    image = f"{container_image.BARE}:{container_image.bare_layer()[0]}"
    lost = docker.containers.create(image, ["true"], labels={SLOT_LABEL: "/run/amend/no-such-folder/7"})
    try:
        now = time.time()
        monkeypatch.setattr(time, "time", lambda: now + age_seconds)
        remove_left_behind()
        assert (lost.id not in {found["Id"] for found in _ours(docker)}) == removed
    finally:
        with suppress(docker_errors.NotFound):
            lost.remove(force=True)


def test_the_containers_of_a_living_evaluator_are_left_alone(sandbox: Sandbox, docker: DockerClient) -> None:
    with _other_evaluator() as other:
        theirs = _new_containers(docker, other)
        printed(sandbox, "print('beside')")
        assert set(theirs) <= {found.id for found in docker.containers.list()}
        other.kill()
    printed(sandbox, "print('next')")


def test_a_run_leaves_no_container(sandbox: Sandbox, docker: DockerClient) -> None:
    with sandbox.launch(python_spec("import time; time.sleep(300)", port=8080)) as running:
        slot = _slot_of(running)
        assert len(_of_slot(docker, slot)) == 2
    assert running.killed == "ended by the evaluator"
    assert _of_slot(docker, slot) == []


def test_a_daemon_that_does_not_answer_is_said_in_one_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DOCKER_HOST", "unix:///nonexistent.sock")
    with pytest.raises(SandboxUnavailable, match="Docker does not answer"):
        container.ContainerSandbox().self_test()


def test_a_failed_launch_leaves_no_container_and_no_thread(
    sandbox: Sandbox, docker: DockerClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AMEND_CONTAINER_RUNTIME", "no-such-runtime")
    mine = f"amend.test-{os.getpid()}"  # others launch containers at this moment too
    monkeypatch.setattr(container_walls, "SLOT_LABEL", mine)
    threads = threading.active_count()
    with pytest.raises(SandboxUnavailable, match="no-such-runtime"), sandbox.launch(python_spec("", port=8080)):
        pass
    assert docker.api.containers(all=True, filters={"label": mine}) == []
    deadline = time.monotonic() + 5
    while threading.active_count() > threads and time.monotonic() < deadline:
        time.sleep(0.01)
    assert threading.active_count() <= threads


def _ours(docker: DockerClient) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = docker.api.containers(all=True, filters={"label": SLOT_LABEL})
    return found


@contextmanager
def _other_evaluator() -> Iterator[subprocess.Popen[str]]:
    """Another process with a run under way."""
    program = (
        "import time\n"
        "from evaluator.sandbox.choice import working_sandbox\n"
        "from tests.evaluator.tiny_backends import python_spec\n"
        "with working_sandbox('container').launch(python_spec('import time; time.sleep(300)', port=8080)) as running:\n"
        " print(running.transport.uds, flush=True)\n"
        " time.sleep(300)"
    )
    with subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE, text=True) as other:
        try:
            yield other
        finally:
            other.kill()


def _new_containers(docker: DockerClient, other: subprocess.Popen[str]) -> list[str]:
    """The containers of the other evaluator's run."""
    assert other.stdout is not None
    return _of_slot(docker, other.stdout.readline().partition(".d/")[0])


def _slot_of(running: Running) -> str:
    """The lock file of its slot."""
    return str(running.transport.uds).partition(".d/")[0]


def _of_slot(docker: DockerClient, slot: str) -> list[str]:
    return [str(found["Id"]) for found in _ours(docker) if found["Labels"][SLOT_LABEL] == slot]
