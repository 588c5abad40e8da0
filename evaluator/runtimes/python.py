"""Python backends: a virtual environment made by uv, with byte code."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from importlib.metadata import version as installed_version
from pathlib import Path, PurePosixPath

from evaluator.cache import reachable_file
from evaluator.package_sources import PackageSources
from evaluator.runtimes.base import COMMON_ENVIRONMENT
from evaluator.sandbox.base import Image, Mount
from evaluator.sandbox.interpreter import backend_python

REQUIREMENTS = "requirements.txt"
UV = "/opt/amend/uv"
INCLUDED = re.compile(r"^\s*(?:-r|-c|--requirement|--constraint)[\s=]+(\S+)", re.MULTILINE)
LOCAL_PATH = re.compile(r"^\s*(?:-e\b|--editable\b|\.|/|file:)|@\s*file:", re.MULTILINE)
BROKEN = re.compile(
    r"No solution found|was not found in the package registry|Couldn't parse requirement|Failed to build"
    r"|Failed to parse|has no wheels with a matching|Unsupported requirement|Distribution not found|Requirement .* has",
)
TROUBLE = re.compile(
    r"error sending request|tcp connect error|dns error|timed out|connection (?:reset|refused|closed)|invalid peer "
    r"certificate|HTTP status (?:server error|client error \(4(?:03|07|29))|status code 5\d\d",
    re.IGNORECASE,
)
INSTALL = """
set -e
{uv} venv --quiet --allow-existing --python {python} /env
{uv} pip install --python /env/bin/python --compile-bytecode -r requirements.txt {as_of}
rm -rf /env/.uv-cache
"""


class PythonRuntime:
    """Installs `requirements.txt` with uv; the interpreter is 3.12 where machine or image has a reachable one."""

    name = "uv"

    def __init__(self, image: Image | None = None) -> None:
        self.image = image

    def version(self) -> str:
        return self.image.program("python").version if self.image else backend_python().version

    def builder(self) -> str:
        return f"uv {self.image.program('uv').version if self.image else installed_version('uv')}"

    def dependency_files(self, files: Mapping[str, bytes]) -> dict[str, bytes]:
        """`requirements.txt`, what it includes, and everything where it names the project itself."""
        found: dict[str, bytes] = {}
        waiting = [REQUIREMENTS]
        while waiting:
            name = waiting.pop()
            if name in found or name not in files:
                continue
            found[name] = files[name]
            text = files[name].decode("utf-8", "replace")
            if LOCAL_PATH.search(text):
                return dict(files)
            folder = PurePosixPath(name).parent
            waiting += [str(folder / included) for included in INCLUDED.findall(text)]
        return found

    def tools(self) -> tuple[Mount, ...]:
        if self.image:
            return ()
        python = backend_python()
        return () if python.prefix.is_relative_to("/usr") else (Mount(python.source, str(python.prefix)),)

    def install_tools(self) -> tuple[Mount, ...]:
        return () if self.image else (Mount(_uv_program(), UV),)

    def install_command(self, as_of: str | None) -> tuple[str, ...]:
        date = f"--exclude-newer {as_of}" if as_of else ""
        uv = self.image.program("uv").path if self.image else UV
        python = self.image.program("python").path if self.image else backend_python().program
        script = INSTALL.format(uv=uv, python=python, as_of=date)
        return ("/bin/bash", "-c", script)

    def install_environment(self, sources: PackageSources) -> dict[str, str]:
        environment = COMMON_ENVIRONMENT | {
            "PATH": "/env/bin:/usr/local/bin:/usr/bin:/bin",
            "UV_DEFAULT_INDEX": sources.python_index,
            "UV_NO_CONFIG": "1",
            "UV_CACHE_DIR": "/env/.uv-cache",
            "UV_PYTHON_DOWNLOADS": "never",
            "UV_HTTP_TIMEOUT": "60",
            "UV_HTTP_RETRIES": "1",
            "UV_NO_PROGRESS": "1",
            "UV_CONCURRENT_BUILDS": "2",
            "UV_CONCURRENT_DOWNLOADS": "16",
        }
        if sources.certificates:
            environment["SSL_CERT_FILE"] = str(sources.certificates)
        return environment

    def surely_broken(self, log: str) -> bool:
        return BROKEN.search(log) is not None

    def network_trouble(self, log: str) -> bool:
        return TROUBLE.search(log) is not None

    def resolved(self, environment: Path) -> dict[str, str]:
        packages = {}
        for folder in sorted(environment.glob("lib/python3.*/site-packages/*.dist-info")):
            if not folder.resolve().is_relative_to(environment.resolve()):  # an install may have put links there
                continue
            name, _, version = folder.name.removesuffix(".dist-info").rpartition("-")
            packages[name.replace("_", "-").lower()] = version
        return packages

    def mounts(self, environment: Path) -> tuple[Mount, ...]:
        return (Mount(environment, "/env"),)

    def start_environment(self) -> dict[str, str]:
        return COMMON_ENVIRONMENT | {
            "PATH": "/env/bin:/usr/local/bin:/usr/bin:/bin",
            "VIRTUAL_ENV": "/env",
            "PYTHONUNBUFFERED": "1",
        }


@cache
def _uv_program() -> Path:
    import uv

    return reachable_file(Path(uv.find_uv_bin()))
