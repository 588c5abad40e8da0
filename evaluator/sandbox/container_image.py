"""The images of the container sandbox: our own nearly empty one, and the one that `AMEND_CONTAINER_IMAGE` names.

Without a name, containers start from an image of some kilobytes that is made here and needs no registry, and the
machine's own /usr is mounted into it. With a name, backends and installs run on that image's own system; what it brings
is asked once per image, in a container without network, and remembered in the cache.
"""

from __future__ import annotations

import hashlib
import io
import json
import os
import tarfile
from dataclasses import asdict
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from evaluator.cache import atomic_folder, cache_root
from evaluator.errors import SandboxUnavailable
from evaluator.sandbox.base import Image, Installed

if TYPE_CHECKING:
    from docker import DockerClient
    from docker.models.containers import Container

IMAGE_SETTING = "AMEND_CONTAINER_IMAGE"
BARE = "amend-base"
MOUNT_POINTS = ("usr", "etc", "proc", "dev", "sys", "run", "tmp", "app", "env")
TOP_FOLDERS = ("bin", "sbin", "lib", "lib32", "lib64")
ASK = Path(__file__).with_name("image") / "what_is_here.sh"
ASK_VERSION = "1"


def create_on_bare_image(client: DockerClient, command: list[str], options: dict[str, Any]) -> Container:
    """A container on our own image, which is made where it is missing."""
    import docker.errors

    tag, layer = bare_layer()
    try:
        return client.containers.create(f"{BARE}:{tag}", command, **options)
    except docker.errors.ImageNotFound:
        client.api.import_image_from_data(layer, repository=BARE, tag=tag)
        return client.containers.create(f"{BARE}:{tag}", command, **options)


@cache
def bare_layer() -> tuple[str, bytes]:
    """Our own image: its tag, a hash, and the tar archive, with mount points and the machine's own links into /usr."""
    layer = io.BytesIO()
    with tarfile.open(fileobj=layer, mode="w", format=tarfile.GNU_FORMAT) as tar:
        for name in MOUNT_POINTS:
            folder = tarfile.TarInfo(name)
            # A tmpfs takes the mode of the folder beneath it, whatever its options say.
            folder.type, folder.mode = tarfile.DIRTYPE, 0o1777 if name == "tmp" else 0o755
            tar.addfile(folder)
        for name in TOP_FOLDERS:
            if Path("/", name).is_symlink():
                link = tarfile.TarInfo(name)
                link.type, link.linkname = tarfile.SYMTYPE, os.readlink(f"/{name}")
                tar.addfile(link)
    return hashlib.sha256(layer.getvalue()).hexdigest()[:12], layer.getvalue()


def chosen_image(client: DockerClient) -> Image | None:
    """The image that the setting names, None where it names none.

    Raises SandboxUnavailable where Docker does not have it, or it is not fit for a sandbox.
    """
    import docker.errors

    name = os.environ.get(IMAGE_SETTING, "")
    if not name:
        return None
    try:
        found = client.images.get(name)
    except docker.errors.ImageNotFound as error:
        raise SandboxUnavailable(
            f"Docker has no image “{name}”, which {IMAGE_SETTING} names: build it (docs/sandbox.md), or pull it."
        ) from error
    if (found.attrs["Config"] or {}).get("Volumes"):
        raise SandboxUnavailable(f"The image “{name}” declares volumes: a backend could fill the disk through them.")
    return _described(client, name, str(found.id))


def _described(client: DockerClient, name: str, image_id: str) -> Image:
    """What an image brings, from the cache where it was asked before."""
    key = hashlib.sha256(f"{ASK_VERSION} {image_id}".encode()).hexdigest()[:16]
    folder = cache_root() / "images" / key
    try:
        document = json.loads((folder / "image.json").read_text())
    except FileNotFoundError:
        document = asdict(_ask(client, name, image_id))
        with atomic_folder(folder) as building:
            (building / "image.json").write_text(json.dumps(document))
    programs = {program: Installed(**installed) for program, installed in document["programs"].items()}
    return Image(name, image_id, programs, document["node_headers"])


def _ask(client: DockerClient, name: str, image_id: str) -> Image:
    """Run each program of an image once, without network and rights."""
    import docker.errors

    asking = client.containers.create(
        image_id,
        ["-c", ASK.read_text()],
        entrypoint=["/bin/bash"],
        network_mode="none",
        read_only=True,
        cap_drop=["ALL"],
        security_opt=["no-new-privileges"],
        user="65534:65534",
        healthcheck={"test": ["NONE"]},
    )
    try:
        asking.start()
        status = asking.wait()["StatusCode"]
        printed: bytes = asking.logs(stderr=False)
    except docker.errors.APIError:  # nothing in it could be started
        status, printed = None, b""
    finally:
        asking.remove(force=True)
    if status != 0:
        raise SandboxUnavailable(f"The image “{name}” cannot be used: it needs bash and tar.")
    programs: dict[str, Installed] = {}
    headers = ""
    for line in printed.decode("utf-8", "replace").splitlines():
        kind, _, rest = line.partition(" ")
        path, _, version = rest.partition(" ")
        if kind == "headers":
            headers = path
        elif version:
            programs[kind] = Installed(path, version.removeprefix("uv ").split(" ")[0].lstrip("v"))
    return Image(name, image_id, programs, headers)
