"""Backends that run on an image instead of the machine's own /usr: built by our Dockerfile, judged the same."""

from __future__ import annotations

import io
import os
import tarfile
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest

from evaluator.environments import environment_key
from evaluator.errors import MachineryFailed, SandboxUnavailable
from evaluator.evaluate import evaluate
from evaluator.files import read_tree
from evaluator.runtimes import runtime_of
from evaluator.sandbox import LaunchSpec, Sandbox, container_image
from evaluator.sandbox.base import Image, Installed
from evaluator.sandbox.container import ContainerSandbox
from evaluator.tasks import task_by_id
from tests.conftest import ROOT
from tests.evaluator.base_image import base_image
from tests.evaluator.conftest import outcomes_without_races, sandbox_or_skip

if TYPE_CHECKING:
    from docker import DockerClient

pytestmark = pytest.mark.sandbox
BACKENDS = ROOT / "platform" / "studies" / "demo" / "backends"
FLASK, KOA = task_by_id("uv-flask-openapi-unconstrained"), task_by_id("node-koa-openapi-unconstrained")
PATH = {"PATH": "/usr/local/bin:/usr/bin:/bin"}


@pytest.fixture(scope="module")
def image() -> str:
    """The base image of backends, built by the Dockerfile."""
    sandbox_or_skip("container")
    return base_image()


@pytest.fixture
def sandbox(image: str, monkeypatch: pytest.MonkeyPatch) -> Sandbox:
    """A container sandbox on the base image."""
    monkeypatch.setenv(container_image.IMAGE_SETTING, image)
    return ContainerSandbox()


@contextmanager
def empty_image(client: DockerClient, *instructions: str) -> Iterator[str]:
    """An image with one empty file, and with these instructions of a Dockerfile."""
    layer, name = io.BytesIO(), f"amend-test-{os.getpid()}"
    with tarfile.open(fileobj=layer, mode="w") as tar:
        tar.addfile(tarfile.TarInfo("nothing"))
    client.api.import_image_from_data(layer.getvalue(), name, tag="1", changes=list(instructions))
    try:
        yield f"{name}:1"
    finally:
        client.images.remove(f"{name}:1")


def output_of(sandbox: Sandbox, script: str) -> str:
    """What a shell script prints in the sandbox."""
    with sandbox.launch(LaunchSpec(("/bin/bash", "-c", script), {}, PATH, port=8080)) as running:
        assert running.wait(30), running.log()
        return running.log().strip()


def test_the_image_says_what_it_brings(sandbox: Sandbox) -> None:
    image = sandbox.image
    assert image is not None
    assert image.program("node").version.startswith("20.")
    assert image.program("python").version.startswith("3.1")
    assert {"uv", "npm"} <= set(image.programs)
    assert image.node_headers == "/usr/local"


def test_programs_run_on_the_images_own_system(sandbox: Sandbox) -> None:
    # On the machine's own /usr there is no uv in the first place, and /usr is a mount in the second.
    script = "command -v uv; readlink -f /usr/local/bin/uv; grep -c ' /usr ' /proc/self/mountinfo"
    assert output_of(sandbox, script).split("\n") == ["/usr/local/bin/uv", "/opt/uv/bin/uv", "0"]


def test_the_image_is_as_closed_as_our_own(sandbox: Sandbox) -> None:
    script = (
        "id -un; touch /usr/x /etc/x /x 2>&1 | grep -c 'Read-only file system'; "
        "grep -E '^(CapEff|NoNewPrivs)' /proc/self/status | tr -d '[:space:]'; echo; "
        "(echo > /dev/tcp/1.1.1.1/80) 2>/dev/null || echo no network"
    )
    assert output_of(sandbox, script).split("\n") == ["app", "3", "CapEff:0000000000000000NoNewPrivs:1", "no network"]


def test_it_can_build_native_add_ons(sandbox: Sandbox) -> None:
    script = "echo 'int main() { return 7; }' > /tmp/x.cc && g++ -o /tmp/x /tmp/x.cc && /tmp/x; echo $?; make --version"
    assert output_of(sandbox, script).startswith("7\nGNU Make")


@pytest.mark.parametrize(
    "name", ["uv-django-openapi-clean_architecture-postgres", "node-fastify-openapi-clean_architecture-postgres"]
)
def test_a_backend_gets_the_verdict_of_bubblewrap_check_by_check(sandbox: Sandbox, name: str) -> None:
    bubblewrap = sandbox_or_skip("bubblewrap")
    files, task = read_tree(BACKENDS / name), task_by_id(name)
    here, there = evaluate(files, task, sandbox=sandbox), evaluate(files, task, sandbox=bubblewrap)
    assert not here.summary.void, here.summary.void_reason
    assert here.started, here.log
    assert outcomes_without_races(here) == outcomes_without_races(there)
    assert here.environment["environment_key"] != there.environment["environment_key"]
    assert sandbox.image is not None
    assert here.environment["image"] == f"{sandbox.image.name} {sandbox.image.id}"
    assert "image" not in there.environment
    program = "python" if name.startswith("uv") else "node"
    assert here.environment["runtime"].endswith(f" {sandbox.image.program(program).version}")


def test_an_environment_belongs_to_one_image() -> None:
    def key(image: Image | None) -> str:
        return environment_key(runtime_of(FLASK, image), {"requirements.txt": b"flask\n"}, None)

    programs = {"python": Installed("/usr/bin/python3", "3.12.1"), "uv": Installed("/usr/bin/uv", "0.13.9")}
    one, other = (Image("amend-backends:1", image_id, programs) for image_id in ("sha256:1", "sha256:2"))
    assert key(one) == key(Image("of-another-name:7", "sha256:1", programs))
    assert len({key(None), key(one), key(other)}) == 3


def test_what_an_image_lacks_is_said_when_it_is_needed() -> None:
    only_node = Image("node:20", "sha256:1", {"node": Installed("/usr/local/bin/node", "20.1.0")})
    assert runtime_of(KOA, only_node).version() == "20.1.0"
    with pytest.raises(MachineryFailed, match="“node:20” has no python"):
        runtime_of(FLASK, only_node).version()


def test_an_image_that_docker_lacks_is_said_in_one_sentence(
    docker_client: DockerClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(container_image.IMAGE_SETTING, "no-such-image:1")
    with pytest.raises(SandboxUnavailable, match="no image “no-such-image:1”"):
        ContainerSandbox().self_test()


@pytest.mark.parametrize(
    ("instructions", "reason"), [(["VOLUME /data"], "declares volumes"), ([], "needs bash and tar")]
)
def test_an_image_that_is_not_fit_for_a_sandbox_is_refused(
    docker_client: DockerClient, monkeypatch: pytest.MonkeyPatch, instructions: list[str], reason: str
) -> None:
    with empty_image(docker_client, *instructions) as name:
        monkeypatch.setenv(container_image.IMAGE_SETTING, name)
        with pytest.raises(SandboxUnavailable, match=reason):
            ContainerSandbox().self_test()
