"""Dependencies are installed once per content, behind walls; a wrong requirement is data, a lost index ours."""

from __future__ import annotations

import dataclasses
import tempfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from evaluator import environments
from evaluator.environments import Environment, environment_key, prepare_environment
from evaluator.errors import MachineryFailed
from evaluator.package_sources import package_sources
from evaluator.runtimes import RUNTIMES
from evaluator.sandbox.proxy import package_proxy
from evaluator.tasks import task_by_id

pytestmark = pytest.mark.sandbox
PYTHON = task_by_id("uv-flask-openapi-unconstrained")
NODE = task_by_id("node-koa-openapi-unconstrained")


@pytest.fixture
def own_cache(monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """An empty cache of this test's own for environments, in a place that the installing user can reach."""
    with tempfile.TemporaryDirectory(prefix="environments-test-") as folder:
        Path(folder).chmod(0o755)
        monkeypatch.setattr(environments, "cache_root", lambda: Path(folder))
        yield Path(folder)


def python_files(requirements: str) -> dict[str, bytes]:
    return {"run.sh": b"true\n", "requirements.txt": requirements.encode()}


def test_the_second_backend_with_the_same_dependencies_waits_for_nothing(own_cache: Path) -> None:
    first = prepare_environment(python_files("itsdangerous==2.2.0\n"), PYTHON)
    started = time.monotonic()
    second = prepare_environment(python_files("itsdangerous==2.2.0\n") | {"app.py": b"other code"}, PYTHON)
    assert time.monotonic() - started < 0.1
    assert (first.key, first.reused, second.reused) == (second.key, False, True)
    assert first.resolved == {"itsdangerous": "2.2.0"}
    assert list(first.path.glob("lib/python3*/site-packages/itsdangerous/__pycache__/*.pyc"))


def test_two_at_a_time_install_once(own_cache: Path) -> None:
    made: list[Environment] = []
    threads = [
        threading.Thread(target=lambda: made.append(prepare_environment(python_files("blinker==1.9.0\n"), PYTHON)))
        for _ in range(3)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert sorted(environment.reused for environment in made) == [False, True, True]


def test_requirements_that_nobody_can_meet_are_data_and_are_remembered(own_cache: Path) -> None:
    files = python_files("flask==99.99\n")
    environment = prepare_environment(files, PYTHON)
    assert environment.failed.startswith("Dependencies could not be installed:")
    assert "flask" in environment.failed
    assert prepare_environment(files, PYTHON).reused


def test_a_package_json_that_is_not_json_is_data(own_cache: Path) -> None:
    environment = prepare_environment({"run.sh": b"true\n", "package.json": b"{nonsense"}, NODE)
    assert environment.failed.startswith("Dependencies could not be installed:")
    assert "JSON" in environment.failed


def test_an_index_that_does_not_answer_is_our_failure_and_is_not_remembered(
    own_cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    lost = dataclasses.replace(
        package_sources(), python_index="https://index.invalid/simple", hosts=frozenset({"index.invalid"})
    )
    monkeypatch.setattr(environments, "package_sources", lambda: lost)
    with pytest.raises(MachineryFailed, match=r"index\.invalid"):
        prepare_environment(python_files("itsdangerous==2.2.0\n"), PYTHON)
    assert not list(own_cache.glob("environments/*/environment.json"))


def test_an_install_reaches_no_other_host(own_cache: Path) -> None:
    requirements = "thing @ https://example.com/thing-1.0-py3-none-any.whl\n"
    environment = prepare_environment(python_files(requirements), PYTHON)
    assert environment.failed


def test_code_that_an_install_runs_sees_neither_host_nor_network(own_cache: Path) -> None:
    setup = (
        b"import os, socket, setuptools\n"
        b"told = [str(os.path.exists(p)) for p in ('/root', '/var/cache/amend', '/var/run/docker.sock')]\n"
        b"try: socket.create_connection(('1.1.1.1', 443), 2); told.append('reached')\n"
        b"except OSError: told.append('no way')\n"
        b"raise SystemExit('told ' + ' '.join(told))\n"
    )
    files = python_files("./local\n") | {"local/setup.py": setup}
    environment = prepare_environment(files, PYTHON)
    assert "told False False False no way" in environment.log


def test_the_environment_is_ours_and_cannot_be_written_by_a_backend(own_cache: Path) -> None:
    environment = prepare_environment(python_files("itsdangerous==2.2.0\n"), PYTHON)
    modules = list(environment.path.glob("lib/python3*/site-packages/itsdangerous/*.py"))
    assert modules
    assert not any(module.stat().st_mode & 0o222 for module in modules)


def test_the_key_turns_with_dependencies_and_date_and_not_with_code() -> None:
    runtime = RUNTIMES["uv"](None)

    def key(files: dict[str, bytes], as_of: str | None = None) -> str:
        return environment_key(runtime, runtime.dependency_files(files), as_of)

    base = python_files("-r more.txt\n") | {"more.txt": b"flask\n"}
    assert key(base) == key(base | {"app.py": b"changed"})
    assert key(base) != key(base | {"more.txt": b"flask<3\n"})
    assert key(base) != key(base, "2026-01-31")


def test_a_package_json_with_install_scripts_is_keyed_by_the_scripts_it_runs() -> None:
    runtime = RUNTIMES["node"](None)
    package = b'{"scripts": {"postinstall": "node make.js"}}'
    assert set(runtime.dependency_files({"package.json": package, "make.js": b"", "run.sh": b""})) == {
        "package.json",
        "make.js",
        "run.sh",
    }
    assert set(runtime.dependency_files({"package.json": b"{}", "make.js": b""})) == {"package.json"}


def test_the_proxy_refuses_hosts_that_are_no_index_at_once() -> None:
    import socket

    with package_proxy(frozenset({"pypi.org"})) as proxy, socket.socket(socket.AF_UNIX) as client:
        client.connect(str(proxy.socket))
        client.sendall(b"CONNECT github.com:443 HTTP/1.1\r\nHost: github.com:443\r\n\r\n")
        assert client.recv(100).startswith(b"HTTP/1.1 403")
        assert proxy.refused == {"github.com"}


def test_the_proxy_knows_the_port_of_an_index_and_no_other() -> None:
    import socket

    # On the host of a mirror, which may be this machine, are services that no install may reach.
    with socket.create_server(("127.0.0.1", 0)) as index, socket.create_server(("127.0.0.1", 0)) as other:
        ports = [listener.getsockname()[1] for listener in (index, other)]
        with package_proxy(frozenset({f"127.0.0.1:{ports[0]}"})) as proxy:
            for port, answer in zip(ports, (b"HTTP/1.1 200", b"HTTP/1.1 403"), strict=True):
                for request in (f"CONNECT 127.0.0.1:{port} HTTP/1.1", f"CONNECT x@127.0.0.1:{port} HTTP/1.1"):
                    with socket.socket(socket.AF_UNIX) as client:
                        client.connect(str(proxy.socket))
                        client.sendall(f"{request}\r\n\r\n".encode())
                        assert client.recv(100).startswith(answer)
