"""The base image of backends for tests: the Dockerfile of the repository, built where no registry is reachable.

It is built once per text of the files that it is made from, and kept as a tar archive in the cache; after that Docker
has it, or loads it in seconds.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
from pathlib import Path

import docker

from evaluator import sandbox
from evaluator.cache import cache_root, locked
from evaluator.package_sources import package_sources
from tests.conftest import lacking

FOLDER = Path(sandbox.__file__).with_name("image")
MADE_FROM = ("Dockerfile", "install.sh", "without_registry.sh")
LONGEST_BUILD_SECONDS = 1_200


def base_image() -> str:
    """Its name and tag. A skip where this machine cannot build it, a failure where AMEND_REQUIRE wants `docker`."""
    client = docker.from_env(timeout=LONGEST_BUILD_SECONDS)
    content = b"".join((FOLDER / name).read_bytes() for name in MADE_FROM)
    tag = hashlib.sha256(content).hexdigest()[:12]
    image = f"amend-backends-test:{tag}"
    kept = cache_root() / "images" / f"{tag}.tar"
    with locked(cache_root() / "images" / "build.lock"):
        if not client.images.list(filters={"reference": image}):
            if kept.exists():
                with kept.open("rb") as archive:
                    client.images.load(archive)
            else:
                _build(image)
        if not kept.exists():
            _keep(client, image, kept)
    return image


def _build(image: str) -> None:
    if os.geteuid() != 0:
        lacking("docker", "debootstrap, which makes the base image where there is no registry, needs root")
    for program in ("debootstrap", "docker"):
        if shutil.which(program) is None:
            lacking("docker", f"there is no {program} to build the base image with")
    sources = package_sources()
    settings = {"NPM_REGISTRY": sources.npm_registry.rstrip("/"), "PIP_INDEX_URL": sources.python_index}
    if sources.certificates is not None:
        settings["CERTIFICATES"] = str(sources.certificates)
    built = subprocess.run(
        [str(FOLDER / "without_registry.sh"), image],
        env=os.environ | settings,
        capture_output=True,
        text=True,
        timeout=LONGEST_BUILD_SECONDS,
    )
    assert built.returncode == 0, (built.stdout + built.stderr)[-2_000:]


def _keep(client: docker.DockerClient, image: str, archive: Path) -> None:
    for older in archive.parent.glob("*.tar"):
        older.unlink()
    unfinished = archive.with_suffix(".unfinished")
    with unfinished.open("wb") as file:
        for part in client.images.get(image).save(named=True):
            file.write(part)
    unfinished.rename(archive)
