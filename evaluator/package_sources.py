"""Where this machine gets its packages from: the public indexes, or what pip, uv and npm are told to use here."""

from __future__ import annotations

import configparser
import os
import sys
import tomllib
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from urllib.parse import urlsplit

PUBLIC_PYTHON_INDEX = "https://pypi.org/simple"
PUBLIC_NPM_REGISTRY = "https://registry.npmjs.org/"
PUBLIC_HOSTS = frozenset({"pypi.org", "files.pythonhosted.org", "registry.npmjs.org"})


@dataclass(frozen=True)
class PackageSources:
    """Index addresses, the hosts and ports that an install may reach, and the file of trusted roots if there is one."""

    python_index: str
    npm_registry: str
    hosts: frozenset[str]
    certificates: Path | None


@cache
def package_sources() -> PackageSources:
    """What the machine is configured for; an index on its own disk is left alone, for a sandbox could not reach it."""
    python_indexes = [url for url in _python_indexes() if url.startswith(("https://", "http://"))]
    npm_registries = [url for url in _npm_registries() if url.startswith(("https://", "http://"))]
    hosts = {_host_and_port(url) for url in (*python_indexes, *npm_registries)}
    certificates = next((Path(file) for file in _certificate_files() if Path(file).is_file()), None)
    return PackageSources(
        python_index=next(iter(python_indexes), PUBLIC_PYTHON_INDEX),
        npm_registry=next(iter(npm_registries), PUBLIC_NPM_REGISTRY),
        hosts=PUBLIC_HOSTS | (hosts - {""}),
        certificates=certificates,
    )


def _host_and_port(url: str) -> str:
    """No more than that: on the same host may be services that are nobody's business."""
    parts = urlsplit(url)
    if not parts.hostname:
        return ""
    host = f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname
    return f"{host}:{parts.port or (443 if parts.scheme == 'https' else 80)}"


def _python_indexes() -> Iterator[str]:
    """In the order in which they win."""
    for name in ("UV_DEFAULT_INDEX", "UV_INDEX_URL", "PIP_INDEX_URL"):
        if os.environ.get(name):
            yield os.environ[name]
    for place in (Path.home() / ".config/uv/uv.toml", Path("/etc/uv/uv.toml")):
        with suppress(OSError, tomllib.TOMLDecodeError):
            document = tomllib.loads(place.read_text())
            yield from (index["url"] for index in document.get("index", ()) if index.get("default"))
            yield from filter(None, [document.get("index-url"), document.get("pip", {}).get("index-url")])
    configured: tuple[str | Path, ...] = (os.environ.get("PIP_CONFIG_FILE", ""),)
    own = (Path.home() / ".config/pip/pip.conf", Path.home() / ".pip/pip.conf")
    for file in (*configured, *own, "/etc/pip.conf", "/etc/xdg/pip/pip.conf"):
        parser = configparser.RawConfigParser()
        with suppress(OSError, configparser.Error):
            parser.read([file] if file else [])
            yield from parser.get("global", "index-url", fallback="").split()


def _npm_registries() -> Iterator[str]:
    for name in ("npm_config_registry", "NPM_CONFIG_REGISTRY"):
        if os.environ.get(name):
            yield os.environ[name]
    yield from _npm_settings("registry")


def _npm_settings(name: str) -> Iterator[str]:
    places = (Path.home() / ".npmrc", Path("/usr/local/etc/npmrc"), Path("/usr/etc/npmrc"), Path("/etc/npmrc"))
    for place in (*places, Path(sys.prefix, "etc/npmrc")):
        with suppress(OSError, UnicodeDecodeError):
            for line in place.read_text().splitlines():
                key, _, value = line.partition("=")
                if key.strip() == name:
                    yield value.strip().strip('"')


def _certificate_files() -> Iterator[str]:
    for name in ("SSL_CERT_FILE", "NODE_EXTRA_CA_CERTS", "REQUESTS_CA_BUNDLE", "PIP_CERT"):
        if os.environ.get(name):
            yield os.environ[name]
    yield from _npm_settings("cafile")
    # An organisation's own authority is in the system's store; uv and Node.js bring stores that do not know it.
    yield from ("/etc/ssl/certs/ca-certificates.crt", "/etc/pki/tls/certs/ca-bundle.crt")
