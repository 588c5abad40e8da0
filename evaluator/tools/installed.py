"""The tools themselves: pinned by content, installed once in a sandbox as a backend's dependencies are, and mounted."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from importlib.resources import files

from evaluator.environments import Environment, prepare_environment
from evaluator.errors import MachineryFailed
from evaluator.runtimes import runtime_of
from evaluator.sandbox.base import Mount, Sandbox
from evaluator.tasks import task_by_id
from evaluator.tools.base import NODE_TOOLS, PYTHON_TOOLS, Place

PACKAGES = {
    Place.PYTHON_TOOLS: ("uv-flask-openapi-unconstrained", ("requirements.txt",)),
    Place.NODE_TOOLS: ("node-express-openapi-unconstrained", ("package.json", "package-lock.json")),
}


@dataclass(frozen=True)
class InstalledTools:
    """Where the tools of one place lie, what runs them, and the version of each package."""

    mounts: tuple[Mount, ...]
    path: str
    versions: Mapping[str, str]


def installed_tools(place: Place, sandbox: Sandbox) -> InstalledTools:
    """The tools of one runtime, installed now unless they were before. Raises MachineryFailed where they cannot be had.

    The programs that start them are Python, so those for Node.js come with the tools for Python.
    """
    python = _environment(Place.PYTHON_TOOLS, sandbox)
    own = runtime_of(task_by_id(PACKAGES[Place.PYTHON_TOOLS][0]), sandbox.image)
    mounts = (*own.tools(), Mount(python.path, PYTHON_TOOLS))
    path = own.start_environment()["PATH"].replace("/env/bin:", f"{PYTHON_TOOLS}/bin:")
    if place is not Place.NODE_TOOLS:
        return InstalledTools(mounts, path, python.resolved)
    node = _environment(Place.NODE_TOOLS, sandbox)
    runtime = runtime_of(task_by_id(PACKAGES[Place.NODE_TOOLS][0]), sandbox.image)
    path = runtime.start_environment()["PATH"].replace("/app/node_modules/.bin:", "")
    return InstalledTools((*mounts, *runtime.tools(), Mount(node.path, NODE_TOOLS)), path, node.resolved)


def _environment(place: Place, sandbox: Sandbox) -> Environment:
    task_id, names = PACKAGES[place]
    packages = files(__package__).joinpath("packages")
    wanted = {name: packages.joinpath(name).read_bytes() for name in names}
    environment = prepare_environment(wanted, task_by_id(task_id), sandbox=sandbox)
    if environment.failed:
        raise MachineryFailed(f"The tools could not be installed: {environment.failed}")
    return environment
